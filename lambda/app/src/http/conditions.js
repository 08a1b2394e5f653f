import { Problem } from './problem.js';

/** A version that no record has, as they begin at 1: what a tag of somebody else's stands for. */
export const NO_VERSION = 0;

// Entity tags, RFC 9110 section 8.8.3.
const TAG = String.raw`(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"`;
const ONE_TAG = new RegExp(`^${TAG}$`);
const TAGS = new RegExp(TAG, 'g');

// Ours hold the version. The database's integers have at most ten digits, and no record reaches a billion changes.
const OURS = /^"([1-9][0-9]{0,8})"$/;

/**
 * @param {{version: number}} record
 * @returns {string} its entity tag.
 */
export const tagOf = ({ version }) => `"${version}"`;

/**
 * Reads If-Match: the change applies to this version alone.
 *
 * @param {string | undefined} header
 * @returns {number | undefined} the version; NO_VERSION for a tag that is not ours or is weak, which matches nothing (RFC
 *   9110, section 13.1.1); undefined for any version, which is no header or an asterisk.
 * @throws {Problem} when it is not one entity tag: a list would leave open which of its versions the caller has seen.
 */
export function ifMatch(header) {
  if (header === undefined || header.trim() === '*') return undefined;
  const tag = header.trim();
  if (!ONE_TAG.test(tag)) {
    throw new Problem('malformed-request', { errors: [{ header: 'If-Match', detail: 'must be one entity tag' }] });
  }
  return Number(OURS.exec(tag)?.[1] ?? NO_VERSION);
}

/**
 * Reads If-None-Match: what the caller has already need not be sent again.
 *
 * @param {string | undefined} header
 * @param {string} current the record's entity tag.
 * @returns {boolean} whether the caller has it. Weak tags count (RFC 9110, section 13.1.2).
 */
export function hasAlready(header, current) {
  if (header === undefined) return false;
  return header.trim() === '*' || (header.match(TAGS) ?? []).some((tag) => tag.replace(/^W\//, '') === current);
}
