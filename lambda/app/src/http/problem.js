import { IdempotencyConflict, NotFound, Unauthenticated, Unavailable, VersionConflict } from '../errors.js';

/** The kinds of problem that the API answers with, by the last part of their type. Callers may branch on them. */
export const KINDS = {
  'malformed-request': { status: 400, title: 'The request is malformed' },
  unauthenticated: { status: 401, title: 'A valid token is needed' },
  'insufficient-scope': { status: 403, title: 'The token does not allow this' },
  'not-found': { status: 404, title: 'There is nothing at this address' },
  'method-not-allowed': { status: 405, title: 'The method is not allowed here' },
  'request-in-flight': { status: 409, title: 'The first request with this idempotency key is still being worked on' },
  'version-conflict': { status: 412, title: 'The record has changed' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The body is not of a supported media type' },
  'invalid-body': { status: 422, title: 'The body is not valid' },
  'idempotency-key-reused': { status: 422, title: 'The idempotency key was used for another request' },
  'precondition-required': { status: 428, title: 'The request must name the version it changes' },
  internal: { status: 500, title: 'Something went wrong here' },
  unavailable: { status: 503, title: 'This region cannot do this now' },
};

/** A request that cannot be served, and why, in words for its caller. */
export class Problem extends Error {
  /**
   * @param {keyof typeof KINDS} kind
   * @param {{detail?: string, errors?: {pointer?: string, parameter?: string, header?: string, detail: string}[],
   *   headers?: Record<string, string>}} [more] detail and errors say what is wrong and quote nothing of the request.
   */
  constructor(kind, { detail, errors, headers = {} } = {}) {
    super(kind);
    this.name = 'Problem';
    this.kind = kind;
    this.detail = detail;
    this.errors = errors;
    this.headers = headers;
  }

  /** @returns {number} the HTTP status. */
  get status() {
    return KINDS[this.kind].status;
  }

  /**
   * @param {string} instance the request id.
   * @returns {object} the body of the answer (RFC 9457). The type is a name, not an address to look up.
   */
  body(instance) {
    const { status, title } = KINDS[this.kind];
    return {
      type: `urn:warmstandby:problem:${this.kind}`,
      title,
      status,
      detail: this.detail,
      instance,
      errors: this.errors,
    };
  }
}

// How soon a first request that is still worked on has ended: requests take well under a second.
const IN_FLIGHT_RETRY_SECONDS = 1;

/**
 * Says any error in words for the caller.
 * @param {unknown} error
 * @returns {Problem} of kind internal when the error is none that is expected.
 */
export function problemOf(error) {
  if (error instanceof Problem) return error;
  if (error instanceof NotFound) return new Problem('not-found');
  if (error instanceof VersionConflict) {
    return new Problem('version-conflict', {
      detail: 'Read the record again and repeat the change with its new ETag.',
    });
  }
  if (error instanceof IdempotencyConflict) {
    if (!error.inFlight) return new Problem('idempotency-key-reused');
    return new Problem('request-in-flight', { headers: { 'retry-after': String(IN_FLIGHT_RETRY_SECONDS) } });
  }
  if (error instanceof Unavailable) {
    return new Problem('unavailable', { headers: { 'retry-after': String(error.retryAfterSeconds) } });
  }
  if (error instanceof Unauthenticated) return unauthenticated(error);
  return new Problem('internal');
}

// RFC 6750 section 3: a request without a token is told no error code.
function unauthenticated({ description }) {
  const challenge = 'Bearer realm="records"';
  return new Problem('unauthenticated', {
    detail: description,
    headers: {
      'www-authenticate': description
        ? `${challenge}, error="invalid_token", error_description="${description}"`
        : challenge,
    },
  });
}
