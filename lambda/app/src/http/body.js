import { Ajv2020 } from 'ajv/dist/2020.js';

import { findViolations, memberText, parseJSON } from './json.js';
import { Problem } from './problem.js';
import { METHODS } from './routes.js';

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
 * Creates the reader of request bodies, which validates them against the schemas of the OpenAPI document.
 *
 * @param {import('./routes.js').OpenAPIDocument} document
 * @returns {ReadBody}
 */
export function createBodyReader(document) {
  const ajv = new Ajv2020({ allErrors: true });
  // The schemas refer to each other by JSON pointers into the document, so the whole document is added. Its top-level members
  // are no schema keywords, so they are declared.
  ajv.addVocabulary(Object.keys(document)).addSchema(document, 'openapi');
  /** @type {Map<string, import('ajv').ValidateFunction>} */
  const validators = new Map();
  for (const item of Object.values(document.paths)) {
    for (const method of METHODS) {
      const { operationId = '', requestBody } = item[method] ?? {};
      if (!requestBody) continue;
      const validate = ajv.getSchema(`openapi${requestBody.content['application/json'].schema.$ref}`);
      if (validate) validators.set(operationId, validate);
    }
  }
  return (operationId, request) => {
    const validate = validators.get(operationId);
    if (!validate) throw new Error(`openapi.json has no request body for the operation ${operationId}: add it there`);
    return /** @type {Bodies[typeof operationId]} */ (readBody(request, validate));
  };
}

/**
 * @param {import('./request.js').Request} request
 * @param {import('ajv').ValidateFunction} validate
 */
function readBody(request, validate) {
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
