// Reconciliation: what a forced failover lost comes back, each acknowledged change once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import fc from 'fast-check';

import { reconcileStep, report } from '../../src/reconcile/reconcile.js';
import { buildEnvironment } from '../harness/environment.js';
import { EAST, WEST } from '../harness/globaldatabase.js';
import { continued, laterOperations, make, noting, nothing, operations } from '../harness/losthistory.js';

/** @typedef {import('../../src/database/store.js').Store} Store */
/** @typedef {import('../../src/reconcile/reconcile.js').RunOnWriter} RunOnWriter */
/** @typedef {import('../../src/reconcile/reconcile.js').Step} Step */
/** @typedef {import('../harness/environment.js').History} History */
/** @typedef {import('../harness/losthistory.js').Acknowledged} Acknowledged */

const SOURCE = 'rds:unplanned-global-failover-records-primary-2026-11-29-02-00';
const TABLES = ['records', 'idempotency_keys', 'outbox', 'changes', 'reconciled_changes', 'conflicts'];

/** @type {import('../harness/environment.js').Environment} */
let environment;
/** @type {import('pg').Client} */
let restored; // The lost history.

before(async () => {
  environment = await buildEnvironment('reconcile');
  await environment.store(EAST).maintain();
});
after(() => environment.end());

/**
 * Returns what runs work on the running history, over one connection, and ends it before or after a statement, as a killed process
 * does.
 *
 * @param {History} running
 * @param {{statement: number, answered: boolean}} [kill] the number of the statement; answered: it was executed.
 * @returns {Promise<{onWriter: RunOnWriter, end: () => Promise<void>}>}
 */
async function onHistory(running, kill) {
  const client = await running.connect();
  const query = client.query.bind(client);
  let count = 0;
  /** @type {any} */ (client).query = async (/** @type {any[]} */ ...parameters) => {
    count++;
    const last = count === kill?.statement;
    if (!last || kill.answered) {
      const result = await /** @type {any} */ (query)(...parameters);
      if (!last) return result;
    }
    await client.end();
    throw new Error('killed');
  };
  return { onWriter: (work) => work(client), end: () => client.end() };
}

/**
 * Reconciles until all is done, a step at a time.
 *
 * @param {History} running
 * @param {{statement: number, answered: boolean}} [kill]
 */
async function reconcile(running, kill) {
  const { onWriter, end } = await onHistory(running, kill);
  try {
    return await reconcileOn(onWriter);
  } finally {
    await end();
  }
}

/** @param {RunOnWriter} onWriter */
async function reconcileOn(onWriter) {
  const done = { lost: 0, returned: 0, conflict: 0, records: 0 };
  /** @type {Step} */
  let step = { source: SOURCE };
  for (;;) {
    // A clock that has always run out ends each step after its first page.
    let time = 0;
    const result = await reconcileStep({ onWriter, restored, step, now: () => (time += 1e9) });
    assert.equal(result.refused, undefined);
    for (const name of /** @type {(keyof typeof done)[]} */ (Object.keys(done)))
      done[name] += result.counts?.[name] ?? 0;
    if (!result.next) return done;
    step = { ...step, cursor: JSON.parse(JSON.stringify(result.next)) };
  }
}

/** @param {History['sql']} sql */
async function dump(sql) {
  const all = [];
  for (const table of TABLES)
    all.push([
      table,
      (await sql(`select row_to_json(${table})::text as row from ${table} order by 1`)).map(({ row }) => row),
    ]);
  return Object.fromEntries(all);
}

/**
 * Cuts a history into two, makes changes in each, and returns both with what their clients know.
 *
 * @param {Acknowledged} base
 * @param {{shared: import('../harness/losthistory.js').Operation[], lost: import('../harness/losthistory.js').Operation[], later: import('../harness/losthistory.js').Operation[]}} list
 */
async function cut(base, { shared, lost, later }) {
  await make(environment.store(EAST, { events: noting(base) }), base, shared);
  const running = await environment.fork();
  const ours = continued(base);
  const theirs = continued(base);
  await make(environment.store(EAST, { events: noting(theirs) }), theirs, lost);
  const created = { ...nothing(), keys: new Map([...theirs.keys].filter(([key]) => !base.keys.has(key))) };
  await make(running.store(WEST, { events: noting(ours) }), ours, later, created);
  restored = await environment.connectAsFunction();
  return { running, ours, theirs };
}

