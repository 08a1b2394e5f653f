// Authentication and authorization with real keys and signatures.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';

import { CompactSign, SignJWT, base64url, exportSPKI, importJWK } from 'jose';

import { Unavailable } from '../../src/errors.js';
import { AUDIENCE, ISSUER, createKey, createService, sign } from './testservice.js';

const seconds = () => Math.floor(Date.now() / 1000);
/**
 * Searches records with a token.
 *
 * @param {import('./testservice.js').Service} service
 * @param {string | null} token
 */
const searchRecords = (service, token) => service.call('POST', '/records/search', { token, body: { patient: 'p' } });

test('a valid token of the issuer for this audience is accepted', async (t) => {
  const service = await createService();
  const rsa = await createKey('RS256', 'rsa');
  service.parameters.current.auth.keys.keys.push(rsa.jwk);
  const { key } = service;
  const cases = {
    'a token signed with ES256': sign(key),
    'a token signed with RS256': sign(rsa),
    'a token for several audiences': sign(key, { aud: ['https://other.example/', AUDIENCE] }),
    'a token that expired within the clock tolerance': sign(key, { exp: seconds() - 20 }),
    'a token that becomes valid within the clock tolerance': sign(key, { nbf: seconds() + 20 }),
    'a token with additional scopes': sign(key, { scope: 'openid  records:read' }),
    'a token of type at+jwt': sign(key, {}, { typ: 'at+jwt' }),
    'a token of type application/at+jwt': sign(key, {}, { typ: 'application/at+jwt' }),
    'a token of type jwt': sign(key, {}, { typ: 'jwt' }),
    'a token that does not say its type': sign(key, {}, { typ: undefined }),
  };
  for (const [name, token] of Object.entries(cases)) {
    await t.test(`${name} gets 200`, async () => assert.equal((await searchRecords(service, await token)).status, 200));
  }
});

test('any other token gets 401, and the response does not quote it', async (t) => {
  const service = await createService();
  const { key } = service;
  const otherKey = await createKey('ES256', 'first');
  const rsa = await createKey('RS256', 'rsa');
  const otherCurve = await createKey('ES384', 'p384');
  const ps256 = await createKey('PS256', 'ps');
  service.parameters.current.auth.keys.keys.push(rsa.jwk, otherCurve.jwk, { ...ps256.jwk, alg: undefined });
  const [header, payload, signature] = (await sign(key)).split('.');
  /** @param {object} more */
  const encodeClaims = (more) =>
    base64url.encode(JSON.stringify({ ...JSON.parse(Buffer.from(payload, 'base64url').toString()), ...more }));
  const hmacWithPublicKey = async () => {
    const input = `${base64url.encode('{"alg":"HS256","kid":"rsa"}')}.${payload}`;
    return `${input}.${createHmac('sha256', await exportSPKI(rsa.publicKey))
      .update(input)
      .digest('base64url')}`;
  };
  const cases = {
    'a token that has expired': sign(key, { exp: seconds() - 31 }),
    'a token that is not valid yet': sign(key, { nbf: seconds() + 60 }),
    'a token without an expiry': sign(key, { exp: undefined }),
    'a token whose expiry is not a number': sign(key, { exp: 'never' }),
    'a token of another issuer': sign(key, { iss: 'https://other.example/' }),
    'a token of an issuer whose name is a prefix': sign(key, { iss: ISSUER.slice(0, -1) }),
    'a token without an issuer': sign(key, { iss: undefined }),
    'a token for another audience': sign(key, { aud: 'https://other.example/' }),
    'a token without an audience': sign(key, { aud: undefined }),
    'a token without a subject': sign(key, { sub: undefined }),
    'a token with an empty subject': sign(key, { sub: '' }),
    'a token whose subject is not a string': sign(key, { sub: { name: 'x' } }),
    'a token whose subject has U+0000': sign(key, { sub: 'a\0' }),
    'a token whose subject has 256 characters': sign(key, { sub: 's'.repeat(256) }),
    'a token signed with another key of the same key id': sign(otherKey),
    'a token whose claims were changed': `${header}.${encodeClaims({ sub: 'dr.evil' })}.${signature}`,
    'a token without its signature': `${header}.${payload}.`,
    'a token of two parts': `${header}.${payload}`,
    'a token with the algorithm none': `${base64url.encode('{"alg":"none"}')}.${payload}.`,
    'a token with HS256 and the public key as the secret': hmacWithPublicKey(),
    'a token signed with ES384': sign(otherCurve),
    'a token signed with PS256': sign(ps256),
    'a token with an unknown critical header': sign(key, {}, { crit: ['x'], x: 1 }, { crit: { x: true } }),
    'a token that contains its own key': sign(otherKey, {}, { kid: undefined, jwk: otherKey.jwk }),
    'a logout token, which the issuer signs with the same key': sign(key, {}, { typ: 'logout+jwt' }),
    'a token whose type is not a string': sign(key, {}, { typ: /** @type {any} */ (['JWT']) }),
    'a token that expires at 1e999': new CompactSign(
      Buffer.from(
        Buffer.from(payload, 'base64url')
          .toString()
          .replace(/"exp":\d+/, '"exp":1e999'),
      ),
    )
      .setProtectedHeader({ alg: key.alg, kid: key.kid })
      .sign(key.privateKey),
    'text that is not a token': 'token',
    'an empty token': '',
  };
  for (const [name, token] of Object.entries(cases)) {
    await t.test(`${name} gets 401`, async () => {
      const sent = await token;
      const { status, headers, body } = await searchRecords(service, sent);
      assert.equal(status, 401);
      assert.match(
        headers['www-authenticate'],
        /^Bearer realm="records", error="invalid_token", error_description="[A-Z][^"]+"$/,
      );
      if (sent.length > 10) assert.ok(!JSON.stringify(body).includes(sent.slice(-10)), 'the response quotes the token');
    });
  }
  assert.equal(service.store.calls, 0);
});

