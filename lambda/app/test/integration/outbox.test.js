// Events: each change publishes one through the outbox, whatever fails.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import fc from 'fast-check';

import { createEvents } from '../../src/aws/events.js';
import { Unavailable } from '../../src/errors.js';
import { assertUnavailable } from '../harness/assertions.js';
import { buildEnvironment } from '../harness/environment.js';
import { createFakeClock } from '../harness/fakeclock.js';
import { startFaultProxy } from '../harness/faultproxy.js';
import { EAST, REGIONS, WEST } from '../harness/globaldatabase.js';
import { only } from '../harness/tags.js';

/** @typedef {import('../harness/globaldatabase.js').Region} Region */

const subject = 'dr-jones';
/** @type {import('../harness/environment.js').Environment} */
let environment;
/** @type {import('../harness/environment.js').TestStore} */
let east;

before(async () => {
  environment = await buildEnvironment('outbox');
  east = environment.store(EAST);
});
after(() => environment.end());

/** @param {Region} region */
const publishedEvents = (region) => environment.regions[region].publishedEvents();
const readOutbox = () => environment.sql('select id, record_id, kind from outbox order by position');

/**
 * Makes a change in a process that is killed before or after it publishes the change's event.
 *
 * @param {Region} region
 * @param {'before' | 'after'} moment
 * @param {string} patient
 */
async function changeAndCrash(region, moment, patient) {
  const script = fileURLToPath(new URL('../harness/crashprocess.js', import.meta.url));
  const child = spawn(process.execPath, [script, region, environment.regions[region].path, moment, patient], {
    stdio: 'inherit',
  });
  const [, signal] = await once(child, 'exit');
  assert.equal(signal, 'SIGKILL');
}

test('each change publishes one event at once in its own region, without content and patient', async () => {
  for (const region of REGIONS) {
    const store = environment.store(region);
    const { record } = await store.create({
      patient: 'somebody',
      content: JSON.stringify({ finding: 'broken' }),
      subject,
    });
    const updated = await store.update(record.id, only(record), { content: JSON.stringify({ finding: 'healed' }) });
    await store.remove(record.id, only(updated));
    const events = await publishedEvents(region);
    assert.deepEqual(
      events.map(({ type, source, detail }) => [type, source, detail.recordId, detail.version, detail.region]).sort(),
      [
        ['RecordCreated', 'warmstandby.records', record.id, 1, region],
        ['RecordDeleted', 'warmstandby.records', record.id, 3, region],
        ['RecordUpdated', 'warmstandby.records', record.id, 2, region],
      ],
    );
    assert.equal(new Set(events.map(({ detail }) => detail.id)).size, 3);
    const details = Object.fromEntries(events.map(({ type, detail }) => [type, detail]));
    assert.deepEqual(
      [details.RecordCreated.occurredAt, details.RecordUpdated.occurredAt],
      [record.createdAt, updated.updatedAt],
    );
    const members = ['id', 'occurredAt', 'recordId', 'region', 'timeline', 'version'];
    assert.deepEqual(Object.keys(details.RecordDeleted).sort(), members);
    assert.deepEqual(await readOutbox(), []);
  }
  assert.deepEqual(await publishedEvents(EAST), [], 'the bus of the east received an event of the west');
});

test('a request that changes nothing publishes nothing', async () => {
  const { record } = await east.create({ patient: 'p', content: '{}', subject });
  await publishedEvents(EAST);
  await assert.rejects(east.update(record.id, { match: ['7'] }, { content: '{}' }));
  await assert.rejects(east.remove(record.id, { match: ['7'] }));
  await east.get(record.id);
  assert.deepEqual([await publishedEvents(EAST), await readOutbox()], [[], []]);
});

test('a crash between commit and publishing loses no event: either region publishes exactly the stale ones', async () => {
  for (const [n, region] of [EAST, WEST, EAST].entries())
    await changeAndCrash(/** @type {Region} */ (region), 'before', `crashed-${n}`);
  const pending = await readOutbox();
  assert.equal(pending.length, 3);
  assert.deepEqual([await publishedEvents(EAST), await publishedEvents(WEST)], [[], []]);
  const west = environment.store(WEST, { staleAfterSeconds: 0 });
  assert.equal((await west.maintain()).published, 3);
  const events = await publishedEvents(WEST);
  assert.deepEqual(events.map(({ detail }) => detail.id).sort(), pending.map(({ id }) => id).sort());
  assert.deepEqual(events.map(({ detail }) => detail.region).sort(), [EAST, EAST, WEST]);
  assert.deepEqual([(await west.maintain()).published, await publishedEvents(EAST), await readOutbox()], [0, [], []]);
});

