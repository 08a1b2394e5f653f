import { paginateGetParametersByPath } from '@aws-sdk/client-ssm';

import { systemClock } from '../clock.js';
import { asked } from './outage.js';
import { decode } from './configuration.js';

/** How long values are used. A switch that is thrown, or a key that is added, is in use everywhere after this. */
const FRESH_MS = 60_000;
/** How long stale values are used before AWS is asked again, after it has failed, or after a refresh was demanded. */
const PAUSE_MS = 10_000;

/**
 * How long a request waits for fresh values while there are stale ones, in milliseconds. Parameter Store answers in tens; when
 * it hangs, neither a health check nor anybody else does.
 */
const PATIENCE_MS = 250;

/**
 * Reads the function's configuration from Parameter Store of its own region and keeps it for a minute. When Parameter Store
 * fails, the values of before are used: a region that cannot read its configuration goes on with what it has.
 *
 * @param {object} parts
 * @param {import('@aws-sdk/client-ssm').SSMClient} parts.client
 * @param {string} parts.path below which the parameters lie, such as /warmstandby/prod.
 * @param {{warn: (fields: object) => void}} parts.log
 * @param {import('../clock.js').Clock} [parts.clock]
 */
export function createParameters({ client, path, log, clock = systemClock }) {
  let current; // The configuration that is in use.
  let fresh = -Infinity; // Until when it is.
  let asking; // The one request under way, for all who wait.
  let refreshed = -Infinity; // When a refresh was demanded last.

  async function read() {
    const values = new Map();
    const pages = paginateGetParametersByPath({ client }, { Path: path, Recursive: true });
    for await (const page of pages) {
      for (const { Name, Value } of page.Parameters ?? []) values.set(Name.slice(path.length + 1), Value);
    }
    return decode(values, path);
  }

  function ask() {
    asking ??= asked(`reading the parameters below ${path}`, read())
      .then((configuration) => {
        current = configuration;
        fresh = clock.now() + FRESH_MS;
        return current;
      })
      .catch((error) => {
        if (!current) throw error;
        log.warn({ message: 'using the parameters of before', error });
        fresh = clock.now() + PAUSE_MS;
        return current;
      })
      .finally(() => (asking = undefined));
    return asking;
  }

  return {
    /**
     * Returns the configuration. It fails only while none has been read yet.
     *
     * @returns {Promise<import('./configuration.js').Configuration>}
     */
    async get() {
      if (clock.now() < fresh) return current;
      const fetched = ask();
      if (!current) return fetched;
      const { passed, cancel } = clock.timer(PATIENCE_MS);
      const configuration = await Promise.race([fetched, passed.then(() => current)]);
      cancel();
      return configuration;
    },

    /**
     * Returns the configuration as Parameter Store has it now. Callers may ask because of what a stranger sent, so it is
     * read at most once in ten seconds.
     *
     * @returns {Promise<import('./configuration.js').Configuration>}
     */
    async refresh() {
      if (current && clock.now() - refreshed < PAUSE_MS) return asking ?? current;
      refreshed = clock.now();
      return ask();
    },
  };
}
