import { systemClock } from '../../src/clock.js';

/** The system's clock, a minute later: a secret that was set just now is in every region. */
export const afterAMinute = { ...systemClock, now: () => Date.now() + 60_000 };

/** Creates a clock that stands still until the test advances it. */
export function createFakeClock() {
  /** @type {Map<object, {at: number, resolve: () => void}>} */
  const timers = new Map();
  let time = 0;
  return {
    now: () => time,

    /** @param {number} ms */
    timer(ms) {
      const handle = {};
      /** @type {Promise<void>} */
      const elapsed = new Promise((resolve) => timers.set(handle, { at: time + ms, resolve }));
      return { elapsed, cancel: () => void timers.delete(handle) };
    },

    /**
     * Advances the clock and fires the timers that are due.
     *
     * @param {number} ms
     */
    advance(ms) {
      time += ms;
      for (const [handle, { at, resolve }] of timers) {
        if (at > time) continue;
        timers.delete(handle);
        resolve();
      }
    },

    /** Returns the number of running timers. */
    pendingTimers: () => timers.size,
  };
}
