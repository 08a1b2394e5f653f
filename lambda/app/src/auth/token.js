import { errors, jwtVerify } from 'jose';

import { Unauthenticated, Unavailable } from '../errors.js';
import { retryAfterSeconds } from '../retryafter.js';
import { DEFAULT_TENANT, isTenant } from '../tenant.js';
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
 * What a token's header may say that it is, if it says so: an issuer signs other tokens with the same key, such as logout tokens (RFC
 * 8725, section 3.11). A media type has no "application/" here, and is in any case (RFC 7515, section 4.1.9; RFC 9068, section 2.1).
 */
const TYPES = ['jwt', 'at+jwt'];

/** @typedef {import('../aws/configuration.js').Auth} Auth */

/**
 * The caller of a request, as its token names it.
 *
 * @typedef {{subject: string, scopes: Set<string>, tenant: string}} Principal
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
    return { subject: claims.sub, scopes: scopesOf(claims, auth.scopePrefix ?? ''), tenant: tenantOf(claims, auth) };
  };
}

/**
 * Verifies the signature and the registered claims of a token.
 *
 * @param {string} token
 * @param {ReturnType<typeof createKeyFinder>} findKey
 * @param {Auth} expected
 * @param {Date} currentDate
 */
async function verify(token, findKey, { issuer, audience, audienceClaim = 'aud' }, currentDate) {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, findKey, {
      algorithms: ALGORITHMS,
      issuer,
      ...(audienceClaim === 'aud' && { audience }),
      requiredClaims: ['exp', 'sub'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate,
    });
    checkType(protectedHeader);
    checkExpiry(payload);
    checkUse(payload, audienceClaim);
    if (audienceClaim === 'client_id') checkClient(payload, audience.split(','));
    return payload;
  } catch (error) {
    if (error instanceof Unauthenticated) throw error;
    if (error instanceof Unavailable) throw error;
    throw new Unauthenticated(describeFailure(error));
  }
}

/**
 * Refuses a token of another type. One without a type is an access token, as of issuers from before RFC 9068.
 *
 * @param {{typ?: unknown}} header
 */
function checkType({ typ }) {
  if (typ === undefined) return;
  if (typeof typ !== 'string' || !TYPES.includes(typ.toLowerCase().replace(/^application\//, '')))
    throw new Unauthenticated('The token is not an access token.');
}

/**
 * Refuses a token that never expires: JSON has numbers that are none of JavaScript's, and 1e999 is read as infinity.
 *
 * @param {import('jose').JWTPayload} claims
 */
function checkExpiry({ exp }) {
  if (!Number.isFinite(exp)) throw new Unauthenticated('A claim of the token is missing or is not what it has to be.');
}

/**
 * Refuses an ID token: it is for the client, which may be anybody's, and Amazon Cognito signs it with the key of access tokens (Amazon
 * Cognito Developer Guide, "Verifying JSON web tokens": token_use is "access" or "id").
 *
 * @param {import('jose').JWTPayload} claims
 * @param {Auth['audienceClaim']} audienceClaim
 */
function checkUse({ token_use: use }, audienceClaim) {
  if (use !== 'access' && (use !== undefined || audienceClaim === 'client_id'))
    throw new Unauthenticated('The token is not an access token.');
}

/**
 * Requires a token to be for a known client: access tokens of Amazon Cognito have client_id and no aud (Amazon Cognito Developer
 * Guide, "Understanding the access token").
 *
 * @param {import('jose').JWTPayload} claims
 * @param {string[]} clients
 */
function checkClient({ client_id: client }, clients) {
  if (typeof client !== 'string' || client === '' || !clients.includes(client))
    throw new Unauthenticated('A claim of the token is missing or is not what it has to be.');
}

/**
 * Returns whose records a token's requests see. Without a configured claim there is one tenant, whatever the token says. With one, a
 * token that names no tenant is refused: it must not see the records of any.
 *
 * @param {import('jose').JWTPayload} claims
 * @param {Auth} expected
 */
function tenantOf(claims, { tenantClaim = '', defaultTenant = '' }) {
  if (tenantClaim === '') return DEFAULT_TENANT;
  const tenant = Object.hasOwn(claims, tenantClaim) ? claims[tenantClaim] : undefined;
  if (!isTenant(tenant)) {
    const fault = tenant === undefined ? 'is missing' : 'is not 1 to 64 letters, digits, dots, dashes and underscores';
    throw new Unauthenticated(`The claim ${tenantClaim} of the token, which names its tenant, ${fault}.`);
  }
  return tenant === defaultTenant ? DEFAULT_TENANT : tenant;
}

/**
 * Returns the scopes of a token. Issuers name them in scope (RFC 8693, section 4.2) or in scp (Microsoft Entra ID, Okta), as a list
 * separated by spaces or as an array. Other claims, such as roles or permissions, are not read.
 *
 * @param {import('jose').JWTPayload} claims
 * @param {string} prefix that the issuer puts before each scope of this API; scopes without it are another API's.
 */
function scopesOf({ scope, scp }, prefix) {
  const names = [scope, scp].flatMap((claim) => (typeof claim === 'string' ? claim.split(' ') : claim));
  /** @type {Set<string>} */
  const scopes = new Set();
  for (const name of names)
    if (typeof name === 'string' && name.startsWith(prefix)) scopes.add(name.slice(prefix.length));
  scopes.delete('');
  return scopes;
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
