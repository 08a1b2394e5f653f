/**
 * The errors that the API maps to a response. Any other error is a defect: it is logged and answered with 500.
 */

/** The record does not exist. */
export class NotFound extends Error {
  constructor() {
    super('no such record');
    this.name = 'NotFound';
  }
}

/** The record has another version than the request expects. */
export class VersionConflict extends Error {
  constructor() {
    super('the record has another version');
    this.name = 'VersionConflict';
  }
}

/** The idempotency key was used before, for another request or for one that is still in progress. */
export class IdempotencyConflict extends Error {
  /** @param {{inFlight?: boolean}} [options] inFlight: the first request with this key has no response yet. */
  constructor({ inFlight = false } = {}) {
    super(inFlight ? 'the first request of this key is in flight' : 'the key was used for another request');
    this.name = 'IdempotencyConflict';
    this.inFlight = inFlight;
  }
}

/** This region cannot serve the request at present; the same request may succeed later. */
export class Unavailable extends Error {
  /**
   * @param {string} reason for the log; callers do not see it.
   * @param {number} retryAfterSeconds a whole number, at least 1.
   * @param {ErrorOptions} [options] the cause.
   */
  constructor(reason, retryAfterSeconds, options) {
    super(reason, options);
    this.name = 'Unavailable';
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The request has no valid token. */
export class Unauthenticated extends Error {
  /** @param {string} [description] why the token is refused, without quoting it; undefined if there is no token. */
  constructor(description) {
    super(description ?? 'no token');
    this.name = 'Unauthenticated';
    this.description = description;
  }
}
