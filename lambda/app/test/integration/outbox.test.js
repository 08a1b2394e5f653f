// Events: each change publishes one through the outbox, whatever fails.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { EventBridgeClient } from '@aws-sdk/client-eventbridge';

import { createEvents } from '../../src/aws/events.js';
import { assertUnavailable } from '../harness/assertions.js';
import { buildEnvironment } from '../harness/environment.js';
import { startFaultProxy } from '../harness/faultproxy.js';
import { EAST, REGIONS, WEST } from '../harness/globaldatabase.js';
import { only } from '../harness/tags.js';

/** @typedef {import('../harness/globaldatabase.js').Region} Region */

const subject = 'dr-jones';
/** @type {import('../harness/environment.js').Environment} */
let environment;
/** @type {import('../../src/database/store.js').Store} */
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
