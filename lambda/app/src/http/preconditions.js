import { Problem } from './problem.js';

/** @typedef {import('../database/records.js').Condition} Condition */

// Entity tags (RFC 9110, section 8.8.3), and lists of them, which may have empty elements (section 5.6.1).
const TAG = String.raw`(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"`;
const LIST = new RegExp(`^[ \\t,]*${TAG}(?:[ \\t]*,(?:[ \\t]*${TAG})?)*[ \\t]*$`);
const TAGS = new RegExp(TAG, 'g');

/**
 * Returns the entity tag of a record.
 *
 * @param {{tag: string}} record
 */
export const etagOf = ({ tag }) => `"${tag}"`;

/**
 * Parses If-Match. A tag that this API has not issued matches no record; neither do the tags of its earlier versions, which were
 * a version only and so could name two contents. Tags are compared strongly: a weak one matches nothing (RFC 9110, section
 * 13.1.1).
 *
 * @param {import('./request.js').Request} request
 * @returns {string[] | undefined} the tags that match; undefined if any does, because the header is missing or is an asterisk.
 * @throws {Problem} if the header is neither an asterisk nor a list of entity tags.
 */
export function parseIfMatch(request) {
  const tags = parseTags(request, 'If-Match');
  return tags === '*' ? undefined : tags?.filter((tag) => !tag.startsWith('W/')).map(opaqueOf);
}

/**
 * Parses the preconditions of a change.
 *
 * @param {import('./request.js').Request} request
 * @returns {Condition}
 * @throws {Problem} if If-Match or If-None-Match is malformed.
 */
export function parsePreconditions(request) {
  const match = parseIfMatch(request);
  const noneMatch = parseIfNoneMatch(request);
  // An asterisk demands that there is no record, so whichever is there fails (RFC 9110, section 13.1.2).
  if (noneMatch === '*') return { match: [] };
  return { ...(match && { match }), ...(noneMatch && { noneMatch }) };
}

/**
 * Parses If-None-Match. Tags are compared weakly (RFC 9110, section 13.1.2).
 *
 * @param {import('./request.js').Request} request
 * @returns {'*' | string[] | undefined} the tags that must not match; undefined if the header is missing.
 * @throws {Problem} if the header is neither an asterisk nor a list of entity tags.
 */
export function parseIfNoneMatch(request) {
  const tags = parseTags(request, 'If-None-Match');
  return Array.isArray(tags) ? tags.map(opaqueOf) : tags;
}

/**
 * Evaluates If-None-Match of a read.
 *
 * @param {ReturnType<typeof parseIfNoneMatch>} noneMatch
 * @param {{tag: string}} record
 * @returns {boolean} true if the caller has the current version, so that the response is 304.
 */
export const isNotModified = (noneMatch, { tag }) => noneMatch === '*' || (noneMatch?.includes(tag) ?? false);

/**
 * @param {import('./request.js').Request} request
 * @param {string} header
 * @returns {'*' | string[] | undefined} undefined if the header is missing.
 */
function parseTags(request, header) {
  const value = request.header(header.toLowerCase());
  if (value === undefined) return undefined;
  if (value.trim() === '*') return '*';
  if (!LIST.test(value)) {
    throw new Problem('malformed-request', { errors: [{ header, detail: 'must be * or a list of entity tags' }] });
  }
  return value.match(TAGS) ?? [];
}

/**
 * Returns what is between a tag's quotes.
 *
 * @param {string} tag
 */
const opaqueOf = (tag) => tag.slice(tag.indexOf('"') + 1, -1);
