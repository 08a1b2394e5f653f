/**
 * When a caller is to try again, in seconds: as long as the answer of a probe is kept (see database/probe.js), so that the
 * next try is decided by what is true then. A writer takes about a minute to move.
 */
export const RETRY_AFTER_SECONDS = 5;
