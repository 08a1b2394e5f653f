// Probes: their timeout and cache, and what they report when the writer moves, hangs or is lost.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';

import { TIMEOUT_MS, createProbe } from '../../src/database/probe.js';
import { assertUnavailable } from '../harness/assertions.js';
import { buildEnvironment } from '../harness/environment.js';
import { eventually } from '../harness/eventually.js';
import { createFakeClock } from '../harness/fakeclock.js';
import { startFaultProxy } from '../harness/faultproxy.js';
import { EAST, REGIONS, WEST, moveWriter } from '../harness/globaldatabase.js';
import { only } from '../harness/tags.js';

/** @typedef {import('../harness/globaldatabase.js').Region} Region */
/** @typedef {import('../harness/environment.js').TestStore} Store */
/** @typedef {import('../../src/database/probe.js').ProbeResult} ProbeResult */

test('a check that hangs fails at the timeout, and not before', async () => {
  const clock = createFakeClock();
  const probe = createProbe(() => new Promise(() => {}), clock);
  /** @type {ProbeResult[]} */
  const results = [];
  const pending = probe().then((result) => results.push(result));
  clock.advance(TIMEOUT_MS - 1);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(results, []);
  clock.advance(1);
  await pending;
  assert.deepEqual(results, [{ ok: false, reason: `no answer within ${TIMEOUT_MS} ms` }]);
});

test('a success is cached for five seconds, a failure for one', async () => {
  /** @type {[() => Promise<void>, number][]} */
  const cases = [
    [async () => {}, 5_000],
    [async () => Promise.reject(new Error('no')), 1_000],
  ];
  for (const [check, ttl] of cases) {
    const clock = createFakeClock();
    let checks = 0;
    const probe = createProbe(() => (checks++, check()), clock);
    await probe();
    clock.advance(ttl - 1);
    await probe();
    assert.equal(checks, 1);
    clock.advance(1);
    await probe();
    assert.equal(checks, 2);
    assert.equal(clock.pendingTimers(), 0, 'a timer is still running');
  }
});

test('concurrent callers share one check', async () => {
  let checks = 0;
  const { promise, resolve } = withResolvers();
  const probe = createProbe(() => (checks++, promise), createFakeClock());
  const pending = Array.from({ length: 5 }, () => probe());
  resolve();
  assert.deepEqual(new Set((await Promise.all(pending)).map(({ ok }) => ok)), new Set([true]));
  assert.equal(checks, 1);
});

function withResolvers() {
  /** @type {() => void} */
  let resolve = () => {};
  /** @type {Promise<void>} */
  const promise = new Promise((resolvePromise) => (resolve = resolvePromise));
  return { promise, resolve: () => resolve() };
}

/** @type {import('../harness/environment.js').Environment} */
let environment;
before(async () => (environment = await buildEnvironment('probe')));
after(() => environment.end());

/**
 * Waits until the probes of a region have these results: a move takes moments, and a busy machine may respond late.
 *
 * @param {Region} region
 * @param {{reads: boolean, writes: boolean}} expected
 */
const waitForProbes = (region, expected) =>
  eventually(`the probes of ${region} have the results ${JSON.stringify(expected)}`, async () => {
    const store = environment.store(region);
    const results = { reads: (await store.canRead()).ok, writes: (await store.canWrite()).ok };
    await store.end();
    return isDeepStrictEqual(results, expected) || undefined;
  });

test('the write probe migrates an empty database', async () => {
  assert.equal((await environment.store(EAST).canWrite()).ok, false);
  await waitForProbes(EAST, { reads: true, writes: true });
  assert.deepEqual(await environment.sql('select region from write_probe'), [{ region: EAST }]);
});

test('both regions can read, and only the region with the writer can write, wherever it moves', async () => {
  for (const writer of [EAST, WEST, EAST]) {
    await moveWriter(/** @type {Region} */ (writer));
    await waitForProbes(/** @type {Region} */ (writer), { reads: true, writes: true });
    await waitForProbes(writer === EAST ? WEST : EAST, { reads: true, writes: false });
  }
});

test('the stores of both regions make changes after the writer has moved', async () => {
  const stores = REGIONS.map((region) => environment.store(region));
  for (const region of REGIONS.toReversed()) {
    for (const store of stores) await store.create({ patient: 'before', content: '{}', subject: 's' });
    await moveWriter(region);
    for (const store of stores) {
      const { record } = await store.create({ patient: 'after', content: '{}', subject: 's' });
      assert.equal((await store.update(record.id, only(record), { content: '{}' })).version, 2);
    }
  }
});

/**
 * Waits until both probes of a store succeed: on a busy machine a connection may be too slow for a probe.
 *
 * @param {Store} store
 * @param {ReturnType<typeof createFakeClock>} clock of the store.
 */
