/**
 * The events of the three tasks. They come from an operator's command, which has the right to invoke the function, and are checked
 * all the same: a host names where the database's credentials go.
 *
 * {"task": "reconcile", "host": …, "port": …, "source": …, "snapshotAt": …, "cursor": …} does a step, and {"task": "report", "source": …,
 * "after": …} returns a page of the report. {"task": "documents", "since": …, "ids": […]} says which records' documents may come back.
 */

/** @typedef {import('./reconcile.js').Step & {host: string, port: number}} ReconcileRequest with the restored cluster's endpoint. */
/** @typedef {{source: string, after?: number}} ReportRequest */

/** @typedef {{since: string, ids: string[]}} DocumentsRequest */

/** Maximum number of records in a question about documents. */
const MAX_IDS = 1_000;

/** Maximum length of a snapshot's name (Amazon RDS API Reference, CreateDBClusterSnapshot, and the prefix of AWS's own). */
const MAX_SOURCE = 300;

const MAX_PORT = 65_535;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/;

/**
 * @param {unknown} value
 * @param {string} name
 * @returns {string}
 */
function text(value, name) {
  if (typeof value !== 'string' || value === '' || value.length > MAX_SOURCE)
    throw new Error(`the event's ${name} is not a text of 1 to ${MAX_SOURCE} characters`);
  return value;
}

/**
 * @param {unknown} value
 * @param {string} name
 */
function time(value, name) {
  if (typeof value !== 'string' || !TIME.test(value) || Number.isNaN(Date.parse(value)))
    throw new Error(`the event's ${name} is not a time in UTC, such as 2026-11-29T02:00:00Z`);
  return value;
}

/**
 * Parses the event of a step.
 *
 * @param {unknown} event
 * @returns {ReconcileRequest}
 * @throws {Error} naming the member that is wrong.
 */
export function parseReconcile(event) {
  const { host, port, source, snapshotAt, cursor } = /** @type {Record<string, any>} */ (Object(event));
  if (!Number.isInteger(port) || port < 1 || port > MAX_PORT) throw new Error("the event's port is not a port");
  return {
    host: text(host, 'host'),
    port,
    source: text(source, 'source'),
    ...(snapshotAt !== undefined && { snapshotAt: time(snapshotAt, 'snapshotAt') }),
    ...(cursor !== undefined && { cursor: parseCursor(Object(cursor)) }),
  };
}

/**
 * @param {Record<string, any>} cursor
 * @returns {import('./reconcile.js').Cursor}
 */
function parseCursor({ since, after }) {
  const { occurredAt, id } = Object(after);
  if (typeof id !== 'string' || !UUID.test(id)) throw new Error("the event's cursor.after.id is not a UUID");
  return {
    since: time(since, 'cursor.since'),
    after: { occurredAt: time(occurredAt, 'cursor.after.occurredAt'), id },
  };
}

/**
 * Parses the event of a page of the report.
 *
 * @param {unknown} event
 * @returns {ReportRequest}
 * @throws {Error} naming the member that is wrong.
 */
export function parseReport(event) {
  const { source, after } = /** @type {Record<string, any>} */ (Object(event));
  if (after !== undefined && !(Number.isSafeInteger(after) && after >= 0))
    throw new Error("the event's after is not a position");
  return { source: text(source, 'source'), ...(after !== undefined && { after }) };
}

/**
 * Parses the event of a question about records' documents.
 *
 * @param {unknown} event
 * @returns {DocumentsRequest}
 * @throws {Error} naming the member that is wrong.
 */
export function parseDocuments(event) {
  const { since, ids } = /** @type {Record<string, any>} */ (Object(event));
  if (!Array.isArray(ids) || ids.length > MAX_IDS || !ids.every((id) => typeof id === 'string' && UUID.test(id)))
    throw new Error(`the event's ids are not ${MAX_IDS} UUIDs at most`);
  return { since: time(since, 'since'), ids };
}
