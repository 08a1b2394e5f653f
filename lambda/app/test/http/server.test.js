// How requests are decoded and responses encoded: the load balancer's two forms, routes, headers, logs, tasks.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import { createService, sign } from './testservice.js';

const elb = { requestContext: { elb: {} } };

test('a request is decoded from both forms of headers and parameters, and the response has the form of the request', async () => {
  const { send, handler, create, key } = await createService();
  await create('p +1%');
  const headers = { Authorization: `Bearer ${await sign(key)}`, 'Content-Type': 'application/json' };
  const search = { ...elb, httpMethod: 'POST', path: '/records/search', body: JSON.stringify({ patient: 'p +1%' }) };
  const single = { ...search, headers, queryStringParameters: {} };
  const multi = {
    ...search,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    multiValueQueryStringParameters: {},
  };
  for (const event of [single, multi]) assert.equal((await send(event)).body.records.length, 1);
  assert.equal((await send({ ...single, queryStringParameters: { a: '%' } })).status, 400);
  assert.equal((await send({ ...multi, multiValueQueryStringParameters: { a: ['1', '2'] } })).status, 400);
  assert.ok(!('multiValueHeaders' in (await handler(single))));
  assert.ok(!('headers' in (await handler(multi))));
});

test('an unknown path gets 404, and an unknown method 405 with the allowed ones', async (t) => {
  const { call, create } = await createService();
  const { id } = await create();
  const cases = [
    { method: 'GET', path: '/', status: 404 },
    { method: 'GET', path: '/records/', status: 404 },
    { method: 'GET', path: '/Records', status: 404 },
    { method: 'GET', path: '/records/1', status: 404 },
    { method: 'GET', path: `/records/${id}/`, status: 404 },
    { method: 'GET', path: `/records/${id}x`, status: 404 },
    { method: 'GET', path: `/records/${id}%00`, status: 404 },
    { method: 'GET', path: `/records/${randomUUID()}`, status: 404 },
    { method: 'GET', path: `//records/${id}`, status: 404 },
    { method: 'GET', path: '/openapixjson', status: 404 },
    { method: 'GET', path: '/__proto__', status: 404 },
    { method: 'PATCH', path: `/records/${id}`, status: 405, allow: 'DELETE, GET, HEAD, PUT' },
    { method: 'OPTIONS', path: '/records', status: 405, allow: 'GET, HEAD, POST' },
    { method: 'DELETE', path: '/records', status: 405, allow: 'GET, HEAD, POST' },
    { method: 'POST', path: `/records/${id}/document`, status: 405, allow: 'DELETE, GET, HEAD, PUT' },
    { method: 'POST', path: '/healthz', status: 405, allow: 'GET, HEAD' },
    { method: 'get', path: '/readyz', status: 405, allow: 'GET, HEAD' },
    { method: 'constructor', path: '/readyz', status: 405, allow: 'GET, HEAD' },
  ];
  for (const { method, path, status, allow } of cases) {
    await t.test(`${method} ${path} gets ${status}`, async () => {
      const response = await call(method, path);
      assert.equal(response.status, status);
      assert.equal(response.headers.allow, allow);
    });
  }
});

test('only the health checks and the description need no token', async (t) => {
  const { call, create } = await createService();
  const { id } = await create();
  const cases = [
    { method: 'GET', path: '/healthz', status: 200 },
    { method: 'GET', path: '/readyz', status: 200 },
    { method: 'POST', path: '/readyz', status: 405 },
    { method: 'GET', path: '/openapi.json', status: 200 },
    { method: 'HEAD', path: '/openapi.json', status: 200 },
    { method: 'POST', path: '/openapi.json', status: 405 },
    { method: 'GET', path: '/records', status: 401 },
    { method: 'DELETE', path: `/records/${id}`, status: 401 },
    { method: 'OPTIONS', path: '/records', status: 401 },
    { method: 'GET', path: '/nowhere', status: 401 },
  ];
  for (const { method, path, status } of cases) {
    await t.test(`${method} ${path} without a token gets ${status}`, async () =>
      assert.equal((await call(method, path, { token: null })).status, status),
    );
  }
});

