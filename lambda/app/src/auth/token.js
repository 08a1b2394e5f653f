import { errors, jwtVerify } from 'jose';

import { Unauthenticated, Unavailable } from '../errors.js';
import { createKeyFinder } from './keys.js';

// Signatures only, and no symmetric ones: with HS256 a public key would be a password (RFC 8725, sections 2.1 and 3.1).
const ALGORITHMS = ['RS256', 'ES256'];

// How far the issuer's clock may be off; "a few minutes" is the most that RFC 7519 section 4.1.4 has in mind.
const CLOCK_TOLERANCE_SECONDS = 30;

// RFC 6750 section 2.1; the scheme's name is case-insensitive (RFC 9110 section 11.1).
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i;

// A subject goes into logs and into the database: 255 characters (OpenID Connect Core 1.0, section 2, "sub"), none a control character.
const SUBJECT = /^[^\p{Cc}\p{Cs}]{1,255}$/u;

/**
 * Makes the check of who calls.
 * @param {{get: () => Promise<object>, refresh: () => Promise<object>}} parameters auth.issuer, auth.audience and auth.keys, a JWKS.
 * @param {{now?: () => Date}} [clock]
 * @returns {(authorization: string | undefined) => Promise<{subject: string, scopes: Set<string>}>} from an Authorization
 *   header. It rejects with Unauthenticated, and as parameters.get does: a configuration that cannot be read is no verdict on a token.
 */
export function createAuthenticator(parameters, { now = () => new Date() } = {}) {
  const findKey = createKeyFinder(parameters);
  return async (authorization) => {
    if (authorization === undefined) throw new Unauthenticated();
    const token = BEARER.exec(authorization)?.[1];
    if (token === undefined) throw new Unauthenticated('The Authorization header has no bearer token.');
    const { auth } = await parameters.get();
    // jose checks an issuer and an audience only where it is given one.
    if (!auth?.issuer || !auth.audience) throw new Unauthenticated('No token is accepted here.');
    const claims = await verify(token, findKey, auth, now());
    if (typeof claims.sub !== 'string' || !SUBJECT.test(claims.sub))
      throw new Unauthenticated('The token has no usable subject.');
    return { subject: claims.sub, scopes: scopesOf(claims.scope) };
  };
}

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
    throw new Unauthenticated(descriptionOf(error));
  }
}

// RFC 8693 section 4.2: a string of scopes with spaces between.
function scopesOf(scope) {
  return new Set(typeof scope === 'string' ? scope.split(' ').filter(Boolean) : []);
}

function descriptionOf(error) {
  if (error instanceof errors.JWTExpired) return 'The token has expired.';
  if (error instanceof errors.JWTClaimValidationFailed)
    return 'A claim of the token is missing or is not what it has to be.';
  return 'The token is not signed with a key that is known here.';
}
