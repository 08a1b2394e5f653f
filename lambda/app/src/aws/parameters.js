import { paginateGetParametersByPath } from '@aws-sdk/client-ssm';

import { systemClock } from '../clock.js';
import { classifyErrors } from './awserrors.js';
import { InvalidConfiguration, decodeConfiguration } from './configuration.js';

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

/**
 * How long the authentication settings of a read are used, in milliseconds, while later reads fail because Parameter Store does not
 * answer. A key that was revoked meanwhile is accepted no longer than this; after it nobody is admitted. Settings that were read
 * and are missing or invalid count at once: revoking works by deleting the parameter, too.
 */
export const MAX_AUTH_AGE_MS = 15 * 60_000;

/** @typedef {ReturnType<typeof createParameters>} Parameters */

/**
 * Creates the source of the function's configuration: Parameter Store of its own region, cached for a minute. If Parameter
 * Store fails, or holds what is invalid, the expired configuration stays in use, with a warning in the log. The authentication
 * settings do so for MAX_AUTH_AGE_MS only, and not at all if a read has found others.
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
  let authReadAt = -Infinity; // Time of the read of current.auth.
  let readAt = clock.now(); // Time of the last read that found everything valid; at first that of the start.
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
        readAt = authReadAt = clock.now();
        return configuration;
      })
      .catch((error) => {
        const invalid = error.cause instanceof InvalidConfiguration ? error.cause : undefined;
        const before = current ?? (invalid?.onlyAuth ? invalid.configuration : undefined);
        if (!before) throw error;
        log.warn({
          message: 'using the parameters of before',
          admitting: !invalid || !!invalid.configuration.auth,
          error,
        });
        expiresAt = clock.now() + MIN_INTERVAL_MS;
        if (invalid) authReadAt = clock.now();
        const next = invalid ? { ...before, auth: invalid.configuration.auth } : before;
        current = next;
        return next;
      })
      .finally(() => (pending = undefined));
    return pending;
  }

  /** @param {Configuration} configuration */
  const withoutOldAuth = (configuration) =>
    clock.now() - authReadAt < MAX_AUTH_AGE_MS ? configuration : { ...configuration, auth: undefined };

  return {
    /**
     * Returns the configuration. It rejects only as long as no read has succeeded.
     *
     * @returns {Promise<Configuration>}
     */
    async get() {
      if (current && clock.now() < expiresAt) return withoutOldAuth(current);
      const reading = read();
      if (!current) return reading;
      const expired = current;
      const { elapsed, cancel } = clock.timer(REFRESH_TIMEOUT_MS);
      const configuration = await Promise.race([reading, elapsed.then(() => current ?? expired)]);
      cancel();
      return withoutOldAuth(configuration);
    },

    /** Returns the time since the last read that found everything valid, in milliseconds; since the start if there was none. */
    ageMs: () => clock.now() - readAt,

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
