// The function as Lambda runs it, one process in each region, over the local AWS emulator.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';

import { assertRetryAfter } from '../harness/assertions.js';
import { buildEnvironment } from '../harness/environment.js';
import { eventually } from '../harness/eventually.js';
import { startFaultProxy } from '../harness/faultproxy.js';
import { startFunction } from '../harness/functionprocess.js';
import { EAST, REGIONS, WEST } from '../harness/globaldatabase.js';

/** @typedef {import('../harness/functionprocess.js').FunctionProcess} FunctionProcess */

/** @type {import('../harness/environment.js').Environment} */
let environment;
/** @type {FunctionProcess} */
let east;
/** @type {FunctionProcess} */
let west;

before(async () => {
  environment = await buildEnvironment('function');
  east = startFunction(environment, EAST);
  west = startFunction(environment, WEST);
  for (const fn of [east, west]) assert.equal((await fn.maintain()).purged, 0);
  await eventually(
    'the schema is replicated to the west',
    async () => (await west.request('POST', '/records/search', { body: { patient: 'p' } })).status === 200 || undefined,
  );
});
after(async () => {
  await Promise.all([east.end(), west.end()]);
  await environment.end();
});

/**
 * Reads a record as soon as this version of it is replicated to the region.
 *
 * @param {FunctionProcess} fn
 * @param {string} id
 * @param {number} version
 */
const readVersion = (fn, id, version) =>
  eventually(`version ${version} of ${id}`, async () => {
    const response = await fn.request('GET', `/records/${id}`);
    return response.body.version === version ? response : undefined;
  });

test('a record is created, read, changed and deleted through the functions of both regions', async () => {
  const created = await east.request('POST', '/records', { body: { patient: 'p-1', content: { finding: 'none' } } });
  assert.equal(created.status, 201);
  const { id } = created.body;
  assert.equal(created.headers.location, `/records/${id}`);
  assert.deepEqual((await readVersion(west, id, 1)).body, created.body);

  const changed = await west.request('PUT', `/records/${id}`, {
    body: { content: { finding: 'some' } },
    headers: { 'if-match': created.headers.etag },
  });
  assert.deepEqual([changed.status, changed.body.version, changed.body.patient], [200, 2, 'p-1']);
  const outdated = await east.request('PUT', `/records/${id}`, {
    body: { content: {} },
    headers: { 'if-match': created.headers.etag },
  });
  assert.equal(outdated.status, 412);
  const same = await east.request('GET', `/records/${id}`, { headers: { 'if-none-match': changed.headers.etag } });
  assert.equal(same.status, 304);

  assert.equal(
    (await east.request('DELETE', `/records/${id}`, { headers: { 'if-match': changed.headers.etag } })).status,
    204,
  );
  for (const method of ['GET', 'DELETE']) assert.equal((await east.request(method, `/records/${id}`)).status, 404);

  const events = (await Promise.all(REGIONS.map((region) => environment.regions[region].publishedEvents()))).flat();
  assert.deepEqual(events.map(({ type }) => type).sort(), ['RecordCreated', 'RecordDeleted', 'RecordUpdated']);
});

test('the cursors of the pages lead through all records of a patient', async () => {
  const created = [];
  for (let n = 0; n < 5; n++)
    created.push((await east.request('POST', '/records', { body: { patient: 'p 2&', content: { n } } })).body.id);
  const listed = [];
  let cursor;
  do {
    const body = { patient: 'p 2&', limit: 2, ...(cursor && { cursor }) };
    const page = await east.request('POST', '/records/search', { body });
    assert.equal(page.status, 200);
    listed.push(.../** @type {{id: string}[]} */ (page.body.records).map(({ id }) => id));
    cursor = page.body.next;
  } while (cursor);
  assert.deepEqual(listed, created);
});

