import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { EventBridgeClient } from '@aws-sdk/client-eventbridge';

import { createEvents } from '../../src/aws/events.js';
import { Unavailable } from '../../src/errors.js';
import { openDoor } from '../harness/door.js';
import { buildEnvironment } from '../harness/environment.js';
import { EAST, REGIONS, WEST } from '../harness/platform.js';

const subject = 'dr-jones';
let environment, east;

before(async () => {
  environment = await buildEnvironment('outbox');
  east = environment.store(EAST);
});
after(() => environment.end());

const published = (region) => environment.places[region].published();
const waiting = () => environment.sql('select id, record_id, kind from outbox order by position');

/** Makes a change in a process that is killed around the publishing of its event. */
async function crash(region, moment, patient) {
  const script = fileURLToPath(new URL('../harness/crash.js', import.meta.url));
  const child = spawn(process.execPath, [script, region, environment.places[region].path, moment, patient], {
    stdio: 'inherit',
  });
  const [, signal] = await once(child, 'exit');
  assert.equal(signal, 'SIGKILL');
}

test('each change publishes one event in its own region at once, with no content and no patient', async () => {
  for (const region of REGIONS) {
    const store = environment.store(region);
    const { record } = await store.create({ patient: 'somebody', content: { finding: 'broken' }, subject });
    const updated = await store.update(record.id, 1, { content: { finding: 'healed' } });
    await store.remove(record.id, 2);
    const events = await published(region);
    assert.deepEqual(
      events.map(({ type, source, detail }) => [type, source, detail.recordId, detail.version, detail.region]).sort(),
      [
        ['RecordCreated', 'warmstandby.records', record.id, 1, region],
        ['RecordDeleted', 'warmstandby.records', record.id, 3, region],
        ['RecordUpdated', 'warmstandby.records', record.id, 2, region],
      ],
    );
    assert.equal(new Set(events.map(({ detail }) => detail.id)).size, 3);
    const of = (type) => events.find((event) => event.type === type).detail;
    assert.deepEqual(
      [of('RecordCreated').occurredAt, of('RecordUpdated').occurredAt],
      [record.createdAt, updated.updatedAt],
    );
    assert.deepEqual(Object.keys(of('RecordDeleted')).sort(), ['id', 'occurredAt', 'recordId', 'region', 'version']);
    assert.deepEqual(await waiting(), []);
  }
  assert.deepEqual(await published(EAST), [], 'an event of the west came by the east');
});

test('what changes nothing publishes nothing', async () => {
  const { record } = await east.create({ patient: 'p', content: {}, subject });
  await published(EAST);
  await assert.rejects(east.update(record.id, 7, { content: {} }));
  await assert.rejects(east.remove(record.id, 7));
  await east.get(record.id);
  assert.deepEqual([await published(EAST), await waiting()], [[], []]);
});

test('a crash between database and bus loses no event: either region publishes exactly what is left', async () => {
  for (const [n, region] of [EAST, WEST, EAST].entries()) await crash(region, 'before', `crashed-${n}`);
  const left = await waiting();
  assert.equal(left.length, 3);
  assert.deepEqual([await published(EAST), await published(WEST)], [[], []]);
  const west = environment.store(WEST, { leftBehindSeconds: 0 });
  assert.equal((await west.maintain()).published, 3);
  const events = await published(WEST);
  assert.deepEqual(events.map(({ detail }) => detail.id).sort(), left.map(({ id }) => id).sort());
  assert.deepEqual(events.map(({ detail }) => detail.region).sort(), [EAST, EAST, WEST]);
  assert.deepEqual([(await west.maintain()).published, await published(EAST), await waiting()], [0, [], []]);
});

test('a crash between bus and deletion publishes the event again, by the same id', async () => {
  await crash(EAST, 'after', 'crashed-late');
  const [{ id }] = await waiting();
  assert.equal((await environment.store(EAST, { leftBehindSeconds: 0 }).maintain()).published, 1);
  assert.deepEqual(
    (await published(EAST)).map(({ detail }) => detail.id),
    [id, id],
  );
});

test('what a request may still be publishing is left to it', async () => {
  await crash(EAST, 'before', 'just-now');
  assert.equal((await east.maintain()).published, 0);
  await environment.sql(`update outbox set occurred_at = now() - interval '31 seconds'`);
  assert.equal((await east.maintain()).published, 1);
  await published(EAST);
});

test('both regions maintain at once and publish each event once, hundreds of them', async () => {
  await environment.sql(
    `insert into outbox (id, kind, record_id, version, region, occurred_at)
     select gen_random_uuid(), 'RecordUpdated', gen_random_uuid(), n, 'us-east-1', now() - interval '1 hour'
     from generate_series(1, 205) n`,
  );
  const wanted = (await waiting()).map(({ id }) => id).sort();
  const stores = [EAST, WEST, EAST, WEST].map((region) => environment.store(region));
  const counts = await Promise.all(stores.map((store) => store.maintain()));
  assert.equal(
    counts.reduce((sum, { published: count }) => sum + count, 0),
    205,
  );
  const events = [...(await published(EAST)), ...(await published(WEST))];
  assert.deepEqual(events.map(({ detail }) => detail.id).sort(), wanted);
});

test('a bus that does not answer fails no change, and its event comes later', async () => {
  const { bus } = environment.places[EAST];
  const closed = await openDoor(environment.writer);
  await closed.end();
  const client = new EventBridgeClient({ region: EAST, endpoint: `http://127.0.0.1:${closed.port}` });
  const events = createEvents({ client, parameters: { get: async () => ({ events: { bus } }) } });
  const cut = environment.store(EAST, { leftBehindSeconds: 0, events });
  const { record } = await cut.create({ patient: 'p', content: {}, subject });
  assert.deepEqual(
    (await waiting()).map((row) => row.record_id),
    [record.id],
  );
  await assert.rejects(cut.maintain(), Unavailable);
  assert.equal((await environment.store(EAST, { leftBehindSeconds: 0 }).maintain()).published, 1);
  assert.deepEqual(
    (await published(EAST)).map(({ detail }) => detail.recordId),
    [record.id],
  );
});

test('an event that the bus refuses keeps no other waiting', async () => {
  // The real bus takes all of them: what it says to a refused one is in the test above and in events.test.js.
  await environment.sql(
    `insert into outbox (id, kind, record_id, version, region, occurred_at)
     select gen_random_uuid(), 'RecordUpdated', gen_random_uuid(), n, 'us-east-1', now() - interval '1 hour' from generate_series(1, 12) n`,
  );
  const rows = await waiting();
  const refused = rows.slice(0, 10).map(({ id }) => id);
  const taken = [];
  const events = {
    async publish(batch) {
      const ids = batch.map(({ id }) => id);
      const accepted = ids.filter((id) => !refused.includes(id));
      taken.push(...accepted);
      return { accepted, refused: ids.filter((id) => refused.includes(id)) };
    },
  };
  assert.equal((await environment.store(EAST, { events }).maintain()).published, 2);
  assert.deepEqual(
    taken,
    rows.slice(10).map(({ id }) => id),
  );
  assert.deepEqual(
    (await waiting()).map(({ id }) => id),
    refused,
  );
  await environment.sql('delete from outbox');
});
