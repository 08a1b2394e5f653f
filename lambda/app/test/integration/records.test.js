import assert from 'node:assert/strict';
import { after as atEnd, before as atStart, test } from 'node:test';

import { IdempotencyConflict, NotFound, VersionConflict } from '../../src/errors.js';
import { eventually } from '../harness/await.js';
import { buildEnvironment } from '../harness/environment.js';
import { EAST, WEST } from '../harness/platform.js';

const subject = 'dr-jones';
let environment, east, west;

atStart(async () => {
  environment = await buildEnvironment('records');
  east = environment.store(EAST);
  west = environment.store(WEST);
});
atEnd(() => environment.end());

/** Reads a record in a region once it has come there. */
const seen = (store, id, version = 1) =>
  eventually(`version ${version} of ${id}`, async () => {
    const record = await store.get(id).catch((error) => {
      if (!(error instanceof NotFound || error.name === 'Unavailable')) throw error;
    });
    return record?.version === version ? record : undefined;
  });

test('a record is read as it was created, in both regions', async () => {
  const content = { z: 1, a: [true, null, 1.5], ünïcödé: '🩺', nested: { b: {}, a: [] } };
  const { record, replayed } = await east.create({ patient: 'p-1', content, subject });
  assert.equal(replayed, false);
  assert.deepEqual([record.patient, record.version, record.createdAt], ['p-1', 1, record.updatedAt]);
  assert.equal(
    JSON.stringify(record.content),
    JSON.stringify(content),
    'the content is not in the order in which it came',
  );
  for (const store of [east, west]) assert.deepEqual(await seen(store, record.id), record);
});

test('a change in the standby region goes to the writer and comes to both', async () => {
  const { record } = await west.create({ patient: 'p-2', content: { from: 'west' }, subject });
  await seen(east, record.id);
  const updated = await west.update(record.id, 1, { content: { from: 'west', changed: true } });
  assert.deepEqual([updated.version, updated.patient, updated.content], [2, 'p-2', { from: 'west', changed: true }]);
  assert.equal(updated.createdAt, record.createdAt);
  for (const store of [east, west]) assert.deepEqual(await seen(store, record.id, 2), updated);
});

test('a record whose patient was wrong gets another', async () => {
  const { record } = await east.create({ patient: 'p-wrong', content: {}, subject });
  const updated = await east.update(record.id, 1, { patient: 'p-right', content: {} });
  assert.equal(updated.patient, 'p-right');
  assert.deepEqual((await east.list({ patient: 'p-wrong', limit: 1 })).records, []);
});

test('of parallel updates of one version exactly one wins', async () => {
  const { record } = await east.create({ patient: 'p-3', content: { n: 0 }, subject });
  const stores = Array.from({ length: 8 }, (_, n) => environment.store(n % 2 ? EAST : WEST));
  const results = await Promise.allSettled(stores.map((store, n) => store.update(record.id, 1, { content: { n } })));
  const won = results.filter(({ status }) => status === 'fulfilled');
  const lost = results.filter(({ reason }) => reason instanceof VersionConflict);
  assert.deepEqual([won.length, lost.length], [1, 7], String(results.map(({ reason }) => reason)));
  assert.deepEqual((await east.get(record.id)).content, won[0].value.content);
});

test('a version that the record has not got changes nothing', async () => {
  const { record } = await east.create({ patient: 'p-4', content: { kept: true }, subject });
  for (const version of [0, 2, 999_999_999, 2 ** 53, 1e21]) {
    await assert.rejects(east.update(record.id, version, { content: {} }), VersionConflict);
    await assert.rejects(east.remove(record.id, version), VersionConflict);
  }
  assert.deepEqual(await east.get(record.id), record);
});

test('a record that is not there is not found', async () => {
  const id = '6f3f0d7e-0000-4000-8000-000000000000';
  await assert.rejects(east.get(id), NotFound);
  await assert.rejects(east.update(id, 1, { content: {} }), NotFound);
  await assert.rejects(east.remove(id, 1), NotFound);
  await assert.rejects(east.remove(id, undefined), NotFound);
});

test('a deleted record is gone, with or without a version', async () => {
  for (const version of [1, undefined]) {
    const { record } = await east.create({ patient: 'p-5', content: {}, subject });
    await east.remove(record.id, version);
    await assert.rejects(east.get(record.id), NotFound);
  }
});