test('a request without a bearer token gets 401 with a challenge that has no error code', async (t) => {
  const service = await createService();
  assert.equal((await searchRecords(service, null)).headers['www-authenticate'], 'Bearer realm="records"');
  const valid = await sign(service.key);
  const headers = {
    'another scheme': `Basic ${valid}`,
    'no scheme': valid,
    'two tokens': `Bearer ${valid}, Bearer ${valid}`,
  };
  for (const [name, authorization] of Object.entries(headers)) {
    await t.test(`${name} gets 401`, async () => {
      assert.equal((await service.call('GET', '/records', { token: null, headers: { authorization } })).status, 401);
    });
  }
  const lower = { authorization: `bearer ${valid}` };
  assert.equal((await service.call('GET', '/records', { token: null, headers: lower })).status, 410);
});

test('a scope allows its operations and no others', async (t) => {
  /** @type {[unknown, string, string, number][]} */
  const cases = [
    ['records:read', 'GET', '', 200],
    ['records:read', 'PUT', '', 403],
    ['records:read', 'DELETE', '', 403],
    ['records:read', 'GET', '/document', 200],
    ['records:read', 'PUT', '/document', 403],
    ['records:write', 'GET', '', 403],
    ['records:write', 'PUT', '', 200],
    ['records:write', 'GET', '/document', 403],
    ['records:write', 'PUT', '/document', 200],
    ['records:write', 'DELETE', '', 204],
    ['', 'GET', '', 403],
    [undefined, 'GET', '', 403],
    [['records:read'], 'GET', '', 200],
    [['records:read'], 'PUT', '', 403],
    [['records:read records:write'], 'GET', '', 403],
    [[7, null, ['records:read'], { 'records:read': true }], 'GET', '', 403],
    [{ 'records:read': true }, 'GET', '', 403],
    ['records:read:all xrecords:read', 'GET', '', 403],
  ];
  for (const [scope, method, suffix, status] of cases) {
    await t.test(`the scope ${JSON.stringify(scope)} gets ${status} for ${method} /records/{id}${suffix}`, async () => {
      const service = await createService();
      const { id } = await service.create();
      const body =
        method === 'PUT' ? (suffix ? { contentType: 'text/plain', contentLength: 3 } : { content: {} }) : undefined;
      const token = await sign(service.key, { scope });
      const response = await service.call(method, `/records/${id}${suffix}`, {
        token,
        body,
        headers: { 'if-match': '*' },
      });
      assert.equal(response.status, status);
      if (status === 403)
        assert.match(response.headers['www-authenticate'], /error="insufficient_scope", scope="records:(read|write)"/);
    });
  }
});

test('scopes are read from scope and scp, as text or as an array, and with the prefix of the issuer alone', async (t) => {
  /** @type {[string, Record<string, unknown>, string, number][]} */
  const cases = [
    ['scp as text, as Entra ID sends it', { scp: 'openid records:read' }, '', 200],
    ['scp as an array, as Okta sends it', { scp: ['openid', 'records:read'] }, '', 200],
    ['a part in each claim', { scope: 'openid', scp: 'records:read' }, '', 200],
    ['an empty scope beside scp', { scope: '', scp: ['records:read'] }, '', 200],
    ['roles', { roles: ['records:read'] }, '', 403],
    ['permissions', { permissions: ['records:read'] }, '', 403],
    ['a prefix that is configured', { scope: 'openid records/records:read' }, 'records/', 200],
    ['a prefix that is configured, and scp', { scp: ['records/records:read'] }, 'records/', 200],
    ['a prefix that is not configured', { scope: 'records/records:read' }, '', 403],
    ["another API's prefix", { scope: 'billing/records:read' }, 'records/', 403],
    ['no prefix where one is configured', { scope: 'records:read' }, 'records/', 403],
    ['nothing but the prefix', { scope: 'records/' }, 'records/', 403],
  ];
  for (const [name, claims, scopePrefix, status] of cases) {
    await t.test(`${name} gets ${status}`, async () => {
      const service = await createService();
      service.parameters.current.auth.scopePrefix = scopePrefix;
      const token = await sign(service.key, { scope: undefined, ...claims });
      assert.equal((await searchRecords(service, token)).status, status);
    });
  }
});

