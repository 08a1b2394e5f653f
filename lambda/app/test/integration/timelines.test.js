// Two histories of one record: entity tags that are never repeated, and the timelines of events.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import fc from 'fast-check';

import { NotFound, VersionConflict } from '../../src/errors.js';
import { migrations } from '../../src/database/migrations/index.js';
import { earlierVersion } from '../harness/earlierversion.js';
import { buildEnvironment } from '../harness/environment.js';
import { eventually } from '../harness/eventually.js';
import { EAST, REGIONS, WEST, moveWriter } from '../harness/globaldatabase.js';
import { only } from '../harness/tags.js';
import { assertEvent } from '../http/conformance.js';

/** @typedef {import('../harness/globaldatabase.js').Region} Region */
/** @typedef {import('../harness/environment.js').TestStore} Store */

const subject = 'dr-jones';
/** @type {import('../harness/environment.js').Environment} */
let environment;

before(async () => {
  environment = await buildEnvironment('timelines');
});
after(() => environment.end());

/** @param {Region} region */
const publishedEvents = (region) => environment.regions[region].publishedEvents();

const readTimelines = () => environment.sql('select id, server, region, predecessor from timelines order by position');

/** @param {import('../harness/regionfixture.js').EventDetail[]} details */
const timelinesOf = (details) => [...new Set(details.map(({ timeline }) => timeline))];

async function drainEvents() {
  const events = (await Promise.all(REGIONS.map((region) => publishedEvents(region)))).flat();
  for (const event of events) assertEvent(event.detail);
  return events.map(({ detail }) => detail);
}

/** Forks the history, and returns a store of each history. Earlier stores have lost their connections. */
async function forkStores() {
  const fork = await environment.fork();
  return { east: environment.store(EAST), west: fork.store(WEST) };
}

/**
 * Migrates a database as the function before version 1.1.0 does.
 *
 * @param {import('../harness/environment.js').Environment} database
 */
async function migrateAsEarlier(database) {
  const store = database.store(EAST, { migrations: migrations.slice(0, 2) });
  // The rest of the maintenance is this version's, which needs the later migrations.
  await assert.rejects(store.maintain(), /column "tenant" does not exist/);
  await store.end();
}

/** Makes a change in each of eight stores at once, alternately in each region. */
async function changeConcurrently() {
  const stores = Array.from({ length: 8 }, (_, n) => environment.store(n % 2 ? EAST : WEST));
  await Promise.all(stores.map((store) => store.create({ patient: 'p', content: '{}', subject })));
  await Promise.all(stores.map((store) => store.end()));
}

test('concurrent first changes of both regions begin one timeline, on each server that the writer moves to', async () => {
  /** @type {string | null} */
  let predecessor = null;
  /** @type {Region[]} */
  const writers = [EAST, WEST, EAST];
  for (const [n, writer] of writers.entries()) {
    await moveWriter(writer);
    await eventually(`${writer} takes writes`, async () => {
      const store = environment.store(EAST);
      return store.maintain().catch(() => undefined);
    });
    await changeConcurrently();
    const details = await drainEvents();
    const timelines = await readTimelines();
    assert.equal(timelines.length, n + 1);
    const newest = timelines[n];
    assert.equal(newest.predecessor, predecessor);
    assert.equal(details.length, 8);
    assert.deepEqual(timelinesOf(details), [newest.id]);
    await eventually(`${writer} is named`, async () => {
      await environment.store(writer).canWrite();
      return (await readTimelines())[n].region === writer || undefined;
    });
    predecessor = newest.id;
  }
});

for (const end of /** @type {const} */ (['commit', 'rollback'])) {
  test(`a first change waits for another one that begins the timeline, until its ${end}`, async () => {
    await environment.store(EAST).create({ patient: 'p', content: '{}', subject });
    const fork = await environment.fork();
    const store = fork.store(EAST);
    const before = await fork.sql('select id from timelines');
    /** @type {Promise<unknown>} */
    let change = Promise.resolve();
    const makeChange = async () => {
      change = store.create({ patient: 'p', content: '{}', subject });
      await eventually('the change waits', async () => {
        const waiting = await environment.sql(
          `select from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'`,
          [`${environment.name}_copy`],
        );
        return waiting.length || undefined;
      });
    };
    await fork.whileOpen('select current_timeline()', makeChange, end);
    await change;
    const after = await fork.sql('select id from timelines order by position desc');
    assert.equal(after.length, before.length + 1);
    assert.ok(timelinesOf(await drainEvents()).includes(after[0].id));
  });
}

