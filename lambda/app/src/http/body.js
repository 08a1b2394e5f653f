import Ajv from 'ajv/dist/2020.js';

import { findLosses, parse } from './json.js';
import { Problem } from './problem.js';

// RFC 8259 section 11: the type has no parameters; that of the charset is common and harmless where it says UTF-8.
const JSON_TYPE = /^\s*application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

/**
 * Makes the readers of request bodies, one for each operation that has one.
 *
 * @param {object} document OpenAPI: its schemas are those that are checked.
 * @returns {Map<string, (request: import('./request.js').Request) => object>} by the operation's id. A reader returns what
 *   the body holds, or throws a Problem that says where it is wrong and quotes none of its values.
 */
export function createBodyReaders(document) {
  const ajv = new Ajv({ allErrors: true });
  // The schemas refer to each other by their places in the document, so it is added whole; its own members are no keywords.
  ajv.addVocabulary(Object.keys(document)).addSchema(document, 'openapi');
  const readers = new Map();
  for (const item of Object.values(document.paths)) {
    for (const { operationId, requestBody } of Object.values(item)) {
      if (!requestBody) continue;
      const validate = ajv.getSchema(`openapi${requestBody.content['application/json'].schema.$ref}`);
      readers.set(operationId, (request) => read(request, validate));
    }
  }
  return readers;
}

function read(request, validate) {
  checkType(request);
  const text = decode(request.body());
  const parsed = text === undefined ? undefined : parse(text);
  if (!parsed) throw new Problem('malformed-request', { detail: 'The body is not JSON in UTF-8.' });
  const { value } = parsed;
  const losses = findLosses(text, value);
  if (losses.length > 0)
    throw new Problem('invalid-body', { errors: losses.map((detail) => ({ pointer: '', detail })) });
  if (!validate(value)) {
    throw new Problem('invalid-body', { errors: faults(validate.errors) });
  }
  return value;
}

// Each fault once. Ajv's messages quote the schema, never the value.
function faults(errors) {
  const each = new Map(
    errors.map(({ instancePath, message }) => [
      `${instancePath} ${message}`,
      { pointer: instancePath, detail: message },
    ]),
  );
  return [...each.values()];
}

function checkType(request) {
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

function decode(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