test('a crash between publishing and deletion publishes the event again with the same id', async () => {
  await changeAndCrash(EAST, 'after', 'crashed-late');
  const [{ id }] = await readOutbox();
  assert.equal((await environment.store(EAST, { staleAfterSeconds: 0 }).maintain()).published, 1);
  assert.deepEqual(
    (await publishedEvents(EAST)).map(({ detail }) => detail.id),
    [id, id],
  );
});

test('maintenance does not publish an event until it is stale, because its request may still be publishing it', async () => {
  await changeAndCrash(EAST, 'before', 'just-now');
  assert.equal((await east.maintain()).published, 0);
  await environment.sql(`update outbox set occurred_at = now() - interval '31 seconds'`);
  assert.equal((await east.maintain()).published, 1);
  await publishedEvents(EAST);
});

test('concurrent maintenance in both regions publishes each of hundreds of events once', async () => {
  await insertStaleEvents(205);
  const ids = (await readOutbox()).map(({ id }) => id).sort();
  const stores = [environment.store(EAST), environment.store(WEST), environment.store(EAST), environment.store(WEST)];
  const results = await Promise.all(stores.map((store) => store.maintain()));
  assert.equal(
    results.reduce((sum, { published }) => sum + published, 0),
    205,
  );
  const events = [...(await publishedEvents(EAST)), ...(await publishedEvents(WEST))];
  assert.deepEqual(events.map(({ detail }) => detail.id).sort(), ids);
});

/** @param {number} count */
const insertStaleEvents = (count) =>
  environment.sql(
    `insert into outbox (id, kind, record_id, version, region, occurred_at)
     select gen_random_uuid(), 'RecordUpdated', gen_random_uuid(), n, 'us-east-1', now() - interval '1 hour'
     from generate_series(1, $1::integer) n`,
    [count],
  );

test('a change succeeds while the bus is unreachable, and its event is published later', async () => {
  const { bus } = environment.regions[EAST];
  const closed = await startFaultProxy(environment.writer);
  await closed.close();
  const client = new EventBridgeClient({ region: EAST, endpoint: `http://127.0.0.1:${closed.port}` });
  const events = createEvents({ client, parameters: { get: async () => ({ events: { bus } }) } });
  const withoutBus = environment.store(EAST, { staleAfterSeconds: 0, events });
  const { record } = await withoutBus.create({ patient: 'p', content: '{}', subject });
  assert.deepEqual(
    (await readOutbox()).map((row) => row.record_id),
    [record.id],
  );
  await assertUnavailable(withoutBus.maintain());
  assert.equal((await environment.store(EAST, { staleAfterSeconds: 0 }).maintain()).published, 1);
  assert.deepEqual(
    (await publishedEvents(EAST)).map(({ detail }) => detail.recordId),
    [record.id],
  );
});

test('an event that the bus refuses does not keep later ones from being published', async () => {
  // The emulator's bus accepts every event, so this one is a stub; aws.test.js has the response to a refused event.
  await insertStaleEvents(12);
  const rows = await readOutbox();
  const refusedIds = rows.slice(0, 10).map(({ id }) => id);
  /** @type {string[]} */
  const published = [];
  const events = {
    /** @param {{id: string}[]} batch */
    async publish(batch) {
      const ids = batch.map(({ id }) => id);
      const accepted = ids.filter((id) => !refusedIds.includes(id));
      published.push(...accepted);
      return { accepted, refused: ids.filter((id) => refusedIds.includes(id)) };
    },
  };
  assert.equal((await environment.store(EAST, { events }).maintain()).published, 2);
  assert.deepEqual(
    published,
    rows.slice(10).map(({ id }) => id),
  );
  assert.deepEqual(
    (await readOutbox()).map(({ id }) => id),
    refusedIds,
  );
  await environment.sql('delete from outbox');
});

