import { IdempotencyConflict, NotFound, Unauthenticated, Unavailable, VersionConflict } from '../errors.js';

/** The problem types of the API, by the last part of their URN. Callers may branch on them. */
export const PROBLEM_TYPES = {
  'malformed-request': { status: 400, title: 'The request is malformed' },
  unauthenticated: { status: 401, title: 'A valid token is needed' },
  'insufficient-scope': { status: 403, title: 'The token does not allow this' },
  'not-found': { status: 404, title: 'There is nothing at this address' },
  'method-not-allowed': { status: 405, title: 'The method is not allowed here' },
  'request-in-flight': { status: 409, title: 'The first request with this idempotency key is still being worked on' },
  'search-moved': { status: 410, title: 'Records are searched by POST /records/search' },
  'version-removed': { status: 410, title: 'The record was removed with this version' },
  'version-conflict': { status: 412, title: 'The record has changed' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The body is not of a supported media type' },
  'invalid-body': { status: 422, title: 'The body is not valid' },
  'idempotent-record-deleted': { status: 422, title: 'The record that this idempotency key has created was deleted' },
  'idempotency-key-reused': { status: 422, title: 'The idempotency key was used for another request' },
  'precondition-required': { status: 428, title: 'The request must name the version it changes' },
  internal: { status: 500, title: 'Something went wrong here' },
  unavailable: { status: 503, title: 'This region cannot do this now' },
};

/**
 * One error in a request, and where it is: a JSON pointer into the body, a header, or a parameter of the query string.
 *
 * @typedef {{pointer?: string, header?: string, parameter?: string, detail: string}} ProblemError
 */

/** A request that cannot be served, with the explanation for its caller. */
export class Problem extends Error {
  /**
   * @param {keyof typeof PROBLEM_TYPES} type
   * @param {{detail?: string, errors?: ProblemError[], headers?: Record<string, string>}} [options] detail and errors explain
   *   the problem and quote nothing of the request; headers are added to the response.
   */
  constructor(type, { detail, errors, headers = {} } = {}) {
    super(type);
    this.name = 'Problem';
    this.type = type;
    this.detail = detail;
    this.errors = errors;
    this.headers = headers;
  }

  /** @returns {number} the HTTP status. */
  get status() {
    return PROBLEM_TYPES[this.type].status;
  }

  /**
   * Returns the body of the response (RFC 9457). Its type is a URN: a name, which cannot be looked up.
   *
   * @param {string} instance the request id.
   */
  body(instance) {
    const { status, title } = PROBLEM_TYPES[this.type];
    return {
      type: `urn:warmstandby:problem:${this.type}`,
      title,
      status,
      detail: this.detail,
      instance,
      errors: this.errors,
    };
  }
}

// Retry-After if the first request with an idempotency key is in progress. The refused one has waited for it two seconds already.
const IN_FLIGHT_RETRY_SECONDS = 1;

/**
 * Converts an error to the problem that the caller gets.
 *
 * @param {unknown} error
 * @returns {Problem} of type internal if the error is unexpected.
 */
export function toProblem(error) {
  if (error instanceof Problem) return error;
  if (error instanceof NotFound) return new Problem('not-found');
  if (error instanceof VersionConflict) {
    return new Problem('version-conflict', {
      detail: 'Read the record again and repeat the change with its new ETag.',
    });
  }
  if (error instanceof IdempotencyConflict) return ofIdempotencyKey(error);
  if (error instanceof Unavailable) {
    return new Problem('unavailable', { headers: { 'retry-after': String(error.retryAfterSeconds) } });
  }
  if (error instanceof Unauthenticated) return unauthenticated(error);
  return new Problem('internal');
}

/** @param {IdempotencyConflict} conflict */
function ofIdempotencyKey({ state }) {
  if (state === 'deleted') return new Problem('idempotent-record-deleted');
  if (state !== 'in flight') return new Problem('idempotency-key-reused');
  return new Problem('request-in-flight', { headers: { 'retry-after': String(IN_FLIGHT_RETRY_SECONDS) } });
}

/**
 * Returns the problem with its challenge. Without a token the challenge has no error code (RFC 6750, section 3).
 *
 * @param {Unauthenticated} error
 */
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
