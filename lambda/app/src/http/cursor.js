/**
 * Cursors tell where a page of records ended. Callers hand them back as they got them and need not know what they hold;
 * they are not secret, and a cursor that somebody made up shows nothing that its caller may not list.
 */

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

// An instant in UTC, to the microsecond that PostgreSQL keeps.
const INSTANT = /^(2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,6})?Z$/;

/**
 * @param {{createdAt: string, id: string}} position of the last record of a page: an ISO 8601 instant in UTC and a UUID.
 * @returns {string} in the alphabet of URLs.
 */
export function encodeCursor({ createdAt, id }) {
  return Buffer.from(JSON.stringify([createdAt, id])).toString('base64url');
}

/**
 * @param {string} cursor
 * @returns {{createdAt: string, id: string} | undefined} undefined when encodeCursor cannot have made it.
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
    parts.length === 2 && isInstant(createdAt) && UUID.test(id) && encodeCursor({ createdAt, id }) === cursor;
  return valid ? { createdAt, id } : undefined;
}

// Date takes the 30th of February for the 1st of March, where PostgreSQL refuses it.
function isInstant(text) {
  const seconds = INSTANT.exec(text)?.[1];
  if (seconds === undefined) return false;
  const date = new Date(`${seconds}Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(seconds);
}
