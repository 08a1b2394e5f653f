import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { STATUS_CODES } from 'node:http';

import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

/**
 * The parts of the OpenAPI document that the tests read.
 *
 * @typedef {{$ref: string}} Reference
 *
 * @typedef {object} HeaderObject
 * @property {boolean} [required]
 * @property {object} schema
 *
 * @typedef {object} ResponseObject
 * @property {Record<string, HeaderObject | Reference>} [headers]
 * @property {Record<string, {schema: object}>} [content]
 *
 * @typedef {{operationId: string, parameters?: Record<string, string>}} LinkObject
 *
 * @typedef {import('../../src/http/routes.js').OperationObject & {responses: Record<string, ResponseObject | Reference>}} OperationObject
 *
 * @typedef {object} Document
 * @property {Record<string, Record<string, OperationObject>>} paths
 * @property {{responses: Record<string, ResponseObject>, schemas: Record<string, any>, links: Record<string, LinkObject>}} components
 */

/**
 * The OpenAPI document.
 *
 * @type {Document}
 */
export const document = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8'));

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(document, 'openapi');

// The responses where the document has no operation, by status.
const WITHOUT_OPERATION = new Map([
  [401, 'Unauthenticated'],
  [404, 'NotFound'],
  [405, 'NotFound'],
]);

const UUID = '[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}';
const TAG = '[1-9][0-9]{0,9}-[0-9a-f]{32}';

// The document's names of the methods. HEAD is GET without the body.
const METHODS = new Map([
  ['GET', 'get'],
  ['HEAD', 'get'],
  ['PUT', 'put'],
  ['POST', 'post'],
  ['DELETE', 'delete'],
]);

/**
 * Returns the document's operation of a request, if there is one.
 *
 * @param {string} method
 * @param {string} path
 */
function findOperation(method, path) {
  for (const [template, item] of Object.entries(document.paths)) {
    if (
      new RegExp(`^${template.replaceAll('{id}', UUID).replaceAll('{tag}', TAG).replaceAll('.', '\\.')}$`).test(path)
    ) {
      return item[METHODS.get(method) ?? ''];
    }
  }
  return undefined;
}

/** @typedef {import('../../src/http/response.js').LoadBalancerResponse} LoadBalancerResponse */

/**
 * An event of a load balancer as the tests send it: method and path are strings.
 *
 * @typedef {import('../../src/http/request.js').LoadBalancerEvent & {httpMethod: string, path: string}} TestEvent
 */

/**
 * Maximum size of a response as JSON, in bytes (Elastic Load Balancing, Application Load Balancers user guide, "Lambda functions as
 * targets").
 */
const MAX_RESPONSE_BYTES = 1_000_000;

/**
 * Returns the length of a response's JSON in which all but visible ASCII is escaped.
 *
 * @param {LoadBalancerResponse} response
 */
const asciiLengthOf = (response) => JSON.stringify(response).replaceAll(/[^ -~]/g, '\\u0000').length;

/**
 * Returns the body of a response as the load balancer sends it.
 *
 * @param {LoadBalancerResponse} response
 */
export const bodyOf = ({ body, isBase64Encoded }) => (isBase64Encoded ? Buffer.from(body, 'base64').toString() : body);

/**
 * Asserts that the function's response is valid for a load balancer, and that the OpenAPI document has it for the request.
 *
 * @param {TestEvent} event
 * @param {LoadBalancerResponse} response
 */
export function assertConforms({ httpMethod: method, path, multiValueHeaders }, response) {
  const { statusCode: status, statusDescription } = response;
  const body = bodyOf(response);
  assert.equal(statusDescription, `${status} ${STATUS_CODES[status]}`);
  assert.ok(JSON.stringify(response).length < MAX_RESPONSE_BYTES, 'the load balancer takes no response of this size');
  assert.ok(asciiLengthOf(response) < MAX_RESPONSE_BYTES, 'nor does it after an encoder that escapes all but ASCII');
  const headers = headersOf(response, multiValueHeaders !== undefined);
  assert.equal(headers['cache-control'], 'no-store');
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.ok(headers['x-request-id']);

  const described = findResponse(method, path, status);
  for (const [name, header] of Object.entries(described.headers ?? {})) {
    const { required, schema } = resolveReference(header);
    const value = headers[name.toLowerCase()];
    if (value === undefined) assert.ok(!required, `the response ${status} has no header ${name}`);
    else assertValid(schema, value, name);
  }
  const content = Object.entries(described.content ?? {});
  if (method === 'HEAD' || content.length === 0) return assert.equal(body, '');
  const [[type, { schema }]] = content;
  assert.equal(headers['content-type'], type);
  const value = JSON.parse(body);
  assertValid(schema, value, 'body');
  if (type === 'application/problem+json') {
    assert.equal(value.status, status);
    assert.equal(value.instance, headers['x-request-id']);
  }
}

/**
 * Returns the headers of a response, and asserts that they are in the form of the request's.
 *
 * @param {LoadBalancerResponse} response
 * @param {boolean} multiValue
 * @returns {Record<string, string>}
 */
export function headersOf({ headers, multiValueHeaders }, multiValue) {
  assert.equal(headers === undefined, multiValue, 'the headers are in another form than those of the request');
  return headers ?? Object.fromEntries(Object.entries(multiValueHeaders ?? {}).map(([name, [value]]) => [name, value]));
}

/**
 * Returns the document's response to a request.
 *
 * @param {string} method
 * @param {string} path
 * @param {number} status
 */
function findResponse(method, path, status) {
  const operation = findOperation(method, path);
  if (operation) {
    const response = operation.responses[status];
    assert.ok(response, `the document has no response ${status} of ${operation.operationId}`);
    return resolveReference(response);
  }
  const name = WITHOUT_OPERATION.get(status);
  assert.ok(name, `the response is ${status} although the document has no operation`);
  return document.components.responses[name];
}

/**
 * Returns what a reference of the document refers to, and any other value as it is.
 *
 * @template {object} T
 * @param {T | Reference} value
 * @returns {T}
 */
export function resolveReference(value) {
  if (!('$ref' in value)) return value;
  /** @type {unknown} */
  let node = document;
  for (const key of value.$ref.split('/').slice(1)) node = /** @type {Record<string, unknown>} */ (node)[key];
  return /** @type {T} */ (node);
}

/** @type {Map<string, import('ajv').ValidateFunction>} */
const compiled = new Map();

/**
 * @param {object} schema
 * @param {unknown} value
 * @param {string} name of the value, for the message.
 */
function assertValid(schema, value, name) {
  // References are relative to the document.
  const key = JSON.stringify(schema).replaceAll('"#/', '"openapi#/');
  const validate = compiled.get(key) ?? ajv.compile(JSON.parse(key));
  compiled.set(key, validate);
  assert.ok(validate(value), `${name}: ${ajv.errorsText(validate.errors)}: ${JSON.stringify(value)?.slice(0, 300)}`);
}

/**
 * Asserts that the detail of an event is as the document describes it.
 *
 * @param {object} detail
 */
export const assertEvent = (detail) =>
  assertValid({ $ref: '#/components/schemas/RecordEvent' }, detail, 'the detail of the event');
