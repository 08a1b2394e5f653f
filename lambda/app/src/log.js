/**
 * Structured logs: one JSON object a line. A line holds ids, codes and durations; never a record's content, a patient, a
 * token or a query string.
 */

const LEVELS = ['debug', 'info', 'warn', 'error'];

// Causes of causes are shown as deep as the SDK and the database driver nest them.
const MAX_CAUSES = 3;

// A PostgreSQL SQLSTATE (PostgreSQL documentation, appendix A).
const SQLSTATE = /^[0-9A-Z]{5}$/;

/**
 * @callback Write
 * @param {object} fields message is a fixed text, and what varies has fields of its own; an Error in `error` is written as
 *   describeError has it.
 *
 * @typedef {object} Logger
 * @property {Write} debug
 * @property {Write} info
 * @property {Write} warn
 * @property {Write} error
 * @property {(fields: object) => void} audit writes whatever the level is: who accessed which record, with what outcome.
 */

/**
 * Makes a logger. Lines go to stdout as they are: console.log would put Lambda's own prefix before each (AWS Lambda
 * developer guide, "Log and monitor Node.js Lambda functions"), and a line would no longer be JSON.
 *
 * @param {{level?: string, region?: string, write?: (line: string) => void, now?: () => Date}} [options]
 *   level: debug, info, warn or error; anything else counts as info.
 * @returns {Logger}
 */
export function createLogger({ level = 'info', region, write, now = () => new Date() } = {}) {
  const out = write ?? ((line) => process.stdout.write(line));
  const line = (name, fields) => {
    const entry = { level: name, time: now().toISOString(), region, ...fields };
    if (entry.error instanceof Error) entry.error = describeError(entry.error);
    out(`${JSON.stringify(entry)}\n`);
  };
  const lowest = LEVELS.indexOf(LEVELS.includes(level) ? level : 'info');
  const logger = { audit: (fields) => line('info', { audit: true, ...fields }) };
  for (const [rank, name] of LEVELS.entries()) {
    logger[name] = rank < lowest ? () => {} : (fields) => line(name, fields);
  }
  return logger;
}

/**
 * What the log may hold of an error: its name, code, frames and causes, and its message unless that may quote data.
 *
 * @param {unknown} error
 * @returns {object}
 */
export function describeError(error, depth = 0) {
  if (!(error instanceof Error)) return { name: typeof error };
  const described = { name: error.name };
  if (error.code !== undefined) described.code = String(error.code);
  if (!mayQuoteData(error)) described.message = error.message;
  // The first lines of a stack repeat the message, which may have many.
  described.stack = (error.stack ?? '')
    .split('\n')
    .filter((frame) => /^\s+at /.test(frame))
    .map((frame) => frame.trim());
  if (error.cause !== undefined && depth < MAX_CAUSES) described.cause = describeError(error.cause, depth + 1);
  return described;
}

// PostgreSQL quotes the offending value in its messages, and JSON.parse quotes its input.
function mayQuoteData(error) {
  return error instanceof SyntaxError || ('severity' in error && SQLSTATE.test(String(error.code)));
}
