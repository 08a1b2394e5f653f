// Reconciliation: what a forced failover lost comes back, each acknowledged change once.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import fc from 'fast-check';

import { create as createRecord, update as updateRecord } from '../../src/database/records.js';
import { SETTING, forTenant } from '../../src/database/tenants.js';
import { NotFound, VersionConflict } from '../../src/errors.js';
import { readDocumentRecords } from '../../src/reconcile/documents.js';
import { reconcileStep, report } from '../../src/reconcile/reconcile.js';
import { DEFAULT_TENANT } from '../../src/tenant.js';
import { buildEnvironment } from '../harness/environment.js';
import { eventually } from '../harness/eventually.js';
import { EAST, WEST } from '../harness/globaldatabase.js';
import { continued, laterOperations, make, nothing, operations, refusingBus } from '../harness/losthistory.js';

/** @typedef {import('../harness/environment.js').TestStore} Store */
/** @typedef {import('../../src/reconcile/reconcile.js').RunOnWriter} RunOnWriter */
/** @typedef {import('../../src/reconcile/reconcile.js').Step} Step */
/** @typedef {import('../harness/environment.js').History} History */
/** @typedef {import('../harness/losthistory.js').Acknowledged} Acknowledged */
/** @typedef {import('../harness/losthistory.js').Operation} Operation */
/** @typedef {{shared: Operation[], lost: Operation[], later: Operation[]}} Histories */
/** @typedef {{statement: number, answered: boolean}} Kill the number of a statement; answered: it was executed. */

const SOURCE = 'rds:unplanned-global-failover-records-primary-2026-11-29-02-00';
const TABLES = [
  'records',
  'record_versions',
  'idempotency_keys',
  'outbox',
  'changes',
  'reconciled_changes',
  'conflicts',
];

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
 * @param {Kill} [kill]
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
 * @param {Kill} [kill]
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

/**
 * Returns all rows of the tables that a reconciliation writes to.
 *
 * @param {History['sql']} sql
 * @returns {Promise<Record<string, any[]>>}
 */
async function dump(sql) {
  const columns = TABLES.map(
    (table) => `(select coalesce(json_agg(${table} order by ${table}::text), '[]') from ${table}) as ${table}`,
  );
  return (await sql(`select ${columns.join(', ')}`))[0];
}

/**
 * Cuts a history into two, makes changes in each, and returns both with what their clients know.
 *
 * @param {Acknowledged} base
 * @param {Histories} list
 */
async function cut(base, { shared, lost, later }) {
  await make(environment.store(EAST, { events: refusingBus }), environment.sql, base, shared);
  const running = await environment.fork();
  const ours = continued(base);
  const theirs = continued(base);
  await make(environment.store(EAST, { events: refusingBus }), environment.sql, theirs, lost);
  const created = { ...nothing(), keys: new Map([...theirs.keys].filter(([key]) => !base.keys.has(key))) };
  await make(running.store(WEST, { events: refusingBus }), running.sql, ours, later, created);
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
  // A record that comes back has the versions of both histories, and one in conflict those of the running one.
  const versions = new Map(ours.versions);
  for (const [id, list] of theirs.versions)
    if (!conflicts.has(id)) {
      const common = base.versions.get(id)?.length ?? 0;
      versions.set(id, [...(ours.versions.get(id) ?? []), ...list.slice(common)]);
    }
  return { records, conflicts, aside, returned, versions };
}

/** @param {{content: string} | undefined} record */
const parsedContent = (record) => record && JSON.parse(record.content);

const ids = (/** @type {{id: string}[]} */ list) => list.map(({ id }) => id).sort();

/**
 * Asserts that the histories of records have each acknowledged version once, in order and with its content, and those of a lost history
 * also with their times and subjects.
 *
 * @param {History} running
 * @param {Map<string, import('../harness/losthistory.js').AcknowledgedVersion[]>} expected by the id of the record.
 * @param {any[]} before rows of record_versions before the reconciliation.
 * @param {any[]} after
 */
