import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';

import { eventually } from '../harness/await.js';
import { openDoor } from '../harness/door.js';
import { buildEnvironment } from '../harness/environment.js';
import { startFunction } from '../harness/invoke.js';
import { EAST, REGIONS, WEST } from '../harness/platform.js';

let environment, east, west;

before(async () => {
  environment = await buildEnvironment('function');
  east = startFunction(environment, EAST);
  west = startFunction(environment, WEST);
  for (const at of [east, west]) assert.equal((await at.invoke({ task: 'maintain' })).purged, 0);
  await eventually(
    'the schema is in the west',
    async () => (await west.request('GET', '/records?patient=p')).status === 200 || undefined,
  );
});
after(async () => {
  await Promise.all([east.end(), west.end()]);
  await environment.end();
});

/** Reads a record once the region has this version of it. */
const read = (at, id, version) =>
  eventually(`version ${version} of ${id}`, async () => {
    const answer = await at.request('GET', `/records/${id}`);
    return answer.body.version === version ? answer : undefined;
  });

test('a record from creation to deletion, through the functions of both regions', async () => {
  const created = await east.request('POST', '/records', { body: { patient: 'p-1', content: { finding: 'none' } } });
  assert.equal(created.status, 201);
  const { id } = created.body;
  assert.equal(created.headers.location, `/records/${id}`);
  assert.deepEqual((await read(west, id, 1)).body, created.body);

  const changed = await west.request('PUT', `/records/${id}`, {
    body: { content: { finding: 'some' } },
    headers: { 'if-match': created.headers.etag },
  });
  assert.deepEqual([changed.status, changed.body.version, changed.body.patient], [200, 2, 'p-1']);
  const late = await east.request('PUT', `/records/${id}`, {
    body: { content: {} },
    headers: { 'if-match': created.headers.etag },
  });
  assert.equal(late.status, 412);
  const same = await east.request('GET', `/records/${id}`, { headers: { 'if-none-match': changed.headers.etag } });
  assert.equal(same.status, 304);

  assert.equal(
    (await east.request('DELETE', `/records/${id}`, { headers: { 'if-match': changed.headers.etag } })).status,
    204,
  );
  for (const method of ['GET', 'DELETE']) assert.equal((await east.request(method, `/records/${id}`)).status, 404);

  const events = (await Promise.all(REGIONS.map((region) => environment.places[region].published()))).flat();
  assert.deepEqual(events.map(({ type }) => type).sort(), ['RecordCreated', 'RecordDeleted', 'RecordUpdated']);
});

test('pages follow each other by their cursors', async () => {
  const made = [];
  for (let n = 0; n < 5; n++)
    made.push((await east.request('POST', '/records', { body: { patient: 'p 2&', content: { n } } })).body.id);
  const got = [];
  let cursor = '';
  do {
    const page = await east.request('GET', `/records?patient=${encodeURIComponent('p 2&')}&limit=2${cursor}`);
    assert.equal(page.status, 200);
    got.push(...page.body.records.map(({ id }) => id));
    cursor = page.body.next && `&cursor=${page.body.next}`;
  } while (cursor);
  assert.deepEqual(got, made);
});

test('a repeated POST is answered as the first was, and a changed one is refused', async () => {
  const headers = { 'idempotency-key': 'post-1' };
  const body = { patient: 'p-3', content: { a: 1 } };
  const answers = await Promise.all(
    [east, west, east, west].map((at) => at.request('POST', '/records', { body, headers })),
  );
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([201]));
  assert.equal(
    new Set(answers.map((answer) => JSON.stringify([answer.body, answer.headers.etag, answer.headers.location]))).size,
    1,
  );
  assert.equal(answers.filter((answer) => answer.headers['idempotency-replayed'] === 'true').length, 3);
  const other = await east.request('POST', '/records', { body: { ...body, patient: 'p-4' }, headers });
  assert.ok([409, 422].includes(other.status), String(other.status));
  assert.equal((await environment.sql(`select from records where patient in ('p-3', 'p-4')`)).length, 1);
});

test('a document goes to S3 and comes from it by the URLs that are signed, with its type', async () => {
  for (const [region, at] of [
    [EAST, east],
    [WEST, west],
  ]) {
    const {
      body: { id },
    } = await at.request('POST', '/records', { body: { patient: 'p-5', content: {} } });
    await read(at, id, 1);
    const contentType = 'application/pdf';
    const upload = await at.request('PUT', `/records/${id}/document`, { body: { contentType } });
    assert.equal(upload.status, 200, JSON.stringify(upload.body));
    assert.ok(upload.body.url.includes(environment.places[region].bucket));
    const { url, method, headers } = upload.body;
    assert.equal((await fetch(url, { method, headers, body: `of ${region}` })).status, 200);
    const download = await at.request('GET', `/records/${id}/document`);
    const fetched = await fetch(download.body.url, { method: download.body.method, headers: download.body.headers });
    assert.deepEqual(
      [fetched.status, fetched.headers.get('content-type'), await fetched.text()],
      [200, contentType, `of ${region}`],
    );
  }
  const missing = '6f3f0d7e-0000-4000-8000-000000000000';
  assert.equal((await east.request('GET', `/records/${missing}/document`)).status, 404);
});

