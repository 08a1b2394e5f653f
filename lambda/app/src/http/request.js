import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';

import { Problem } from './problem.js';

// Maximum size of a body. The load balancer accepts 1 MB for a function (Elastic Load Balancing, Application Load Balancers user
// guide, "Lambda functions as targets"). A record is text; its document goes to S3.
const MAX_BODY_BYTES = 256 * 1024;

// The root of X-Amzn-Trace-Id, which identifies the request (same guide, "Request tracing"). Callers can send their own.
const TRACE_ROOT = /(?:^|;)\s*Root=(1-[0-9a-f]{8}-[0-9a-f]{24})(?:;|$)/;

/**
 * The event by which a load balancer passes a request to a function (same guide). Headers and parameters are in the single-value
 * or in the multi-value form, as the target group is configured. Nothing of it is trusted, so every member is unknown.
 *
 * @typedef {object} LoadBalancerEvent
 * @property {{elb: object}} requestContext
 * @property {unknown} [httpMethod]
 * @property {unknown} [path]
 * @property {unknown} [headers]
 * @property {unknown} [multiValueHeaders]
 * @property {unknown} [queryStringParameters]
 * @property {unknown} [multiValueQueryStringParameters]
 * @property {unknown} [body]
 * @property {unknown} [isBase64Encoded]
 */

/**
 * A decoded request.
 *
 * @typedef {object} Request
 * @property {string} method as sent: methods are case-sensitive (RFC 9110, section 9.1).
 * @property {string} path as sent.
 * @property {(name: string) => string | undefined} header returns a header by its lower-case name; the values of a repeated
 *   header are joined by commas.
 * @property {boolean} hasQuery whether it has a query string.
 * @property {(name: string) => string[]} query returns the values of a parameter of the query string, percent-encoded as sent.
 * @property {() => Buffer} body Throws a Problem if it is too large.
 * @property {string} id for the caller and the logs: the load balancer's trace id if there is one.
 * @property {string | undefined} client address that the load balancer accepted the connection from.
 * @property {boolean} secure whether the caller used HTTPS.
 * @property {boolean} multiValue whether the response must have its headers in the multi-value form.
 */

/**
 * Reports whether an event is a request from a load balancer.
 *
 * @param {unknown} event
 * @returns {event is LoadBalancerEvent}
 */
export function isLoadBalancerRequest(event) {
  return isObject(event) && isObject(event.requestContext) && isObject(event.requestContext.elb);
}

/**
 * Decodes a request.
 *
 * @param {LoadBalancerEvent} event
 * @returns {Request}
 */
export function decodeRequest(event) {
  const headers = decodeHeaders(event);
  const query = entriesOf(event.multiValueQueryStringParameters ?? event.queryStringParameters);
  return {
    method: stringOrEmpty(event.httpMethod),
    path: stringOrEmpty(event.path),
    header: (name) => headers.get(name),
    hasQuery: query.length > 0,
    query: (name) => query.flatMap(([key, values]) => (key === name ? values : [])),
    body: () => decodeBody(event),
    id: TRACE_ROOT.exec(headers.get('x-amzn-trace-id') ?? '')?.[1] ?? randomUUID(),
    client: clientOf(headers.get('x-forwarded-for')),
    secure: headers.get('x-forwarded-proto') === 'https',
    multiValue: isObject(event.multiValueHeaders),
  };
}

/**
 * Returns the last address of X-Forwarded-For: the load balancer appends it, and what stands before it is the caller's word (same guide,
 * "X-Forwarded-For").
 *
 * @param {string} [header]
 */
function clientOf(header = '') {
  const last = header.split(',').at(-1)?.trim() ?? '';
  return isIP(last) ? last : undefined;
}

/** @param {LoadBalancerEvent} event */
function decodeHeaders({ headers, multiValueHeaders }) {
  /** @type {Map<string, string[]>} */
  const decoded = new Map();
  for (const [name, values] of entriesOf(multiValueHeaders ?? headers)) {
    const key = name.toLowerCase();
    decoded.set(key, [...(decoded.get(key) ?? []), ...values]);
  }
  return new Map([...decoded].map(([key, values]) => [key, values.join(', ')]));
}

/** @param {LoadBalancerEvent} event */
function decodeBody({ body, isBase64Encoded }) {
  const text = stringOrEmpty(body);
  const encoding = isBase64Encoded === true ? 'base64' : 'utf8';
  if (Buffer.byteLength(text, encoding) > MAX_BODY_BYTES) {
    throw new Problem('body-too-large', { detail: `At most ${MAX_BODY_BYTES} bytes are accepted.` });
  }
  return Buffer.from(text, encoding);
}

/**
 * Returns each name with its values; the single-value form has one.
 *
 * @param {unknown} values
 * @returns {[string, string[]][]}
 */
function entriesOf(values) {
  if (!isObject(values)) return [];
  return Object.entries(values).map(([name, value]) => [name, [value].flat().map(stringOrEmpty)]);
}

/** @param {unknown} value */
function stringOrEmpty(value) {
  return typeof value === 'string' ? value : '';
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isObject(value) {
  return typeof value === 'object' && value !== null;
}
