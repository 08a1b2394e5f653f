/**
 * A clock and its timers. Tests replace it.
 *
 * @typedef {object} Clock
 * @property {() => number} now the current time in milliseconds.
 * @property {(ms: number) => {elapsed: Promise<void>, cancel: () => void}} timer starts a timer of ms milliseconds.
 */

/** @type {Clock} */
export const systemClock = {
  now: Date.now,
  timer(ms) {
    /** @type {NodeJS.Timeout | undefined} */
    let handle;
    /** @type {Promise<void>} */
    const elapsed = new Promise((resolve) => (handle = setTimeout(resolve, ms)));
    return { elapsed, cancel: () => clearTimeout(handle) };
  },
};
