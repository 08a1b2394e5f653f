import { parseTag } from '../database/versions.js';
import { Problem } from './problem.js';

/** Elements of a page, if the caller names no limit. */
export const DEFAULT_LIMIT = 20;

/** The maximum of a page in the OpenAPI document. */
const MAX_LIMIT = 100;
const LIMIT = /^[1-9][0-9]{0,2}$/;

/**
 * Reads which page of a history the query string asks for. Other parameters are ignored. The cursor is the tag of a version, and not a free
 * text as in a search's body: load balancers log URLs.
 *
 * @param {import('./request.js').Request} request
 * @returns {{limit: number, before?: [number, string]}} before is the version and the revision that ended the last page.
 * @throws {Problem} that quotes nothing of the request.
 */
export function readPage(request) {
  const [limit = String(DEFAULT_LIMIT), ...moreLimits] = request.query('limit');
  if (!LIMIT.test(limit) || Number(limit) > MAX_LIMIT || moreLimits.length > 0)
    throw malformed('limit', `must be an integer from 1 to ${MAX_LIMIT}`);
  const [cursor, ...moreCursors] = request.query('cursor');
  if (cursor === undefined) return { limit: Number(limit) };
  const before = parseTag(cursor);
  if (!before || moreCursors.length > 0) throw malformed('cursor', 'must be the next of an earlier page');
  return { limit: Number(limit), before };
}

/**
 * @param {string} parameter
 * @param {string} detail
 */
const malformed = (parameter, detail) => new Problem('malformed-request', { errors: [{ parameter, detail }] });
