/**
 * Cursors: opaque strings that mark the end of a page of records. They are not secret and not signed: a forged cursor lists
 * only records that its caller may list anyway.
 */

/** @typedef {import('../database/records.js').Position} Position */

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

// A timestamp in UTC, with at most microseconds, the precision of PostgreSQL.
const TIMESTAMP = /^(2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,6})?Z$/;

/**
 * Encodes a position.
 *
 * @param {Position} position of the last record of a page: an ISO 8601 timestamp in UTC and a UUID.
 * @returns {string} base64url.
 */
export function encodeCursor({ createdAt, id }) {
  return Buffer.from(JSON.stringify([createdAt, id])).toString('base64url');
}

/**
 * Decodes a cursor.
 *
 * @param {string} cursor
 * @returns {Position | undefined} undefined if encodeCursor cannot have returned the cursor.
 */
export function decodeCursor(cursor) {
  let parts;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts) || !parts.every((part) => typeof part === 'string')) return undefined;
  const [createdAt, id] = parts;
  const valid =
    parts.length === 2 && isTimestamp(createdAt) && UUID.test(id) && encodeCursor({ createdAt, id }) === cursor;
  return valid ? { createdAt, id } : undefined;
}

/**
 * Reports whether PostgreSQL accepts a timestamp. Date alone is not enough: it reads February 30 as March 1.
 *
 * @param {string} text
 */
function isTimestamp(text) {
  const seconds = TIMESTAMP.exec(text)?.[1];
  if (seconds === undefined) return false;
  const date = new Date(`${seconds}Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(seconds);
}
