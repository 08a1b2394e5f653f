import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';

import { classifyErrors } from './awserrors.js';

/** Minimum time between two refreshes of a secret, in milliseconds, however many logins fail with it. */
export const MIN_REFRESH_INTERVAL_MS = 1_000;

// The labels of a secret's versions (AWS Secrets Manager User Guide, "Secret versions"), and the error if no version has the label.
const CURRENT = 'AWSCURRENT';
const PREVIOUS = 'AWSPREVIOUS';
const NOT_FOUND = 'ResourceNotFoundException';

/**
 * The database's credentials.
 *
 * @typedef {{username: string, password: string, setAt?: Date}} Credentials setAt is when the secret got them.
 */

/** @typedef {ReturnType<typeof createSecret>} Secret */

/**
 * Creates the source of database credentials: this region's replica of the master secret. Credentials are cached until a login
 * fails, so a rotated password is picked up without a redeployment.
 *
 * @param {object} options
 * @param {import('@aws-sdk/client-secrets-manager').SecretsManagerClient} options.client
 * @param {() => number} [options.now] the current time in milliseconds.
 */
export function createSecret({ client, now = Date.now }) {
  /** @type {Map<string, Promise<Credentials>>} */
  const cache = new Map(); // By name.
  /** @type {Map<string, number>} */
  const refreshedAt = new Map(); // By name: time of the last refresh.
  /** @type {Map<string, {credentials: Promise<Credentials | undefined>, at: number}>} */
  const previous = new Map(); // By name, with the time of reading.

  /**
   * Reads the secret from Secrets Manager and caches nothing.
   *
   * @param {string} name
   * @param {string} [VersionStage]
   * @returns {Promise<Credentials>}
   */
  async function read(name, VersionStage = CURRENT) {
    const { SecretString = '', CreatedDate } = await classifyErrors(
      `reading secret ${name}`,
      client.send(new GetSecretValueCommand({ SecretId: name, VersionStage })),
    );
    return { ...parseCredentials(name, SecretString), setAt: CreatedDate };
  }

  /** @param {string} name */
  function readAndCache(name) {
    const reading = read(name);
    cache.set(name, reading);
    reading.catch(() => cache.get(name) === reading && cache.delete(name)); // A failure is not cached.
    return reading;
  }

  /**
   * Returns the cached credentials, and reads them if there are none.
   *
   * @param {string} name
   * @returns {Promise<Credentials>} the same object until the secret is refreshed.
   */
  const get = (name) => cache.get(name) ?? readAndCache(name);

  return {
    read: (/** @type {string} */ name) => read(name),
    get,

    /**
     * Returns the credentials of before the last rotation, which Secrets Manager keeps. They are read at most once a second.
     *
     * @param {string} name
     * @returns {Promise<Credentials | undefined>} undefined if the secret was never rotated, or had no credentials before.
     */
    async previous(name) {
      const known = previous.get(name);
      if (known && now() - known.at < MIN_REFRESH_INTERVAL_MS) return known.credentials;
      const credentials = read(name, PREVIOUS).catch((error) => {
        if (error.cause?.name === NOT_FOUND || error instanceof NoCredentials) return undefined;
        throw error;
      });
      previous.set(name, { credentials, at: now() });
      return credentials;
    },

    /**
     * Returns the current credentials after the database has refused the cached ones. The secret is read at most once a second,
     * and not if it has been refreshed since the refused credentials were read.
     *
     * @param {string} name
     * @param {Credentials} refused
     * @returns {Promise<Credentials>}
     */
    async refresh(name, refused) {
      const promise = cache.get(name);
      const cached = await promise;
      // Another caller may have refreshed the secret in the meantime.
      if (cached === undefined || cache.get(name) !== promise) return get(name);
      if (cached !== refused || now() - (refreshedAt.get(name) ?? -Infinity) < MIN_REFRESH_INTERVAL_MS) return cached;
      refreshedAt.set(name, now());
      return readAndCache(name);
    },
  };
}

/** A version of a secret has no credentials. */
class NoCredentials extends Error {}

/**
 * Parses a secret's JSON. No error contains any of its text.
 *
 * @param {string} name
 * @param {string} json
 * @returns {Credentials}
 */
function parseCredentials(name, json) {
  let value;
  try {
    value = JSON.parse(json);
  } catch {
    value = undefined;
  }
  const { username, password } = value ?? {};
  if (typeof username !== 'string' || typeof password !== 'string') {
    throw new NoCredentials(
      `reading secret ${name}: it is not a JSON object with "username" and "password": correct it in Secrets Manager`,
    );
  }
  return { username, password };
}
