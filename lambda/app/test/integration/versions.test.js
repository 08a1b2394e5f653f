// Histories of records: what was before is kept, read at a version, and deleted when its retention is over.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import { SETTING, forTenant } from '../../src/database/tenants.js';
import { migrations } from '../../src/database/migrations/index.js';
import { remove as removeRecord, update as updateRecord } from '../../src/database/records.js';
import { credentialsOf } from '../../src/database/roles.js';
import { VERSIONS_MIGRATION, list, parseTag, purgeVersions } from '../../src/database/versions.js';
import { NotFound } from '../../src/errors.js';
import { DEFAULT_TENANT } from '../../src/tenant.js';
import { assertFails } from '../harness/assertions.js';
import { connectAs } from '../harness/connections.js';
import { earlierVersion } from '../harness/earlierversion.js';
import { RETENTION, buildEnvironment } from '../harness/environment.js';
import { eventually } from '../harness/eventually.js';
import { startFunction } from '../harness/functionprocess.js';
import { EAST, REGIONS, WEST } from '../harness/globaldatabase.js';
import { only } from '../harness/tags.js';

/** @typedef {import('../../src/database/grants.js').Login} Login */
/** @typedef {import('../../src/database/versions.js').Version} Version */

const subject = 'dr-jones';
// A page of 20 versions is some blocks of the index and of the table for each; a scan of 20,000 would be hundreds.
const MAX_BLOCKS = 100;
const DAY_MS = 24 * 60 * 60 * 1_000;
// What maintenance has here for its work: on a busy machine the usual time is over before it has begun.
const BUDGET_MS = 300_000;
const NO_ROW_MAY_GO = '23001'; // restrict_violation
const NOT_GRANTED = '42501'; // insufficient_privilege

/** @type {import('../harness/environment.js').Environment} */
let environment;
/** @type {import('../harness/environment.js').TestStore} */
let east;
before(async () => {
  environment = await buildEnvironment('versions');
  east = environment.store(EAST);
  await east.maintain();
});
after(() => environment.end());

/**
 * Runs work on a connection as a role.
 *
 * @template T
 * @param {Login} role
 * @param {(client: import('pg').Client) => Promise<T>} work
 */
