/**
 * The faults that the API knows how to answer. Whatever else is thrown is a fault of ours: it is logged and answered with
 * 500.
 */

/** There is no such record. */
export class NotFound extends Error {
  constructor() {
    super('no such record');
    this.name = 'NotFound';
  }
}

/** The record has another version than the caller named. */
export class VersionConflict extends Error {
  constructor() {
    super('the record has another version');
    this.name = 'VersionConflict';
  }
}

/** An idempotency key was used before. */
export class IdempotencyConflict extends Error {
  /** @param {{inFlight?: boolean}} [how] inFlight: the first request of this key has not been answered yet; otherwise it had another body. */
  constructor({ inFlight = false } = {}) {
    super(inFlight ? 'the first request of this key is in flight' : 'the key was used for another request');
    this.name = 'IdempotencyConflict';
    this.inFlight = inFlight;
  }
}

/** This region cannot do it now; the same request may succeed later. */
export class Unavailable extends Error {
  /**
   * @param {string} reason for the log; callers do not see it.
   * @param {number} retryAfterSeconds when to try again, a whole number of at least 1.
   * @param {{cause?: unknown}} [options] the error behind it.
   */
  constructor(reason, retryAfterSeconds, options) {
    super(reason, options);
    this.name = 'Unavailable';
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The caller is not who it has to be. */
export class Unauthenticated extends Error {
  /** @param {string} [description] why a token is refused; undefined when there is none. It quotes nothing of the token. */
  constructor(description) {
    super(description ?? 'no token');
    this.name = 'Unauthenticated';
    this.description = description;
  }
}
