/**
 * What of JSON cannot be stored and come back as it was sent. In a health record nothing may change on its way.
 */

// Deeper than any record. JSON.stringify recurses once a level, and PostgreSQL's parser does.
const MAX_DEPTH = 32;

const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/g;
const NUMBER = /-?\d+(\.\d+)?([eE][+-]?\d+)?/g;

/**
 * Reads JSON.
 *
 * @param {string} text
 * @returns {{value: unknown} | undefined} undefined when it is no JSON.
 */
export function parse(text) {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/**
 * Finds what would change on its way.
 *
 * @param {string} text JSON.
 * @param {unknown} value what it holds.
 * @returns {string[]} what is wrong, in words that quote nothing; empty when nothing is.
 */
export function findLosses(text, value) {
  const found = new Set();
  const members = walk(value, 1, found);
  const bare = text.replaceAll(STRING, '""');
  if (bare.split(':').length - 1 > members && found.size === 0) found.add('must have no name twice in an object');
  for (const [number, fraction, exponent] of bare.matchAll(NUMBER)) {
    const read = Number(number);
    if (!Number.isFinite(read)) found.add('must have no number beyond the range of IEEE 754 doubles');
    else if (!fraction && !exponent && !Number.isSafeInteger(read)) {
      found.add('must have no integer beyond 2^53, as most readers of JSON would change it: send it as a string');
    }
  }
  return [...found];
}

// Returns how many members the objects in a value have.
function walk(value, depth, found) {
  if (typeof value === 'string') checkText(value, found);
  if (typeof value !== 'object' || value === null) return 0;
  if (depth > MAX_DEPTH) {
    found.add(`must be nested at most ${MAX_DEPTH} levels deep`);
    return 0;
  }
  let members = 0;
  for (const [key, item] of Object.entries(value)) {
    if (!Array.isArray(value)) {
      members++;
      checkText(key, found);
    }
    members += walk(item, depth + 1, found);
  }
  return members;
}

// PostgreSQL's text has no NUL, and its UTF-8 no half of a surrogate pair (PostgreSQL documentation, "JSON Types").
function checkText(text, found) {
  if (text.includes('\0') || !text.isWellFormed())
    found.add('must have neither U+0000 nor unpaired surrogates in its texts');
}