test('a POST that is repeated with its idempotency key has the first response, and another body is refused', async () => {
  const headers = { 'idempotency-key': 'post-1' };
  const body = { patient: 'p-3', content: { a: 1 } };
  const responses = await Promise.all(
    [east, west, east, west].map((fn) => fn.request('POST', '/records', { body, headers })),
  );
  assert.deepEqual(new Set(responses.map(({ status }) => status)), new Set([201]));
  const distinct = responses.map((response) =>
    JSON.stringify([response.body, response.headers.etag, response.headers.location]),
  );
  assert.equal(new Set(distinct).size, 1);
  assert.equal(responses.filter((response) => response.headers['idempotency-replayed'] === 'true').length, 3);
  const other = await east.request('POST', '/records', { body: { ...body, patient: 'p-4' }, headers });
  assert.ok([409, 422].includes(other.status), String(other.status));
  assert.equal((await environment.sql(`select from records where patient in ('p-3', 'p-4')`)).length, 1);
});

test('a document is uploaded to S3 and downloaded with its media type by the presigned URLs of both regions', async () => {
  for (const region of REGIONS) {
    const fn = region === EAST ? east : west;
    const created = await fn.request('POST', '/records', { body: { patient: 'p-5', content: {} } });
    const { id } = created.body;
    await readVersion(fn, id, 1);
    const contentType = 'application/pdf';
    const upload = await fn.request('PUT', `/records/${id}/document`, {
      body: { contentType, contentLength: `of ${region}`.length },
    });
    assert.equal(upload.status, 200, JSON.stringify(upload.body));
    assert.ok(upload.body.url.includes(environment.regions[region].bucket));
    const { url, method, headers } = upload.body;
    assert.equal((await fetch(url, { method, headers, body: `of ${region}` })).status, 200);
    const download = await fn.request('GET', `/records/${id}/document`);
    const fetched = await fetch(download.body.url, { method: download.body.method, headers: download.body.headers });
    assert.deepEqual(
      [fetched.status, fetched.headers.get('content-type'), await fetched.text()],
      [200, contentType, `of ${region}`],
    );
  }
  const missing = '6f3f0d7e-0000-4000-8000-000000000000';
  assert.equal((await east.request('GET', `/records/${missing}/document`)).status, 404);
});

test('a request without a sufficient token is refused, and health checks need none', async () => {
  assert.equal((await east.request('POST', '/records/search', { token: null, body: { patient: 'p' } })).status, 401);
  assert.equal(
    (await east.request('POST', '/records/search', { token: 'nonsense', body: { patient: 'p' } })).status,
    401,
  );
  const readToken = await environment.token('records:read');
  assert.equal(
    (await east.request('POST', '/records/search', { token: readToken, body: { patient: 'p' } })).status,
    200,
  );
  assert.equal(
    (await east.request('POST', '/records', { token: readToken, body: { patient: 'p', content: {} } })).status,
    403,
  );
  assert.notEqual((await east.request('GET', '/healthz', { token: null })).status, 401);
});

test('text that looks like SQL or is unusual in JSON is stored unchanged or refused, and never causes a 500', async () => {
  /**
   * @param {number} depth
   * @returns {object}
   */
  const nested = (depth) => (depth === 0 ? {} : { a: nested(depth - 1) });
  for (const text of [
    `'; drop table records; --`,
    `$1`,
    `\\'); --`,
    '\u0000',
    '\ud800',
    '\u202e',
    '%00',
    `{"a":1}`,
    '\u{10ffff}',
    '0'.repeat(128),
  ]) {
    const body = { patient: text, content: { [text]: text, nested: nested(20) } };
    const keyed = await east.request('POST', '/records', {
      body,
      headers: { 'idempotency-key': 'x'.repeat(128) + text.length },
    });
    assert.ok([201, 400, 422].includes(keyed.status), `${JSON.stringify(text)}: ${keyed.status}`);
    const plain = await east.request('POST', '/records', { body });
    assert.ok([201, 400, 422].includes(plain.status), `${JSON.stringify(text)}: ${plain.status}`);
    if (plain.status === 201)
      assert.deepEqual((await east.request('GET', `/records/${plain.body.id}`)).body.content, body.content);
  }
  const levels = 40_000; // As many as fit into a body; a recursive parser fails earlier.
  const deep = await east.request('POST', '/records', {
    body: `{"patient":"p","content":{"a":${'['.repeat(levels)}${']'.repeat(levels)}}}`,
  });
  assert.ok([400, 422].includes(deep.status), String(deep.status));
});