test('the old writer of a failover that loses data stays on its timeline, and the new one begins another', async () => {
  const { record } = await environment.store(EAST).create({ patient: 'p', content: '{}', subject });
  const [before] = timelinesOf(await drainEvents());
  const { east, west } = await forkStores();
  await east.update(record.id, only(record), { content: JSON.stringify({ of: 'the old writer' }) });
  await west.update(record.id, only(record), { content: JSON.stringify({ of: 'the new writer' }) });
  const [ofOld] = await publishedEvents(EAST);
  const [ofNew] = await publishedEvents(WEST);
  assert.deepEqual([ofOld.detail.version, ofNew.detail.version], [2, 2]);
  assert.equal(ofOld.detail.timeline, before);
  assert.notEqual(ofNew.detail.timeline, before);
});

test('whoever holds the tag of a change that a failover lost gets the record, and their change is refused', async () => {
  const { record } = await environment.store(EAST).create({ patient: 'p', content: '{}', subject });
  const { east, west } = await forkStores();
  const lost = await east.update(record.id, only(record), { content: JSON.stringify({ of: 'A' }) });
  const kept = await west.update(record.id, only(record), { content: JSON.stringify({ of: 'B' }) });
  assert.deepEqual([lost.version, kept.version], [2, 2]);
  assert.notEqual(lost.tag, kept.tag);
  await assert.rejects(
    west.update(record.id, only(lost), { content: JSON.stringify({ of: 'A, who never saw B' }) }),
    VersionConflict,
  );
  await assert.rejects(west.remove(record.id, only(lost)), VersionConflict);
  assert.deepEqual(await west.get(record.id), kept);
  await west.update(record.id, { match: [lost.tag, kept.tag] }, { content: '{}' });
});

test('tags differ also if the history parted before the migration, and each part migrated by itself', async () => {
  const fresh = await buildEnvironment('parted');
  await migrateAsEarlier(fresh);
  const id = randomUUID();
  await earlierVersion(fresh.sql).create(id, {});
  const fork = await fresh.fork();
  await earlierVersion(fresh.sql).update(id, { of: 'A' });
  await earlierVersion(fork.sql).update(id, { of: 'B' });
  const [east, west] = [fresh.store(EAST), fork.store(WEST)];
  await east.maintain();
  await west.maintain();
  const [a, b] = [await east.get(id), await west.get(id)];
  assert.deepEqual([a.version, b.version], [2, 2]);
  assert.notEqual(a.tag, b.tag);
  await fresh.end();
});

test('before its migration a region serves reads, with tags that match nothing, and the earlier version works after it', async () => {
  const fresh = await buildEnvironment('upgrade');
  await migrateAsEarlier(fresh);
  const earlier = earlierVersion(fresh.sql);
  const id = randomUUID();
  await earlier.create(id, { n: 0 });
  const store = fresh.store(EAST);
  const [once, twice] = [await store.get(id), await store.get(id)];
  assert.deepEqual([once.content, (await store.list({ patient: 'p', limit: 1 })).records.length], ['{"n":0}', 1]);
  assert.notEqual(once.tag, twice.tag);
  await eventually('the region is ready before the migration', async () => {
    const other = fresh.store(EAST);
    return (await other.canWrite()).ok || undefined;
  });
  await assert.rejects(store.update(id, only(once), { content: '{}' }), VersionConflict); // It migrates first.
  const migrated = await store.get(id);
  assert.deepEqual(await store.get(id), migrated);
  await earlier.update(id, { n: 1 });
  const changed = await store.get(id);
  assert.notEqual(changed.tag.split('-')[1], migrated.tag.split('-')[1], 'the earlier version keeps the revision');
  await earlier.create(randomUUID(), {});
  const rows = await fresh.sql('select kind, timeline from outbox order by position');
  assert.deepEqual(
    rows.map(({ kind, timeline }) => [kind, timeline !== null]),
    [
      ['RecordCreated', false],
      ['RecordUpdated', true],
      ['RecordCreated', true],
    ],
  );
  assert.equal((await fresh.store(EAST, { staleAfterSeconds: 0 }).maintain()).published, 3);
  const details = (await fresh.regions[EAST].publishedEvents()).map(({ detail }) => detail);
  for (const detail of details) assertEvent(detail);
  assert.deepEqual(details.map(({ timeline }) => timeline === null).sort(), [false, false, true]);
  await fresh.end();
});

