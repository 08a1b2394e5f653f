"""When alarms are in alarm."""

import time

from ministack.services import cloudwatch

COMPARISONS = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}

evaluate_any = cloudwatch._evaluate_alarm


def evaluate(alarm):
    """Turns an alarm on one metric by that metric's data alone, a statistic for each period.

    MiniStack takes the data of all metrics of that name, whatever their dimensions, and one statistic over all periods.
    CloudWatch User Guide, "Evaluating an alarm": of the last EvaluationPeriods as many as DatapointsToAlarm must be a fault.
    The last one is the current one once it has data. Periods without data count as none here, and where no period has data
    the state stays.
    """
    compare = COMPARISONS.get(alarm.get("ComparisonOperator"))
    if not compare or not alarm.get("MetricName") or alarm.get("ExtendedStatistic"):
        return evaluate_any(alarm)
    period, periods = alarm.get("Period", 60), alarm.get("EvaluationPeriods", 1)
    dimensions = cloudwatch._dims_from_list(alarm.get("Dimensions", []))
    last = time.time() // period
    points, earliest = {}, (last - periods) * period
    for point in cloudwatch._metrics.get((alarm["Namespace"], alarm["MetricName"], cloudwatch._dims_key(dimensions)), []):
        if point["Timestamp"] >= earliest:
            points.setdefault(point["Timestamp"] // period, []).append(point)
    if last not in points:
        last -= 1
    looked_at = [of for at, of in points.items() if last - periods < at <= last]
    if not looked_at:
        return None
    name, threshold = alarm.get("Statistic", "Average"), alarm.get("Threshold", 0)
    values = [cloudwatch._stat_value(cloudwatch._calc_stats(of), name, of) for of in looked_at]
    bad = sum(compare(value, threshold) for value in values)
    state = "ALARM" if bad >= (alarm.get("DatapointsToAlarm") or periods) else "OK"
    if state != alarm["StateValue"]:
        old, alarm["StateValue"] = alarm["StateValue"], state
        alarm["StateReason"] = f"Threshold Crossed: {bad} of {len(values)} datapoints {alarm['ComparisonOperator']} {threshold}"
        alarm["StateUpdatedTimestamp"] = int(time.time())
        cloudwatch._record_history(alarm["AlarmName"], old, state, alarm["StateReason"])
        cloudwatch._dispatch_alarm_actions(alarm, old, state, alarm["StateReason"])
        cloudwatch._evaluate_parent_alarms(alarm)
    return None
