// Documents: they are bound by their upload URLs, and removed with their record in both regions.
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

import { objectKey } from '../../src/aws/documents.js';
import { Unavailable } from '../../src/errors.js';
import { DEFAULT_TENANT } from '../../src/tenant.js';
import { assertUnavailable } from '../harness/assertions.js';
import { buildEnvironment } from '../harness/environment.js';
import { createFakeClock } from '../harness/fakeclock.js';
import { startFunction } from '../harness/functionprocess.js';
import { EAST, REGIONS, WEST } from '../harness/globaldatabase.js';

/** @typedef {import('../harness/globaldatabase.js').Region} Region */

const subject = 'dr-jones';
const contentType = 'text/html';
/** @type {import('../harness/environment.js').Environment} */
let environment;
/** @type {import('../harness/functionprocess.js').FunctionProcess} */
let east;

before(async () => {
  environment = await buildEnvironment('documents');
  east = startFunction(environment, EAST);
  await east.maintain();
  await environment.store(WEST).maintain();
});
after(async () => {
  await east.end();
  await environment.end();
});

/** Creates a record and returns its path and its id. */
async function create() {
  const { body } = await east.request('POST', '/records', { body: { patient: 'p', content: {} } });
  return { path: `/records/${body.id}`, id: body.id };
}

/**
 * Returns a signed request for an upload of three bytes.
 *
 * @param {string} path of the record.
 * @param {object} [more] members of the body.
 */
async function signUpload(path, more) {
  const { status, body } = await east.request('PUT', `${path}/document`, {
    body: { contentType, contentLength: 3, ...more },
  });
  assert.equal(status, 200);
  return body;
}

/**
 * Sends a signed request, and returns the response. The client sends the length of the body itself.
 *
 * @param {{url: string, method: string, headers: Record<string, string>}} signed
 * @param {string} [body]
 */
const send = ({ url, method, headers: { 'content-length': _, ...headers } }, body) =>
  fetch(url, { method, headers, body });

/** @param {Region} region @param {string} id */
const put = (region, id) =>
  new S3Client({ region }).send(
    new PutObjectCommand({
      Bucket: environment.regions[region].bucket,
      Key: objectKey(DEFAULT_TENANT, id),
      Body: 'abc',
    }),
  );

/** @param {string} id */
const regionsWithDocument = async (id) => {
  const found = [];
  for (const region of REGIONS) {
    const key = encodeURI(`${environment.regions[region].bucket}/${objectKey(DEFAULT_TENANT, id)}`);
    const { status } = await fetch(`${process.env.AWS_ENDPOINT_URL}/${key}`, { headers: unsigned(region) });
    if (status === 200) found.push(region);
    else assert.equal(status, 404);
  }
  return found;
};

