import fc from 'fast-check';

/** White space between the tokens of JSON (RFC 8259, section 2). */
const space = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r'), maxLength: 2 });

const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 25 });

/** Numbers in any notation, also those that no IEEE 754 double has. */
const number = fc
  .record({
    sign: fc.constantFrom('', '-'),
    integer: digits.map((text) => text.replace(/^0+(?=\d)/, '')),
    fraction: fc.option(digits, { nil: '' }),
    exponent: fc.option(fc.tuple(fc.constantFrom('e', 'E', 'e+', 'e-'), digits), { nil: ['', ''] }),
  })
  .map(
    ({ sign, integer, fraction, exponent: [mark, power] }) =>
      `${sign}${integer}${fraction && `.${fraction}`}${mark}${power}`,
  );

/** Strings with characters as they are and escaped, by every form of an escape. */
const string = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 }).map((text) => JSON.stringify(text).slice(1, -1)),
      fc.constantFrom(
        '\\/',
        '\\b',
        '\\f',
        '\\n',
        '\\r',
        '\\t',
        '\\"',
        '\\\\',
        '\\u00e9',
        '\\u00E9',
        '\\ud83d\\ude00',
        '\u007f',
      ),
    ),
    { maxLength: 6 },
  )
  .map((parts) => `"${parts.join('')}"`);

/**
 * Returns what joins the parts of an array or of an object.
 *
 * @param {string} open
 * @param {string} close
 */
const join = (open, close) => (/** @type {string[][]} */ items) =>
  `${open}${items.map((parts) => parts.join('')).join()}${close}`;

/**
 * The text of a JSON object in any form that RFC 8259 allows. A name may be twice in it.
 *
 * @type {{value: fc.Arbitrary<string>, object: fc.Arbitrary<string>}}
 */
const { object } = fc.letrec((tie) => {
  const value = /** @type {fc.Arbitrary<string>} */ (tie('value'));
  return {
    value: fc.oneof(
      { maxDepth: 4 },
      fc.oneof(number, string, fc.constantFrom('true', 'false', 'null')),
      fc.array(fc.tuple(space, value, space), { maxLength: 4 }).map(join('[', ']')),
      tie('object'),
    ),
    object: fc
      .array(fc.tuple(space, string, space, fc.constant(':'), space, value, space), { maxLength: 4 })
      .map(join('{', '}')),
  };
});

export const objectText = object;
