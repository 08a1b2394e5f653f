// The record store over the database: reads and changes in both regions, versions, pages, idempotency.
import assert from 'node:assert/strict';
import { after as afterAll, before as beforeAll, test } from 'node:test';

import { purgeExpiredKeys } from '../../src/database/idempotency.js';
import { IdempotencyConflict, NotFound, Unavailable, VersionConflict } from '../../src/errors.js';
import { assertUnavailable } from '../harness/assertions.js';
import { buildEnvironment } from '../harness/environment.js';
import { eventually } from '../harness/eventually.js';
import { EAST, REGIONS, WEST } from '../harness/globaldatabase.js';
import { only } from '../harness/tags.js';

/** @typedef {import('../harness/environment.js').TestStore} Store */

const subject = 'dr-jones';
/** @type {import('../harness/environment.js').Environment} */
let environment;
/** @type {Store} */
let east;
/** @type {Store} */
let west;

beforeAll(async () => {
  environment = await buildEnvironment('records');
  east = environment.store(EAST);
  west = environment.store(WEST);
});
afterAll(() => environment.end());

/**
 * Reads a record as soon as this version of it is replicated to the store's region.
 *
 * @param {Store} store
 * @param {string} id
 */
const readVersion = (store, id, version = 1) =>
  eventually(`version ${version} of ${id}`, async () => {
    const record = await store.get(id).catch((error) => {
      if (!(error instanceof NotFound || error instanceof Unavailable)) throw error;
    });
    return record?.version === version ? record : undefined;
  });

/** Creates eight stores, alternately in each region. */
const createStores = () => Array.from({ length: 8 }, (_, n) => environment.store(n % 2 ? EAST : WEST));

test('a created record is read unchanged in both regions', async () => {
  const content =
    '{"z": 7.10,"a":[1e20, -0.0, 9007199254740993, 1e999],\t"2":0,"1":"\\u00e9", "ünïcödé":"🩺","nested":{"b":{},"a":[]}}';
  const { record, replayed } = await east.create({ patient: 'p-1', content, subject });
  assert.equal(replayed, false);
  assert.deepEqual([record.patient, record.version, record.createdAt], ['p-1', 1, record.updatedAt]);
  assert.equal(record.content, content);
  for (const store of [east, west]) assert.deepEqual(await readVersion(store, record.id), record);
});

test('a change in the standby region is made by the writer and replicated to both regions', async () => {
  const { record } = await west.create({ patient: 'p-2', content: JSON.stringify({ from: 'west' }), subject });
  await readVersion(east, record.id);
  const updated = await west.update(record.id, only(record), {
    content: JSON.stringify({ from: 'west', changed: true }),
  });
  assert.deepEqual([updated.version, updated.patient, updated.content], [2, 'p-2', '{"from":"west","changed":true}']);
  assert.equal(updated.createdAt, record.createdAt);
  for (const store of [east, west]) assert.deepEqual(await readVersion(store, record.id, 2), updated);
});

test('an update can change the patient of a record', async () => {
  const { record } = await east.create({ patient: 'p-wrong', content: '{}', subject });
  const updated = await east.update(record.id, only(record), { patient: 'p-right', content: '{}' });
  assert.equal(updated.patient, 'p-right');
  assert.deepEqual((await east.list({ patient: 'p-wrong', limit: 1 })).records, []);
});

test('exactly one of several concurrent updates of one version succeeds', async () => {
  const { record } = await east.create({ patient: 'p-3', content: JSON.stringify({ n: 0 }), subject });
  const stores = createStores();
  const results = await Promise.allSettled(
    stores.map((store, n) => store.update(record.id, only(record), { content: JSON.stringify({ n }) })),
  );
  const succeeded = results.filter((result) => result.status === 'fulfilled');
  const errors = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason);
  const conflicts = errors.filter((error) => error instanceof VersionConflict);
  assert.deepEqual([succeeded.length, conflicts.length], [1, 7], String(errors));
  assert.deepEqual((await east.get(record.id)).content, succeeded[0].value.content);
});

test('a change that expects another version is refused and has no effect', async () => {
  const { record } = await east.create({ patient: 'p-4', content: JSON.stringify({ kept: true }), subject });
  const [, revision] = record.tag.split('-');
  for (const condition of [
    { match: [] },
    { match: ['1'] }, // The tag of an earlier version of the function.
    { match: ['', `2-${revision}`, `1-${'0'.repeat(32)}`, "'; drop table records; --"] },
    { noneMatch: [record.tag] },
    { match: [record.tag], noneMatch: ['1', record.tag] },
  ]) {
    await assert.rejects(east.update(record.id, condition, { content: '{}' }), VersionConflict);
    await assert.rejects(east.remove(record.id, condition), VersionConflict);
  }
  assert.deepEqual(await east.get(record.id), record);
});

test('a record that does not exist is not found', async () => {
  const id = '6f3f0d7e-0000-4000-8000-000000000000';
  await assert.rejects(east.get(id), NotFound);
  await assert.rejects(east.update(id, { match: ['1'] }, { content: '{}' }), NotFound);
  await assert.rejects(east.remove(id, { match: ['1'] }), NotFound);
  await assert.rejects(east.remove(id, undefined), NotFound);
});