async function checkVersions(running, expected, before, after) {
  const store = running.store(WEST);
  for (const [id, acknowledged] of expected) {
    const page = await store.listVersions({ id, limit: 1_000 }).catch((error) => {
      if (!(error instanceof NotFound)) throw error;
      return { versions: [] };
    });
    const numbers = page.versions.map(({ version }) => version);
    assert.deepEqual(
      numbers,
      numbers.toSorted((a, b) => b - a),
    );
    const found = await Promise.all(
      page.versions.map(async ({ tag, version, kind }) => {
        const [, revision] = tag.split('-');
        const record = await store.getVersion(id, [version, revision]);
        return { version, kind, tag: record ? tag : '', content: record?.content ?? null };
      }),
    );
    const byText = (/** @type {object[]} */ list) => list.map((one) => JSON.stringify(one)).sort();
    assert.deepEqual(byText(found), byText(acknowledged));
  }
  const key = (/** @type {any} */ row) => `${row.record_id} ${row.version} ${row.revision}`;
  const unlost = new Set(before.map(key));
  const theirs = new Map(
    (await restored.query('select row_to_json(record_versions) as row from record_versions')).rows.map(({ row }) => [
      key(row),
      row,
    ]),
  );
  for (const row of after) if (!unlost.has(key(row))) assert.deepEqual(row, theirs.get(key(row)));
}

/**
 * Cuts a history, reconciles it with interruptions, and asserts that each acknowledged change is there once.
 *
 * @param {Acknowledged} base what the clients know before; afterwards what they know of the lost history, which the next call
 *   goes on from.
 * @param {Histories} list
 * @param {(running: History) => Promise<void>} interrupted reconciles, to the end, with interruptions.
 */
async function checkHistories(base, list, interrupted) {
  const { running, ours, theirs } = await cut(base, list);
  try {
    const expected = expectation(base, theirs, ours);
    const before = await dump(running.sql);

    await interrupted(running);
    const after = await dump(running.sql);

    const store = running.store(WEST);
    const { records: listed } = await store.list({ patient: 'p', limit: 1_000 });
    assert.deepEqual(new Map(listed.map((record) => [record.id, record])), expected.records);

    await checkVersions(running, expected.versions, before.record_versions, after.record_versions);

    const logged = after.changes.map(({ id }) => id);
    const unlost = before.changes.map(({ id }) => id);
    assert.deepEqual(logged.sort(), [...unlost, ...ids(expected.returned)].sort());
    const outbox = after.outbox.map(({ id }) => id);
    const waiting = before.outbox.map(({ id }) => id);
    assert.deepEqual(outbox.sort(), [...waiting, ...ids(expected.returned)].sort());

    const aside = after.conflicts;
    assert.deepEqual(new Set(aside.map((row) => row.record_id)), expected.conflicts);
    for (const { record_id: id, lost, current } of aside) {
      assert.deepEqual(lost?.content, parsedContent(theirs.records.get(id)));
      assert.deepEqual(current?.content, parsedContent(ours.records.get(id)));
    }
    const { onWriter, end } = await onHistory(running);
    const { totals } = await report({ onWriter, events: refusingBus, source: SOURCE });
    await end();
    assert.deepEqual(totals, {
      lost: theirs.events.length,
      returned: expected.returned.length,
      conflict: expected.aside.length,
      conflictRecords: expected.conflicts.size,
      doubled: 0,
      unpublished: expected.returned.length,
    });

    // The copy of a record's content with its key goes with the record.
    const copies = await running.sql(
      'select key from idempotency_keys where answer is not null and record_id not in (select id from records)',
    );
    assert.deepEqual(copies, []);

    // A second reconciliation finds nothing and changes nothing.
    assert.equal((await reconcile(running)).lost, 0);
    assert.deepEqual(await dump(running.sql), after);

    // Whoever repeats a creation gets the record that was lost, or what the running history has answered.
    for (const { key, recordId } of theirs.keys.values()) {
      if (!expected.records.has(recordId) || base.keys.has(key)) continue;
      const repeated = {
        patient: 'p',
        content: JSON.stringify({ text: `"of" ${key}` }),
        subject: 'dr-jones',
        idempotencyKey: key,
      };
      const { record, replayed } = await store.create({ ...repeated, requestHash: key });
      assert.deepEqual([replayed, record.id], [true, recordId]);
    }
  } finally {
    await restored.end();
    Object.assign(base, continued(theirs));
  }
}

/**
 * Reconciles until it is killed, or to the end.
 *
 * @param {History} running
 * @param {Kill} kill
 * @returns {Promise<boolean>} whether it was killed.
 */
