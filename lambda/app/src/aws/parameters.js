import { paginateGetParametersByPath } from '@aws-sdk/client-ssm';

import { systemClock } from '../clock.js';
import { classifyErrors } from './awserrors.js';
import { decodeConfiguration } from './configuration.js';

/** @typedef {import('./configuration.js').Configuration} Configuration */

/** How long the configuration is cached, in milliseconds: a changed flag or key is in use everywhere after this time. */
const TTL_MS = 60_000;
/** Minimum time between reads after a failed one, and between demanded refreshes, in milliseconds. */
const MIN_INTERVAL_MS = 10_000;

/**
 * How long a request waits for the configuration if it can use an expired one, in milliseconds. Parameter Store answers in tens
 * of milliseconds; while it hangs, health checks and requests must not.
 */
const REFRESH_TIMEOUT_MS = 250;

/** @typedef {ReturnType<typeof createParameters>} Parameters */

/**
 * Creates the source of the function's configuration: Parameter Store of its own region, cached for a minute. If Parameter
 * Store fails, the expired configuration stays in use, with a warning in the log.
 *
 * @param {object} options
 * @param {import('@aws-sdk/client-ssm').SSMClient} options.client
 * @param {string} options.path prefix of the parameters' names, such as /warmstandby/prod.
 * @param {Pick<import('../log.js').Logger, 'warn'>} options.log
 * @param {import('../clock.js').Clock} [options.clock]
 */
export function createParameters({ client, path, log, clock = systemClock }) {
  /** @type {Configuration | undefined} */
  let current;
  let expiresAt = -Infinity; // Time at which current expires.
  /** @type {Promise<Configuration> | undefined} */
  let pending; // The read in progress, which all callers share.
  let refreshedAt = -Infinity; // Time of the last demanded refresh.

  async function readAll() {
    /** @type {Map<string, string>} */
    const values = new Map();
    const pages = paginateGetParametersByPath({ client }, { Path: path, Recursive: true });
    for await (const page of pages) {
      for (const { Name = '', Value = '' } of page.Parameters ?? []) values.set(Name.slice(path.length + 1), Value);
    }
    return decodeConfiguration(values, path);
  }

  function read() {
    pending ??= classifyErrors(`reading the parameters under ${path}`, readAll())
      .then((configuration) => {
        current = configuration;
        expiresAt = clock.now() + TTL_MS;
        return configuration;
      })
      .catch((error) => {
        if (!current) throw error;
        log.warn({ message: 'using the parameters of before', error });
        expiresAt = clock.now() + MIN_INTERVAL_MS;
        return current;
      })
      .finally(() => (pending = undefined));
    return pending;
  }

  return {
    /**
     * Returns the configuration. It rejects only as long as no read has succeeded.
     *
     * @returns {Promise<Configuration>}
     */
    async get() {
      if (current && clock.now() < expiresAt) return current;
      const reading = read();
      if (!current) return reading;
      const expired = current;
      const { elapsed, cancel } = clock.timer(REFRESH_TIMEOUT_MS);
      const configuration = await Promise.race([reading, elapsed.then(() => current ?? expired)]);
      cancel();
      return configuration;
    },

    /**
     * Reads the configuration again and returns it. Untrusted input can cause a refresh, so Parameter Store is read at most
     * once in ten seconds.
     *
     * @returns {Promise<Configuration>}
     */
    async refresh() {
      if (current && clock.now() - refreshedAt < MIN_INTERVAL_MS) return pending ?? current;
      refreshedAt = clock.now();
      return read();
    },
  };
}
