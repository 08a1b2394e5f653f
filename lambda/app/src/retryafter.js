/**
 * The bounds of Retry-After with a 503 response, in seconds. Their middle is the time that a successful probe result is cached
 * (SUCCESS_TTL_MS in database/probe.js); moving the writer takes about a minute. Callers that were refused together come back
 * apart: the new writer must not get them all at once.
 */
export const [MIN_RETRY_AFTER_SECONDS, MAX_RETRY_AFTER_SECONDS] = [3, 7];

/** Returns a value of Retry-After, random within the bounds. */
export const retryAfterSeconds = (random = Math.random()) =>
  MIN_RETRY_AFTER_SECONDS + Math.floor(random * (MAX_RETRY_AFTER_SECONDS - MIN_RETRY_AFTER_SECONDS + 1));