async function isKilled(running, kill) {
  try {
    await reconcile(running, kill);
    return false;
  } catch (error) {
    assert.equal(/** @type {Error} */ (error).message, 'killed');
    return true;
  }
}

test('a reconciliation that is killed at every step and run again has done each change once', async () => {
  const kinds = /** @type {const} */ (['create', 'create', 'create', 'update', 'remove', 'update']);
  const some = kinds.map((kind, n) => ({ kind, target: n * 3, keyed: n % 2 === 0 }));
  const later = /** @type {const} */ (['update', 'retry', 'update', 'remove', 'create']);
  const list = {
    shared: [...some, ...some],
    lost: [...some, ...some],
    later: later.map((kind, n) => ({ kind, target: n, keyed: true })),
  };
  await checkHistories(nothing(), list, async (running) => {
    for (let statement = 1; await isKilled(running, { statement, answered: false }); statement++)
      await isKilled(running, { statement, answered: true });
  });
});

test('any history that is cut anywhere has each acknowledged change once', async () => {
  const base = nothing();
  await environment.sql('truncate records, idempotency_keys, outbox, changes');
  const list = fc.record({ shared: operations, lost: operations, later: laterOperations });
  const kills = fc.array(fc.record({ statement: fc.nat(25), answered: fc.boolean() }), { maxLength: 2 });
  await fc.assert(
    fc.asyncProperty(list, kills, (histories, killed) =>
      checkHistories(base, histories, async (running) => {
        for (const kill of killed) await isKilled(running, kill);
        await reconcile(running);
      }),
    ),
    { numRuns: 10, endOnFailure: true, includeErrorInReport: true },
  );
});

test('changes that users make meanwhile are never overwritten, and a repeated creation has one record', async () => {
  const base = nothing();
  const east = environment.store(EAST, { events: refusingBus });
  const create = { kind: /** @type {const} */ ('create'), target: 0, keyed: false };
  await make(east, environment.sql, base, Array(20).fill(create));
  const running = await environment.fork();
  const theirs = continued(base);
  const lost = environment.store(EAST, { events: refusingBus });
  for (const { id, tag } of base.records.values())
    theirs.records.set(id, await lost.update(id, { match: [tag] }, { content: `{"lost":"${id}"}` }));
  await make(lost, environment.sql, theirs, Array(20).fill({ ...create, keyed: true }));
  restored = await environment.connectAsFunction();

  const connections = [await running.connect('tenant_writer'), await running.connect('tenant_writer')];
  const [updating, creating] = connections.map((client) => forTenant(client, DEFAULT_TENANT));
  const event = (/** @type {import('../../src/aws/events.js').EventKind} */ kind) => ({
    id: randomUUID(),
    kind,
    region: WEST,
    tenant: DEFAULT_TENANT,
  });
  const updated = new Set();
  const update = async () => {
    for (const { id, tag } of base.records.values()) {
      const change = { id, condition: { match: [tag] }, content: `{"ours":"${id}"}` };
      await updateRecord(updating, change, event('RecordUpdated')).then(
        () => updated.add(id),
        (error) => assert.ok(error instanceof VersionConflict, error),
      );
    }
  };
  /** @type {string[]} */
  const repeated = [];
  const repeat = async () => {
    for (const { key } of theirs.keys.values()) {
      const request = { patient: 'p', content: '{}', subject: 'dr-jones', idempotencyKey: key, requestHash: key };
      const { record } = await createRecord(creating, { ...request, id: randomUUID() }, event('RecordCreated'));
      repeated.push(record.id);
    }
  };
  await Promise.all([reconcile(running), update(), repeat()]);
  await Promise.all(connections.map((client) => client.end()));
  await reconcile(running);
  const west = running.store(WEST);

  const aside = new Set((await running.sql('select record_id from conflicts')).map((row) => row.record_id));
  for (const id of base.records.keys()) {
    const { content } = await west.get(id);
    assert.deepEqual(content, updated.has(id) ? `{"ours":"${id}"}` : `{"lost":"${id}"}`);
    assert.equal(aside.has(id), updated.has(id));
  }
  for (const [n, { key, recordId }] of [...theirs.keys.values()].entries()) {
    const id = repeated[n];
    const created = await running.sql('select id from records where id in ($1, $2)', [id, recordId]);
    assert.deepEqual(created, [{ id }], key);
    assert.equal(aside.has(recordId), id !== recordId);
  }
  await restored.end();
});

