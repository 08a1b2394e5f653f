/**
 * A clock, so that tests have their own.
 *
 * @typedef {object} Clock
 * @property {() => number} now milliseconds.
 * @property {(ms: number) => {passed: Promise<void>, cancel: () => void}} timer
 */

/** @type {Clock} */
export const systemClock = {
  now: Date.now,
  timer(ms) {
    let handle;
    const passed = new Promise((resolve) => (handle = setTimeout(resolve, ms)));
    return { passed, cancel: () => clearTimeout(handle) };
  },
};