/**
 * Creates a bus that records what it accepts. refuses tells whether it refuses an event, and isDown whether it answers at all.
 *
 * @param {{refuses?: (event: import('../../src/aws/events.js').Event) => boolean}} [options]
 */
function createBus({ refuses = () => false } = {}) {
  /** @type {import('../../src/aws/events.js').Event[]} */
  const accepted = [];
  const bus = {
    isDown: false,
    accepted,
    /** @param {import('../../src/aws/events.js').Event[]} batch */
    async publish(batch) {
      assert.ok(batch.length <= 10, 'EventBridge takes ten events in a call');
      if (bus.isDown) throw new Unavailable('the bus is down', 5);
      const taken = batch.filter((event) => !refuses(event));
      accepted.push(...taken);
      const ids = taken.map(({ id }) => id);
      return { accepted: ids, refused: batch.map(({ id }) => id).filter((id) => !ids.includes(id)) };
    },
  };
  return bus;
}

test('one maintenance publishes as many events as there are, and stops when its time is over', async () => {
  await insertStaleEvents(3_000);
  const bus = createBus();
  assert.equal((await environment.store(EAST, { events: bus }).maintain()).published, 3_000);
  assert.deepEqual(await readOutbox(), []);

  await insertStaleEvents(3_000);
  const clock = createFakeClock();
  const slow = {
    /** @param {import('../../src/aws/events.js').Event[]} batch */
    publish: async (batch) => {
      clock.advance(10);
      return bus.publish(batch);
    },
  };
  const { published } = await environment.store(EAST, { events: slow, clock }).maintain(1_000);
  assert.ok(published >= 1_000 && published < 1_200, `${published} events at 10 ms for ten, in 1 s`);
  assert.equal((await readOutbox()).length, 3_000 - published);
  await environment.sql('delete from outbox');
});

test('the events of one record are published in order: a change waits for those that the bus has not taken', async () => {
  const bus = createBus();
  const store = environment.store(EAST, { events: bus, staleAfterSeconds: 0 });
  bus.isDown = true;
  const { record } = await store.create({ patient: 'p', content: '{}', subject });
  const updated = await store.update(record.id, only(record), { content: '{}' });
  const { record: other } = await store.create({ patient: 'p', content: '{}', subject });
  bus.isDown = false;
  await store.remove(record.id, only(updated));
  assert.deepEqual(bus.accepted, [], 'the deletion is published before the creation');
  const { record: unaffected } = await store.create({ patient: 'p', content: '{}', subject });
  assert.deepEqual(
    bus.accepted.map(({ recordId }) => recordId),
    [unaffected.id],
  );
  assert.equal((await store.maintain()).published, 4);
  assert.deepEqual(versionsOf(bus.accepted, record.id), [1, 2, 3]);
  assert.deepEqual(versionsOf(bus.accepted, other.id), [1]);
});

/**
 * @param {import('../../src/aws/events.js').Event[]} events
 * @param {string} recordId
 */
const versionsOf = (events, recordId) =>
  events.filter((event) => event.recordId === recordId).map(({ version }) => version);

test('a request publishes the events that have waited for its own', async () => {
  const bus = createBus();
  /** @type {() => void} */
  let release = () => {};
  /** @type {Promise<void>} */
  const released = new Promise((resolve) => (release = resolve));
  const { record } = await environment.store(EAST, { events: bus }).create({ patient: 'p', content: '{}', subject });
  const slow = {
    /** @param {import('../../src/aws/events.js').Event[]} batch */
    async publish(batch) {
      await released;
      return bus.publish(batch);
    },
  };
  const first = environment.store(WEST, { events: slow }).update(record.id, {}, { content: '{}' });
  const second = environment.store(EAST, { events: bus });
  // The second change comes when the first one is committed and its event is not published yet.
  while ((await readOutbox()).length === 0) await second.get(record.id);
  await second.update(record.id, {}, { content: '{}' });
  await second.update(record.id, {}, { content: '{}' });
  release();
  await first;
  assert.deepEqual(versionsOf(bus.accepted, record.id), [1, 2, 3, 4]);
  assert.deepEqual(await readOutbox(), []);
});

