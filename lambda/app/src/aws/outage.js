import { Unavailable } from '../errors.js';
import { RETRY_AFTER_SECONDS } from '../unavailable.js';

/** What Node.js calls a peer that is not there or does not answer, and the SDK one that is too slow. */
const unreachable = new Set([
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
 * Says whether a call failed because AWS, or the way to it, does not work at the moment: it may succeed later, unlike one
 * that is refused.
 *
 * @param {Error & {code?: string, $fault?: string, $retryable?: object, $metadata?: {httpStatusCode?: number}}} error of an SDK client.
 */
function isOutage(error) {
  const status = error.$metadata?.httpStatusCode ?? 0;
  return (
    unreachable.has(error.code) ||
    unreachable.has(error.name) ||
    error.$retryable !== undefined ||
    error.$fault === 'server' ||
    status >= 500 ||
    status === 429 ||
    /Throttl|TooManyRequests|RequestLimitExceeded/.test(error.name)
  );
}

/**
 * Waits for a call to AWS. One that fails for the moment is Unavailable; one that AWS refuses is the error that says so.
 *
 * @template T
 * @param {string} doing what the call is for, in the gerund.
 * @param {Promise<T>} call
 * @returns {Promise<T>}
 */
export async function asked(doing, call) {
  try {
    return await call;
  } catch (error) {
    if (isOutage(error)) throw new Unavailable(`${doing}: ${error.message}`, RETRY_AFTER_SECONDS, { cause: error });
    throw new Error(`${doing}: ${error.message}`, { cause: error });
  }
}
