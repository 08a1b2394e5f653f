import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';

import { asked } from './outage.js';

/** How long a secret that was read again is not read once more, however many connections it does not open. */
const PAUSE_MS = 1_000;

/**
 * The database's credentials, from this region's copy of the master secret.
 *
 * @typedef {{username: string, password: string}} Login
 */

/**
 * Reads the master secret by its name and keeps it until a login fails: a rotated one is read then, with no redeployment.
 *
 * @param {object} parts
 * @param {import('@aws-sdk/client-secrets-manager').SecretsManagerClient} parts.client
 * @param {() => number} [parts.now] milliseconds.
 */
export function createSecret({ client, now = Date.now }) {
  const held = new Map(); // By name: the promise of the login.
  const renewed = new Map(); // By name: when the secret was read again.

  async function read(name) {
    const { SecretString } = await asked(
      `reading secret ${name}`,
      client.send(new GetSecretValueCommand({ SecretId: name })),
    );
    return login(name, SecretString);
  }

  function ask(name) {
    const reading = read(name);
    held.set(name, reading);
    reading.catch(() => held.get(name) === reading && held.delete(name)); // A failure is not kept.
    return reading;
  }

  return {
    /**
     * Returns the login that the secret holds now, and keeps nothing of it.
     *
     * @param {string} name
     * @returns {Promise<Login>}
     */
    read,

    /**
     * Returns the login that the secret held when it was read last.
     *
     * @param {string} name
     * @returns {Promise<Login>} the same object until it is read again.
     */
    get: (name) => held.get(name) ?? ask(name),

    /**
     * Returns the login that the secret holds now, because the database has refused the one before. Where it has been read
     * since, it is not read again, and otherwise at most once a second.
     *
     * @param {string} name
     * @param {Login} refused
     * @returns {Promise<Login>}
     */
    async renew(name, refused) {
      const promise = held.get(name);
      const current = await promise;
      // Another may have asked while this one waited.
      if (held.get(name) !== promise) return this.get(name);
      if (current !== refused || now() - (renewed.get(name) ?? -Infinity) < PAUSE_MS) return current;
      renewed.set(name, now());
      return ask(name);
    },
  };
}

/** Reads the secret's JSON. Its text is in no error. */
function login(name, json) {
  let value;
  try {
    value = JSON.parse(json);
  } catch {
    value = undefined;
  }
  const { username, password } = value ?? {};
  if (typeof username !== 'string' || typeof password !== 'string') {
    throw new Error(
      `reading secret ${name}: it is no JSON object with "username" and "password": correct it in Secrets Manager`,
    );
  }
  return { username, password };
}
