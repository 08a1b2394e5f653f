// The operations on records' histories.
import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { test } from 'node:test';

import { readRetention } from '../../src/retention.js';
import { AUDIT_KEY, createService, sign } from './testservice.js';

/** @typedef {import('../../src/database/versions.js').Version} Version */

/** Creates the function, and a record with some versions. */
async function createHistory({ amendments = 2 } = {}) {
  const service = await createService();
  const created = await service.call('POST', '/records', { body: { patient: 'p-1', content: { n: 0 } } });
  const path = `/records/${created.body.id}`;
  const answers = [created];
  for (let n = 1; n <= amendments; n++) {
    const headers = { 'if-match': answers[n - 1].headers.etag };
    answers.push(await service.call('PUT', path, { body: `{"content":{"n": ${n}.00}}`, headers }));
  }
  /** @returns {Promise<{versions: Version[], next: string | null}>} */
  const list = async (query = {}) => (await service.call('GET', `${path}/versions`, { query })).body;
  return { ...service, path, answers, list };
}

test('a history lists the versions, the newest first, and each is read as it was answered then', async () => {
  const { call, path, answers, list } = await createHistory();
  const { versions, next } = await list();
  assert.equal(next, null);
  assert.deepEqual(
    versions.map(({ version, kind, changedBy }) => [version, kind, changedBy]),
    [
      [3, 'amended', 'dr.house'],
      [2, 'amended', 'dr.house'],
      [1, 'created', 'dr.house'],
    ],
  );
  for (const { version, tag } of versions) {
    const answer = answers[version - 1];
    assert.equal(`"${tag}"`, answer.headers.etag);
    const read = await call('GET', `${path}/versions/${tag}`);
    assert.deepEqual([read.status, read.text, read.headers.etag], [200, answer.text, answer.headers.etag]);
    const head = await call('HEAD', `${path}/versions/${tag}`);
    assert.deepEqual([head.status, head.text, head.headers.etag], [200, '', answer.headers.etag]);
  }
});

test('a history is read page by page', async () => {
  const { list } = await createHistory({ amendments: 4 });
  const first = await list({ limit: '2' });
  const second = await list({ limit: '2', cursor: first.next ?? undefined });
  const third = await list({ limit: '2', cursor: second.next ?? undefined });
  assert.deepEqual(
    [first, second, third].map(({ versions }) => versions.map(({ version }) => version)),
    [[5, 4], [3, 2], [1]],
  );
  assert.equal(third.next, null);
});

test('a limit or a cursor that is none gets 400, which quotes nothing', async (t) => {
  const { call, path, answers } = await createHistory();
  const tag = answers[0].headers.etag.slice(1, -1);
  const queries = [
    ...['0', '101', '-1', '1.5', '1e1', '', ' 1', 'smith', '99999999999'].map((limit) => ({ limit })),
    ...['', 'smith', '1', `0-${tag.slice(2)}`, `"${tag}"`, `${tag} `, `4294967296-${tag.slice(2)}`].map((cursor) => ({
      cursor,
    })),
  ];
  for (const query of queries)
    await t.test(JSON.stringify(query), async () => {
      const { status, body, text } = await call('GET', `${path}/versions`, { query });
      assert.deepEqual([status, body.type], [400, 'urn:warmstandby:problem:malformed-request']);
      assert.deepEqual(Object.keys(body.errors[0]), ['parameter', 'detail']);
      assert.ok(!text.includes('smith'));
    });
  assert.equal((await call('GET', `${path}/versions`, { query: { other: 'smith' } })).status, 200);
});

test('a repeated limit or cursor gets 400', async () => {
  const { send, path, answers, key } = await createHistory();
  const authorization = [`Bearer ${await sign(key)}`];
  const tag = answers[0].headers.etag.slice(1, -1);
  for (const query of [{ limit: ['1', '2'] }, { cursor: [tag, tag] }]) {
    const { status } = await send({
      requestContext: { elb: {} },
      httpMethod: 'GET',
      path: `${path}/versions`,
      multiValueHeaders: { authorization },
      multiValueQueryStringParameters: query,
    });
    assert.equal(status, 400);
  }
});