test('the response to HEAD is that to GET without the body', async () => {
  const { call, create } = await createService();
  const { id } = await create();
  const head = await call('HEAD', `/records/${id}`);
  const { etag } = (await call('GET', `/records/${id}`)).headers;
  assert.deepEqual([head.status, head.headers.etag, head.body], [200, etag, undefined]);
  assert.equal((await call('HEAD', `/records/${randomUUID()}`)).status, 404);
  assert.equal((await call('HEAD', '/healthz', { token: null })).status, 200);
});

test('a health check reports the result, the region and the role, and only the log has the reason', async () => {
  const { call, store, lines } = await createService({ role: 'secondary' });
  assert.deepEqual((await call('GET', '/readyz')).body, { status: 'ok', region: 'us-east-1', role: 'secondary' });
  store.health = { ok: false, reason: 'the cluster is a standby' };
  for (const path of ['/healthz', '/readyz']) {
    const { status, body } = await call('GET', path);
    assert.equal(status, 503);
    const details = path === '/readyz' ? { reason: 'other' } : {};
    assert.deepEqual(body, { status: 'unavailable', region: 'us-east-1', role: 'secondary', ...details });
    assert.equal(lines.at(-1)?.reason, 'the cluster is a standby');
  }
});

test('the readiness check says in a word of the document why the region cannot write', async (t) => {
  const { call, store } = await createService();
  const reasons = /** @type {const} */ ([
    'replication-wait',
    'read-only',
    'no-connection-slots',
    'database-unreachable',
    'other',
  ]);
  for (const failure of reasons) {
    await t.test(failure, async () => {
      store.health = { ok: false, reason: 'a private matter', failure };
      const { status, body } = await call('GET', '/readyz');
      assert.deepEqual([status, body.reason], [503, failure]);
      assert.equal((await call('GET', '/healthz')).body.reason, undefined);
    });
  }
});

test('a region that can read but not write is healthy and not ready', async () => {
  const { call, store } = await createService({ role: 'secondary' });
  store.canWrite = async () => ({ ok: false, reason: 'the cluster is a standby' });
  assert.equal((await call('GET', '/healthz')).status, 200);
  assert.equal((await call('GET', '/readyz')).status, 503);
});

test('a response over HTTPS has a Strict-Transport-Security header, and one over HTTP has none', async () => {
  const { call } = await createService();
  const header = 'strict-transport-security';
  const https = await call('GET', '/healthz', { headers: { 'x-forwarded-proto': 'https' } });
  assert.match(https.headers[header], /^max-age=\d{8}$/);
  const http = await call('GET', '/healthz', { headers: { 'x-forwarded-proto': 'http' } });
  assert.equal(http.headers[header], undefined);
});

test("the request id is the root of the load balancer's trace id, or a UUID if there is none", async () => {
  const { call, lines } = await createService();
  const root = '1-67891233-abcdef012345678912345678';
  const traced = await call('GET', '/nowhere', {
    headers: { 'x-amzn-trace-id': `Self=1-67891234-12456789abcdef012345678;Root=${root}` },
  });
  assert.equal(traced.headers['x-request-id'], root);
  assert.equal(traced.body.instance, root);
  assert.equal(lines.at(-1)?.requestId, root);
  const invalid = await call('GET', '/nowhere', { headers: { 'x-amzn-trace-id': 'Root=private"\n' } });
  assert.match(invalid.headers['x-request-id'], /^[0-9a-f-]{36}$/);
});

test('a record is sent as JSON that may be neither cached nor sniffed', async () => {
  const { call, create } = await createService();
  const { id } = await create();
  const { headers } = await call('GET', `/records/${id}`);
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(headers['cache-control'], 'no-store');
  assert.equal(headers['x-content-type-options'], 'nosniff');
});