test('the answer that the earlier version kept with an idempotency key comes with a tag that matches nothing', async () => {
  const store = environment.store(EAST);
  const newRecord = { patient: 'p', content: '{}', subject, idempotencyKey: 'k-old', requestHash: 'h' };
  const { record } = await store.create(newRecord);
  assert.equal((await store.create(newRecord)).record.tag, record.tag);
  await environment.sql(`update idempotency_keys set answer = (answer::jsonb - 'revision')::json where key = 'k-old'`);
  const { record: replayed, replayed: isReplayed } = await store.create(newRecord);
  assert.equal(isReplayed, true);
  assert.match(replayed.tag, /^1-[0-9a-f]{32}$/);
  await assert.rejects(store.update(record.id, only(replayed), { content: '{}' }), VersionConflict);
});

// A history: changes before two regions part, and the changes of each after that, by this version and by the earlier one.
const change = fc.record({ record: fc.nat(2), by: fc.constantFrom('this', 'this', 'earlier', 'deletion') });
const histories = fc.record({
  common: fc.array(change, { maxLength: 6 }),
  east: fc.array(change, { minLength: 1, maxLength: 8 }),
  west: fc.array(change, { minLength: 1, maxLength: 8 }),
});

test('in no two histories has a tag two contents', { timeout: 300_000 }, async () => {
  let repeatedVersions = 0;
  await fc.assert(
    fc.asyncProperty(histories, async ({ common, east: ofEast, west: ofWest }) => {
      const ids = Array.from({ length: 3 }, () => randomUUID());
      /** @type {Map<string, string>} */
      const contents = new Map(); // By record and tag.
      /** @type {Set<string>} */
      const versions = new Set();
      let serial = 0;

      /**
       * @param {Store} store
       * @param {string} id
       */
      const observe = async (store, id) => {
        const record = await store.get(id);
        const key = `${id} ${record.tag}`;
        const { content } = record;
        assert.equal(contents.get(key) ?? content, content, 'a tag names two contents');
        if (!contents.has(key) && versions.has(`${id} ${record.version}`)) repeatedVersions++;
        versions.add(`${id} ${record.version}`);
        contents.set(key, content);
        return record;
      };

      /**
       * @param {{store: Store, sql: import('../harness/earlierversion.js').RunStatement}} history
       * @param {{record: number, by: string}[]} changes
       */
      const apply = async ({ store, sql }, changes) => {
        for (const { record: n, by } of changes) {
          const id = ids[n];
          const content = { serial: serial++ };
          try {
            const record = await observe(store, id);
            if (by === 'earlier') await earlierVersion(sql).update(id, content);
            else if (by === 'deletion') await store.remove(id, only(record));
            else await store.update(id, only(record), { content: JSON.stringify(content) });
            await observe(store, id);
          } catch (error) {
            if (!(error instanceof NotFound)) throw error;
          }
        }
      };

      const first = environment.store(EAST);
      for (const id of ids) await earlierVersion(environment.sql).create(id, { serial: serial++ });
      await apply({ store: first, sql: environment.sql }, common);
      await first.end();
      const fork = await environment.fork();
      const [east, west] = [environment.store(EAST), fork.store(WEST)];
      await apply({ store: east, sql: environment.sql }, ofEast);
      await apply({ store: west, sql: fork.sql }, ofWest);
      await Promise.all([east.end(), west.end()]);
    }),
    // Without shrinking: revisions are random, and each run copies a database.
    { numRuns: 12, endOnFailure: true, includeErrorInReport: true },
  );
  assert.ok(repeatedVersions > 0, 'no two histories had the same version');
});