test('both regions are healthy, and only the region with the writer is ready', async () => {
  /**
   * @param {FunctionProcess} fn
   * @param {string} path
   */
  const check = async (fn, path) => {
    const { status, body } = await fn.request('GET', path, { token: null });
    return [status, body.region, body.role];
  };
  const expected = [
    [200, EAST, 'primary'],
    [503, WEST, 'secondary'],
    [200, EAST, 'primary'],
    [200, WEST, 'secondary'],
  ];
  await eventually('the health checks have the expected results', async () => {
    const results = [
      await check(east, '/readyz'),
      await check(west, '/readyz'),
      await check(east, '/healthz'),
      await check(west, '/healthz'),
    ];
    return isDeepStrictEqual(results, expected) || undefined;
  });
});

test('while the database hangs health checks respond and changes get 503 with Retry-After, and afterwards the function recovers', async (t) => {
  const { writer, clusters } = environment;
  const proxies = { writer: await startFaultProxy(writer), cluster: await startFaultProxy(clusters[EAST]) };
  await environment.setEndpoints(EAST, proxies);
  const fn = startFunction(environment, EAST);
  t.after(async () => {
    await fn.end();
    await Promise.all([proxies.writer.close(), proxies.cluster.close()]);
    await environment.setEndpoints(EAST);
  });
  const body = { patient: 'p-6', content: {} };
  assert.equal((await fn.request('POST', '/records', { body })).status, 201);
  proxies.writer.hang();
  proxies.cluster.hang();
  // The database never answers, so any response proves that the function does not wait for it. A success is cached for 5 s.
  for (const path of ['/healthz', '/readyz'])
    await eventually(
      `${path} is 503`,
      async () => (await fn.request('GET', path, { token: null })).status === 503 || undefined,
    );
  const refused = await fn.request('POST', '/records', { body });
  assert.equal(refused.status, 503);
  assertRetryAfter(refused.headers['retry-after']);
  proxies.writer.resume();
  proxies.cluster.resume();
  await eventually(
    'the function is ready again',
    async () => (await fn.request('GET', '/readyz', { token: null })).status === 200 || undefined,
  );
  // It remembers for a second that there was no writer.
  await eventually(
    'the function makes changes again',
    async () => (await fn.request('POST', '/records', { body })).status === 201 || undefined,
  );
});

test('the task verify logs in with the current secret, whatever the existing connections use', async () => {
  await environment.putPassword('a password that the database does not know');
  for (const fn of [east, west]) {
    const { verified, reason = '' } = await fn.verify();
    assert.equal(verified, false);
    assert.match(reason, /refuses the login \(28P01\)/);
  }
  await environment.rotatePassword('a password that both know');
  await eventually('the secrets of both regions are verified', async () => {
    const results = await Promise.all([east, west].map((fn) => fn.verify()));
    return results.every(({ verified }) => verified) || undefined;
  });
});

test('a rotated password is used in both regions without a restart', async () => {
  await environment.rotatePassword('a second password');
  // Existing connections survive a rotation, so they are closed: new ones need the new password.
  await environment.terminateConnections();
  const created = await eventually('the west makes a change', async () => {
    const response = await west.request('POST', '/records', { body: { patient: 'p-7', content: {} } });
    return response.status === 201 ? response : undefined;
  });
  await readVersion(east, created.body.id, 1);
  await readVersion(west, created.body.id, 1);
});

test('the log contains no content, no patient, no token and no password', async () => {
  const lines = (east.log() + west.log())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const audits = lines.filter(({ audit }) => audit);
  assert.ok(audits.length > 20);
  const text = JSON.stringify(lines);
  for (const hidden of ['p-1', 'p 2', 'finding', 'drop table', 'eyJ', 'password'])
    assert.ok(!text.includes(hidden), hidden);
});