test('whoever has no token, or none that allows it, is refused before the database is asked', async () => {
  assert.equal((await east.request('GET', '/records?patient=p', { token: null })).status, 401);
  assert.equal((await east.request('GET', '/records?patient=p', { token: 'nonsense' })).status, 401);
  const reading = await environment.token('records:read');
  assert.equal((await east.request('GET', '/records?patient=p', { token: reading })).status, 200);
  assert.equal(
    (await east.request('POST', '/records', { token: reading, body: { patient: 'p', content: {} } })).status,
    403,
  );
  assert.notEqual((await east.request('GET', '/healthz', { token: null })).status, 401);
});

test('what looks like SQL, or is all that JSON allows, is kept or refused, and is never a fault', async () => {
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
    const answer = await east.request('POST', '/records', {
      body,
      headers: { 'idempotency-key': 'x'.repeat(128) + text.length },
    });
    assert.ok([201, 400, 422].includes(answer.status), `${JSON.stringify(text)}: ${answer.status}`);
    const plain = await east.request('POST', '/records', { body });
    assert.ok([201, 400, 422].includes(plain.status), `${JSON.stringify(text)}: ${plain.status}`);
    if (plain.status === 201)
      assert.deepEqual((await east.request('GET', `/records/${plain.body.id}`)).body.content, body.content);
  }
  const levels = 40_000; // As many as a body has room for; recursion ends before.
  const deep = await east.request('POST', '/records', {
    body: `{"patient":"p","content":{"a":${'['.repeat(levels)}${']'.repeat(levels)}}}`,
  });
  assert.ok([400, 422].includes(deep.status), String(deep.status));
});

test('the region with the writer is ready, both are healthy', async () => {
  const status = async (at, path) => {
    const { status: code, body } = await at.request('GET', path, { token: null });
    return [code, body.region, body.role];
  };
  await eventually('the regions say what they can', async () => {
    const said = { ready: await status(east, '/readyz'), standby: await status(west, '/readyz') };
    const healthy = [await status(east, '/healthz'), await status(west, '/healthz')];
    const wanted = { ready: [200, EAST, 'primary'], standby: [503, WEST, 'secondary'] };
    return (
      isDeepStrictEqual(
        [said, healthy],
        [
          wanted,
          [
            [200, EAST, 'primary'],
            [200, WEST, 'secondary'],
          ],
        ],
      ) || undefined
    );
  });
});

test('while the database hangs health checks are answered, changes get 503 with Retry-After, and afterwards all is well', async (t) => {
  const { writer, clusters, places } = environment;
  const doors = { writer: await openDoor(writer), cluster: await openDoor(clusters[EAST]) };
  await places[EAST].write({
    'database/writer-endpoint': doors.writer.host,
    'database/port': doors.writer.port,
    'database/cluster-endpoint': doors.cluster.host,
    'database/reader-endpoint': doors.cluster.host,
    'database/cluster-port': doors.cluster.port,
  });
  const hung = startFunction(environment, EAST);
  t.after(async () => {
    await hung.end();
    await Promise.all([doors.writer.end(), doors.cluster.end()]);
    await places[EAST].write({
      'database/writer-endpoint': writer.host,
      'database/port': writer.port,
      'database/cluster-endpoint': clusters[EAST].host,
      'database/reader-endpoint': clusters[EAST].host,
      'database/cluster-port': clusters[EAST].port,
    });
  });
  const body = { patient: 'p-6', content: {} };
  assert.equal((await hung.request('POST', '/records', { body })).status, 201);
  doors.writer.hang();
  doors.cluster.hang();
  // The database never answers: that there are answers shows that nobody waits for it. Good ones are kept for seconds.
  for (const path of ['/healthz', '/readyz'])
    await eventually(
      `${path} tells of it`,
      async () => (await hung.request('GET', path, { token: null })).status === 503 || undefined,
    );
  const refused = await hung.request('POST', '/records', { body });
  assert.deepEqual([refused.status, refused.headers['retry-after']], [503, '5']);
  doors.writer.pass();
  doors.cluster.pass();
  await eventually(
    'the function is well again',
    async () => (await hung.request('GET', '/readyz', { token: null })).status === 200 || undefined,
  );
  assert.equal((await hung.request('POST', '/records', { body })).status, 201);
});

test('each region verifies that its secret opens its database, whatever its connections are', async () => {
  await environment.keep('a password that the database does not know');
  for (const at of [east, west]) {
    const { verified, reason } = await at.invoke({ task: 'verify' });
    assert.equal(verified, false);
    assert.match(reason, /refuses the login \(28P01\)/);
  }
  await environment.rotate('a password that both know');
  await eventually('both secrets open their databases', async () => {
    const found = await Promise.all([east, west].map((at) => at.invoke({ task: 'verify' })));
    return found.every(({ verified }) => verified) || undefined;
  });
});

test('a rotated password is used without a restart, in both regions', async () => {
  await environment.rotate('a second password');
  // Connections of before outlive a rotation; new ones must be made with the new one.
  await environment.sql(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and application_name like 'warmstandby%'`,
    [environment.name],
  );
  const {
    body: { id },
  } = await eventually('the west writes', async () => {
    const answer = await west.request('POST', '/records', { body: { patient: 'p-7', content: {} } });
    return answer.status === 201 ? answer : undefined;
  });
  await read(east, id, 1);
  await read(west, id, 1);
});

test('the log has no content, no patient and no token', async () => {
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
