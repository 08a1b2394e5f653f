// Housekeeping keeps up with the rate that the service is for: fifty keyed creations a second for an hour, and an hour without the bus.
//
// The time is virtual. The database has one of its own and each store a clock, and both stand still while nothing happens. What grows and
// shrinks is real: rows are in PostgreSQL, and the function's task is run in each region with the time that an invocation has. A call to
// the bus and the statements of a batch cost what src/database/outbox.js says, whatever this machine takes.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';

import { STALE_AFTER_SECONDS } from '../../src/database/outbox.js';
import { Unavailable } from '../../src/errors.js';
import { createHandler } from '../../src/handler.js';
import { buildEnvironment } from '../harness/environment.js';
import { createFakeClock } from '../harness/fakeclock.js';
import { EAST, REGIONS } from '../harness/globaldatabase.js';
import { setVirtualTime } from '../harness/virtualtime.js';

const CREATIONS_PER_SECOND = 50;
const CREATIONS_PER_MINUTE = CREATIONS_PER_SECOND * 60;

/**
 * Minutes of the hour that are run. Each leaves what the one before has left, and nothing else that the next one could find: the hour is
 * flat if one minute is.
 */
const MINUTES = 4;

/** Time of an invocation, in milliseconds: the default of timeoutSeconds, in Pulumi.yaml of the regional stacks. */
const TIMEOUT_MS = 15_000;

/**
 * What ten events cost, in milliseconds: a call to the bus, which passes for all calls that are under way, and the call's share of
 * its batch's statements. A batch is a thousand events, so it takes half a second, half of that for its statements.
 */
const CALL_MS = 25;
const STATEMENTS_MS = 2.5;

/**
 * How many events of the outage one row stands for. It costs as much as they do, so that the bus and the statements take as long for an
 * hour's events.
 */
const EVENTS_PER_ROW = 10;

/** Tenants of the rows. */
const TENANTS = 10;

/** Part of the requests that end between their commit and their event, as an instance that is killed does: one in a hundred. */
const UNFINISHED = 0.01;

/** How long the bus is away, in minutes, in how many parts its events come, and how many rows they are. */
const OUTAGE_MINUTES = 60;
const OUTAGE_PARTS = 6;
const OUTAGE_ROWS = (OUTAGE_MINUTES * CREATIONS_PER_MINUTE) / EVENTS_PER_ROW;

/** @typedef {import('../../src/aws/events.js').Event} Event */
/** @typedef {Awaited<ReturnType<typeof buildEnvironment>>} Environment */

/** @type {Environment} */
let environment;
/** @type {Awaited<ReturnType<typeof setVirtualTime>>} */
let time;

before(async () => {
  environment = await buildEnvironment('rates', { 'auth/tenant-claim': 'tenant' });
  time = await setVirtualTime(environment);
  await environment.store(EAST).maintain(); // It makes the tables.
});
beforeEach(() => environment.sql('truncate outbox, idempotency_keys'));
after(() => environment.end());

/**
 * Builds the tasks of regions on one bus.
 *
 * @param {{regions?: readonly import('../harness/globaldatabase.js').Region[], eventsPerRow?: number}} [options]
 */
