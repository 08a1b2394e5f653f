import { createLocalJWKSet, errors } from 'jose';

/**
 * Finds the key that a token was signed with among the configured ones.
 *
 * A key that is not there may have been added since the configuration was read: then it is read once more, so that keys
 * rotate without a deployment. refresh is rate limited by whoever gives it, as anybody may send a token with an invented key id.
 * @param {{get: () => Promise<object>, refresh: () => Promise<object>}} parameters
 * @returns {(header: object, token: object) => Promise<CryptoKey>} as jose's jwtVerify takes it. It rejects with
 *   errors.JWKSNoMatchingKey for an unknown key, and as parameters does.
 */
export function createKeyFinder(parameters) {
  let known = { keys: undefined, find: undefined };
  const finder = ({ auth: { keys } }) => {
    // A set imports each key once, so it is kept for as long as the configuration is the same object.
    if (known.keys !== keys) known = { keys, find: createLocalJWKSet(keys) };
    return known.find;
  };
  return async (header, token) => {
    try {
      return await finder(await parameters.get())(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await parameters.refresh();
      return await finder(await parameters.get())(header, token);
    }
  };
}