/** @param {Region} region */
const unsigned = (region) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=test/20300101/${region}/s3/aws4_request, SignedHeaders=host, Signature=0`,
});

const readQueue = () =>
  environment.sql('select record_id, region, due_at from document_removals order by region, due_at');

test('an upload URL takes no other length and no other digest, and has both', async () => {
  const { path } = await create();
  const sha256 = createHash('sha256').update('abc').digest('base64');
  assert.equal((await send(await signUpload(path), 'abcd')).status, 403);
  const other = await send(await signUpload(path, { sha256 }), 'abd');
  assert.equal(other.status, 400, await other.text());
  assert.equal((await send(await signUpload(path, { sha256 }), 'abc')).status, 200);
  for (const body of [
    { contentType },
    { contentType, contentLength: 100 * 2 ** 20 + 1 },
    { contentType, contentLength: 3, sha256: 'abc' },
  ])
    assert.equal((await east.request('PUT', `${path}/document`, { body })).status, 422);
});

test('a download is saved and not shown', async () => {
  const { path } = await create();
  assert.equal((await send(await signUpload(path), 'abc')).status, 200);
  const response = await send((await east.request('GET', `${path}/document`)).body);
  assert.deepEqual(
    [response.status, response.headers.get('content-disposition'), await response.text()],
    [200, 'attachment', 'abc'],
  );
});

test('a document is deleted without its record', async () => {
  const { path, id } = await create();
  assert.equal((await send(await signUpload(path), 'abc')).status, 200);
  const download = (await east.request('GET', `${path}/document`)).body;
  assert.equal((await east.request('DELETE', `${path}/document`)).status, 204);
  assert.equal((await send(download)).status, 404);
  assert.equal((await east.request('GET', path)).status, 200);
  assert.equal((await east.request('DELETE', `${path}/document`)).status, 204);
  assert.equal((await send(await signUpload(path), 'new')).status, 200);
  await east.maintain();
  assert.deepEqual(await regionsWithDocument(id), [EAST]);
  assert.equal((await east.request('DELETE', `/records/${randomUUID()}/document`)).status, 404);
});

test('a deleted record takes its document with it in both regions, and an upload that comes later', async () => {
  const { path, id } = await create();
  for (const region of REGIONS) await put(region, id);
  const upload = await signUpload(path);
  assert.deepEqual(await regionsWithDocument(id), [EAST, WEST]);
  assert.equal((await east.request('DELETE', path)).status, 204);
  assert.deepEqual(await regionsWithDocument(id), [WEST], 'the region that is asked removes it at once');
  const west = environment.store(WEST);
  assert.equal((await west.maintain()).removed, 1);
  assert.deepEqual(await regionsWithDocument(id), []);
  assert.equal((await east.maintain()).removed, 0);

  for (const later of ['20 minutes', '1 day']) {
    assert.equal((await send(upload, 'abc')).status, 200);
    await put(WEST, id);
    assert.deepEqual([(await east.maintain()).removed, (await west.maintain()).removed], [0, 0]);
    await environment.sql('update document_removals set due_at = due_at - $1::interval', [later]);
    assert.deepEqual([(await east.maintain()).removed, (await west.maintain()).removed], [1, 1]);
    assert.deepEqual(await regionsWithDocument(id), []);
    await environment.sql('update document_removals set due_at = due_at + $1::interval', [later]);
  }
  assert.deepEqual(await readQueue(), []);
});

test('the removal is queued with every deletion, also of the earlier version of the function, and with no other change', async () => {
  const { id, path } = await create();
  await environment.sql('update records set content = $2 where id = $1', [id, '{}']);
  const { id: refused } = await create();
  assert.equal((await east.request('DELETE', `/records/${refused}`, { headers: { 'if-match': '"1"' } })).status, 412);
  assert.deepEqual(await readQueue(), []);
  await environment.sql('delete from records where id = $1', [id]);
  const queue = await readQueue();
  assert.deepEqual(
    queue.map((row) => [row.record_id, row.region]),
    [EAST, EAST, EAST, WEST, WEST, WEST].map((region) => [id, region]),
  );
  const delays = queue.slice(0, 3).map((row) => row.due_at - queue[0].due_at);
  assert.deepEqual(delays, [0, 20 * 60_000, 24 * 3_600_000]);
  assert.equal((await east.request('GET', path)).status, 404);
  await environment.sql('delete from document_removals');
});

test('a record that exists again keeps its document', async () => {
  const { id, path } = await create();
  await put(EAST, id);
  const [row] = await environment.sql('delete from records where id = $1 returning *', [id]);
  await environment.sql('insert into records (id, patient, content) values ($1, $2, $3)', [id, row.patient, '{}']);
  assert.equal((await east.maintain()).removed, 0);
  assert.deepEqual(await regionsWithDocument(id), [EAST]);
  assert.equal((await east.request('DELETE', path)).status, 204);
  await environment.sql('delete from document_removals');
});

test('while S3 does not answer, a record is deleted, and its document is removed later', async () => {
  const documents = { remove: () => Promise.reject(new Unavailable('no S3', 5)) };
  const broken = environment.store(EAST, { documents });
  const { record } = await broken.create({ patient: 'p', content: '{}', subject });
  await put(EAST, record.id);
  await broken.remove(record.id);
  await assertUnavailable(broken.maintain());
  assert.deepEqual(await regionsWithDocument(record.id), [EAST]);
  assert.equal((await environment.store(EAST).maintain()).removed, 1);
  assert.deepEqual(await regionsWithDocument(record.id), []);
  await environment.sql('delete from document_removals');
});

test('one maintenance removes the documents of as many records as there are', async () => {
  await environment.sql(
    `insert into document_removals (record_id, region, due_at)
     select gen_random_uuid(), 'us-east-1', now() from generate_series(1, 450)`,
  );
  let calls = 0;
  const documents = { remove: async () => ++calls % 2 === 0 };
  assert.equal((await environment.store(EAST, { documents }).maintain()).removed, 225);
  assert.equal(calls, 450);
  assert.deepEqual(await readQueue(), []);
});

test('removing stops when its time is over, and the next maintenance goes on', async () => {
  await environment.sql(
    `insert into document_removals (record_id, region, due_at)
     select gen_random_uuid(), 'us-east-1', now() from generate_series(1, 450)`,
  );
  const clock = createFakeClock();
  const documents = { remove: async () => (clock.advance(10), true) };
  // The time is over after 400 ms, which is 40 removals; a batch of 100 that has begun is finished.
  assert.equal((await environment.store(EAST, { documents, clock }).maintain(1_000)).removed, 100);
  assert.equal((await readQueue()).length, 350);
  const quick = { remove: async () => true };
  assert.equal((await environment.store(EAST, { documents: quick }).maintain()).removed, 350);
  assert.deepEqual(await readQueue(), []);
});
