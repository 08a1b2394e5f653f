import { SignJWT, exportJWK, generateKeyPair } from 'jose';

import { createAudit } from '../../src/audit.js';
import { createHandler } from '../../src/handler.js';
import { createLogger } from '../../src/log.js';
import { assertConforms, bodyOf, headersOf } from './conformance.js';
import { createMemoryStore, documents } from './memorystore.js';

export const ISSUER = 'https://issuer.example/';
export const AUDIENCE = 'https://records.example/';
/** The key of the hashes of patients in the audit trail. */
export const AUDIT_KEY = Buffer.from('a key of the tests');
export const BOTH_SCOPES = 'records:read records:write';

/** @typedef {import('../../src/aws/configuration.js').Auth} Auth */
/** @typedef {import('../../src/auth/keys.js').AuthSource} AuthSource */
/** @typedef {Awaited<ReturnType<typeof createKey>>} Key */
/** @typedef {Awaited<ReturnType<typeof createService>>} Service */

/**
 * A line of the log; each line has some of these members.
 *
 * @typedef {object} LogLine
 * @property {string} level
 * @property {string} time
 * @property {string} region
 * @property {string} [message]
 * @property {string} [requestId]
 * @property {string} [method]
 * @property {string} [route]
 * @property {number} [status]
 * @property {string} [reason]
 * @property {number} [durationMs]
 * @property {import('../../src/log.js').ErrorDescription} [error]
 * @property {boolean} [audit]
 * @property {string} [subject]
 * @property {string} [action]
 * @property {string} [recordId]
 * @property {string[]} [recordIds]
 * @property {number} [version]
 * @property {string} [outcome]
 * @property {string} [patient] hashed, as are movedFrom, searched and attempted.
 * @property {string} [tenant]
 * @property {string} [movedFrom]
 * @property {string} [searched]
 * @property {string} [attempted]
 * @property {string} [client]
 * @property {string} [invocationId]
 * @property {boolean} [undelivered]
 * @property {boolean} [unhashed]
 * @property {number} [published]
 */

/**
 * Claims of a token; tests also send claims of wrong types.
 *
 * @typedef {Record<string, unknown>} Claims
 */

/**
 * Creates a key pair, with the public key as a JSON Web Key.
 *
 * @param {string} alg
 * @param {string} kid
 */
export async function createKey(alg, kid) {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, kid, publicKey, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

/**
 * Signs a token that is valid for five minutes, unless the claims or the header replace the valid ones.
 *
 * @param {Pick<Key, 'alg' | 'kid' | 'privateKey'>} key
 * @param {Claims} [claims]
 * @param {object} [header]
 * @param {import('jose').SignOptions} [options]
 */
export async function sign(key, claims = {}, header = {}, options = {}) {
  const now = Math.floor(Date.now() / 1000);
  const all = { iss: ISSUER, aud: AUDIENCE, sub: 'dr.house', exp: now + 300, scope: BOTH_SCOPES, ...claims };
  return new SignJWT(all).setProtectedHeader({ alg: key.alg, kid: key.kid, ...header }).sign(key.privateKey, options);
}

/**
 * Creates parameters with an authentication setting that a test can change.
 *
 * @param {Auth} auth
 */
function createTestParameters(auth) {
  /** @type {AuthSource & {current: {auth: Auth}, afterRefresh?: Auth['keys'], refreshes: number}} */
  const parameters = {
    current: { auth },
    /** The keys from the next refresh on. */
    afterRefresh: undefined,
    /** Number of refreshes. */
    refreshes: 0,
    get: async () => parameters.current,
    refresh: async () => {
      parameters.refreshes++;
      if (parameters.afterRefresh) parameters.current = { auth: { ...auth, keys: parameters.afterRefresh } };
      return parameters.current;
    },
  };
  return parameters;
}

/**
 * Creates the function over a store in memory.
 *
 * @param {{role?: string, audit?: import('../../src/audit.js').Audit}} [options] audit: by default lines go to the log.
 */
export async function createService({ role = 'primary', audit } = {}) {
  const key = await createKey('ES256', 'first');
  /** @type {LogLine[]} */
  const lines = [];
  const store = createMemoryStore();
  const parameters = createTestParameters({ issuer: ISSUER, audience: AUDIENCE, keys: { keys: [key.jwk] } });
  const log = createLogger({ region: 'us-east-1', write: (line) => lines.push(JSON.parse(line)) });
  const ownAudit = createAudit({
    client: { send: () => Promise.reject(new Error('there is no group')) },
    key: async () => AUDIT_KEY,
    region: 'us-east-1',
    log,
  });
  const handler = createHandler({
    store,
    documents,
    parameters,
    log,
    audit: audit ?? ownAudit,
    region: 'us-east-1',
    role,
  });
  const validToken = await sign(key);

  /**
   * Sends an event of a load balancer, asserts that the response conforms to the OpenAPI document, and returns it decoded.
   *
   * @param {import('./conformance.js').TestEvent} event
   * @param {{awsRequestId?: string}} [context]
   */
  async function send(event, context) {
    /** @type {import('../../src/http/response.js').LoadBalancerResponse} */
    const response = Object(await handler(event, context));
    assertConforms(event, response);
    const headers = headersOf(response, event.multiValueHeaders !== undefined);
    const text = bodyOf(response);
    return { status: response.statusCode, headers, text, body: text === '' ? undefined : JSON.parse(text) };
  }

  /**
   * Sends a request as send does.
   *
   * @param {string} method
   * @param {string} path
   * @param {{token?: string | null, headers?: Record<string, string>, query?: Record<string, string>, body?: unknown}} [options]
   *   token: a valid one by default, null for none; body: sent as JSON, or as it is if it is a string.
   */
  async function call(method, path, { token = validToken, headers = {}, query, body } = {}) {
    return send({
      requestContext: {
        elb: { targetGroupArn: 'arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/app/1' },
      },
      httpMethod: method,
      path,
      queryStringParameters: query ?? {},
      headers: {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined || typeof body === 'string' ? (body ?? '') : JSON.stringify(body),
      isBase64Encoded: false,
    });
  }

  /** Creates a record. */
  const create = async (patient = 'p-1', content = /** @type {object} */ ({ note: 'well' })) =>
    (await call('POST', '/records', { body: { patient, content } })).body;

  return { call, send, create, handler, key, store, parameters, lines };
}