test('preconditions of a version are those of a read', async () => {
  const { call, path, answers } = await createHistory();
  const [etag, other] = [answers[0].headers.etag, answers[1].headers.etag];
  const version = `${path}/versions/${etag.slice(1, -1)}`;
  const statusOf = async (/** @type {Record<string, string>} */ headers) =>
    (await call('GET', version, { headers })).status;
  assert.equal(await statusOf({ 'if-none-match': etag }), 304);
  assert.equal(await statusOf({ 'if-none-match': other }), 200);
  assert.equal(await statusOf({ 'if-match': etag }), 200);
  assert.equal(await statusOf({ 'if-match': other }), 412);
});

test('a removed record is missing, and its versions are not; the removal itself has no content', async () => {
  const { call, path, answers, list } = await createHistory({ amendments: 1 });
  assert.equal((await call('DELETE', path)).status, 204);
  assert.equal((await call('GET', path)).status, 404);
  const { versions } = await list();
  assert.deepEqual(
    versions.map(({ version, kind }) => [version, kind]),
    [
      [3, 'removed'],
      [2, 'amended'],
      [1, 'created'],
    ],
  );
  const removal = await call('GET', `${path}/versions/${versions[0].tag}`);
  assert.deepEqual([removal.status, removal.body.type], [410, 'urn:warmstandby:problem:version-removed']);
  assert.equal((await call('GET', `${path}/versions/${versions[2].tag}`)).text, answers[0].text);
});

test('no request changes a version or restores one in place', async () => {
  const { call, path, answers } = await createHistory();
  const version = `${path}/versions/${answers[0].headers.etag.slice(1, -1)}`;
  for (const method of ['PUT', 'POST', 'DELETE', 'PATCH'])
    for (const target of [version, `${path}/versions`]) {
      const { status, headers } = await call(method, target, { body: { content: {} }, headers: { 'if-match': '*' } });
      assert.deepEqual([status, headers.allow], [405, 'GET, HEAD']);
    }
});

test('what is no tag of a version has no route, and a version of another record is missing', async () => {
  const { call, create, path, answers } = await createHistory();
  const tag = answers[0].headers.etag.slice(1, -1);
  for (const other of [
    '1',
    tag.slice(1),
    `${tag}0`,
    tag.toUpperCase(),
    `01${tag.slice(1)}`,
    `9999999999${tag.slice(1)}`,
    'smith',
  ])
    if (other !== tag) assert.equal((await call('GET', `${path}/versions/${other}`)).status, 404, other);
  const { id } = await create();
  assert.equal((await call('GET', `/records/${id}/versions/${tag}`)).status, 404);
  assert.equal((await call('GET', `/records/${randomUUID()}/versions`)).status, 404);
});

test('the audit trail says who read which version of whose record', async () => {
  const { call, path, answers, list, lines } = await createHistory();
  const recordId = path.split('/')[2];
  const patient = createHmac('sha256', AUDIT_KEY).update('p-1').digest('hex');
  await list();
  const last = () => {
    const {
      subject,
      action,
      recordId: id,
      version,
      patient: whose,
      outcome,
    } = lines.filter(({ audit }) => audit).at(-1) ?? {};
    return [subject, action, id, version, whose, outcome];
  };
  assert.deepEqual(last(), ['dr.house', 'listVersions', recordId, undefined, patient, 'done']);
  await call('GET', `${path}/versions/${answers[1].headers.etag.slice(1, -1)}`);
  assert.deepEqual(last(), ['dr.house', 'readVersion', recordId, 2, patient, 'done']);
});

test('versions are kept as the environment says, and nothing stands for a value that is missing or wrong', () => {
  assert.deepEqual(readRetention({ VERSION_RETENTION_DAYS: '2192', LEGAL_HOLD: 'true' }), {
    days: 2_192,
    legalHold: true,
  });
  assert.deepEqual(readRetention({ VERSION_RETENTION_DAYS: '1', LEGAL_HOLD: 'false' }), { days: 1, legalHold: false });
  for (const days of [undefined, '', '0', '-1', '1.5', '36501', '1e3', 'six'])
    assert.throws(() => readRetention({ VERSION_RETENTION_DAYS: days, LEGAL_HOLD: 'false' }), /VERSION_RETENTION_DAYS/);
  for (const hold of [undefined, '', 'yes', '0', 'True'])
    assert.throws(() => readRetention({ VERSION_RETENTION_DAYS: '1', LEGAL_HOLD: hold }), /LEGAL_HOLD/);
});
