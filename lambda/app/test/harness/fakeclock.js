/** A clock that stands still until the test moves it. */
export function stillClock() {
  const timers = new Map();
  const clock = {
    time: 0,
    now: () => clock.time,
    timer(ms) {
      const handle = {};
      const passed = new Promise((resolve) => timers.set(handle, { at: clock.time + ms, resolve }));
      return { passed, cancel: () => timers.delete(handle) };
    },
    pass(ms) {
      clock.time += ms;
      for (const [handle, { at, resolve }] of timers) {
        if (at > clock.time) continue;
        timers.delete(handle);
        resolve();
      }
    },
    pending: () => timers.size,
  };
  return clock;
}