/**
 * Reconciles while another transaction is open, which ends when the reconciliation waits for it.
 *
 * @param {History} running
 * @param {(client: import('../../src/database/tenants.js').TenantClient) => Promise<unknown>} work of the transaction.
 */
async function reconcileBeside(running, work) {
  const other = await running.connect('tenant_writer');
  await other.query('begin');
  await other.query(`select set_config('${SETTING}', $1, true)`, [DEFAULT_TENANT]);
  await work({ tenant: DEFAULT_TENANT, query: (statement, values) => other.query(statement, values) });
  const reconciling = reconcile(running);
  await eventually('the reconciliation waits', async () => {
    const waiting = await environment.sql(
      `select from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'`,
      [`${environment.name}_copy`],
    );
    return waiting.length || undefined;
  });
  await other.query('commit');
  await other.end();
  return reconciling;
}

test('a reconciliation waits for a change and for a repeated creation that are not committed, and leaves them as they are', async () => {
  const base = nothing();
  const create = { kind: /** @type {const} */ ('create'), target: 0, keyed: true };
  await make(environment.store(EAST, { events: refusingBus }), environment.sql, base, [create]);
  const running = await environment.fork();
  const theirs = continued(base);
  const update = { ...create, kind: /** @type {const} */ ('update') };
  await make(environment.store(EAST, { events: refusingBus }), environment.sql, theirs, [update]);
  const [[id, { tag }]] = base.records;
  restored = await environment.connectAsFunction();
  await running.sql('select current_timeline()'); // Otherwise the reconciliation waits for the other's first change on this server.
  const change = { id, condition: { match: [tag] }, content: '{"ours":true}' };
  const newEvent = (/** @type {import('../../src/aws/events.js').EventKind} */ kind) => ({
    id: randomUUID(),
    kind,
    region: WEST,
    tenant: DEFAULT_TENANT,
  });
  const changed = await reconcileBeside(running, (client) => updateRecord(client, change, newEvent('RecordUpdated')));
  assert.equal(changed.conflict, 1);
  assert.equal((await running.store(WEST).get(id)).content, '{"ours":true}');

  await make(environment.store(EAST, { events: refusingBus }), environment.sql, theirs, [create]);
  const [key] = [...theirs.keys.values()].slice(-1);
  const request = { patient: 'p', content: '{}', subject: 'dr-jones', idempotencyKey: key.key, requestHash: key.key };
  const repeated = await reconcileBeside(running, (client) =>
    createRecord(client, { ...request, id: randomUUID() }, newEvent('RecordCreated')),
  );
  assert.equal(repeated.conflict, 1);
  const found = await running.sql('select id from records where id = $1', [key.recordId]);
  assert.deepEqual(found, []);
  await restored.end();
});

test('a record that was written by hand is not overwritten, and the key of the lost one creates no answer', async () => {
  const base = nothing();
  const running = await environment.fork();
  const create = { kind: /** @type {const} */ ('create'), target: 0, keyed: true };
  await make(environment.store(EAST, { events: refusingBus }), environment.sql, base, [create]);
  const [[id]] = base.records;
  await running.sql(`insert into records (id, patient, content) values ($1, 'p', '{"hand":true}')`, [id]);
  restored = await environment.connectAsFunction();
  assert.equal((await reconcile(running)).conflict, 1);
  const { conflicts, idempotency_keys: keys, records } = await dump(running.sql);
  assert.deepEqual(
    conflicts.map(({ record_id: record, reason }) => [record, reason]),
    [[id, 'unlogged-change']],
  );
  assert.deepEqual(records.find((row) => row.id === id).content, { hand: true });
  assert.ok(!keys.some((row) => row.record_id === id));
  await restored.end();
});

