// How requests come in and answers go out: the load balancer's two forms, routes, headers, logs.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import { createService, sign } from './service.js';

const elb = { requestContext: { elb: {} } };

test('both forms of headers and parameters are read, and answered in their own form', async () => {
  const { send, handler, create, key } = await createService();
  await create('p +1%');
  const authorization = `Bearer ${await sign(key)}`;
  const patient = 'p%20%2B1%25';
  const single = {
    ...elb,
    httpMethod: 'GET',
    path: '/records',
    headers: { Authorization: authorization },
    queryStringParameters: { patient },
  };
  const multi = {
    ...elb,
    httpMethod: 'GET',
    path: '/records',
    multiValueHeaders: { Authorization: [authorization] },
    multiValueQueryStringParameters: { patient: [patient], limit: ['1'] },
  };
  for (const event of [single, multi]) assert.equal((await send(event)).body.records.length, 1);
  assert.equal(
    (await send({ ...single, queryStringParameters: { patient: patient.replace('%20', '+') } })).body.records.length,
    1,
  );
  assert.equal((await send({ ...single, queryStringParameters: { patient: '%' } })).status, 400);
  assert.equal(
    (await send({ ...multi, multiValueQueryStringParameters: { patient: [patient, patient] } })).status,
    400,
  );
  assert.equal((await handler(single)).multiValueHeaders, undefined);
  assert.equal((await handler(multi)).headers, undefined);
});

test('an address or a method that is not there is told so', async (t) => {
  const { call, create } = await createService();
  const { id } = await create();
  const cases = [
    ['GET', '/', 404],
    ['GET', '/records/', 404],
    ['GET', '/Records', 404],
    ['GET', '/records/1', 404],
    ['GET', `/records/${id}/`, 404],
    ['GET', `/records/${id}x`, 404],
    ['GET', `/records/${id}%00`, 404],
    ['GET', `/records/${randomUUID()}`, 404],
    ['GET', `//records/${id}`, 404],
    ['GET', '/openapixjson', 404],
    ['GET', '/__proto__', 404],
    ['PATCH', `/records/${id}`, 405, 'DELETE, GET, HEAD, PUT'],
    ['OPTIONS', '/records', 405, 'GET, HEAD, POST'],
    ['DELETE', '/records', 405, 'GET, HEAD, POST'],
    ['POST', `/records/${id}/document`, 405, 'GET, HEAD, PUT'],
    ['POST', '/healthz', 405, 'GET, HEAD'],
    ['get', '/readyz', 405, 'GET, HEAD'],
    ['constructor', '/readyz', 405, 'GET, HEAD'],
  ];
  for (const [method, path, status, allow] of cases) {
    await t.test(`${method} ${path} gets ${status}`, async () => {
      const answer = await call(method, path);
      assert.equal(answer.status, status);
      assert.equal(answer.headers.allow, allow);
    });
  }
});

test('only the health of the region is open', async (t) => {
  const { call, create } = await createService();
  const { id } = await create();
  for (const [method, path, status] of [
    ['GET', '/healthz', 200],
    ['GET', '/readyz', 200],
    ['POST', '/readyz', 405],
    ['GET', '/openapi.json', 401],
    ['GET', '/records', 401],
    ['DELETE', `/records/${id}`, 401],
    ['OPTIONS', '/records', 401],
    ['GET', '/nowhere', 401],
  ]) {
    await t.test(`${method} ${path} gets ${status}`, async () =>
      assert.equal((await call(method, path, { token: null })).status, status),
    );
  }
});

test('HEAD is answered as GET without the body', async () => {
  const { call, create } = await createService();
  const { id } = await create();
  const head = await call('HEAD', `/records/${id}`);
  assert.deepEqual([head.status, head.headers.etag, head.body], [200, '"1"', undefined]);
  assert.equal((await call('HEAD', `/records/${randomUUID()}`)).status, 404);
  assert.equal((await call('HEAD', '/healthz', { token: null })).status, 200);
});

test('health says what the probes find, for this region and role, and keeps the reason to the log', async () => {
  const { call, store, lines } = await createService({ role: 'secondary' });
  assert.deepEqual((await call('GET', '/readyz')).body, { status: 'ok', region: 'us-east-1', role: 'secondary' });
  store.health = { ok: false, reason: 'the cluster is a standby' };
  for (const path of ['/healthz', '/readyz']) {
    const { status, body } = await call('GET', path);
    assert.equal(status, 503);
    assert.deepEqual(body, { status: 'unavailable', region: 'us-east-1', role: 'secondary' });
    assert.equal(lines.at(-1).reason, 'the cluster is a standby');
  }
});

test('a region that reads and cannot write is healthy and not ready', async () => {
  const { call, store } = await createService({ role: 'secondary' });
  store.canWrite = async () => ({ ok: false, reason: 'the cluster is a standby' });
  assert.equal((await call('GET', '/healthz')).status, 200);
  assert.equal((await call('GET', '/readyz')).status, 503);
});

test('an answer over HTTPS asks for HTTPS from then on', async () => {
  const { call } = await createService();
  const header = 'strict-transport-security';
  assert.match(
    (await call('GET', '/healthz', { headers: { 'x-forwarded-proto': 'https' } })).headers[header],
    /^max-age=\d{8}$/,
  );
  assert.equal(
    (await call('GET', '/healthz', { headers: { 'x-forwarded-proto': 'http' } })).headers[header],
    undefined,
  );
});