test('access tokens of Amazon Cognito are accepted by their client where that is configured', async (t) => {
  const cognito = { aud: undefined, client_id: 'web', token_use: 'access' };
  /** @type {[string, Record<string, unknown>, 'aud' | 'client_id', number][]} */
  const cases = [
    ['an access token of a client', cognito, 'client_id', 200],
    ['an access token of another client of the list', { ...cognito, client_id: 'mobile' }, 'client_id', 200],
    ['an access token of a client that is not in the list', { ...cognito, client_id: 'other' }, 'client_id', 401],
    ['an access token of the list itself', { ...cognito, client_id: 'web,mobile' }, 'client_id', 401],
    ['an access token of no client', { ...cognito, client_id: '' }, 'client_id', 401],
    ['a client that is not text', { ...cognito, client_id: ['web'] }, 'client_id', 401],
    ['an ID token, whose audience is the client', { aud: 'web', client_id: 'web', token_use: 'id' }, 'client_id', 401],
    ['a token that does not say what it is for', { ...cognito, token_use: undefined }, 'client_id', 401],
    ['an audience in place of the client', { aud: 'web', token_use: 'access' }, 'client_id', 401],
    ['an access token of a client where audiences are configured', cognito, 'aud', 401],
    ['an ID token for the audience', { token_use: 'id' }, 'aud', 401],
    ['an access token for the audience', { token_use: 'access' }, 'aud', 200],
  ];
  for (const [name, claims, audienceClaim, status] of cases) {
    await t.test(`${name} gets ${status}`, async () => {
      const service = await createService();
      const { auth } = service.parameters.current;
      Object.assign(auth, { audienceClaim }, audienceClaim === 'client_id' && { audience: 'web,mobile' });
      assert.equal((await searchRecords(service, await sign(service.key, claims))).status, status);
    });
  }
});

test('a key that is added is accepted without a deployment, and a removed one is refused', async () => {
  const service = await createService();
  const second = await createKey('ES256', 'second');
  const token = await sign(second);
  assert.equal((await searchRecords(service, token)).status, 401);
  assert.equal(service.parameters.refreshes, 1);
  service.parameters.afterRefresh = { keys: [second.jwk] };
  assert.equal((await searchRecords(service, token)).status, 200);
  assert.equal(service.parameters.refreshes, 2);
  assert.equal((await searchRecords(service, token)).status, 200);
  assert.equal(service.parameters.refreshes, 2);
  assert.equal((await searchRecords(service, await sign(service.key))).status, 401);
});

test('every token is refused if no keys, no issuer or no audience is configured', async (t) => {
  const cases = {
    'no keys': { keys: { keys: [] } },
    'a key set without keys': { keys: {} },
    'no issuer': { issuer: '' },
    'no audience': { audience: undefined },
  };
  for (const [name, auth] of Object.entries(cases)) {
    await t.test(name, async () => {
      const service = await createService();
      Object.assign(service.parameters.current.auth, auth);
      assert.equal((await searchRecords(service, await sign(service.key))).status, 401);
    });
  }
});

test('a token of a configured key that is unusable is refused', async () => {
  const service = await createService();
  const small = { kty: 'RSA', kid: 'small', alg: 'RS256', e: 'AQAB', n: base64url.encode(Buffer.alloc(64, 255)) };
  service.parameters.current.auth.keys = {
    keys: [small, { kty: 'EC', kid: 'broken', alg: 'ES256', crv: 'P-256', x: 'AA', y: 'AA' }],
  };
  for (const { kid, alg } of [small, { kid: 'broken', alg: 'ES256' }]) {
    const key = await createKey(alg, kid);
    assert.equal((await searchRecords(service, await sign(key))).status, 401);
  }
});

test('a token of a configured symmetric key is refused', async () => {
  const service = await createService();
  const jwk = { kty: 'oct', kid: 'secret', alg: 'HS256', k: base64url.encode('a password that everybody knows!') };
  service.parameters.current.auth.keys = { keys: [jwk] };
  const claims = { iss: ISSUER, aud: AUDIENCE, sub: 's', exp: seconds() + 60, scope: 'records:read' };
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', kid: 'secret' })
    .sign(await importJWK(jwk));
  assert.equal((await searchRecords(service, token)).status, 401);
});

test('a request gets 503 and not 401 if the configuration cannot be read', async () => {
  const service = await createService();
  service.parameters.get = async () => {
    throw new Unavailable('Parameter Store does not response', 5);
  };
  assert.equal((await searchRecords(service, await sign(service.key))).status, 503);
});
