"""When alarms are in alarm, and when that is evaluated."""

import contextvars
import json
import logging
import os
import threading
import time

from ministack import app
from ministack.core import responses
from ministack.services import cloudwatch

import regions
from files import content

log = logging.getLogger("alarms")

COMPARISONS = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}
ALARM, OK, NO_DATA = "ALARM", "OK", "INSUFFICIENT_DATA"

# Periods of the evaluation range beyond EvaluationPeriods. CloudWatch's own number is not documented; its examples have five
# periods where three are evaluated.
EXTRA_PERIODS = 2
# Seconds between two evaluations of every alarm: an alarm's state follows the clock, also when nothing is published.
EVALUATE_EVERY = 60
# Alarms on AWS Backup's metrics follow its calendar, which can be ahead of the machine's clock (see backupcalendar.go).
BACKUP = "AWS/Backup"
HOUR = 3600

evaluate_any = cloudwatch._evaluate_alarm


def ahead(namespace):
    """Returns by how many seconds the clock of a namespace is ahead of the machine's."""
    if namespace != BACKUP:
        return 0
    return json.loads(content(os.environ["BACKUP_CALENDAR"]) or "{}").get("calendar", {}).get("Ahead", 0) / 1e9


def verdict(points, periods, needed, missing):
    """Returns the state that the data of an evaluation range mean, None where it stays.

    The points are of the range's periods, the oldest first: whether each breaches, None where there are no data. CloudWatch
    User Guide, "Configuring how CloudWatch alarms treat missing data": as long as there are as many real points as are
    evaluated, the newest of them decide. Else every real point of the range counts, and only as many are filled in as lack.
    """
    real = [point for point in points if point is not None]
    if len(real) >= periods:
        return ALARM if sum(real[-periods:]) >= needed else OK
    if missing == "breaching":
        return ALARM if sum(real) + periods - len(real) >= needed else OK
    if missing == "notBreaching" or sum(real) >= needed:
        return ALARM if sum(real) >= needed else OK
    if not real:
        return NO_DATA if missing == "missing" else None
    if not all(real):
        return OK
    if missing == "ignore":
        return None
    # "Avoiding premature transitions to alarm state": missing data hold no alarm up whose oldest bad point is old enough.
    oldest = next(at for at, point in enumerate(points) if point is not None)
    return ALARM if len(points) - oldest >= needed else OK


def evaluate(alarm, now=None):
    """Turns an alarm on one metric by that metric's data alone, a statistic for each period.

    MiniStack takes the data of all metrics of that name, whatever their dimensions, one statistic over all periods, and no
    notice of missing data. The newest period of the range is the current one once it has data.
    """
    compare = COMPARISONS.get(alarm.get("ComparisonOperator"))
    if not compare or not alarm.get("MetricName"):
        return evaluate_any(alarm)
    if now is None:
        now = time.time() + ahead(alarm["Namespace"])
    period, periods = alarm.get("Period", 60), alarm.get("EvaluationPeriods", 1)
    points = measured(alarm, period, now, periods + EXTRA_PERIODS, compare)
    needed = alarm.get("DatapointsToAlarm") or periods
    state = verdict(points, periods, needed, alarm.get("TreatMissingData") or "missing")
    if state and state != alarm["StateValue"]:
        turn(alarm, state, points)
    return None


def measured(alarm, period, now, count, compare):
    """Says of each period of the range, the oldest first, whether its statistic breaches; None where there is none."""
    dimensions = cloudwatch._dims_from_list(alarm.get("Dimensions", []))
    key = (alarm["Namespace"], alarm["MetricName"], cloudwatch._dims_key(dimensions))
    newest = int(now // period)
    data, earliest = {}, (newest - count) * period
    for point in cloudwatch._metrics.get(key, []):
        if earliest <= point["Timestamp"] <= now:
            data.setdefault(int(point["Timestamp"] // period), []).append(point)
    if newest not in data:
        newest -= 1
    name = alarm.get("ExtendedStatistic") or alarm.get("Statistic", "Average")
    points = []
    for at in range(newest - count + 1, newest + 1):
        of = data.get(at, [])
        value = cloudwatch._stat_value(cloudwatch._calc_stats(of), name, of) if of else None
        points.append(None if value is None else bool(compare(value, alarm.get("Threshold", 0))))
    return points


def turn(alarm, state, points):
    """Gives an alarm another state, and tells whom it notifies."""
    bad, none = sum(bool(point) for point in points), points.count(None)
    old, alarm["StateValue"] = alarm["StateValue"], state
    alarm["StateReason"] = (
        f"Threshold Crossed: {bad} of {len(points)} periods have a datapoint that is {alarm['ComparisonOperator']}"
        f" {alarm.get('Threshold', 0)}, and {none} have none, which is treated as {alarm.get('TreatMissingData') or 'missing'}"
    )
    alarm["StateUpdatedTimestamp"] = int(time.time())
    cloudwatch._record_history(alarm["AlarmName"], old, state, alarm["StateReason"])
    cloudwatch._dispatch_alarm_actions(alarm, old, state, alarm["StateReason"])
    cloudwatch._evaluate_parent_alarms(alarm)


def each(chosen):
    """Yields each chosen alarm of every account and region that is not lost, with the request's scope set to them."""
    for (account, region, _), alarm in cloudwatch._alarms.all_items():
        if chosen(alarm) and not regions.lost(region):
            responses.set_request_account_id(account)
            responses.set_request_region(region)
            yield alarm


def evaluate_each(chosen, now=None):
    for alarm in each(chosen):
        try:
            evaluate(alarm, now)
        except Exception:  # one alarm must not keep the others from being evaluated
            log.exception("evaluating alarm %s", alarm.get("AlarmName"))


def moments(since, now):
    """Yields the ends of the hours between two moments, and the second moment: what was seen at each may differ."""
    at = (since // HOUR + 1) * HOUR
    while at < now:
        yield at
        at += HOUR
    yield now


evaluated = {"all": 0.0, "backup": None}  # when every alarm was, and up to which moment of AWS Backup's calendar its own were


def tick():
    """Evaluates every alarm each minute, and those of AWS Backup for every hour by which its calendar has moved."""
    now = time.time()
    calendar = now + ahead(BACKUP)
    if evaluated["backup"] is not None and calendar - evaluated["backup"] > EVALUATE_EVERY:
        for at in moments(evaluated["backup"], calendar):
            evaluate_each(lambda alarm: alarm.get("Namespace") == BACKUP, at)
        evaluated["backup"] = calendar
    if now - evaluated["all"] >= EVALUATE_EVERY:
        evaluate_each(lambda alarm: True)
        evaluated.update(all=now, backup=calendar)


def keep_evaluating():
    while True:
        time.sleep(1)
        if app._MAIN_LOOP:
            app._MAIN_LOOP.call_soon_threadsafe(tick, context=contextvars.copy_context())


def install():
    """Puts these in the place of MiniStack's own, which evaluates alarms only when data are put."""
    cloudwatch._evaluate_alarm = evaluate
    threading.Thread(target=keep_evaluating, daemon=True).start()
