import { errors, jwtVerify } from 'jose';

import { Unauthenticated, Unavailable } from '../errors.js';
import { retryAfterSeconds } from '../retryafter.js';
import { createKeyFinder } from './keys.js';

// Signatures only, and no symmetric ones: with HS256 a public key would be a password (RFC 8725, sections 2.1 and 3.1).
const ALGORITHMS = ['RS256', 'ES256'];

// Allowed clock skew between the issuer and this function. RFC 7519 section 4.1.4 allows at most "a few minutes".
const CLOCK_TOLERANCE_SECONDS = 30;

// RFC 6750 section 2.1; the scheme's name is case-insensitive (RFC 9110 section 11.1).
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i;

// A subject is logged and stored: at most 255 characters (OpenID Connect Core 1.0, section 2, "sub"), no control characters.
const SUBJECT = /^[^\p{Cc}\p{Cs}]{1,255}$/u;

/**
 * The caller of a request, as its token names it.
 *
 * @typedef {{subject: string, scopes: Set<string>}} Principal
 */

/**
 * Authenticates a request by its Authorization header. It rejects with Unauthenticated if the token is missing or invalid,
 * and with the error of the parameters if they cannot be read: then nothing is known about the token.
 *
 * @callback Authenticate
 * @param {string | undefined} authorization
 * @returns {Promise<Principal>}
 */

/**
 * Creates the authentication of requests by bearer tokens (JWT).
 *
 * @param {import('./keys.js').AuthSource} parameters the accepted issuer, audience and keys.
 * @param {{now?: () => Date}} [clock]
 * @returns {Authenticate}
 */
export function createAuthenticator(parameters, { now = () => new Date() } = {}) {
  const findKey = createKeyFinder(parameters);
  return async (authorization) => {
    if (authorization === undefined) throw new Unauthenticated();
    const token = BEARER.exec(authorization)?.[1];
    if (token === undefined) throw new Unauthenticated('The Authorization header has no bearer token.');
    const { auth } = await parameters.get();
    if (!auth) throw new Unavailable('the authentication settings are wrong or too old', retryAfterSeconds());
    // jose skips the check of the issuer and of the audience if it gets an empty one.
    if (!auth.issuer || !auth.audience) throw new Unauthenticated('No token is accepted here.');
    const claims = await verify(token, findKey, auth, now());
    if (typeof claims.sub !== 'string' || !SUBJECT.test(claims.sub))
      throw new Unauthenticated('The token has no usable subject.');
    return { subject: claims.sub, scopes: parseScopes(claims.scope) };
  };
}

/**
 * Verifies the signature and the registered claims of a token.
 *
 * @param {string} token
 * @param {ReturnType<typeof createKeyFinder>} findKey
 * @param {{issuer: string, audience: string}} expected
 * @param {Date} currentDate
 */
async function verify(token, findKey, { issuer, audience }, currentDate) {
  try {
    const { payload } = await jwtVerify(token, findKey, {
      algorithms: ALGORITHMS,
      issuer,
      audience,
      requiredClaims: ['exp', 'sub'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate,
    });
    return payload;
  } catch (error) {
    if (error instanceof Unavailable) throw error;
    throw new Unauthenticated(describeFailure(error));
  }
}

/**
 * Parses the scope claim, a space-separated list (RFC 8693, section 4.2).
 *
 * @param {unknown} scope
 */
function parseScopes(scope) {
  return new Set(typeof scope === 'string' ? scope.split(' ').filter(Boolean) : []);
}

/**
 * Describes to the caller why a token is refused, without quoting it.
 *
 * @param {unknown} error
 */
function describeFailure(error) {
  if (error instanceof errors.JWTExpired) return 'The token has expired.';
  if (error instanceof errors.JWTClaimValidationFailed)
    return 'A claim of the token is missing or is not what it has to be.';
  return 'The token is not signed with a key that is known here.';
}