function buildPlatform({ regions: names = REGIONS, eventsPerRow = 1 } = {}) {
  /** @type {Event[]} */
  const accepted = [];
  const bus = { isDown: false, accepted };
  const regions = names.map((region) => {
    const clock = createFakeClock();
    let calls = 0;
    const events = {
      /** @param {Event[]} batch */
      async publish(batch) {
        calls++;
        await turn(); // Those that are made side by side are under way.
        clock.advance(eventsPerRow * (CALL_MS / calls + STATEMENTS_MS));
        calls--;
        if (bus.isDown) throw new Unavailable('the bus is down', 5);
        bus.accepted.push(...batch);
        return { accepted: batch.map(({ id }) => id), refused: [] };
      },
    };
    /** @type {Record<string, number>} */
    let left = {};
    const metrics = (/** @type {any} */ values) => void (left = values);
    const store = environment.store(region, { events, clock, log: { metrics } });
    const handle = createHandler({
      ...Object({ documents: {}, parameters: {}, audit: async () => {}, log: { info() {}, error() {} } }),
      store,
      region,
      role: region === EAST ? 'primary' : 'secondary',
    });
    return {
      store,
      /** Returns what the last run has left, by the names of the metrics. */
      left: () => left,
      /** Runs the task as Lambda does. */
      maintain: () => handle({ task: 'maintain' }, { getRemainingTimeInMillis: () => TIMEOUT_MS }),
      /** Waits for the next minute. */
      rest: () => clock.advance(60_000),
    };
  });
  return {
    bus,
    regions,
    /**
     * Lets minutes pass, at whose end their rows are there, and then runs the task in the regions at once. A run fails while the bus is
     * down.
     *
     * @param {() => Promise<unknown>} arrive inserts the rows.
     * @param {number} [count] of minutes.
     */
    async minute(arrive, count = 1) {
      await time.advance(60 * count);
      await arrive();
      for (const region of regions) region.rest();
      const runs = await Promise.allSettled(regions.map((region) => region.maintain()));
      for (const run of runs) if (run.status === 'rejected' && !bus.isDown) throw run.reason;
    },
  };
}

/**
 * Makes a keyed creation by a request, whose rows are the pattern of the others.
 *
 * @param {ReturnType<typeof buildPlatform>} platform
 */
async function createPattern({ bus, regions: [{ store }] }) {
  bus.isDown = true;
  const request = {
    patient: 'p-1',
    content: '{"finding": "none"}',
    subject: 'pattern',
    idempotencyKey: 'k',
    requestHash: 'h',
  };
  const { record } = await store.of('pattern').create(request);
  bus.isDown = false;
  assert.equal(record.createdAt, time.now().toISOString(), "the database's columns do not go by the virtual time");
}

/**
 * Inserts keys of one minute's creations, as the pattern's request has left its own.
 *
 * @param {string} name of the minute, in which the keys differ from those of others.
 * @param {string} age of the minute's end: an interval.
 */
const insertKeys = (name, age = '0') =>
  environment.sql(
    `insert into idempotency_keys (tenant, subject, key, request_hash, record_id, answer, created_at)
     select 'tenant-' || n % $1::integer, 'subject', $2::text || n, request_hash, gen_random_uuid(), answer,
            now() - $3::interval - make_interval(secs => n / $4::float)
     from idempotency_keys, generate_series(0, $5::integer - 1) n where tenant = 'pattern'`,
    [TENANTS, `${name}-`, age, CREATIONS_PER_SECOND, CREATIONS_PER_MINUTE],
  );

/**
 * Inserts events that no request has published. Two in a row are of one record.
 *
 * @param {number} count
 * @param {number} [minutes] in which they have come.
 */
const insertEvents = (count, minutes = 1) =>
  environment.sql(
    `with pairs as (select pair, gen_random_uuid() as record_id from generate_series(0, ($1::integer - 1) / 2) pair)
     insert into outbox (tenant, id, kind, record_id, version, region, occurred_at)
     select 'tenant-' || pair % $2::integer, gen_random_uuid(), 'RecordUpdated', record_id, 1 + n % 2, 'us-east-1',
            now() - make_interval(secs => 60.0 * $3::integer * ($1::integer - 1 - n) / $1::integer)
     from generate_series(0, $1::integer - 1) n join pairs on pair = n / 2 order by n`,
    [count, TENANTS, minutes],
  );

/** Inserts changes of records whose events wait, one in ten of a minute: they wait behind those. */
const insertHeldBack = () =>
  environment.sql(
    `insert into outbox (tenant, id, kind, record_id, version, region)
     select tenant, gen_random_uuid(), kind, record_id, max + 1, region
     from (select tenant, kind, record_id, region, max(version) as max, max(position) as newest
           from outbox group by tenant, kind, record_id, region order by newest desc limit $1) waiting`,
    [CREATIONS_PER_MINUTE / 10 / EVENTS_PER_ROW],
  );