/**
 * Returns what the running history must be after the reconciliation.
 *
 * @param {Acknowledged} base
 * @param {Acknowledged} theirs
 * @param {Acknowledged} ours
 */
function expectation(base, theirs, ours) {
  const records = new Map(ours.records);
  const conflicts = new Set();
  for (const id of new Set(theirs.events.map(({ recordId }) => recordId))) {
    const [lost, current] = [theirs.records.get(id), ours.records.get(id)];
    const touched = ours.events.some(({ recordId }) => recordId === id);
    const repeated = [...theirs.keys.values()].some(
      ({ key, recordId }) => recordId === id && ours.keys.has(key) && !base.keys.has(key),
    );
    if ((touched && (lost || current)) || (repeated && lost)) conflicts.add(id);
    else if (lost) records.set(id, lost);
    else records.delete(id);
  }
  const [aside, returned] = [true, false].map((is) =>
    theirs.events.filter(({ recordId }) => conflicts.has(recordId) === is),
  );
  return { records, conflicts, aside, returned };
}

const ids = (/** @type {{id: string}[]} */ list) => list.map(({ id }) => id).sort();

test('any history that is cut anywhere has each acknowledged change once after a reconciliation that is killed at every step', async () => {
  const base = nothing();
  const history = fc.record({ shared: operations, lost: operations, later: laterOperations });
  await fc.assert(
    fc.asyncProperty(history, async (list) => {
      const { running, ours, theirs } = await cut(base, list);
      try {
        const expected = expectation(base, theirs, ours);
        const before = await dump(running.sql);

        for (let statement = 1, killed = true; killed; statement++) {
          for (const answered of [false, true]) {
            killed = await reconcile(running, { statement, answered }).then(
              () => false,
              (error) => error.message === 'killed' || assert.fail(error),
            );
          }
        }
        const after = await dump(running.sql);

        const store = running.store(WEST);
        const { records } = await store.list({ patient: 'p', limit: 1_000 });
        assert.deepEqual(new Map(records.map((record) => [record.id, record])), expected.records);

        const parsed = (/** @type {string[]} */ rows) => rows.map((row) => JSON.parse(row));
        const logged = parsed(after.changes).map(({ id }) => id);
        const unlost = parsed(before.changes).map(({ id }) => id);
        assert.deepEqual(logged.sort(), [...unlost, ...ids(expected.returned)].sort());
        const outbox = parsed(after.outbox).map(({ id }) => id);
        const waiting = parsed(before.outbox).map(({ id }) => id);
        assert.deepEqual(outbox.sort(), [...waiting, ...ids(expected.returned)].sort());

        const aside = parsed(after.conflicts);
        assert.deepEqual(new Set(aside.map((row) => row.record_id)), expected.conflicts);
        for (const { record_id: id, lost, current } of aside) {
          assert.deepEqual(lost?.content, theirs.records.get(id)?.content);
          assert.deepEqual(current?.content, ours.records.get(id)?.content);
        }
        const { onWriter, end } = await onHistory(running);
        const { totals } = await report({ onWriter, events: noting(nothing()), source: SOURCE });
        await end();
        assert.deepEqual(totals, {
          lost: theirs.events.length,
          returned: expected.returned.length,
          conflict: expected.aside.length,
          conflictRecords: expected.conflicts.size,
          doubled: 0,
          unpublished: expected.returned.length,
        });

        // A second reconciliation finds nothing and changes nothing.
        assert.equal((await reconcile(running)).lost, 0);
        assert.deepEqual(await dump(running.sql), after);

        // Whoever repeats a creation gets the record that was lost, or what the running history has answered.
        for (const { key, recordId } of theirs.keys.values()) {
          if (!expected.records.has(recordId) || base.keys.has(key)) continue;
          const repeated = { patient: 'p', content: { text: `"of" ${key}` }, subject: 'dr-jones', idempotencyKey: key };
          const { record, replayed } = await store.create({ ...repeated, requestHash: key });
          assert.deepEqual([replayed, record.id], [true, recordId]);
        }
      } finally {
        await restored.end();
        for (const [id, record] of theirs.records) base.records.set(id, record);
        for (const id of base.records.keys()) if (!theirs.records.has(id)) base.records.delete(id);
        for (const [key, value] of theirs.keys) base.keys.set(key, value);
      }
    }),
    { numRuns: 12, endOnFailure: true, includeErrorInReport: true },
  );
});
