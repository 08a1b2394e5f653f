/**
 * Validation that JSON survives the round trip through JavaScript and PostgreSQL: a health record must come back exactly as
 * it was sent.
 */

// JSON.stringify and PostgreSQL's parser recurse once per level. No record is nested this deeply.
const MAX_DEPTH = 32;

const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/g;
const NUMBER = /-?\d+(\.\d+)?([eE][+-]?\d+)?/g;

/**
 * Parses JSON.
 *
 * @param {string} text
 * @returns {{value: unknown} | undefined} undefined if the text is not JSON.
 */
export function parseJSON(text) {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/**
 * Finds what would not survive the round trip.
 *
 * @param {string} text JSON.
 * @param {unknown} value the parsed text.
 * @returns {string[]} the violations, without duplicates, in words that quote nothing of the text.
 */
export function validateRoundTrip(text, value) {
  /** @type {Set<string>} */
  const violations = new Set();
  const members = countMembers(value, 1, violations);
  const withoutStrings = text.replaceAll(STRING, '""');
  // Each member has one colon. JSON.parse keeps the last of several members with the same name, so fewer are counted.
  if (withoutStrings.split(':').length - 1 > members && violations.size === 0)
    violations.add('must have no name twice in an object');
  for (const [number, fraction, exponent] of withoutStrings.matchAll(NUMBER)) {
    const read = Number(number);
    if (!Number.isFinite(read)) violations.add('must have no number beyond the range of IEEE 754 doubles');
    else if (!fraction && !exponent && !Number.isSafeInteger(read)) {
      violations.add('must have no integer beyond 2^53, as most readers of JSON would change it: send it as a string');
    }
  }
  return [...violations];
}

/**
 * Counts the members of all objects in a value, and checks its depth and its strings.
 *
 * @param {unknown} value
 * @param {number} depth
 * @param {Set<string>} violations is added to.
 * @returns {number}
 */
function countMembers(value, depth, violations) {
  if (typeof value === 'string') checkString(value, violations);
  if (typeof value !== 'object' || value === null) return 0;
  if (depth > MAX_DEPTH) {
    violations.add(`must be nested at most ${MAX_DEPTH} levels deep`);
    return 0;
  }
  let members = 0;
  for (const [key, item] of Object.entries(value)) {
    if (!Array.isArray(value)) {
      members++;
      checkString(key, violations);
    }
    members += countMembers(item, depth + 1, violations);
  }
  return members;
}

/**
 * Checks that PostgreSQL can store a string: it has no NUL and no unpaired surrogate (PostgreSQL documentation, "JSON Types").
 *
 * @param {string} text
 * @param {Set<string>} violations is added to.
 */
function checkString(text, violations) {
  if (text.includes('\0') || !text.isWellFormed())
    violations.add('must have neither U+0000 nor unpaired surrogates in its texts');
}
