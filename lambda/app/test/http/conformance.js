import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { STATUS_CODES } from 'node:http';

import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

/** The OpenAPI document, as it is shipped. */
export const document = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url)));

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats(ajv);
ajv.addSchema(document, 'openapi');

// What is answered where the document has no operation.
const WITHOUT_OPERATION = { 401: 'Unauthenticated', 404: 'NotFound', 405: 'NotFound' };

const UUID = '[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}';

const METHODS = { GET: 'get', HEAD: 'get', PUT: 'put', POST: 'post', DELETE: 'delete' };

// The document's operation of a request, if there is one. HEAD is GET without the body.
function operationOf(method, path) {
  for (const [template, item] of Object.entries(document.paths)) {
    if (new RegExp(`^${template.replaceAll('{id}', UUID).replaceAll('.', '\\.')}$`).test(path)) {
      return Object.hasOwn(METHODS, method) ? item[METHODS[method]] : undefined;
    }
  }
  return undefined;
}

/**
 * Asserts that what the function returned is an answer to a load balancer, and one that the document has for the request.
 */
export function assertFits({ httpMethod: method, path, multiValueHeaders }, answer) {
  const { statusCode: status, statusDescription, isBase64Encoded, body } = answer;
  assert.equal(statusDescription, `${status} ${STATUS_CODES[status]}`);
  assert.equal(isBase64Encoded, false);
  assert.equal(typeof body, 'string');
  const headers = headersOf(answer, multiValueHeaders !== undefined);
  assert.equal(headers['cache-control'], 'no-store');
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.ok(headers['x-request-id']);

  const response = responseOf(method, path, status);
  for (const [name, header] of Object.entries(response.headers ?? {})) {
    const { required, schema } = resolve(header);
    const value = headers[name.toLowerCase()];
    if (value === undefined) assert.ok(!required, `${status} has no ${name}`);
    else assertValid(schema, value, name);
  }
  const [[type, { schema }] = [undefined, {}]] = Object.entries(response.content ?? {});
  if (method === 'HEAD' || type === undefined) return assert.equal(body, '');
  assert.equal(headers['content-type'], type);
  const value = JSON.parse(body);
  assertValid(schema, value, 'body');
  if (type === 'application/problem+json') {
    assert.equal(value.status, status);
    assert.equal(value.instance, headers['x-request-id']);
  }
}

/** Returns an answer's headers, in whichever of the two forms they have to be. */
export function headersOf({ headers, multiValueHeaders }, multiValue) {
  assert.equal(headers === undefined, multiValue, 'the answer has the form of the request');
  return multiValue
    ? Object.fromEntries(Object.entries(multiValueHeaders).map(([name, [value]]) => [name, value]))
    : headers;
}

function responseOf(method, path, status) {
  const operation = operationOf(method, path);
  if (operation) {
    const response = operation.responses[status];
    assert.ok(response, `${operation.operationId} has no ${status} in the document`);
    return resolve(response);
  }
  assert.ok(status in WITHOUT_OPERATION, `${status} where there is no operation`);
  return document.components.responses[WITHOUT_OPERATION[status]];
}

function resolve(value) {
  if (!value.$ref) return value;
  return value.$ref
    .split('/')
    .slice(1)
    .reduce((node, key) => node[key], document);
}

const compiled = new Map();

function assertValid(schema, value, what) {
  // References are to places in the document.
  const key = JSON.stringify(schema).replaceAll('"#/', '"openapi#/');
  if (!compiled.has(key)) compiled.set(key, ajv.compile(JSON.parse(key)));
  const validate = compiled.get(key);
  assert.ok(validate(value), `${what}: ${ajv.errorsText(validate.errors)}: ${JSON.stringify(value)?.slice(0, 300)}`);
}
