import assert from 'node:assert/strict';

import { Unavailable } from '../../src/errors.js';
import { MAX_RETRY_AFTER_SECONDS, MIN_RETRY_AFTER_SECONDS } from '../../src/retryafter.js';

/**
 * Asserts that a call rejects with Unavailable.
 *
 * @param {Promise<unknown>} call
 * @param {{sqlState?: string}} [expected] sqlState of the error's cause, which is not checked by default.
 */
export async function assertUnavailable(call, { sqlState } = {}) {
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof Unavailable, `the error is not Unavailable: ${error}`);
    assertRetryAfter(error.retryAfterSeconds);
    if (sqlState) assert.equal(/** @type {{code?: string}} */ (error.cause).code, sqlState);
    return true;
  });
}

/**
 * Asserts that a value of Retry-After is within its bounds.
 *
 * @param {number | string} value
 */
export function assertRetryAfter(value) {
  const seconds = Number(value);
  assert.ok(Number.isInteger(seconds) && seconds >= MIN_RETRY_AFTER_SECONDS && seconds <= MAX_RETRY_AFTER_SECONDS);
}

/**
 * Asserts that a call rejects with an error other than Unavailable, and returns the error.
 *
 * @param {Promise<unknown>} call
 * @returns {Promise<Error & {code?: string}>}
 */
export async function assertFails(call) {
  const error = await call.then(
    () => undefined,
    (reason) => reason,
  );
  assert.ok(error instanceof Error, 'the call succeeds');
  assert.ok(!(error instanceof Unavailable), `the error is Unavailable: ${error}`);
  return error;
}
