import { randomUUID } from 'node:crypto';

/**
 * What must hold of a record's tag for a change. A missing member is no condition.
 *
 * @typedef {object} Condition
 * @property {string[]} [match] the tag is one of these; no tag is one of none.
 * @property {string[]} [noneMatch] the tag is none of these.
 */

/** The SQL expression of a record's tag: its version and its revision, which is random for each write (migration 3). */
export const TAG = `version || '-' || revision`;

/** The pattern of a record's tag. A version of ten digits may be too large for PostgreSQL's integer: no record has it. */
export const TAG_PATTERN = '[1-9][0-9]{0,9}-[0-9a-f]{32}';

/** Returns a random revision. No record has it, unless it is created with it. */
export const newRevision = () => randomUUID().replaceAll('-', '');

/**
 * Returns the SQL that compares a record's tag with a condition.
 *
 * @param {number} match number of the parameter with the tags that match, or null.
 * @param {number} noneMatch number of the parameter with the tags that must not match, or null.
 */
export const fulfils = (match, noneMatch) =>
  `($${match}::text[] is null or ${TAG} = any($${match})) and ($${noneMatch}::text[] is null or ${TAG} <> all($${noneMatch}))`;

/**
 * Returns the values of the two parameters of fulfils.
 *
 * @param {Condition} condition
 */
export const conditionValues = ({ match, noneMatch }) => [match ?? null, noneMatch ?? null];
