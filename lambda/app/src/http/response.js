import { STATUS_CODES } from 'node:http';

import { JSONText } from './json.js';

// Two years, the minimum of browsers' preload lists. includeSubDomains is left out: other hosts of the domain are not ours.
const HSTS = 'max-age=63072000';

/**
 * Size from which a body is sent in base64, in bytes. A function's response to a load balancer is JSON of at most 1 MB (Elastic
 * Load Balancing, Application Load Balancers user guide, "Lambda functions as targets"), and the body is a string in it, which
 * grows by escapes: of an ASCII-only encoder up to six times. In base64 it grows by a third, whatever is in it.
 */
export const BASE64_BYTES = 128 * 1024;

/**
 * Maximum size of a body, in bytes: in base64 and with the headers it is less than 1,000,000 bytes.
 */
export const MAX_BODY_BYTES = 700 * 1024;

/**
 * The response of an operation.
 *
 * @typedef {object} Response
 * @property {number} status
 * @property {Record<string, string>} [headers] by lower-case name.
 * @property {object | JSONText} [body] sent as JSON; no body if undefined.
 */

/**
 * The response as a load balancer expects it from a function. It has the headers in one of two forms.
 *
 * @typedef {object} LoadBalancerResponse
 * @property {number} statusCode
 * @property {string} statusDescription
 * @property {boolean} isBase64Encoded
 * @property {Record<string, string>} [headers]
 * @property {Record<string, string[]>} [multiValueHeaders]
 * @property {string} body
 */

/**
 * Encodes a response for the load balancer (Elastic Load Balancing, Application Load Balancers user guide, "Lambda functions as
 * targets"). Without a statusDescription of code and reason the load balancer would respond with 502.
 *
 * @param {Response} response
 * @param {import('./request.js').Request} request
 * @returns {LoadBalancerResponse}
 */
export function encodeResponse({ status, headers = {}, body }, request) {
  /** @type {Record<string, string>} */
  const all = {
    // Responses contain patients' data, which no cache may store.
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-request-id': request.id,
    ...(request.secure && { 'strict-transport-security': HSTS }),
    ...(body !== undefined && {
      'content-type': status >= 400 && 'type' in body ? 'application/problem+json' : 'application/json',
    }),
    ...headers,
  };
  const text = body === undefined || request.method === 'HEAD' ? '' : textOf(body);
  const isBase64Encoded = Buffer.byteLength(text) >= BASE64_BYTES;
  return {
    statusCode: status,
    statusDescription: `${status} ${STATUS_CODES[status]}`,
    isBase64Encoded,
    ...(request.multiValue
      ? { multiValueHeaders: Object.fromEntries(Object.entries(all).map(([name, value]) => [name, [value]])) }
      : { headers: all }),
    body: isBase64Encoded ? Buffer.from(text).toString('base64') : text,
  };
}

/** @param {object | JSONText} body */
const textOf = (body) => (body instanceof JSONText ? body.text : JSON.stringify(body));