/** @param {string} table */
const countOf = async (table) => (await environment.sql(`select count(*)::integer as count from ${table}`))[0].count;

test('in an hour of fifty keyed creations a second the idempotency keys and the outbox stay flat', async () => {
  const platform = buildPlatform();
  await createPattern(platform);
  // What expires are the keys of the same minutes a day before. Those between are younger, and the purge goes by an index on the age: they
  // are left out.
  for (let minute = 0; minute < MINUTES; minute++)
    await insertKeys(`day-before-${minute}`, `${24 * 60 - minute - 1} minutes`);
  await environment.sql('analyze idempotency_keys'); // As PostgreSQL does by itself where rows come one by one.
  const before = await countOf('idempotency_keys');
  for (let minute = 0; minute < MINUTES; minute++) {
    await platform.minute(async () => {
      await insertKeys(`hour-${minute}`);
      await insertEvents(CREATIONS_PER_MINUTE * UNFINISHED);
    });
    const keys = await countOf('idempotency_keys');
    assert.ok(keys <= before + CREATIONS_PER_SECOND, `${keys} keys after minute ${minute}, ${before} at first`);
    const events = await countOf('outbox');
    // Those of the last seconds are not stale yet.
    const young = CREATIONS_PER_SECOND * UNFINISHED * STALE_AFTER_SECONDS;
    assert.ok(events <= young + 2, `${events} events after minute ${minute}`);
  }
});

/** @type {[string, readonly import('../harness/globaldatabase.js').Region[], number][]} */
const DRAINS = [
  ['both regions work', REGIONS, 10],
  ['one region works alone', [EAST], 15],
];

for (const [who, names, limit] of DRAINS)
  test(`after an hour without the bus at fifty changes a second the outbox is empty within ${limit} minutes where ${who}`, async () => {
    const platform = buildPlatform({ regions: names, eventsPerRow: EVENTS_PER_ROW });
    const { bus } = platform;
    const [{ left }] = platform.regions;
    bus.isDown = true;
    const [rows, minutes] = [OUTAGE_ROWS / OUTAGE_PARTS, OUTAGE_MINUTES / OUTAGE_PARTS];
    for (let part = 0; part < OUTAGE_PARTS; part++) await platform.minute(() => insertEvents(rows, minutes), minutes);
    assert.equal(await countOf('outbox'), OUTAGE_ROWS);
    assert.ok(left().outboxAge > 60 * (OUTAGE_MINUTES - 1) && left().outboxEvents === OUTAGE_ROWS);

    bus.isDown = false;
    const end = time.now().toISOString();
    const waiting = () => countOf(`outbox where occurred_at <= '${end}'`);
    let passed = 0;
    for (; (await waiting()) > 0; passed++) {
      assert.ok(passed < limit, `${await waiting()} rows are left after ${passed} minutes`);
      // New records' events are published by their requests; changes of those whose events wait are not.
      await platform.minute(insertHeldBack);
    }
    assert.equal(new Set(bus.accepted.map(({ id }) => id)).size, bus.accepted.length, 'an event is published twice');
    /** @type {Map<string, number>} */
    const versions = new Map();
    for (const { recordId, version } of bus.accepted) {
      assert.equal(version, (versions.get(recordId) ?? 0) + 1, "a record's events are published out of order");
      versions.set(recordId, version);
    }
  });

test('one maintenance deletes as many old changes from the log as there are', async () => {
  const perBatch = 10_000;
  await environment.sql(
    `insert into changes (tenant, id, kind, record_id, version, occurred_at, region)
     select 'tenant-' || n % $1::integer, gen_random_uuid(), 'RecordUpdated', gen_random_uuid(), 1, now() - interval '15 days', 'us-east-1'
     from generate_series(1, $2::integer) n`,
    [TENANTS, 2 * perBatch + 1],
  );
  const [east] = buildPlatform().regions;
  await east.maintain();
  assert.equal(await countOf(`changes where occurred_at < now() - interval '14 days'`), 0);
});