async function as(role, work) {
  const client = await connectAs(credentialsOf(environment.login, role), environment.writer, environment.name);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/**
 * Reads a version of a record.
 *
 * @param {import('../harness/environment.js').TestStore} store
 * @param {string} id
 * @param {Pick<Version, 'tag'>} version
 */
const readVersion = (store, id, { tag }) => store.getVersion(id, /** @type {[number, string]} */ (parseTag(tag)));

/**
 * Returns the history of a record as [version, kind, subject], the newest first.
 *
 * @param {import('../harness/environment.js').TestStore} store
 * @param {string} id
 */
const historyOf = async (store, id) =>
  (await store.listVersions({ id, limit: 100 })).versions.map(({ version, kind, changedBy }) => [
    version,
    kind,
    changedBy,
  ]);

test('amendments and a removal keep what was before, as it was sent, and who made it', async () => {
  const functions = REGIONS.map((region) => startFunction(environment, region));
  const [first, second] = functions;
  /** @param {string} who */
  const tokenOf = (who) => environment.token('records:read records:write', { sub: who });
  try {
    const created = await first.request('POST', '/records', {
      body: '{"patient":"p-1","content":{"b": 7.10, "1": 1e20}}',
      token: await tokenOf('dr-a'),
    });
    const path = `/records/${created.body.id}`;
    const amended = await second.request('PUT', path, {
      body: '{"patient":"p-2","content":{"a":"\\u00e4",  "a2":-0}}',
      headers: { 'if-match': created.headers.etag },
      token: await tokenOf('dr-b'),
    });
    assert.equal(amended.status, 200);
    // What is there is no history alone: the present version is in it, too.
    const removed = await first.request('DELETE', path, { token: await tokenOf('dr-c') });
    assert.equal(removed.status, 204);
    for (const fn of functions) {
      const { body } = await eventually('the history is replicated', async () => {
        const page = await fn.request('GET', `${path}/versions`);
        return page.status === 200 && page.body.versions.length === 3 ? page : undefined;
      });
      assert.deepEqual(
        body.versions.map((/** @type {Version} */ { version, kind, changedBy }) => [version, kind, changedBy]),
        [
          [3, 'removed', 'dr-c'],
          [2, 'amended', 'dr-b'],
          [1, 'created', 'dr-a'],
        ],
      );
      assert.equal(body.next, null);
      const [tombstone, latest, oldest] = body.versions;
      for (const [version, answer] of /** @type {const} */ ([
        [latest, amended],
        [oldest, created],
      ])) {
        const { status, text, headers } = await fn.request('GET', `${path}/versions/${version.tag}`);
        assert.deepEqual([status, text, headers.etag], [200, answer.text, answer.headers.etag]);
        assert.equal(version.changedAt, answer.body.updatedAt);
      }
      const { status, body: problem } = await fn.request('GET', `${path}/versions/${tombstone.tag}`);
      assert.deepEqual([status, problem.type], [410, 'urn:warmstandby:problem:version-removed']);
      assert.equal((await fn.request('GET', path)).status, 404, 'the record itself is gone');
    }
  } finally {
    await Promise.all(functions.map((fn) => fn.end()));
  }
});

test('a version is restored by an ordinary change, which makes a new version', async () => {
  const { record: first } = await east.create({ patient: 'p', content: '{"n": 1.0}', subject });
  const second = await east.update(first.id, only(first), { content: '{"n": 2.0}' });
  const before = await readVersion(east, first.id, first);
  const third = await east.update(first.id, only(second), { content: before?.content ?? '' });
  assert.deepEqual([third.version, third.content], [3, first.content]);
  assert.deepEqual(
    (await historyOf(east, first.id)).map(([version]) => version),
    [3, 2, 1],
  );
  assert.equal((await readVersion(east, first.id, second))?.content, '{"n": 2.0}');
});

test('a history is read in pages that neither skip nor repeat a version, also while the record changes', async () => {
  const { record } = await east.create({ patient: 'p', content: '{}', subject });
  let latest = record;
  for (let n = 0; n < 6; n++) latest = await east.update(record.id, only(latest), { content: `{"n":${n}}` });
  /** @type {number[]} */
  const seen = [];
  for (let before; ;) {
    const page = await east.listVersions({ id: record.id, limit: 3, before });
    seen.push(...page.versions.map(({ version }) => version));
    if (!page.next) break;
    before = parseTag(page.next);
    latest = await east.update(record.id, only(latest), { content: '{"meanwhile":true}' });
  }
  assert.deepEqual(seen, [7, 6, 5, 4, 3, 2, 1]);
  await assert.rejects(east.listVersions({ id: randomUUID(), limit: 3 }), NotFound);
  await assert.rejects(readVersion(east, record.id, { tag: `1-${'0'.repeat(32)}` }), NotFound);
});

test('a page of a long history costs the same at any depth', async () => {
  const { record } = await east.create({ patient: 'p', content: '{}', subject });
  await environment.sql(
    `insert into record_versions (record_id, version, revision, kind, patient, content, created_at, updated_at, ended_at)
     select $1, n, new_revision(), 'amended', 'p', '{}', now(), now(), now() from generate_series(2, 20000) n`,
    [record.id],
  );
  await environment.sql('update records set version = 20001 where id = $1', [record.id]);
  await environment.administer('analyze record_versions');
  for (const depth of [undefined, 10_000, 100]) {
    const before = depth === undefined ? undefined : /** @type {[number, string]} */ ([depth, 'f'.repeat(32)]);
    await as('tenant_reader', async (client) => {
      const ours = forTenant(client, DEFAULT_TENANT);
      let blocks = 0;
      const explaining = {
        tenant: DEFAULT_TENANT,
        async query(/** @type {string} */ statement, /** @type {unknown[]} */ values) {
          const { rows } = await ours.query(`explain (analyze, buffers, format json) ${statement}`, values);
          const plan = rows[0]['QUERY PLAN'][0].Plan;
          blocks = plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
          return ours.query(statement, values);
        },
      };
      const { versions } = await list(explaining, { id: record.id, limit: 20, before });
      assert.equal(versions.length, 20);
      assert.ok(blocks < MAX_BLOCKS, `a page before ${depth} reads ${blocks} blocks`);
    });
  }
});

test('concurrent changes of both regions leave each version once', async () => {
  const { record } = await east.create({ patient: 'p', content: '{}', subject });
  const stores = Array.from({ length: 12 }, (_, n) => environment.store(n % 2 ? EAST : WEST));
  await Promise.all(stores.map((store, n) => store.update(record.id, {}, { content: `{"n":${n}}` })));
  await Promise.all(stores.map((store) => store.end()));
  const versions = (await historyOf(east, record.id)).map(([version]) => version);
  assert.deepEqual(
    versions,
    Array.from({ length: 13 }, (_, n) => 13 - n),
  );
});

test('a change and its version are one: what is rolled back leaves none', async () => {
  const { record } = await east.create({ patient: 'p', content: '{}', subject });
  await as('tenant_writer', async (client) => {
    const event = {
      id: randomUUID(),
      kind: /** @type {const} */ ('RecordUpdated'),
      region: EAST,
      tenant: DEFAULT_TENANT,
    };
    await client.query('begin');
    await client.query(`select set_config('${SETTING}', $1, true)`, [DEFAULT_TENANT]);
    const open = {
      tenant: DEFAULT_TENANT,
      query: (/** @type {string} */ statement, /** @type {unknown[]} */ values) => client.query(statement, values),
    };
    await updateRecord(open, { id: record.id, condition: {}, content: '{"n":1}' }, event);
    await removeRecord(open, { id: record.id }, { ...event, id: randomUUID(), kind: 'RecordDeleted' });
    const { rows } = await client.query(
      'select version, kind from record_versions where record_id = $1 order by version',
      [record.id],
    );
    assert.deepEqual(
      rows.map(({ version, kind }) => [version, kind]),
      [
        [1, 'created'],
        [2, 'amended'],
        [3, 'removed'],
      ],
    );
    await client.query('rollback');
  });
  assert.deepEqual(await historyOf(east, record.id), [[1, 'created', subject]]);
});

test('a record of before there were histories has one that begins with what it was, also by the earlier function', async () => {
  const earlier = await buildEnvironment('versionless');
  try {
    await earlier.store(EAST, { migrations: migrations.filter(({ name }) => name !== VERSIONS_MIGRATION) }).maintain();
    const function12 = earlierVersion(earlier.sql);
    const [id, beside] = [randomUUID(), randomUUID()];
    await function12.create(id, { n: 1 });
    await function12.update(id, { n: 2 });
    const store = earlier.store(EAST);
    const [{ file }] = await earlier.sql(`select pg_relation_filenode('records') as file`);
    assert.equal((await store.maintain()).migrated, 1);
    const [rewritten] = await earlier.sql(`select pg_relation_filenode('records') as file`);
    assert.equal(rewritten.file, file, 'the migration has rewritten the table');
    assert.deepEqual(await historyOf(store, id), [[2, 'amended', null]]);
    await function12.update(id, { n: 3 });
    await store.update(id, {}, { content: '{"n": 4}' });
    await function12.create(beside, {});
    await store.remove(beside);
    assert.deepEqual(await historyOf(store, id), [
      [4, 'amended', null],
      [3, 'amended', null],
      [2, 'amended', null],
    ]);
    const contents = await Promise.all(
      (await store.listVersions({ id, limit: 9 })).versions.map(
        async (one) => (await readVersion(store, id, one))?.content,
      ),
    );
    assert.deepEqual(contents, ['{"n": 4}', '{"n":3}', '{"n":2}']);
    assert.deepEqual(await historyOf(store, beside), [
      [2, 'removed', null],
      [1, 'created', null],
    ]);
  } finally {
    await earlier.end();
  }
});

test('nobody changes a version, and nobody deletes one before its time', async () => {
  const { record } = await east.create({ patient: 'p', content: '{"first":true}', subject });
  await east.update(record.id, only(record), { content: '{}' });
  const where = `where record_id = '${record.id}'`;
  const update = `update record_versions set content = '{}' ${where}`;
  const remove = `delete from record_versions ${where}`;
  const truncate = 'truncate record_versions';
  const forget = 'alter table record_versions disable trigger all';
  /** @type {[Login, string, string][]} */
  const cases = [
    ...[update, remove, truncate, forget].flatMap((statement) =>
      /** @type {Login[]} */ (['tenant_writer', 'tenant_reader', 'probe']).map(
        (role) => /** @type {[Login, string, string]} */ ([role, statement, NOT_GRANTED]),
      ),
    ),
    ['maintenance', update, NOT_GRANTED],
    ['maintenance', truncate, NOT_GRANTED],
    ['maintenance', remove, NO_ROW_MAY_GO],
    ['master', update, NO_ROW_MAY_GO],
    ['master', remove, NO_ROW_MAY_GO],
    ['owner', truncate, NO_ROW_MAY_GO],
  ];
  for (const [role, statement, code] of cases)
    await as(role, async (client) => {
      if (role.startsWith('tenant')) await client.query(`select set_config('${SETTING}', '${DEFAULT_TENANT}', false)`);
      assert.equal((await assertFails(client.query(statement))).code, code, `${role}: ${statement}`);
    });
  assert.equal((await readVersion(east, record.id, record))?.content, '{"first":true}');
});

/**
 * Makes a record with a version that has ended some days ago.
 *
 * @param {number} days
 */
async function endedBefore(days) {
  const { record } = await east.create({ patient: 'p', content: '{}', subject });
  await environment.sql(
    `insert into record_versions (record_id, version, revision, kind, patient, content, created_at, updated_at, ended_at)
     select id, 1, revision, 'created', patient, content, created_at, updated_at, $2 from records where id = $1`,
    [record.id, new Date(Date.now() - days * DAY_MS)],
  );
  await environment.sql('update records set version = 2 where id = $1', [record.id]);
  return record;
}

/** @param {import('../../src/database/records.js').PatientRecord} record */
const isKept = (record) =>
  readVersion(east, record.id, record).then(
    () => true,
    (error) => {
      assert.ok(error instanceof NotFound, error);
      return false;
    },
  );

/** @type {Record<string, number>} */
let metrics = {};
const log = { metrics: (/** @type {object} */ values) => (metrics = /** @type {Record<string, number>} */ (values)) };

test('versions are deleted when their retention is over, and not before; the longer one of two regions counts', async () => {
  const [old, young, present] = [await endedBefore(31), await endedBefore(29), await endedBefore(400)];
  const stores = {
    [EAST]: environment.store(EAST, { retention: { days: 30, legalHold: false }, log }),
    [WEST]: environment.store(WEST, { retention: { days: 500, legalHold: false } }),
  };
  await stores[WEST].maintain(BUDGET_MS);
  assert.equal((await stores[EAST].maintain(BUDGET_MS)).purgedVersions, 0, 'the other region keeps them longer');
  assert.deepEqual(await Promise.all([old, young, present].map(isKept)), [true, true, true]);
  const shorter = environment.store(WEST, { retention: { days: 30, legalHold: false } });
  assert.equal((await shorter.maintain(BUDGET_MS)).purgedVersions, 2);
  assert.deepEqual(await Promise.all([old, young, present].map(isKept)), [false, true, false]);
  assert.deepEqual(await historyOf(east, present.id), [[2, 'amended', null]], 'the present version stays');
});

test('a legal hold of either region stops every deletion, and its end lets it go on', async () => {
  const record = await endedBefore(1_000);
  const held = environment.store(WEST, { retention: { days: 1, legalHold: true } });
  await held.maintain(BUDGET_MS);
  const free = environment.store(EAST, { retention: { days: 1, legalHold: false }, log });
  assert.equal((await free.maintain(BUDGET_MS)).purgedVersions, 0);
  assert.equal((await held.maintain(BUDGET_MS)).purgedVersions, 0);
  assert.deepEqual([metrics.expiredVersions, metrics.expiredVersionsAge], [0, 0], 'what is held is not due');
  for (const role of /** @type {const} */ (['maintenance', 'master']))
    await as(role, async (client) => {
      const remove = client.query('delete from record_versions where record_id = $1', [record.id]);
      assert.equal((await assertFails(remove)).code, NO_ROW_MAY_GO);
    });
  assert.ok(await isKept(record));
  await environment.store(WEST, { retention: { days: 1, legalHold: false } }).maintain(BUDGET_MS);
  assert.equal(await isKept(record), false);
});

test('one maintenance deletes as many versions as there are, as long as it has time, and says what is left', async () => {
  const retention = { days: 30, legalHold: false };
  await environment.store(WEST, { retention }).maintain(BUDGET_MS);
  await environment.store(EAST, { retention }).maintain(BUDGET_MS);
  const fill = () =>
    environment.sql(
      `insert into record_versions (record_id, version, revision, kind, patient, content, created_at, updated_at, ended_at)
       select gen_random_uuid(), 1, new_revision(), 'created', 'p', '{}', now(), now(), now() - interval '30 days 1 hour'
       from generate_series(1, 3500)`,
    );
  await fill();
  await as('maintenance', async (client) => {
    let checks = 0;
    const options = { region: EAST, retention };
    assert.equal(await purgeVersions(client, { ...options, isOver: () => ++checks > 2 }), 2_000);
    assert.equal(await purgeVersions(client, { ...options, isOver: () => true }), 0);
  });
  // With no time at all nothing is deleted, and the metrics say so.
  const store = environment.store(EAST, { retention, log });
  await store.maintain(0);
  assert.equal(metrics.expiredVersions, 1_500);
  assert.ok(Math.abs(metrics.expiredVersionsAge - 3_600) < 300);
  assert.equal((await store.maintain(BUDGET_MS)).purgedVersions, 1_500);
  assert.deepEqual([metrics.expiredVersions, metrics.expiredVersionsAge], [0, 0]);
  // Two regions at the same time neither fail nor wait for each other.
  await fill();
  const both = await Promise.all(REGIONS.map((region) => environment.store(region, { retention }).maintain(BUDGET_MS)));
  const deleted = both.reduce((sum, { purgedVersions }) => sum + purgedVersions, 0);
  assert.equal(deleted + (await store.maintain(BUDGET_MS)).purgedVersions, 3_500);
});

test("the region's settings are noted when they change, and not each minute", async () => {
  const store = environment.store(EAST);
  await store.maintain();
  const read = () =>
    environment.sql('select days, legal_hold, set_at from version_retention where region = $1', [EAST]);
  const [noted] = await read();
  assert.deepEqual([noted.days, noted.legal_hold], [RETENTION.days, RETENTION.legalHold]);
  await store.maintain();
  assert.deepEqual(await read(), [noted]);
});
