import { STATUS_CODES } from 'node:http';

// Two years, the minimum of browsers' preload lists. includeSubDomains is left out: other hosts of the domain are not ours.
const HSTS = 'max-age=63072000';

/**
 * The response of an operation.
 *
 * @typedef {object} Response
 * @property {number} status
 * @property {Record<string, string>} [headers] by lower-case name.
 * @property {object} [body] sent as JSON; no body if undefined.
 */

/**
 * The response as a load balancer expects it from a function. It has the headers in one of two forms.
 *
 * @typedef {object} LoadBalancerResponse
 * @property {number} statusCode
 * @property {string} statusDescription
 * @property {false} isBase64Encoded
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
  return {
    statusCode: status,
    statusDescription: `${status} ${STATUS_CODES[status]}`,
    isBase64Encoded: false,
    ...(request.multiValue
      ? { multiValueHeaders: Object.fromEntries(Object.entries(all).map(([name, value]) => [name, [value]])) }
      : { headers: all }),
    body: body === undefined || request.method === 'HEAD' ? '' : JSON.stringify(body),
  };
}
