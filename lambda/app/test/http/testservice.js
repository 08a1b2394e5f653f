import { SignJWT, exportJWK, generateKeyPair } from 'jose';

import { createHandler } from '../../src/handler.js';
import { createLogger } from '../../src/log.js';
import { assertFits, headersOf } from './contract.js';
import { createMemoryStore, documents } from './memory.js';

export const ISSUER = 'https://issuer.example/';
export const AUDIENCE = 'https://records.example/';
export const BOTH_SCOPES = 'records:read records:write';

/** A pair of keys, with its public half as a JSON Web Key. */
export async function createKey(alg, kid) {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, kid, publicKey, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

/** Signs a token that is good for five minutes, but for what the claims say otherwise. */
export async function sign(key, claims = {}, header = {}, options = {}) {
  const now = Math.floor(Date.now() / 1000);
  const all = { iss: ISSUER, aud: AUDIENCE, sub: 'dr.house', exp: now + 300, scope: BOTH_SCOPES, ...claims };
  return new SignJWT(all).setProtectedHeader({ alg: key.alg, kid: key.kid, ...header }).sign(key.privateKey, options);
}

/**
 * Makes the function over a store in memory.
 *
 * call sends it a request as a load balancer does, asserts that the answer fits the OpenAPI document, and returns it taken
 * apart. It sends a good token unless it is told another, or null for none.
 */
export async function createService({ role = 'primary' } = {}) {
  const key = await createKey('ES256', 'first');
  const lines = [];
  const store = createMemoryStore();
  const auth = { issuer: ISSUER, audience: AUDIENCE, keys: { keys: [key.jwk] } };
  const parameters = {
    current: { auth },
    refreshed: 0,
    get: async () => parameters.current,
    refresh: async () => {
      parameters.refreshed++;
      if (parameters.next) parameters.current = { auth: { ...auth, keys: parameters.next } };
      return parameters.current;
    },
  };
  const log = createLogger({ region: 'us-east-1', write: (line) => lines.push(JSON.parse(line)) });
  const handler = createHandler({ store, documents, parameters, log, region: 'us-east-1', role });
  const good = await sign(key);

  async function send(event) {
    const answer = await handler(event);
    assertFits(event, answer);
    const headers = headersOf(answer, event.multiValueHeaders !== undefined);
    return { status: answer.statusCode, headers, body: answer.body === '' ? undefined : JSON.parse(answer.body) };
  }

  async function call(method, path, { token = good, headers = {}, query, body } = {}) {
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

  const create = async (patient = 'p-1', content = { note: 'well' }) =>
    (await call('POST', '/records', { body: { patient, content } })).body;
  return { call, send, create, handler, key, store, parameters, lines };
}
