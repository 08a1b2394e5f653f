// Who is admitted: real keys, real signatures.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';

import { SignJWT, base64url, exportSPKI, importJWK } from 'jose';

import { Unavailable } from '../../src/errors.js';
import { AUDIENCE, ISSUER, createKey, createService, sign } from './service.js';

const seconds = () => Math.floor(Date.now() / 1000);
const open = (service, token) => service.call('GET', '/records', { token, query: { patient: 'p' } });

test('a token is admitted that the issuer signed for this audience and that is in force', async (t) => {
  const service = await createService();
  const rsa = await createKey('RS256', 'rsa');
  service.parameters.current.auth.keys.keys.push(rsa.jwk);
  const { key } = service;
  const cases = {
    'signed with ES256': sign(key),
    'signed with RS256': sign(rsa),
    'for several audiences': sign(key, { aud: ['https://other.example/', AUDIENCE] }),
    'expired within the tolerance': sign(key, { exp: seconds() - 20 }),
    'in force within the tolerance': sign(key, { nbf: seconds() + 20 }),
    'with more scopes': sign(key, { scope: 'openid  records:read' }),
    'of the type at+jwt': sign(key, {}, { typ: 'at+jwt' }),
  };
  for (const [name, token] of Object.entries(cases)) {
    await t.test(name, async () => assert.equal((await open(service, await token)).status, 200));
  }
});

test('any other token is refused', async (t) => {
  const service = await createService();
  const { key } = service;
  const stranger = await createKey('ES256', 'first');
  const rsa = await createKey('RS256', 'rsa');
  const otherCurve = await createKey('ES384', 'p384');
  const ps256 = await createKey('PS256', 'ps');
  service.parameters.current.auth.keys.keys.push(rsa.jwk, otherCurve.jwk, { ...ps256.jwk, alg: undefined });
  const [header, payload, signature] = (await sign(key)).split('.');
  const claims = (more) =>
    base64url.encode(JSON.stringify({ ...JSON.parse(Buffer.from(payload, 'base64url')), ...more }));
  const publicKeyAsPassword = async () => {
    const input = `${base64url.encode('{"alg":"HS256","kid":"rsa"}')}.${payload}`;
    return `${input}.${createHmac('sha256', await exportSPKI(rsa.publicKey))
      .update(input)
      .digest('base64url')}`;
  };
  const cases = {
    'that has expired': sign(key, { exp: seconds() - 31 }),
    'that is not in force yet': sign(key, { nbf: seconds() + 60 }),
    'that never expires': sign(key, { exp: undefined }),
    'whose expiry is no number': sign(key, { exp: 'never' }),
    'of another issuer': sign(key, { iss: 'https://other.example/' }),
    'of an issuer with less of a name': sign(key, { iss: ISSUER.slice(0, -1) }),
    'of no issuer': sign(key, { iss: undefined }),
    'for another audience': sign(key, { aud: 'https://other.example/' }),
    'for no audience': sign(key, { aud: undefined }),
    'of nobody': sign(key, { sub: undefined }),
    'of an empty subject': sign(key, { sub: '' }),
    'of a subject that is no text': sign(key, { sub: { name: 'x' } }),
    'of a subject with U+0000': sign(key, { sub: 'a\0' }),
    'of a subject of 256 characters': sign(key, { sub: 's'.repeat(256) }),
    'signed by a stranger who uses the name of a key': sign(stranger),
    'with other claims under the signature': `${header}.${claims({ sub: 'dr.evil' })}.${signature}`,
    'without its signature': `${header}.${payload}.`,
    'with two parts': `${header}.${payload}`,
    'with the algorithm none': `${base64url.encode('{"alg":"none"}')}.${payload}.`,
    'with HS256 and the public key as its password': publicKeyAsPassword(),
    'with ES384': sign(otherCurve),
    'with PS256': sign(ps256),
    'with a critical header that is not known': sign(key, {}, { crit: ['x'], x: 1 }, { crit: { x: true } }),
    'that brings its own key': sign(stranger, {}, { kid: undefined, jwk: stranger.jwk }),
    'that is no token': 'token',
    'of nothing': '',
  };
  for (const [name, token] of Object.entries(cases)) {
    await t.test(name, async () => {
      const sent = await token;
      const { status, headers, body } = await open(service, sent);
      assert.equal(status, 401);
      assert.match(
        headers['www-authenticate'],
        /^Bearer realm="records", error="invalid_token", error_description="[A-Z][^"]+"$/,
      );
      if (sent.length > 10) assert.ok(!JSON.stringify(body).includes(sent.slice(-10)), 'the answer quotes the token');
    });
  }
  assert.equal(service.store.calls, 0);
});

