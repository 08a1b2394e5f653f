import { VersionConflict } from '../errors.js';
import { JSONText, shortenIntegers } from './json.js';
import { etagOf, isNotModified, parseIfMatch, parseIfNoneMatch } from './preconditions.js';

/** @typedef {import('../database/records.js').PatientRecord} PatientRecord */

/** Length of the longest content of a body of 256 KiB. Only earlier versions of the function have stored longer ones. */
const MAX_CONTENT_LENGTH = 256 * 1024;

/**
 * Returns the JSON of what callers see of a record, with the content as it was sent.
 *
 * @param {PatientRecord} record
 */
export function representationOf({ id, patient, content, version, createdAt, updatedAt }) {
  const before = JSON.stringify({ id, patient }).slice(0, -1);
  const text = content.length > MAX_CONTENT_LENGTH ? shortenIntegers(content) : content;
  return `${before},"content":${text},${JSON.stringify({ version, createdAt, updatedAt }).slice(1)}`;
}

/**
 * Reads a record and returns the response, by the preconditions of the request.
 *
 * @param {import('./request.js').Request} request
 * @param {() => Promise<PatientRecord>} read is called if the preconditions are well-formed.
 * @returns {Promise<{response: import('./response.js').Response, record: PatientRecord}>}
 * @throws {VersionConflict} if the record does not match If-Match.
 */
export async function respondToRead(request, read) {
  const [match, noneMatch] = [parseIfMatch(request), parseIfNoneMatch(request)];
  const record = await read();
  // If-Match comes first (RFC 9110, section 13.2.2).
  if (match && !match.includes(record.tag)) throw new VersionConflict();
  const headers = { etag: etagOf(record) };
  const response = isNotModified(noneMatch, record)
    ? { status: 304, headers }
    : { status: 200, headers, body: new JSONText(representationOf(record)) };
  return { response, record };
}
