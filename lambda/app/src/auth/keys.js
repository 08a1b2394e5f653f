import { createLocalJWKSet, errors } from 'jose';

/** @typedef {import('../aws/configuration.js').Auth} Auth */

const NO_KEYS = { keys: { keys: [] } };

/**
 * Where the authentication settings come from; see createParameters.
 *
 * @typedef {object} AuthSource
 * @property {() => Promise<{auth: Auth | undefined}>} get auth is undefined if nobody is admitted.
 * @property {() => Promise<{auth: Auth | undefined}>} refresh reads the settings again. It must be rate limited: anybody can cause it by
 *   sending a token with an invented key id.
 */

/**
 * Creates the function that finds the public key of a token in the configured JSON Web Key Set.
 *
 * If the key id is unknown, the configuration is refreshed once: a key that was added since it was last read is found, so
 * keys rotate without a deployment.
 *
 * @param {AuthSource} parameters
 * @returns {import('jose').JWTVerifyGetKey} the key lookup that jose's jwtVerify takes. It rejects with
 *   errors.JWKSNoMatchingKey if the key is unknown, and with the error of parameters if they cannot be read.
 */
export function createKeyFinder(parameters) {
  /** @type {{keys: Auth['keys'], find: ReturnType<typeof createLocalJWKSet>} | undefined} */
  let cached;
  /** @param {{auth: Auth | undefined}} configuration */
  const finderFor = ({ auth }) => {
    const { keys } = auth ?? NO_KEYS;
    // A local key set imports each key once, so it is kept as long as the configuration is the same object.
    if (cached?.keys !== keys) cached = { keys, find: createLocalJWKSet(keys) };
    return cached.find;
  };
  return async (header, token) => {
    try {
      return await finderFor(await parameters.get())(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await parameters.refresh();
      return await finderFor(await parameters.get())(header, token);
    }
  };
}
