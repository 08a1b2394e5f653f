/**
 * Structured logs: one JSON object per line. A line holds ids, codes and durations, and never a record's content, a patient,
 * a token or a query string.
 */

const LEVELS = /** @type {const} */ (['debug', 'info', 'warn', 'error']);

/** @typedef {typeof LEVELS[number]} Level */

/**
 * Namespace of the function's metrics; their dimension is the function's name, as of Lambda's own. The alarms are in
 * shared/components/application/alarmtable.go.
 */
export const METRIC_NAMESPACE = 'Warmstandby/Records';

// Maximum depth of nested causes; the SDK and the database driver nest no deeper.
const MAX_CAUSES = 3;

// A PostgreSQL SQLSTATE (PostgreSQL documentation, appendix A).
const SQLSTATE = /^[0-9A-Z]{5}$/;

/**
 * @callback Write
 * @param {object} fields message is a constant text, and variable values have fields of their own. An Error in the field error
 *   is written as describeError returns it.
 * @returns {void}
 *
 * @typedef {object} Logger
 * @property {Write} debug
 * @property {Write} info
 * @property {Write} warn
 * @property {Write} error
 * @property {Write} audit logs at any level a line of the audit trail.
 * @property {(values: object) => void} metrics publishes numbers as metrics of CloudWatch, by name.
 */

/**
 * Creates a logger. It writes to stdout directly: console.log would prefix each line (AWS Lambda Developer Guide, "Log and
 * monitor Node.js Lambda functions"), and the line would no longer be JSON.
 *
 * @param {{level?: string, region?: string, functionName?: string, write?: (line: string) => void, now?: () => Date}} [options]
 *   level: debug, info, warn or error; any other value means info. functionName: dimension of the metrics.
 * @returns {Logger}
 */
export function createLogger({ level = 'info', region, functionName = 'local', write, now = () => new Date() } = {}) {
  const out = write ?? ((line) => process.stdout.write(line));
  /**
   * @param {Level} name
   * @param {object} fields
   */
  const writeLine = (name, fields) => {
    /** @type {{level: Level, time: string, region?: string, error?: unknown}} */
    const entry = { level: name, time: now().toISOString(), region, ...fields };
    if (entry.error instanceof Error) entry.error = describeError(entry.error);
    out(`${JSON.stringify(entry)}\n`);
  };
  const threshold = LEVELS.findIndex((name) => name === (LEVELS.some((known) => known === level) ? level : 'info'));
  /**
   * @param {Level} name
   * @returns {Write}
   */
  const writer = (name) => (LEVELS.indexOf(name) < threshold ? () => {} : (fields) => writeLine(name, fields));
  return {
    debug: writer('debug'),
    info: writer('info'),
    warn: writer('warn'),
    error: writer('error'),
    audit: (fields) => writeLine('info', { audit: true, ...fields }),
    metrics: (values) =>
      writeLine('info', {
        message: 'metrics',
        ...embeddedMetrics(values, now().getTime()),
        FunctionName: functionName,
      }),
  };
}

/**
 * Returns the members of a log line from which CloudWatch Logs makes metrics (Amazon CloudWatch User Guide, "Specification: Embedded
 * metric format"). So the function needs no permission and no call for it.
 *
 * @param {object} values numbers by name. Names that end in Age are in seconds.
 * @param {number} Timestamp in milliseconds.
 */
function embeddedMetrics(values, Timestamp) {
  /** @param {string} name */
  const toMetricName = (name) => name[0].toUpperCase() + name.slice(1);
  const Metrics = Object.keys(values).map((name) => ({
    Name: toMetricName(name),
    Unit: name.endsWith('Age') ? 'Seconds' : 'Count',
  }));
  return {
    _aws: { Timestamp, CloudWatchMetrics: [{ Namespace: METRIC_NAMESPACE, Dimensions: [['FunctionName']], Metrics }] },
    ...Object.fromEntries(Object.entries(values).map(([name, value]) => [toMetricName(name), value])),
  };
}

/**
 * A loggable description of an error.
 *
 * @typedef {object} ErrorDescription
 * @property {string} name
 * @property {string} [code]
 * @property {string} [message] missing if it may quote data.
 * @property {string[]} [stack] the frames.
 * @property {ErrorDescription} [cause]
 */

/**
 * Describes an error for the log: its name, code, stack frames and causes, and its message unless that may quote data.
 *
 * @param {unknown} error
 * @param {number} [depth] of this cause.
 * @returns {ErrorDescription}
 */
export function describeError(error, depth = 0) {
  if (!(error instanceof Error)) return { name: typeof error };
  /** @type {ErrorDescription} */
  const description = { name: error.name };
  const { code } = /** @type {{code?: unknown}} */ (error);
  if (code !== undefined) description.code = String(code);
  if (!mayQuoteData(error)) description.message = error.message;
  // The stack begins with the message, which may span several lines.
  description.stack = (error.stack ?? '')
    .split('\n')
    .filter((frame) => /^\s+at /.test(frame))
    .map((frame) => frame.trim());
  if (error.cause !== undefined && depth < MAX_CAUSES) description.cause = describeError(error.cause, depth + 1);
  return description;
}

/**
 * Reports whether an error's message may quote data: PostgreSQL quotes the offending value, and JSON.parse its input.
 *
 * @param {Error & {code?: unknown}} error
 */
function mayQuoteData(error) {
  return error instanceof SyntaxError || ('severity' in error && SQLSTATE.test(String(error.code)));
}