test('an event whose earlier one another run holds is not published before it', async () => {
  await environment.sql(
    `insert into outbox (id, kind, record_id, version, region, occurred_at)
     select gen_random_uuid(), 'RecordUpdated', ('00000000-0000-4000-8000-00000000000' || r)::uuid, v, 'us-east-1', now() - interval '1 hour'
     from generate_series(1, 3) v, generate_series(1, 2) r`,
  );
  const bus = createBus();
  const other = await environment.connectAsFunction();
  try {
    await other.query('begin');
    await other.query(`select from outbox where version = 2 and record_id::text like '%1' for update`);
    assert.equal((await environment.store(WEST, { events: bus }).maintain()).published, 4);
    await other.query('rollback');
  } finally {
    await other.end();
  }
  assert.equal((await environment.store(WEST, { events: bus }).maintain()).published, 2);
  for (const n of [1, 2])
    assert.deepEqual(versionsOf(bus.accepted, `00000000-0000-4000-8000-00000000000${n}`), [1, 2, 3]);
});

test('whatever the bus refuses, runs side by side publish each event once and those of a record in order', async () => {
  const versions = fc.array(fc.record({ record: fc.nat(4), refusals: fc.nat(2) }), { minLength: 1, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(versions, async (sent) => {
      /** @type {Map<string, number>} */
      const refusals = new Map(); // Left, by record and version.
      /** @type {unknown[][]} */
      const rows = sent.map(({ record, refusals: count }, version) => {
        refusals.set(`0000000${record}-0000-4000-8000-000000000000 ${version + 1}`, count);
        return [record, version + 1];
      });
      await environment.sql(
        `insert into outbox (id, kind, record_id, version, region, occurred_at)
         select gen_random_uuid(), 'RecordUpdated', ('0000000' || (row ->> 0) || '-0000-4000-8000-000000000000')::uuid,
                (row ->> 1)::integer, 'us-east-1', now() - interval '1 hour'
         from json_array_elements($1::json) row`,
        [JSON.stringify(rows)],
      );
      const bus = createBus({
        refuses({ recordId, version }) {
          const left = refusals.get(`${recordId} ${version}`) ?? 0;
          refusals.set(`${recordId} ${version}`, left - 1);
          return left > 0;
        },
      });
      const runs = [environment.store(EAST, { events: bus }), environment.store(WEST, { events: bus })];
      while ((await readOutbox()).length > 0) await Promise.all(runs.map((run) => run.maintain()));
      await Promise.all(runs.map((run) => run.end()));
      assert.equal(bus.accepted.length, sent.length);
      for (let record = 0; record < 5; record++) {
        const expected = rows.filter(([of]) => of === record).map(([, version]) => version);
        assert.deepEqual(versionsOf(bus.accepted, `0000000${record}-0000-4000-8000-000000000000`), expected);
      }
    }),
    { numRuns: 10 },
  );
});

test('maintenance publishes as metrics what is left and how old it is', async () => {
  await insertStaleEvents(3);
  await environment.sql(
    `insert into document_removals (record_id, region, due_at) values
       (gen_random_uuid(), 'us-east-1', now() - interval '10 minutes'), (gen_random_uuid(), 'us-east-1', now() + interval '1 hour'),
       (gen_random_uuid(), 'us-west-2', now() - interval '10 minutes')`,
  );
  /** @type {Record<string, number>[]} */
  const published = [];
  const metrics = (/** @type {any} */ values) => published.push(values);
  const bus = createBus();
  bus.isDown = true;
  const documents = { remove: () => Promise.reject(new Unavailable('no S3', 5)) };
  await assertUnavailable(environment.store(EAST, { events: bus, documents, log: { metrics } }).maintain());
  bus.isDown = false;
  await environment.store(EAST, { events: bus, log: { metrics } }).maintain();
  const [{ outboxAge, documentRemovalsAge, configurationAge, ...before }, { configurationAge: later, ...after }] =
    published;
  const none = { expiredKeys: 0, expiredKeysAge: 0, expiredVersions: 0, expiredVersionsAge: 0 };
  assert.deepEqual(before, { outboxEvents: 3, documentRemovals: 1, ...none });
  assert.ok(outboxAge >= 3_600 && outboxAge < 4_000 && documentRemovalsAge >= 600 && documentRemovalsAge < 1_000);
  assert.deepEqual(new Set(Object.values(after)), new Set([0]));
  for (const age of [configurationAge, later]) assert.ok(age >= 0 && age < 60);
  await environment.sql('delete from document_removals');
});