test('pages show every record of the patient once, the oldest first, while others are created', async () => {
  const wanted = [];
  for (let round = 0; round < 3; round++) {
    const made = await Promise.all(
      Array.from({ length: 9 }, () => east.create({ patient: 'p-6', content: {}, subject })),
    );
    wanted.push(...made.map(({ record }) => record.id));
    await east.create({ patient: 'p-other', content: {}, subject });
  }
  // Two instants for all of them: within one, the ids decide.
  await environment.sql(`update records set created_at = date_trunc('day', now()) where patient = 'p-6' and id > $1`, [
    wanted[0],
  ]);
  await environment.sql(
    `update records set created_at = date_trunc('hour', now()) where patient = 'p-6' and id <= $1`,
    [wanted[0]],
  );
  const got = [];
  let after;
  do {
    const page = await east.list({ patient: 'p-6', limit: 4, after });
    assert.ok(page.records.length <= 4);
    got.push(...page.records);
    if (got.length === 8) await east.create({ patient: 'p-other', content: {}, subject });
    after = page.next;
  } while (after);
  assert.deepEqual(got.map(({ id }) => id).sort(), wanted.sort());
  const order = got.map(({ createdAt, id }) => `${createdAt} ${id}`);
  assert.deepEqual(order, order.toSorted());
});

test('a page that ends with the last record has no next one', async () => {
  for (let n = 0; n < 2; n++) await east.create({ patient: 'p-7', content: {}, subject });
  const page = await east.list({ patient: 'p-7', limit: 2 });
  assert.equal(page.records.length, 2);
  assert.equal(page.next, undefined);
  assert.deepEqual(await east.list({ patient: 'nobody', limit: 2 }), { records: [] });
});

test('what looks like SQL stays what it is', async () => {
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
    const content = { [text]: text, list: [text] };
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
    assert.equal((await east.update(record.id, 1, { patient: `${text}!`, content })).patient, `${text}!`);
  }
});

test('an idempotency key makes one record, whose answer is the same again', async () => {
  const wanted = { patient: 'p-8', content: { b: 1, a: 2 }, subject, idempotencyKey: 'key-1', requestHash: 'hash' };
  const first = await east.create(wanted);
  await east.update(first.record.id, 1, { content: { changed: true } });
  const again = await west.create(wanted);
  assert.deepEqual(again, { record: first.record, replayed: true });
  assert.equal(JSON.stringify(again.record.content), JSON.stringify(wanted.content));
  await assert.rejects(east.create({ ...wanted, requestHash: 'other' }), IdempotencyConflict);
  const others = await east.create({ ...wanted, subject: 'dr-smith' });
  assert.equal(others.replayed, false, 'the key of one is that of another');
});

test('parallel requests of one idempotency key make exactly one record and one event', async () => {
  await Promise.all(Object.values(environment.places).map((place) => place.published()));
  const wanted = { patient: 'p-9', content: {}, subject, idempotencyKey: 'key-2', requestHash: 'hash' };
  const stores = Array.from({ length: 8 }, (_, n) => environment.store(n % 2 ? EAST : WEST));
  const answers = await Promise.all(stores.map((store) => store.create(wanted)));
  assert.equal(new Set(answers.map(({ record }) => JSON.stringify(record))).size, 1);
  assert.equal(answers.filter(({ replayed }) => !replayed).length, 1);
  assert.equal((await environment.sql('select from records where patient = $1', ['p-9'])).length, 1);
  const published = await Promise.all(Object.values(environment.places).map((place) => place.published()));
  assert.equal(published.flat().length, 1);
});

test('the key of a deleted record makes no other, and its content is nowhere', async () => {
  const wanted = {
    patient: 'p-10',
    content: { secret: 'x-ray' },
    subject,
    idempotencyKey: 'key-3',
    requestHash: 'hash',
  };
  const { record } = await east.create(wanted);
  await east.remove(record.id, 1);
  await assert.rejects(east.create(wanted), IdempotencyConflict);
  const kept = await environment.sql('select * from idempotency_keys where record_id = $1', [record.id]);
  assert.equal(kept.length, 1);
  assert.ok(!JSON.stringify(kept).includes('x-ray'));
});

test('keys are purged when they are a day old, and not before', async () => {
  const wanted = { patient: 'p-11', content: {}, subject, requestHash: 'hash' };
  const old = await east.create({ ...wanted, idempotencyKey: 'old' });
  const young = await east.create({ ...wanted, idempotencyKey: 'young' });
  await environment.sql(
    `update idempotency_keys set created_at = now() - interval '24 hours 1 second' where key = 'old'`,
  );
  await environment.sql(
    `update idempotency_keys set created_at = now() - interval '23 hours 59 minutes' where key = 'young'`,
  );
  assert.equal((await east.maintain()).purged, 1);
  assert.notEqual((await east.create({ ...wanted, idempotencyKey: 'old' })).record.id, old.record.id);
  assert.equal((await east.create({ ...wanted, idempotencyKey: 'young' })).record.id, young.record.id);
});
