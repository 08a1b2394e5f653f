import { Problem } from './problem.js';

/** A version that no record has, since versions start at 1. It stands for an entity tag that this API has not issued. */
export const NO_VERSION = 0;

// Entity tags (RFC 9110, section 8.8.3).
const TAG = String.raw`(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"`;
const SINGLE_TAG = new RegExp(`^${TAG}$`);
const TAGS = new RegExp(TAG, 'g');

// The entity tags that this API issues: the version in quotes. Nine digits fit into the database's integer, and no record
// reaches a billion changes.
const VERSION_TAG = /^"([1-9][0-9]{0,8})"$/;

/**
 * Returns the entity tag of a record.
 *
 * @param {{version: number}} record
 */
export const etagOf = ({ version }) => `"${version}"`;

/**
 * Parses If-Match, which names the version that a change applies to.
 *
 * @param {string | undefined} header
 * @returns {number | undefined} the expected version; undefined for any version, if the header is missing or is an asterisk;
 *   NO_VERSION for a tag that this API has not issued or that is weak, which matches no version (RFC 9110, section 13.1.1).
 * @throws {Problem} if the header is not exactly one entity tag: with a list it would be unclear which version the caller read.
 */
export function parseIfMatch(header) {
  if (header === undefined || header.trim() === '*') return undefined;
  const tag = header.trim();
  if (!SINGLE_TAG.test(tag)) {
    throw new Problem('malformed-request', { errors: [{ header: 'If-Match', detail: 'must be one entity tag' }] });
  }
  return Number(VERSION_TAG.exec(tag)?.[1] ?? NO_VERSION);
}

/**
 * Evaluates If-None-Match.
 *
 * @param {string | undefined} ifNoneMatch the header.
 * @param {string} etag of the current version.
 * @returns {boolean} true if the caller has the current version, so that the response is 304. Tags are compared weakly (RFC
 *   9110, section 13.1.2).
 */
export function isNotModified(ifNoneMatch, etag) {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.trim() === '*' || (ifNoneMatch.match(TAGS) ?? []).some((tag) => tag.replace(/^W\//, '') === etag);
}