const waitUntilHealthy = (store, clock) =>
  eventually('the store is healthy', async () => {
    clock.advance(1_000);
    return ((await store.canRead()).ok && (await store.canWrite()).ok) || undefined;
  });

/** Puts fault proxies in front of the writer and of the cluster in us-east-1. */
async function startProxies() {
  const writer = await startFaultProxy(environment.writer);
  const cluster = await startFaultProxy(environment.clusters[EAST]);
  await environment.setEndpoints(EAST, { writer, cluster });
  return {
    writer,
    cluster,
    async remove() {
      await environment.setEndpoints(EAST);
      await Promise.all([writer.close(), cluster.close()]);
    },
  };
}

test('while the database hangs the probes fail in time and requests are unavailable, and afterwards the store recovers', async () => {
  const proxies = await startProxies();
  const clock = createFakeClock();
  const store = environment.store(EAST, { clock });
  const { record } = await store.create({ patient: 'hung', content: '{}', subject: 's' });
  await waitUntilHealthy(store, clock);
  proxies.writer.hang();
  proxies.cluster.hang();
  clock.advance(5_000);
  const pending = Promise.all([store.canRead(), store.canWrite()]);
  clock.advance(TIMEOUT_MS); // The clock is fake: the probes end although the database still hangs.
  assert.deepEqual(
    (await pending).map(({ ok, reason }) => [ok, reason]),
    Array(2).fill([false, `no answer within ${TIMEOUT_MS} ms`]),
  );
  await Promise.all([
    assertUnavailable(store.update(record.id, only(record), { content: '{}' })),
    assertUnavailable(store.get(record.id)),
    assertUnavailable(store.maintain()),
  ]);
  proxies.writer.resume();
  proxies.cluster.resume();
  clock.advance(1_000);
  await waitUntilHealthy(store, clock);
  assert.equal((await store.get(record.id)).id, record.id);
  await proxies.remove();
});

test('that there is no writer is remembered for a second, in which changes are refused at once and reads are served', async () => {
  const proxies = await startProxies();
  const clock = createFakeClock();
  const store = environment.store(EAST, { clock });
  const { record } = await store.create({ patient: 'away', content: '{}', subject: 's' });
  const update = () => store.update(record.id, {}, { content: '{}' });
  proxies.writer.hang();
  await assertUnavailable(update());
  proxies.writer.resume();
  // The writer is there again. The clock is fake, so only the memory refuses.
  for (const attempt of [
    update,
    () => store.remove(record.id),
    () => store.create({ patient: 'away', content: '{}', subject: 's' }),
  ])
    await assertUnavailable(attempt());
  assert.equal((await store.get(record.id)).id, record.id);
  clock.advance(999);
  await assertUnavailable(update());
  clock.advance(1);
  await update();
  await proxies.remove();
});

test('a connection that is lost does not count as a writer that is away', async () => {
  const store = environment.store(EAST, { clock: createFakeClock() });
  const { record } = await store.create({ patient: 'lost', content: '{}', subject: 's' });
  await environment.terminateConnections();
  await store.update(record.id, {}, { content: '{}' }).catch(() => {});
  await store.update(record.id, {}, { content: '{}' });
});

test('while the database refuses connections the probes fail and requests are unavailable', async () => {
  const proxies = await startProxies();
  const store = environment.store(EAST);
  const { record } = await store.create({ patient: 'gone', content: '{}', subject: 's' });
  await proxies.writer.close();
  await proxies.cluster.close();
  assert.deepEqual([(await store.canRead()).ok, (await store.canWrite()).ok], [false, false]);
  for (const attempt of [
    () => store.create({ patient: 'gone', content: '{}', subject: 's' }),
    () => store.update(record.id, only(record), { content: '{}' }),
    () => store.remove(record.id, only(record)),
    () => store.get(record.id),
    () => store.list({ patient: 'gone', limit: 1 }),
  ]) {
    await assertUnavailable(attempt());
  }
  await environment.setEndpoints(EAST);
});

test('a store whose writer endpoint leads to a standby refuses changes and serves reads', async () => {
  await environment.setEndpoints(WEST, { writer: environment.clusters[WEST] });
  const { record } = await environment.store(EAST).create({ patient: 'read-only', content: '{}', subject: 's' });
  const west = environment.store(WEST);
  const newRecord = { patient: 'read-only', content: '{}', subject: 's' };
  for (const attempt of [
    () => west.create(newRecord),
    () => west.create({ ...newRecord, idempotencyKey: 'k', requestHash: 'h' }),
    () => west.update(record.id, only(record), { content: '{}' }),
    () => west.remove(record.id, only(record)),
  ]) {
    await assertUnavailable(attempt(), { sqlState: '25006' });
  }
  await waitForProbes(WEST, { reads: true, writes: false });
  await environment.setEndpoints(WEST);
});
