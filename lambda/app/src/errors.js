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

/**
 * The idempotency key was used before: for another request, for one that is still in progress, or for a record that was deleted
 * since.
 *
 * @typedef {'used for another request' | 'in flight' | 'deleted'} KeyState
 */
export class IdempotencyConflict extends Error {
  /**
   * @param {KeyState} [state]
   * @param {ErrorOptions} [options] the cause.
   */
  constructor(state = 'used for another request', options) {
    super(`idempotency key: ${state}`, options);
    this.name = 'IdempotencyConflict';
    this.state = state;
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