test('a record is deleted with a condition that it fulfils or without one', async () => {
  for (const toCondition of [only, () => ({ noneMatch: ['1'] }), () => undefined]) {
    const { record } = await east.create({ patient: 'p-5', content: '{}', subject });
    await east.remove(record.id, toCondition(record));
    await assert.rejects(east.get(record.id), NotFound);
  }
});

test('pages list every record of the patient once, the oldest first, while records of others are created', async () => {
  /** @type {string[]} */
  const createdIds = [];
  for (let round = 0; round < 3; round++) {
    const created = await Promise.all(
      Array.from({ length: 9 }, () => east.create({ patient: 'p-6', content: '{}', subject })),
    );
    createdIds.push(...created.map(({ record }) => record.id));
    await east.create({ patient: 'p-other', content: '{}', subject });
  }
  // All records have one of two timestamps; those with the same timestamp are ordered by id.
  await environment.sql(`update records set created_at = date_trunc('day', now()) where patient = 'p-6' and id > $1`, [
    createdIds[0],
  ]);
  await environment.sql(
    `update records set created_at = date_trunc('hour', now()) where patient = 'p-6' and id <= $1`,
    [createdIds[0]],
  );
  /** @type {import('../../src/database/records.js').PatientRecord[]} */
  const listed = [];
  /** @type {import('../../src/database/records.js').Position | undefined} */
  let after;
  do {
    /** @type {import('../../src/database/records.js').Page} */
    const page = await east.list({ patient: 'p-6', limit: 4, after });
    assert.ok(page.records.length <= 4);
    listed.push(...page.records);
    if (listed.length === 8) await east.create({ patient: 'p-other', content: '{}', subject });
    after = page.next;
  } while (after);
  assert.deepEqual(listed.map(({ id }) => id).sort(), createdIds.sort());
  const order = listed.map(({ createdAt, id }) => `${createdAt} ${id}`);
  assert.deepEqual(order, order.toSorted());
});

test('the page with the last record has no next page', async () => {
  for (let n = 0; n < 2; n++) await east.create({ patient: 'p-7', content: '{}', subject });
  const page = await east.list({ patient: 'p-7', limit: 2 });
  assert.equal(page.records.length, 2);
  assert.equal(page.next, undefined);
  assert.deepEqual(await east.list({ patient: 'nobody', limit: 2 }), { records: [] });
});

test('text that looks like SQL is stored unchanged', async () => {
  for (const text of [
    `'; drop table records; --`,
    `$1`,
    `" or 1=1`,
    `\\'; select pg_sleep(60)`,
    `%_`,
    `{"a":1}`,
    `''`,
    `;--`,
  ]) {
    const content = JSON.stringify({ [text]: text, list: [text] });
    const { record } = await east.create({
      patient: text,
      content,
      subject: text,
      idempotencyKey: text,
      requestHash: text,
    });
    assert.deepEqual((await east.get(record.id)).content, content);
    const { records } = await east.list({ patient: text, limit: 10 });
    assert.deepEqual(records, [record]);
    assert.equal((await east.update(record.id, only(record), { patient: `${text}!`, content })).patient, `${text}!`);
  }
});

test('a repeated creation with an idempotency key returns the record as it was created', async () => {
  const newRecord = {
    patient: 'p-8',
    content: '{"b": 7.10, "1": 1e20}',
    subject,
    idempotencyKey: 'key-1',
    requestHash: 'hash',
  };
  const first = await east.create(newRecord);
  await east.update(first.record.id, only(first.record), { content: JSON.stringify({ changed: true }) });
  const second = await west.create(newRecord);
  assert.deepEqual(second, { record: first.record, replayed: true });
  assert.equal(second.record.content, newRecord.content);
  await assert.rejects(east.create({ ...newRecord, requestHash: 'other' }), IdempotencyConflict);
  const otherSubject = await east.create({ ...newRecord, subject: 'dr-smith' });
  assert.equal(otherSubject.replayed, false, 'two subjects share a key');
});

test('concurrent creations with one idempotency key create exactly one record and publish one event', async () => {
  await Promise.all(REGIONS.map((region) => environment.regions[region].publishedEvents()));
  const newRecord = { patient: 'p-9', content: '{}', subject, idempotencyKey: 'key-2', requestHash: 'hash' };
  const results = await Promise.all(createStores().map((store) => store.create(newRecord)));
  assert.equal(new Set(results.map(({ record }) => JSON.stringify(record))).size, 1);
  assert.equal(results.filter(({ replayed }) => !replayed).length, 1);
  assert.equal((await environment.sql('select from records where patient = $1', ['p-9'])).length, 1);
  const published = await Promise.all(REGIONS.map((region) => environment.regions[region].publishedEvents()));
  assert.equal(published.flat().length, 1);
});

