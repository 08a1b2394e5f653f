import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';

import { Unavailable } from '../../src/errors.js';
import { PATIENCE_MS, createProbe } from '../../src/database/probe.js';
import { eventually } from '../harness/await.js';
import { stillClock } from '../harness/clock.js';
import { openDoor } from '../harness/door.js';
import { buildEnvironment } from '../harness/environment.js';
import { EAST, REGIONS, WEST, moveWriter } from '../harness/platform.js';

const never = () => new Promise(() => {});

test('a question that nobody answers is answered when the patience ends, and not before', async () => {
  const clock = stillClock();
  const probe = createProbe(never, clock);
  let finding;
  const asked = probe().then((found) => (finding = found));
  clock.pass(PATIENCE_MS - 1);
  await new Promise(setImmediate);
  assert.equal(finding, undefined);
  clock.pass(1);
  await asked;
  assert.deepEqual(finding, { ok: false, reason: `no answer within ${PATIENCE_MS} ms` });
});

test('an answer is kept: a good one for five seconds, a bad one for one', async () => {
  for (const [ask, kept] of [
    [async () => {}, 5_000],
    [async () => Promise.reject(new Error('no')), 1_000],
  ]) {
    const clock = stillClock();
    let times = 0;
    const probe = createProbe(() => (times++, ask()), clock);
    await probe();
    clock.pass(kept - 1);
    await probe();
    assert.equal(times, 1);
    clock.pass(1);
    await probe();
    assert.equal(times, 2);
    assert.equal(clock.pending(), 0, 'a timer is left behind');
  }
});

test('many who ask at once are one question', async () => {
  let times = 0;
  let answer;
  const probe = createProbe(() => (times++, new Promise((resolve) => (answer = resolve))), stillClock());
  const asked = Array.from({ length: 5 }, () => probe());
  answer();
  assert.deepEqual(new Set((await Promise.all(asked)).map(({ ok }) => ok)), new Set([true]));
  assert.equal(times, 1);
});

let environment;
before(async () => (environment = await buildEnvironment('probe')));
after(() => environment.end());

/** Waits until a region says this of itself: what moves takes moments, and a busy machine may be late to answer. */
const says = (region, wanted) =>
  eventually(`${region} says ${JSON.stringify(wanted)}`, async () => {
    const store = environment.store(region);
    const found = { reads: (await store.canRead()).ok, writes: (await store.canWrite()).ok };
    await store.end();
    return isDeepStrictEqual(found, wanted) || undefined;
  });

test('a database that nobody has migrated is migrated by the question whether it takes writes', async () => {
  assert.equal((await environment.store(EAST).canWrite()).ok, false);
  await says(EAST, { reads: true, writes: true });
  assert.deepEqual(await environment.sql('select region from write_probe'), [{ region: EAST }]);
});

test('both regions read, and the one with the writer writes, wherever it moves', async () => {
  for (const [writer, standby] of [
    [EAST, WEST],
    [WEST, EAST],
    [EAST, WEST],
  ]) {
    await moveWriter(writer);
    await says(writer, { reads: true, writes: true });
    await says(standby, { reads: true, writes: false });
  }
});

test('a change after the writer has moved is made by the same store, on both sides', async () => {
  const stores = REGIONS.map((region) => environment.store(region));
  for (const region of [WEST, EAST]) {
    for (const store of stores) await store.create({ patient: 'before', content: {}, subject: 's' });
    await moveWriter(region);
    for (const store of stores) {
      const { record } = await store.create({ patient: 'after', content: {}, subject: 's' });
      assert.equal((await store.update(record.id, 1, { content: {} })).version, 2);
    }
  }
});

/** Waits until a store says that it reads and writes: on a busy machine a connection may come too late for a probe. */
const isWell = (store, clock) =>
  eventually('the store is well', async () => {
    clock.pass(1_000);
    return ((await store.canRead()).ok && (await store.canWrite()).ok) || undefined;
  });

