import { randomUUID } from 'node:crypto';

import { Problem } from './problem.js';

// What a body may have at most. The load balancer itself takes 1 MB for a function (Elastic Load Balancing, Application
// Load Balancers user guide, "Lambda functions as targets"); a record is text, and a document goes to S3.
const MAX_BODY_BYTES = 256 * 1024;

// The part of X-Amzn-Trace-Id that names the request (same guide, "Request tracing"). Callers can send one of their own.
const TRACE_ROOT = /(?:^|;)\s*Root=(1-[0-9a-f]{8}-[0-9a-f]{24})(?:;|$)/;

/**
 * A request as the load balancer hands it to a function (same guide), in one shape whether the target group has multi-value
 * headers or not.
 *
 * @typedef {object} Request
 * @property {string} method as it was sent: methods are case-sensitive (RFC 9110, section 9.1).
 * @property {string} path as it was sent.
 * @property {(name: string) => string | undefined} header by its name in lower case; values of a repeated one are joined by commas.
 * @property {() => Map<string, string[]>} query parameters, decoded. Throws a Problem when the encoding is broken.
 * @property {() => Buffer} body Throws a Problem when it is too large.
 * @property {string} id for the caller, the logs and the load balancer's trace.
 * @property {boolean} secure over HTTPS.
 * @property {boolean} multiValue the answer must have its headers in the multi-value form.
 */

/**
 * @param {object} event
 * @returns {boolean} whether the event is a request from a load balancer.
 */
export function isRequest(event) {
  return typeof event?.requestContext?.elb === 'object' && event.requestContext.elb !== null;
}

/**
 * @param {object} event from a load balancer.
 * @returns {Request}
 */
export function decodeRequest(event) {
  const headers = decodeHeaders(event);
  return {
    method: textOf(event.httpMethod),
    path: textOf(event.path),
    header: (name) => headers.get(name),
    query: () => decodeQuery(event),
    body: () => decodeBody(event),
    id: TRACE_ROOT.exec(headers.get('x-amzn-trace-id') ?? '')?.[1] ?? randomUUID(),
    secure: headers.get('x-forwarded-proto') === 'https',
    multiValue: isObject(event.multiValueHeaders),
  };
}

function decodeHeaders({ headers, multiValueHeaders }) {
  const decoded = new Map();
  for (const [name, values] of entriesOf(multiValueHeaders ?? headers)) {
    const key = name.toLowerCase();
    decoded.set(key, [decoded.get(key) ?? [], values].flat());
  }
  return new Map([...decoded].map(([key, values]) => [key, values.join(', ')]));
}

// The load balancer passes parameters on as they were sent, still encoded (same guide).
function decodeQuery({ queryStringParameters, multiValueQueryStringParameters }) {
  const decoded = new Map();
  for (const [name, values] of entriesOf(multiValueQueryStringParameters ?? queryStringParameters)) {
    const key = decodeComponent(name);
    decoded.set(key, [decoded.get(key) ?? [], values.map(decodeComponent)].flat());
  }
  return decoded;
}

function decodeComponent(text) {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new Problem('malformed-request', { detail: 'The query string is not properly percent-encoded UTF-8.' });
  }
}

function decodeBody({ body, isBase64Encoded }) {
  const text = textOf(body);
  const encoding = isBase64Encoded === true ? 'base64' : 'utf8';
  if (Buffer.byteLength(text, encoding) > MAX_BODY_BYTES) {
    throw new Problem('body-too-large', { detail: `At most ${MAX_BODY_BYTES} bytes are accepted.` });
  }
  return Buffer.from(text, encoding);
}

// Each name with its values, of which there is one in the single-value form.
function entriesOf(values) {
  return isObject(values) ? Object.entries(values).map(([name, value]) => [name, [value].flat().map(textOf)]) : [];
}

function textOf(value) {
  return typeof value === 'string' ? value : '';
}

function isObject(value) {
  return typeof value === 'object' && value !== null;
}