test('while the first request of an idempotency key is in flight, the second is told so', async () => {
  const first = await environment.connectAsFunction();
  const newRecord = { patient: 'p-12', content: '{}', subject, idempotencyKey: 'key-4', requestHash: 'hash' };
  try {
    await first.query('begin');
    await first.query(
      `insert into idempotency_keys (subject, key, request_hash, record_id) values ($1, 'key-4', 'hash', gen_random_uuid())`,
      [subject],
    );
    await assert.rejects(east.create(newRecord), { name: 'IdempotencyConflict', state: 'in flight' });
    await first.query('rollback');
    assert.equal((await east.create(newRecord)).replayed, false);
  } finally {
    await first.end();
  }
});

test('a change of a record whose earlier change does not end is refused as unavailable, and the connection is used again', async () => {
  const { record } = await east.create({ patient: 'p-13', content: '{}', subject });
  const other = await environment.connectAsFunction();
  try {
    await other.query('begin');
    await other.query('select from records where id = $1 for update', [record.id]);
    await assertUnavailable(east.update(record.id, only(record), { content: '{}' }), { sqlState: '55P03' });
    await other.query('rollback');
    assert.equal((await east.update(record.id, only(record), { content: '{}' })).version, 2);
  } finally {
    await other.end();
  }
});

test('the idempotency key of a deleted record creates no other record and keeps none of its content', async () => {
  const newRecord = {
    patient: 'p-10',
    content: '{"secret":"x-ray"}',
    subject,
    idempotencyKey: 'key-3',
    requestHash: 'hash',
  };
  const { record } = await east.create(newRecord);
  await east.remove(record.id, only(record));
  await assert.rejects(east.create(newRecord), { name: 'IdempotencyConflict', state: 'deleted' });
  await assert.rejects(east.create({ ...newRecord, requestHash: 'other' }), { state: 'used for another request' });
  const kept = await environment.sql('select * from idempotency_keys where record_id = $1', [record.id]);
  assert.equal(kept.length, 1);
  assert.ok(!JSON.stringify(kept).includes('x-ray'));
});

test('one maintenance deletes as many expired keys as there are', async () => {
  await environment.sql(
    `insert into idempotency_keys (subject, key, request_hash, record_id, created_at)
     select 'many', n, 'h', gen_random_uuid(), now() - interval '25 hours' from generate_series(1, 3500) n`,
  );
  assert.equal((await east.maintain()).purged, 3500);
});

test('deleting expired keys stops when its time is over, and the next maintenance goes on', async () => {
  await east.maintain(); // It makes the tables if this test runs alone.
  await environment.sql(
    `insert into idempotency_keys (subject, key, request_hash, record_id, created_at)
     select 'many', n, 'h', gen_random_uuid(), now() - interval '25 hours' from generate_series(1, 3500) n`,
  );
  const client = await environment.connectAsFunction();
  try {
    let checks = 0;
    assert.equal(await purgeExpiredKeys(client, () => ++checks > 2), 2_000, 'two batches of 1,000 are in time');
    assert.equal(await purgeExpiredKeys(client, () => true), 0);
  } finally {
    await client.end();
  }
  assert.equal((await east.maintain()).purged, 1_500);
});

test('idempotency keys are deleted when they are a day old, and not before', async () => {
  const newRecord = { patient: 'p-11', content: '{}', subject, requestHash: 'hash' };
  const old = await east.create({ ...newRecord, idempotencyKey: 'old' });
  const young = await east.create({ ...newRecord, idempotencyKey: 'young' });
  await environment.sql(
    `update idempotency_keys set created_at = now() - interval '24 hours 1 second' where key = 'old'`,
  );
  await environment.sql(
    `update idempotency_keys set created_at = now() - interval '23 hours 59 minutes' where key = 'young'`,
  );
  assert.equal((await east.maintain()).purged, 1);
  assert.notEqual((await east.create({ ...newRecord, idempotencyKey: 'old' })).record.id, old.record.id);
  assert.equal((await east.create({ ...newRecord, idempotencyKey: 'young' })).record.id, young.record.id);
});

test('a change says whose record it was, also after a race of moves, and a deletion whose', async () => {
  const store = east;
  const { record } = await store.create({ patient: 'p-0', content: '{}', subject });
  const moves = await Promise.all(
    Array.from({ length: 8 }, async (_, n) => {
      let previous = '';
      const update = { patient: `p-${n + 1}`, content: '{}' };
      const moved = await (n % 2 ? east : west).update(record.id, {}, update, (patient) => (previous = patient));
      return { ...moved, previous };
    }),
  );
  moves.sort((a, b) => a.version - b.version);
  let holder = 'p-0';
  for (const { patient, previous } of moves) {
    assert.equal(previous, holder);
    holder = patient;
  }
  assert.equal((await store.remove(record.id)).patient, holder);
});

test('both regions have the same key of the audit trail', async () => {
  await east.maintain();
  const key = await east.auditKey();
  assert.equal(key.length, 32);
  const replicated = await eventually('the key is in the other region', () => west.auditKey().catch(() => undefined));
  assert.deepEqual(replicated, key);
});
