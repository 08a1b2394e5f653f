import { findViolations, memberText, parseJSON } from './json.js';
import { Problem } from './problem.js';
import { validators } from './validators.js';

// RFC 8259 section 11 defines no parameters of this media type. charset=utf-8 is common, and is accepted.
const JSON_TYPE = /^\s*application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

/**
 * The bodies of the operations that have one, by operationId, as the schemas in openapi.json describe them; content is its JSON
 * as it was sent.
 *
 * @typedef {object} Bodies
 * @property {{patient: string, content: string}} createRecord
 * @property {{patient?: string, content: string}} updateRecord
 * @property {{patient: string, limit?: number, cursor?: string}} searchRecords
 * @property {{contentType: string, contentLength: number, sha256?: string}} signUpload
 */

/**
 * Parses and validates the body of a request to an operation. It throws a Problem that lists what is wrong and quotes none of
 * the body's values.
 *
 * @typedef {<K extends keyof Bodies>(operationId: K, request: import('./request.js').Request) => Bodies[K]} ReadBody
 */

/**
 * Reads the body of a request to an operation, and validates it against the schema of the OpenAPI document.
 *
 * @type {ReadBody}
 */
export function readBody(operationId, request) {
  const validate = validators[operationId];
  if (!validate) throw new Error(`openapi.json has no request body for the operation ${operationId}: add it there`);
  return /** @type {Bodies[typeof operationId]} */ (readValid(request, validate));
}

/**
 * @param {import('./request.js').Request} request
 * @param {import('ajv').ValidateFunction} validate
 */
function readValid(request, validate) {
  checkMediaType(request);
  const text = decodeUTF8(request.body());
  const parsed = text === undefined ? undefined : parseJSON(text);
  if (text === undefined || !parsed)
    throw new Problem('malformed-request', { detail: 'The body is not JSON in UTF-8.' });
  const { value } = parsed;
  const violations = findViolations(text, value);
  if (violations.length > 0)
    throw new Problem('invalid-body', { errors: violations.map((detail) => ({ pointer: '', detail })) });
  if (!validate(value)) throw new Problem('invalid-body', { errors: toProblemErrors(validate.errors ?? []) });
  const body = /** @type {object} */ (value);
  return 'content' in body ? { ...body, content: memberText(text, 'content') } : body;
}

/**
 * Converts the validator's errors, without duplicates. Ajv's messages quote the schema, never the value.
 *
 * @param {import('ajv').ErrorObject[]} errors
 */
function toProblemErrors(errors) {
  const unique = new Map(
    errors.map(({ instancePath, message = '' }) => [
      `${instancePath} ${message}`,
      { pointer: instancePath, detail: message },
    ]),
  );
  return [...unique.values()];
}

/** @param {import('./request.js').Request} request */
function checkMediaType(request) {
  const coding = request.header('content-encoding') ?? 'identity';
  if (coding.toLowerCase() !== 'identity') {
    throw new Problem('unsupported-media-type', {
      detail: 'The body must have no content coding.',
      headers: { 'accept-encoding': 'identity' },
    });
  }
  if (!JSON_TYPE.test(request.header('content-type') ?? '')) {
    throw new Problem('unsupported-media-type', { detail: 'The body must be application/json in UTF-8.' });
  }
}

/**
 * @param {Buffer} bytes
 * @returns {string | undefined} undefined if the bytes are not UTF-8.
 */
function decodeUTF8(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
