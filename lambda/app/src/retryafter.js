/**
 * The value of Retry-After with a 503 response, in seconds. It equals the time that a successful probe result is cached
 * (SUCCESS_TTL_MS in database/probe.js), so the retry is decided by a newer result. Moving the writer takes about a minute.
 */
export const RETRY_AFTER_SECONDS = 5;