test('of each record it is said whether there is one, and when it was deleted first, in this history or in a reconciled one', async () => {
  const running = await environment.fork();
  const { onWriter, end } = await onHistory(running);
  try {
    const history = nothing();
    const store = running.store(WEST, { events: refusingBus });
    const since = new Date(Date.now() - 60_000).toISOString();
    await make(store, running.sql, history, Array(3).fill({ kind: 'create', target: 0, keyed: false }));
    const [kept, deleted, lost] = [...history.records.keys()];
    await make(store, running.sql, history, [{ kind: 'remove', target: 1, keyed: false }]);
    const lostAt = new Date(Date.now() - 30_000);
    await onWriter((client) =>
      client.query(
        `insert into reconciled_changes (id, source, kind, record_id, version, occurred_at, outcome, reason)
         values ($1, $2, 'RecordDeleted', $3, 2, $4, 'conflict', 'changed-in-both')`,
        [randomUUID(), SOURCE, lost, lostAt],
      ),
    );
    const asked = [kept, deleted, lost, randomUUID()];
    /** @returns {Promise<import('../../src/reconcile/documents.js').DocumentRecord[]>} */
    const ask = async (/** @type {string} */ from) =>
      (await onWriter((client) => readDocumentRecords(client, { since: from, ids: asked }))).records;
    const found = await ask(since);
    assert.deepEqual(
      found.map(({ exists, deletedAt }) => [exists, deletedAt !== null]),
      [
        [true, false],
        [false, true],
        [true, true],
        [false, false],
      ],
    );
    assert.deepEqual(
      found.map(({ key }) => key),
      [`records/${kept}/document`, null, `records/${lost}/document`, null],
    );
    assert.equal(found[2].deletedAt, lostAt.toISOString());
    const later = await ask(new Date(Date.now() + 60_000).toISOString());
    assert.ok(later.every(({ deletedAt }) => deletedAt === null));
  } finally {
    await end();
  }
});

test('what cannot be reconciled is refused in one line, and nothing is begun', async () => {
  await environment.store(EAST).create({ patient: 'p', content: '{}', subject: 'dr-jones' });
  const running = await environment.fork();
  restored = await environment.connectAsFunction();
  const store = environment.store(EAST);
  await store.create({ patient: 'p', content: '{}', subject: 'dr-jones' });
  const before = await dump(running.sql);
  const unlogged = `update schema_migrations set applied_at = now() where name = 'changes'`;
  /** @type {[string, string[], string, RegExp][]} */
  const cases = [
    [
      'another database',
      [unlogged, 'update timelines set id = gen_random_uuid()'],
      'running',
      /is of another database/,
    ],
    ['the log began on both sides', [unlogged], 'running', /log of changes began after/],
    [
      'neither has a log',
      [`delete from schema_migrations where name = 'changes'`],
      'both',
      /log of changes began after/,
    ],
    ['there is no log', ['alter table schema_migrations rename to renamed'], 'restored', /log of changes began after/],
    [
      'the log is too short',
      ['select current_timeline()', `update timelines set began_at = now() - interval '14 days'`],
      'running',
      /kept for 13 days/,
    ],
    ['someone writes', [], 'running', /has a change of .* after its snapshot/],
  ];
  for (const [name, statements, where, says] of cases) {
    const [ours, theirs] = [await running.connect('master'), await environment.connectAsFunction()];
    for (const client of [ours, theirs]) await client.query('begin');
    for (const statement of statements) {
      if (where !== 'restored') await ours.query(statement);
      if (where !== 'running') await theirs.query(statement);
    }
    const step = { source: SOURCE, snapshotAt: '2000-01-01T00:00:00Z' };
    const { refused = '' } = await reconcileStep({ onWriter: (work) => work(ours), restored: theirs, step });
    assert.match(refused, says, name);
    assert.ok(!refused.includes('\n'));
    await Promise.all([ours.end(), theirs.end()]);
  }
  const own = await environment.connectAsFunction();
  const { refused = '' } = await reconcileStep({ onWriter: (work) => work(own), restored, step: { source: SOURCE } });
  assert.match(refused, /never parted from it/);
  await own.end();
  assert.deepEqual(await dump(running.sql), before);
  await restored.end();
});

test('a restored cluster that refuses the login is kept, because its password can be set, and one of the same history is not', async () => {
  const store = environment.store(EAST);
  await store.create({ patient: 'p', content: '{}', subject: 'dr-jones' });
  const request = { ...environment.clusters[EAST], source: SOURCE };
  await environment.putPassword('of a later rotation');
  const later = await store.reconcile(request);
  await environment.putPassword(environment.login.password);
  assert.match(later.refused ?? '', /refuses the login: .*set its master password/);
  assert.equal(later.keep, true);
  const same = await store.reconcile(request);
  assert.match(same.refused ?? '', /never parted from it/);
  assert.ok(!same.keep);
});