test('a request without a token is told which kind is needed, and no more', async (t) => {
  const service = await createService();
  assert.equal((await open(service, null)).headers['www-authenticate'], 'Bearer realm="records"');
  const good = await sign(service.key);
  const headers = {
    'another scheme': `Basic ${good}`,
    'no scheme': good,
    'two tokens': `Bearer ${good}, Bearer ${good}`,
  };
  for (const [name, authorization] of Object.entries(headers)) {
    await t.test(`${name} gets 401`, async () => {
      assert.equal(
        (await service.call('GET', '/openapi.json', { token: null, headers: { authorization } })).status,
        401,
      );
    });
  }
  const lower = { authorization: `bearer ${good}` };
  assert.equal((await service.call('GET', '/openapi.json', { token: null, headers: lower })).status, 200);
});

test('a scope allows its half of the operations and not the other', async (t) => {
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
    [['records:read'], 'GET', '', 403],
    ['records:read:all xrecords:read', 'GET', '', 403],
  ];
  for (const [scope, method, suffix, status] of cases) {
    await t.test(`${JSON.stringify(scope)} gets ${status} for ${method} ${suffix}`, async () => {
      const service = await createService();
      const { id } = await service.create();
      const body = method === 'PUT' ? (suffix ? { contentType: 'text/plain' } : { content: {} }) : undefined;
      const token = await sign(service.key, { scope });
      const answer = await service.call(method, `/records/${id}${suffix}`, {
        token,
        body,
        headers: { 'if-match': '"1"' },
      });
      assert.equal(answer.status, status);
      if (status === 403)
        assert.match(answer.headers['www-authenticate'], /error="insufficient_scope", scope="records:(read|write)"/);
    });
  }
});

test('a key that is added is found without a deployment, and one that is removed is refused', async () => {
  const service = await createService();
  const second = await createKey('ES256', 'second');
  const token = await sign(second);
  assert.equal((await open(service, token)).status, 401);
  assert.equal(service.parameters.refreshed, 1);
  service.parameters.next = { keys: [second.jwk] };
  assert.equal((await open(service, token)).status, 200);
  assert.equal(service.parameters.refreshed, 2);
  assert.equal((await open(service, token)).status, 200);
  assert.equal(service.parameters.refreshed, 2);
  assert.equal((await open(service, await sign(service.key))).status, 401);
});

test('with no keys, no issuer or no audience nobody is admitted', async (t) => {
  const cases = {
    'no keys': { keys: { keys: [] } },
    'a key set that is none': { keys: {} },
    'no issuer': { issuer: '' },
    'no audience': { audience: undefined },
  };
  for (const [name, auth] of Object.entries(cases)) {
    await t.test(name, async () => {
      const service = await createService();
      Object.assign(service.parameters.current.auth, auth);
      assert.equal((await open(service, await sign(service.key))).status, 401);
    });
  }
});

test('a key in the configuration that cannot be used admits nobody', async () => {
  const service = await createService();
  const small = { kty: 'RSA', kid: 'small', alg: 'RS256', e: 'AQAB', n: base64url.encode(Buffer.alloc(64, 255)) };
  service.parameters.current.auth.keys = {
    keys: [small, { kty: 'EC', kid: 'broken', alg: 'ES256', crv: 'P-256', x: 'AA', y: 'AA' }],
  };
  for (const { kid, alg } of [small, { kid: 'broken', alg: 'ES256' }]) {
    const key = await createKey(alg, kid);
    assert.equal((await open(service, await sign(key))).status, 401);
  }
});

test('a symmetric key in the configuration admits nobody', async () => {
  const service = await createService();
  const jwk = { kty: 'oct', kid: 'secret', alg: 'HS256', k: base64url.encode('a password that everybody knows!') };
  service.parameters.current.auth.keys = { keys: [jwk] };
  const claims = { iss: ISSUER, aud: AUDIENCE, sub: 's', exp: seconds() + 60, scope: 'records:read' };
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', kid: 'secret' })
    .sign(await importJWK(jwk));
  assert.equal((await open(service, token)).status, 401);
});

test('a configuration that cannot be read is no verdict on the token', async () => {
  const service = await createService();
  service.parameters.get = async () => {
    throw new Unavailable('Parameter Store does not answer', 5);
  };
  assert.equal((await open(service, await sign(service.key))).status, 503);
});