test('every access to a record is audited with subject, action, record and outcome', async () => {
  const { call, create, lines, key, store } = await createService();
  const { id } = await create('p-private', { note: 'private' });
  const path = `/records/${id}`;
  await create('p-private');
  await call('GET', path);
  await call('POST', '/records/search', { body: { patient: 'p-private' } });
  await call('GET', '/records', { query: { patient: 'p-private' } });
  await call('PUT', path, { body: { content: {} }, headers: { 'if-match': '"7"' } });
  await call('PUT', path, { body: { content: [] }, headers: { 'if-match': '"1"' } });
  await call('PUT', `${path}/document`, { body: { contentType: 'text/plain', contentLength: 3 } });
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
      ['dr.house', 'searchRecords', true, 'done'],
      ['dr.house', 'listRecords', false, 'refused'],
      ['dr.house', 'updateRecord', true, 'conflict'],
      ['dr.house', 'updateRecord', true, 'refused'],
      ['dr.house', 'signUpload', true, 'done'],
      ['nurse', 'deleteRecord', true, 'denied'],
      ['dr.house', 'deleteRecord', true, 'done'],
      ['dr.house', 'signDownload', true, 'not found'],
      ['dr.house', 'readRecord', true, 'failed'],
    ],
  );
  assert.equal(audit.find(({ action }) => action === 'searchRecords')?.recordIds?.length, 2);
  assert.ok(audit.every(({ requestId, level }) => requestId && level === 'info'));
});

test('a request is logged with its route, and the log has no content, patient, token or query string', async () => {
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
      ['GET', '/records', 410],
      ['POST', '/records', 400],
      ['GET', undefined, 404],
    ],
  );
  for (const line of requests) {
    assert.equal(line.region, 'us-east-1');
    assert.ok(Number.isInteger(line.durationMs));
    assert.ok(!Number.isNaN(Date.parse(line.time)));
  }
  const text = JSON.stringify(lines);
  assert.doesNotMatch(text, /private/);
  assert.ok(!text.includes(token.split('.')[1]));
});

test('an unexpected error gets 500, and only the log has its name and stack', async () => {
  const { call, store, lines } = await createService();
  store.fault = new TypeError('private matters');
  const response = await call('GET', `/records/${randomUUID()}`);
  assert.equal(response.status, 500);
  assert.doesNotMatch(JSON.stringify(response), /private|\.js/);
  const line = lines.find(({ level }) => level === 'error');
  assert.equal(line?.error?.name, 'TypeError');
  assert.match(line.error.stack?.[0] ?? '', /^at .*server\.test\.js:\d+/);
  assert.equal(line.requestId, response.headers['x-request-id']);
});

test('the task maintain runs the maintenance, logs its result and fails with its error', async () => {
  const { handler, lines, store } = await createService();
  /** @param {import('./testservice.js').LogLine | undefined} line */
  const summaryOf = (line) => [line?.level, line?.message, line?.published];
  assert.deepEqual(await handler({ task: 'maintain' }), {
    migrated: 0,
    published: 2,
    purged: 1,
    purgedVersions: 0,
    removed: 0,
  });
  assert.deepEqual(summaryOf(lines.at(-1)), ['info', 'task done', 2]);
  store.fault = new Error('no way to the writer');
  await assert.rejects(handler({ task: 'maintain' }), store.fault);
  assert.deepEqual(summaryOf(lines.at(-1)), ['error', 'task failed', undefined]);
});

test('the task maintain may use half of the time that its invocation has left', async () => {
  const { handler, store } = await createService();
  /** @type {(number | undefined)[]} */
  const budgets = [];
  const { maintain } = store;
  store.maintain = (budgetMs) => (budgets.push(budgetMs), maintain());
  await handler({ task: 'maintain' }, { getRemainingTimeInMillis: () => 14_000 });
  await handler({ task: 'maintain' });
  assert.deepEqual(budgets, [7_000, undefined]);
});

test('the task verify returns the result of the verification', async () => {
  const { handler, store } = await createService();
  store.verification = { verified: false, reason: 'no login' };
  assert.deepEqual(await handler({ task: 'verify' }), { verified: false, reason: 'no login' });
});

test('any other event is an error', async () => {
  const { handler } = await createService();
  for (const event of [undefined, null, {}, { task: 'other' }, { requestContext: { http: {} } }, 'maintain']) {
    await assert.rejects(handler(event), /neither a request from a load balancer nor/);
  }
});
