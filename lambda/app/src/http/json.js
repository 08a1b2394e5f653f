/**
 * JSON as text. A health record must come back exactly as it was sent, and JavaScript would change it: 7.10 is another result of
 * a laboratory than 7.1 (HL7 FHIR, "decimal"), and an object with the members "b" and "1" has them in another order. So the
 * content of a record is validated here and nowhere made from a value; its text is stored and answered.
 */

// PostgreSQL's parser and those of most readers recurse once per level. No record is nested this deeply.
const MAX_DEPTH = 32;

const STRING_OR_LONG_INTEGER = /"[^"\\]*(?:\\.[^"\\]*)*"|\d{18,}/g;
const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/g;

/** JSON that a response has as it is. */
export class JSONText {
  /** @param {string} text valid JSON. */
  constructor(text) {
    this.text = text;
  }
}

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
 * Shortens integers that end in zeros, and changes no value. Before version 1.2.0 content went through JSON.stringify, which writes
 * 1e20 with 21 digits, so that a record could get longer than a response may be.
 *
 * @param {string} text JSON as JSON.stringify writes it: no fraction has as many digits.
 */
export const shortenIntegers = (text) =>
  text.replaceAll(STRING_OR_LONG_INTEGER, (token) =>
    token.startsWith('"') ? token : token.replace(/0+$/, (zeros) => `e${zeros.length}`),
  );

/**
 * Returns the text of a member of an object, as it stands there.
 *
 * @param {string} text valid JSON of an object in which no name is twice.
 * @param {string} name
 * @returns {string | undefined} undefined if the object has no such member.
 */
export function memberText(text, name) {
  let depth = 0;
  let start = 0;
  /** @type {string | undefined} */
  let key;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '"') {
      const end = endOfString(text, i);
      if (depth === 1) key ??= JSON.parse(text.slice(i, end + 1));
      i = end;
    } else if (character === '{' || character === '[') depth++;
    else if (character === ':' && depth === 1) start = i + 1;
    else if (character === '}' || character === ']') depth--;
    if (depth === 0 ? character === '}' : depth === 1 && character === ',') {
      if (key === name) return text.slice(start, i).trim();
      key = undefined;
    }
  }
  return undefined;
}

/**
 * Returns the index of the quote that ends a string.
 *
 * @param {string} text
 * @param {number} start index of the quote that begins it.
 */
function endOfString(text, start) {
  for (let i = start + 1; ; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '"') return i;
  }
}

/**
 * Finds what a reader of the JSON would lose or could not read. Numbers may be any: nothing here computes with them.
 *
 * @param {string} text JSON.
 * @param {unknown} value the parsed text.
 * @returns {string[]} the violations, without duplicates, in words that quote nothing of the text.
 */
export function findViolations(text, value) {
  /** @type {Set<string>} */
  const violations = new Set();
  const members = countMembers(value, 1, violations);
  const withoutStrings = text.replaceAll(STRING, '""');
  // Each member has one colon. JSON.parse keeps the last of several members with the same name, so fewer are counted.
  if (withoutStrings.split(':').length - 1 > members && violations.size === 0)
    violations.add('must have no name twice in an object');
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
 * Checks that every reader can have a string: it has no NUL, which no text in PostgreSQL and in C has, and no unpaired surrogate,
 * which UTF-8 has not (PostgreSQL documentation, "JSON Types").
 *
 * @param {string} text
 * @param {Set<string>} violations is added to.
 */
function checkString(text, violations) {
  if (text.includes('\0') || !text.isWellFormed())
    violations.add('must have neither U+0000 nor unpaired surrogates in its texts');
}