/** Leads a store's connections through doors that the test closes. */
async function behindDoors() {
  const { writer, clusters, places } = environment;
  const doors = { writer: await openDoor(writer), cluster: await openDoor(clusters[EAST]) };
  const set = (writerAt, clusterAt) =>
    places[EAST].write({
      'database/writer-endpoint': writerAt.host,
      'database/port': writerAt.port,
      'database/cluster-endpoint': clusterAt.host,
      'database/reader-endpoint': clusterAt.host,
      'database/cluster-port': clusterAt.port,
    });
  await set(doors.writer, doors.cluster);
  return {
    ...doors,
    async end() {
      await set(writer, clusters[EAST]);
      await Promise.all([doors.writer.end(), doors.cluster.end()]);
    },
  };
}

test('while the database hangs both questions are answered in time, changes are refused, and afterwards all is well', async () => {
  const doors = await behindDoors();
  const clock = stillClock();
  const store = environment.store(EAST, { clock });
  const { record } = await store.create({ patient: 'hung', content: {}, subject: 's' });
  await isWell(store, clock);
  doors.writer.hang();
  doors.cluster.hang();
  clock.pass(5_000);
  const asked = Promise.all([store.canRead(), store.canWrite()]);
  clock.pass(PATIENCE_MS); // No time passes: the questions hang on the database, and the answers are there all the same.
  assert.deepEqual(
    (await asked).map(({ ok, reason }) => [ok, reason]),
    Array(2).fill([false, `no answer within ${PATIENCE_MS} ms`]),
  );
  const unavailable = (error) => error instanceof Unavailable && error.retryAfterSeconds === 5;
  await Promise.all([
    assert.rejects(store.update(record.id, 1, { content: {} }), unavailable),
    assert.rejects(store.get(record.id), unavailable),
    assert.rejects(store.maintain(), unavailable),
  ]);
  doors.writer.pass();
  doors.cluster.pass();
  clock.pass(1_000);
  await isWell(store, clock);
  assert.equal((await store.get(record.id)).id, record.id);
  await doors.end();
});

test('a database that is gone refuses at once, and changes are unavailable', async () => {
  const doors = await behindDoors();
  const store = environment.store(EAST);
  const { record } = await store.create({ patient: 'gone', content: {}, subject: 's' });
  await doors.writer.end();
  await doors.cluster.end();
  assert.deepEqual([(await store.canRead()).ok, (await store.canWrite()).ok], [false, false]);
  for (const attempt of [
    () => store.create({ patient: 'gone', content: {}, subject: 's' }),
    () => store.update(record.id, 1, { content: {} }),
    () => store.remove(record.id, 1),
    () => store.get(record.id),
    () => store.list({ patient: 'gone', limit: 1 }),
  ]) {
    await assert.rejects(attempt, (error) => error instanceof Unavailable && error.retryAfterSeconds === 5);
  }
  await environment.places[EAST].write({
    'database/writer-endpoint': environment.writer.host,
    'database/port': environment.writer.port,
    'database/cluster-endpoint': environment.clusters[EAST].host,
    'database/reader-endpoint': environment.clusters[EAST].host,
    'database/cluster-port': environment.clusters[EAST].port,
  });
});

test('a standby where the writer should be refuses changes and serves reads', async () => {
  const { host, port } = environment.clusters[WEST];
  await environment.places[WEST].write({ 'database/writer-endpoint': host, 'database/port': port });
  const { record } = await environment.store(EAST).create({ patient: 'read-only', content: {}, subject: 's' });
  const west = environment.store(WEST);
  for (const attempt of [
    () => west.create({ patient: 'read-only', content: {}, subject: 's' }),
    () => west.create({ patient: 'read-only', content: {}, subject: 's', idempotencyKey: 'k', requestHash: 'h' }),
    () => west.update(record.id, 1, { content: {} }),
    () => west.remove(record.id, 1),
  ]) {
    await assert.rejects(attempt, (error) => error instanceof Unavailable && error.cause.code === '25006');
  }
  await says(WEST, { reads: true, writes: false });
  await environment.places[WEST].write({
    'database/writer-endpoint': environment.writer.host,
    'database/port': environment.writer.port,
  });
});
