import { STATUS_CODES } from 'node:http';

// Two years, what browsers' preload lists ask for; the domain's other hosts decide for themselves.
const HSTS = 'max-age=63072000';

/**
 * What an operation answers.
 * @typedef {object} Answer
 * @property {number} status
 * @property {Record<string, string>} [headers] by lower-case name.
 * @property {object} [body] sent as JSON; there is none without it.
 */

/**
 * Writes an answer as the load balancer reads it from a function (Elastic Load Balancing, Application Load Balancers user
 * guide, "Lambda functions as targets"). Without a statusDescription of code and reason it would answer 502 itself.
 * @param {Answer} answer
 * @param {import('./request.js').Request} request
 * @returns {object}
 */
export function encodeAnswer({ status, headers = {}, body }, request) {
  const all = {
    // Answers hold patients' data and must be kept by no cache.
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-request-id': request.id,
    ...(request.secure && { 'strict-transport-security': HSTS }),
    ...(body !== undefined && {
      'content-type': status >= 400 && body.type ? 'application/problem+json' : 'application/json',
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