test('a request is named by the load balancer, and by a UUID where it is not', async () => {
  const { call, lines } = await createService();
  const root = '1-67891233-abcdef012345678912345678';
  const named = await call('GET', '/nowhere', {
    headers: { 'x-amzn-trace-id': `Self=1-67891234-12456789abcdef012345678;Root=${root}` },
  });
  assert.equal(named.headers['x-request-id'], root);
  assert.equal(named.body.instance, root);
  assert.equal(lines.at(-1).requestId, root);
  const invented = await call('GET', '/nowhere', { headers: { 'x-amzn-trace-id': 'Root=private"\n' } });
  assert.match(invented.headers['x-request-id'], /^[0-9a-f-]{36}$/);
});

test('a record is read as JSON that nobody else may keep or guess at', async () => {
  const { call, create } = await createService();
  const { id } = await create();
  const { headers } = await call('GET', `/records/${id}`);
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(headers['cache-control'], 'no-store');
  assert.equal(headers['x-content-type-options'], 'nosniff');
});

test('every access to a record is audited with who, what and how it ended', async () => {
  const { call, create, lines, key, store } = await createService();
  const { id } = await create('p-private', { note: 'private' });
  const path = `/records/${id}`;
  await create('p-private');
  await call('GET', path);
  await call('GET', '/records', { query: { patient: 'p-private' } });
  await call('PUT', path, { body: { content: {} }, headers: { 'if-match': '"7"' } });
  await call('PUT', path, { body: { content: [] }, headers: { 'if-match': '"1"' } });
  await call('PUT', `${path}/document`, { body: { contentType: 'text/plain' } });
  await call('DELETE', path, { token: await sign(key, { sub: 'nurse', scope: 'records:read' }) });
  await call('DELETE', path);
  await call('GET', `${path}/document`);
  store.fault = new Error('private');
  await call('GET', path);
  const audit = lines.filter((line) => line.audit);
  assert.deepEqual(
    audit.map(({ subject, action, recordId, recordIds, outcome }) => [
      subject,
      action,
      (recordIds ?? [recordId]).includes(id),
      outcome,
    ]),
    [
      ['dr.house', 'createRecord', true, 'done'],
      ['dr.house', 'createRecord', false, 'done'],
      ['dr.house', 'readRecord', true, 'done'],
      ['dr.house', 'listRecords', true, 'done'],
      ['dr.house', 'updateRecord', true, 'conflict'],
      ['dr.house', 'updateRecord', true, 'refused'],
      ['dr.house', 'signUpload', true, 'done'],
      ['nurse', 'deleteRecord', true, 'denied'],
      ['dr.house', 'deleteRecord', true, 'done'],
      ['dr.house', 'signDownload', true, 'not found'],
      ['dr.house', 'readRecord', true, 'failed'],
    ],
  );
  assert.equal(audit.find(({ action }) => action === 'listRecords').recordIds.length, 2);
  assert.ok(audit.every(({ requestId, level }) => requestId && level === 'info'));
});

test('a request is logged by its route, and no log has content, patients, tokens or queries', async () => {
  const { call, create, lines, key } = await createService();
  const { id } = await create('p-private', { note: 'private' });
  const token = await sign(key, { sub: 'dr.cuddy' });
  await call('GET', `/records/${id}`, { token });
  await call('GET', '/records', { query: { patient: 'p-private', limit: 'private' } });
  await call('POST', '/records', { body: '{"patient":"p-private' });
  await call('GET', '/private/path', { headers: { 'x-private': 'private' } });
  const requests = lines.filter(({ message }) => message === 'request');
  assert.deepEqual(
    requests.map(({ method, route, status }) => [method, route, status]),
    [
      ['POST', '/records', 201],
      ['GET', '/records/{id}', 200],
      ['GET', '/records', 400],
      ['POST', '/records', 400],
      ['GET', undefined, 404],
    ],
  );
  for (const line of requests) {
    assert.equal(line.region, 'us-east-1');
    assert.ok(Number.isInteger(line.durationMs));
    assert.ok(!Number.isNaN(Date.parse(line.time)));
  }
  const all = JSON.stringify(lines);
  assert.doesNotMatch(all, /private/);
  assert.ok(!all.includes(token.split('.')[1]));
});

test('a fault of ours is told to nobody but the log, with where it arose', async () => {
  const { call, store, lines } = await createService();
  store.fault = new TypeError('private matters');
  const answer = await call('GET', `/records/${randomUUID()}`);
  assert.equal(answer.status, 500);
  assert.doesNotMatch(JSON.stringify(answer), /private|\.js/);
  const line = lines.find(({ level }) => level === 'error');
  assert.equal(line.error.name, 'TypeError');
  assert.match(line.error.stack[0], /^at .*serving\.test\.js:\d+/);
  assert.equal(line.requestId, answer.headers['x-request-id']);
});

test('the schedule has the store maintained', async () => {
  const { handler, lines, store } = await createService();
  assert.deepEqual(await handler({ task: 'maintain' }), { migrated: 0, published: 2, purged: 1 });
  assert.deepEqual(pick(lines.at(-1)), ['info', 'task done', 2]);
  store.fault = new Error('no way to the writer');
  await assert.rejects(handler({ task: 'maintain' }), store.fault);
  assert.deepEqual(pick(lines.at(-1)), ['error', 'task failed', undefined]);
});

test('the failover controller has the store verified, and is told what it found', async () => {
  const { handler, store } = await createService();
  store.verified = { verified: false, reason: 'no login' };
  assert.deepEqual(await handler({ task: 'verify' }), { verified: false, reason: 'no login' });
});

const pick = ({ level, message, published }) => [level, message, published];

test('an event of anybody else is refused', async () => {
  const { handler } = await createService();
  for (const event of [undefined, null, {}, { task: 'other' }, { requestContext: { http: {} } }, 'maintain']) {
    await assert.rejects(handler(event), /neither a request from a load balancer nor/);
  }
});
