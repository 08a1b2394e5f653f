import { Unavailable } from '../errors.js';
import { retryAfterSeconds } from '../retryafter.js';

/** Error codes of Node.js for an unreachable or silent host, and names of the SDK's timeout errors. */
const networkErrors = new Set([
  'AbortError',
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'TimeoutError',
]);

/**
 * @typedef {Error & {code?: string, $fault?: string, $retryable?: object, $metadata?: {httpStatusCode?: number}}} SDKError
 *   an error of an SDK client.
 */

/**
 * Reports whether a call failed for a transient reason (network, throttling, a fault of AWS), so that a retry may succeed.
 *
 * @param {SDKError} error
 */
function isTransient(error) {
  const status = error.$metadata?.httpStatusCode ?? 0;
  return (
    networkErrors.has(error.code ?? '') ||
    networkErrors.has(error.name) ||
    error.$retryable !== undefined ||
    error.$fault === 'server' ||
    status >= 500 ||
    status === 429 ||
    /Throttl|TooManyRequests|RequestLimitExceeded/.test(error.name)
  );
}

/**
 * Awaits an AWS call and classifies its error.
 *
 * @template T
 * @param {string} action what the call does, in the gerund, for the error message: "reading secret x".
 * @param {Promise<T>} call
 * @returns {Promise<T>}
 * @throws {Unavailable} if the failure is transient.
 * @throws {Error} if AWS refuses the call.
 */
export async function classifyErrors(action, call) {
  try {
    return await call;
  } catch (cause) {
    const error = /** @type {SDKError} */ (cause);
    const message = `${action}: ${error.message}`;
    if (isTransient(error)) throw new Unavailable(message, retryAfterSeconds(), { cause });
    throw new Error(message, { cause });
  }
}
