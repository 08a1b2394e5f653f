// Tenants on real databases: the function with tenants, and what PostgreSQL refuses when a statement forgets the tenant.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import { isForChanges, migrate } from '../../src/database/migrate.js';
import { migrations } from '../../src/database/migrations/index.js';
import * as records from '../../src/database/records.js';
import { GRANTS, TENANT_TABLES } from '../../src/database/grants.js';
import { credentialsOf } from '../../src/database/roles.js';
import { SETTING, forTenant } from '../../src/database/tenants.js';
import { NotFound } from '../../src/errors.js';
import { reconcileStep, report } from '../../src/reconcile/reconcile.js';
import { DEFAULT_TENANT } from '../../src/tenant.js';
import { assertFails } from '../harness/assertions.js';
import { connectAs } from '../harness/connections.js';
import { tryAcross } from '../harness/crosstenant.js';
import { earlierVersion } from '../harness/earlierversion.js';
import { buildEnvironment } from '../harness/environment.js';
import { eventually } from '../harness/eventually.js';
import { startFunction } from '../harness/functionprocess.js';
import { EAST, WEST } from '../harness/globaldatabase.js';
import { document } from '../http/conformance.js';

/** @typedef {import('../../src/database/grants.js').Login} Login */
/** @typedef {import('../harness/crosstenant.js').Call} Call */

/** @type {import('../harness/environment.js').Environment} */
let environment;
/** @type {import('../harness/functionprocess.js').FunctionProcess} */
let fn;
before(async () => {
  environment = await buildEnvironment('tenants', { 'auth/tenant-claim': 'org_id' });
  fn = startFunction(environment, EAST);
  await fn.maintain();
});
after(async () => {
  await fn.end();
  await environment.end();
});

/**
 * Returns the requests of a tenant.
 *
 * @param {string} tenant
 * @returns {Promise<Call>}
 */
async function callerOf(tenant) {
  const token = await environment.token('records:read records:write', { org_id: tenant });
  return (method, path, options) => fn.request(method, path, { token, ...options });
}

/**
 * Runs work on a connection as a role.
 *
 * @template T
 * @param {Login} role
 * @param {(client: import('pg').Client) => Promise<T>} work
 */
async function as(role, work) {
  const client = await connectAs(credentialsOf(environment.login, role), environment.writer, environment.name);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const newRecord = { patient: 'p', content: '{}', subject: 's' };

const operationIds = Object.values(document.paths).flatMap((item) =>
  Object.values(item).flatMap(({ operationId }) => (operationId ? [operationId] : [])),
);

for (const operationId of operationIds) {
  test(`${operationId} gives another tenant nothing and changes nothing`, async () =>
    tryAcross(operationId, { owner: await callerOf('clinic-a'), other: await callerOf('clinic-b') }));
}

test('every table is of tenants or of the platform, and PostgreSQL guards those of tenants', async () => {
  const tables = await environment.sql(
    `select relname as table, relrowsecurity and relforcerowsecurity as guarded,
            (select array_agg(attname::text) from pg_attribute where attrelid = pg_class.oid and attnum > 0) as columns
     from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')`,
  );
  assert.deepEqual(tables.map(({ table }) => table).sort(), Object.keys(GRANTS).sort());
  for (const { table, guarded, columns } of tables) {
    assert.equal(guarded, TENANT_TABLES.includes(table), `row-level security of ${table}`);
    assert.equal(columns.includes('tenant'), guarded, `the column tenant of ${table}`);
    const ofSomebody = ['record_id', 'patient', 'subject', 'content'].filter((column) => columns.includes(column));
    assert.ok(guarded || ofSomebody.length === 0, `${table} has ${ofSomebody} and no tenant`);
  }
});

test('a statement that forgets the tenant sees, changes and leaves no row, also on a connection that has had one', async () => {
  const [ours, theirs] = ['clinic-a', 'clinic-b'].map((tenant) => environment.store(EAST).of(tenant));
  const { record } = await ours.create({ ...newRecord, idempotencyKey: 'k', requestHash: 'h' });
  await theirs.create({ ...newRecord, idempotencyKey: 'k', requestHash: 'h' });
  for (const role of /** @type {const} */ (['tenant_writer', 'tenant_reader'])) {
    await as(role, async (client) => {
      assert.equal((await records.get(forTenant(client, 'clinic-a'), record.id)).id, record.id);
      for (const table of TENANT_TABLES) {
        if (!GRANTS[table][role]?.includes('select')) continue;
        assert.deepEqual((await client.query(`select from ${table}`)).rows, [], `${role} reads ${table}`);
        const { rows } = await forTenant(client, 'clinic-b').query(`select tenant from ${table}`, []);
        assert.ok(
          rows.every(({ tenant }) => tenant === 'clinic-b'),
          `${role} reads ${table} of one tenant`,
        );
      }
    });
  }
  await as('tenant_writer', async (client) => {
    const other = forTenant(client, 'clinic-b');
    for (const query of [client.query.bind(client), other.query]) {
      assert.equal((await query('update records set patient = $1 where id = $2', ['q', record.id])).rowCount, 0);
      assert.equal((await query('delete from records where id = $1', [record.id])).rowCount, 0);
      assert.equal(
        (await query(`update idempotency_keys set answer = null where record_id = $1`, [record.id])).rowCount,
        0,
      );
      for (const values of [`('clinic-a', $1, 'p', '{}')`, `(default, $1, 'p', '{}')`]) {
        const insert = query(`insert into records (tenant, id, patient, content) values ${values}`, [randomUUID()]);
        assert.equal((await assertFails(insert)).code, '42501');
      }
    }
    const moved = forTenant(client, 'clinic-a').query(`update records set tenant = 'clinic-b' where id = $1`, [
      record.id,
    ]);
    assert.equal((await assertFails(moved)).code, '42501', 'a row goes to another tenant');
  });
  assert.equal((await ours.get(record.id)).tag, record.tag);
});

test('code that names the wrong tenant in its statements is refused by the setting', async () => {
  const { record } = await environment.store(EAST).of('clinic-a').create(newRecord);
  await as('tenant_writer', async (client) => {
    const liar = { ...forTenant(client, 'clinic-b'), tenant: 'clinic-a' };
    await assert.rejects(records.get(liar, record.id), NotFound);
    assert.deepEqual(await records.list(liar, { patient: 'p', limit: 10 }), { records: [] });
    const event = { id: randomUUID(), kind: /** @type {const} */ ('RecordUpdated'), region: EAST, tenant: 'clinic-a' };
    await assert.rejects(records.update(liar, { id: record.id, condition: {}, content: '{}' }, event), NotFound);
    await assert.rejects(records.remove(liar, { id: record.id }, event), NotFound);
    const create = records.create(liar, { ...newRecord, id: randomUUID() }, event);
    assert.equal((await assertFails(create)).code, '42501');
  });
});

test('the owner of the tables sees no row, and tasks and operators see those of all tenants', async () => {
  for (const tenant of ['clinic-a', 'clinic-b']) await environment.store(EAST).of(tenant).create(newRecord);
  const tenantsOf = async (/** @type {import('pg').Client} */ client) =>
    (await client.query('select distinct tenant from records')).rows.map(({ tenant }) => tenant).sort();
  assert.deepEqual(await as('owner', tenantsOf), []);
  for (const role of /** @type {const} */ (['maintenance', 'master']))
    assert.deepEqual(await as(role, tenantsOf), ['clinic-a', 'clinic-b'], role);
});

test('no setting outlives its transaction, and an error in one leaves the connection as good as before', async () => {
  await as('tenant_reader', async (client) => {
    const ours = forTenant(client, 'clinic-a');
    assert.equal((await ours.query(`select current_setting('${SETTING}') as tenant`, [])).rows[0].tenant, 'clinic-a');
    await assert.rejects(ours.query('select 1 / 0', []), /division by zero/);
    const { rows } = await client.query(`select coalesce(current_setting('${SETTING}', true), '') as tenant`);
    assert.equal(rows[0].tenant, '');
    assert.equal((await ours.query(`select current_setting('${SETTING}') as tenant`, [])).rows[0].tenant, 'clinic-a');
  });
});

test("events name the tenant, and a document's key has it", async () => {
  const call = await callerOf('clinic-a');
  const { body: record } = await call('POST', '/records', { body: { patient: 'p', content: {} } });
  const upload = await call('PUT', `/records/${record.id}/document`, {
    body: { contentType: 'text/plain', contentLength: 3 },
  });
  assert.ok(new URL(upload.body.url).pathname.endsWith(`/records/clinic-a/${record.id}/document`));
  const download = await call('GET', `/records/${record.id}/document`);
  assert.ok(new URL(download.body.url).pathname.endsWith(`/records/clinic-a/${record.id}/document`));
  const events = await environment.regions[EAST].publishedEvents();
  const event = events.find(({ detail }) => detail.recordId === record.id);
  assert.equal(event?.detail.tenant, 'clinic-a');
});

test('housekeeping works for all tenants', async () => {
  const refusingBus = { publish: async () => ({ accepted: [], refused: [] }) };
  for (const tenant of ['clinic-a', 'clinic-b']) {
    const requests = environment.store(EAST, { events: refusingBus }).of(tenant);
    const { record } = await requests.create({ ...newRecord, idempotencyKey: `old-${tenant}`, requestHash: 'h' });
    await requests.remove(record.id);
  }
  await environment.sql(`update idempotency_keys set created_at = now() - interval '2 days' where key like 'old-%'`);
  /** @type {string[]} */
  const published = [];
  /** @type {Set<string>} */
  const removed = new Set();
  const result = await environment
    .store(EAST, {
      staleAfterSeconds: -1,
      events: {
        async publish(events) {
          published.push(...events.map(({ tenant }) => tenant));
          return { accepted: events.map(({ id }) => id), refused: [] };
        },
      },
      documents: { remove: async (tenant) => Boolean(removed.add(tenant)) },
    })
    .maintain();
  assert.equal(result.purged, 2);
  assert.deepEqual([...new Set(published)].sort(), ['clinic-a', 'clinic-b']);
  assert.deepEqual([...removed].filter((tenant) => tenant.startsWith('clinic')).sort(), ['clinic-a', 'clinic-b']);
});

/** The migrations of version 1.2.0. */
const BEFORE = migrations.slice(0, 7);

/** Sets up the roles of version 1.2.0, as that version does it. */
const SET_UP_BEFORE = (/** @type {import('../../src/aws/secret.js').Credentials} */ master) => {
  /** @param {Login} login */
  const role = (login) => credentialsOf(master, login);
  const [owner, writer, reader] = [role('owner'), role('writer'), role('reader')];
  const all = [owner, writer, reader, role('probe')];
  return [
    ...all.map(({ username, password }) => `create role ${username} login password '${password}'`),
    `grant ${owner.username} to ${master.username}`,
    `grant usage, create on schema public to ${owner.username}`,
    `grant usage on schema public to ${writer.username}, ${reader.username}, ${role('probe').username}`,
    `alter default privileges for role ${owner.username} grant select, insert, update, delete on tables to ${writer.username}`,
    `alter default privileges for role ${owner.username} grant select on tables to ${reader.username}`,
  ];
};

test('a database of version 1.2.0 gets tenants, and its function goes on beside with the records that it had', async () => {
  const earlier = await buildEnvironment('before', {
    'auth/tenant-claim': 'org_id',
    'auth/default-tenant': 'clinic-a',
  });
  const connect = (/** @type {Login} */ role) =>
    connectAs(credentialsOf(earlier.login, role), earlier.writer, earlier.name);
  const master = await connect('master');
  for (const statement of SET_UP_BEFORE(earlier.login)) await master.query(statement);
  await master.end();
  const owner = await connect('owner');
  await owner.query(
    'create table schema_migrations (id integer primary key, name text, checksum text, applied_at timestamptz default now())',
  );
  await owner.end();
  const migrating = await connect('owner');
  await migrate(migrating, BEFORE, async () => {});
  await migrating.end();
  const [writer, reader] = [await connect('writer'), await connect('reader')];
  try {
    const function12 = earlierVersion(async (statement, values) => (await writer.query(statement, values)).rows);
    const id = randomUUID();
    await function12.create(id, { before: true });
    const upgraded = earlier.store(EAST);
    await upgraded.maintain();
    assert.deepEqual(
      (await earlier.sql('select count(*)::integer as count from schema_migrations'))[0].count,
      migrations.length,
    );

    // What was there is the default tenant's, and the earlier function goes on with it.
    assert.equal((await upgraded.of(DEFAULT_TENANT).get(id)).content, '{"before":true}');
    await function12.update(id, { beside: true });
    const beside = randomUUID();
    await function12.create(beside, {});
    for (const table of ['records', 'outbox', 'changes'])
      assert.deepEqual(await earlier.sql(`select distinct tenant from ${table}`), [{ tenant: DEFAULT_TENANT }], table);
    assert.equal((await upgraded.of(DEFAULT_TENANT).get(id)).content, '{"beside":true}');

    // It sees nothing of tenants.
    const { record } = await upgraded.of('clinic-b').create(newRecord);
    for (const client of [writer, reader]) {
      assert.equal((await client.query('select from records where id = $1', [record.id])).rows.length, 0);
      assert.equal((await client.query('select from records')).rows.length, 2);
    }
    assert.equal((await writer.query('delete from records where id = $1', [record.id])).rowCount, 0);

    // The function of this version, with a token of the tenant whose records they are.
    const process = startFunction(earlier, EAST);
    for (const [tenant, status] of /** @type {const} */ ([
      ['clinic-a', 200],
      ['clinic-b', 404],
    ])) {
      const token = await earlier.token(undefined, { org_id: tenant });
      assert.equal((await process.request('GET', `/records/${id}`, { token })).status, status, tenant);
    }
    await process.end();
  } finally {
    await Promise.all([writer.end(), reader.end()]);
    await earlier.end();
  }
});

test('indexes are built while others write, and one that was left half built is built anew', async () => {
  const growing = await buildEnvironment('indexes');
  const first = migrations.findIndex(({ builds }) => builds !== undefined);
  await growing.store(EAST, { migrations: migrations.slice(0, first) }).maintain();
  const store = growing.store(EAST);
  await store.create(newRecord); // It waits for no index.
  const [{ indexes }] = await growing.sql(
    `select count(*)::integer as indexes from pg_class where relname = 'records_of_a_tenants_patient'`,
  );
  assert.equal(indexes, 0, 'a change has built the index');
  const open = await connectAs(credentialsOf(growing.login, 'tenant_writer'), growing.writer, growing.name);
  try {
    await open.query('begin');
    await open.query(`select set_config('${SETTING}', 'clinic-a', true)`);
    await open.query(`insert into records (tenant, id, patient, content) values ('clinic-a', $1, 'p', '{}')`, [
      randomUUID(),
    ]);
    const maintaining = growing.store(WEST).maintain();
    await eventually('the index waits for the transaction that was there before', async () => {
      const waiting = await growing.sql(
        `select from pg_stat_activity where query like 'create index concurrently%' and wait_event_type = 'Lock'`,
      );
      return waiting.length || undefined;
    });
    assert.equal((await store.create(newRecord)).record.version, 1, 'a change waits for the index');
    const beside = await growing.store(EAST).maintain();
    assert.equal(beside.migrated, 0, 'two build one index');
    await open.query('commit');
    assert.equal((await maintaining).migrated, migrations.filter((migration) => !isForChanges(migration)).length);
  } finally {
    await open.end();
  }
  const index = 'records_of_a_tenants_patient';
  await growing.sql('delete from schema_migrations where id = $1', [migrations[first].id]);
  await growing.administer(`update pg_index set indisvalid = false where indexrelid = 'public.${index}'::regclass`);
  assert.equal((await growing.store(EAST).maintain()).migrated, 1);
  const [{ valid }] = await growing.sql(`select indisvalid as valid from pg_index where indexrelid = to_regclass($1)`, [
    index,
  ]);
  assert.equal(valid, true);
  await growing.end();
});

test('what a tenant has lost comes back as its own', async () => {
  const refusingBus = { publish: async () => ({ accepted: [], refused: [] }) };
  const lost = await buildEnvironment('lost', { 'auth/tenant-claim': 'org_id' });
  await lost.store(EAST).maintain();
  const before = lost.store(EAST, { events: refusingBus }).of('clinic-a');
  const { record: contended } = await before.create(newRecord);
  const running = await lost.fork();
  const theirs = lost.store(EAST, { events: refusingBus }).of('clinic-a');
  const { record } = await theirs.create({ ...newRecord, idempotencyKey: 'k', requestHash: 'h' });
  await theirs.update(contended.id, { match: [contended.tag] }, { content: '{"lost":true}' });
  const ours = running.store(WEST, { events: refusingBus });
  await ours.of('clinic-a').update(contended.id, { match: [contended.tag] }, { content: '{"kept":true}' });
  const { record: other } = await ours.of('clinic-b').create({ ...newRecord, idempotencyKey: 'k', requestHash: 'h' });

  const [restored, client] = [await lost.connectAsFunction(), await running.connect()];
  const onWriter = (/** @type {(client: import('pg').ClientBase) => Promise<any>} */ work) => work(client);
  try {
    const { counts } = await reconcileStep({ onWriter, restored, step: { source: 'snapshot' } });
    assert.deepEqual(counts, { lost: 2, returned: 1, conflict: 1, records: 1 });
    assert.equal((await ours.of('clinic-a').get(record.id)).tag, record.tag);
    await assert.rejects(ours.of('clinic-b').get(record.id), NotFound);
    const again = await ours.of('clinic-a').create({ ...newRecord, idempotencyKey: 'k', requestHash: 'h' });
    assert.deepEqual([again.replayed, again.record.id], [true, record.id]);
    const kept = await ours.of('clinic-b').create({ ...newRecord, idempotencyKey: 'k', requestHash: 'h' });
    assert.deepEqual([kept.replayed, kept.record.id], [true, other.id]);
    for (const table of ['changes', 'outbox'])
      assert.deepEqual(await running.sql(`select tenant from ${table} where record_id = $1`, [record.id]), [
        { tenant: 'clinic-a' },
      ]);
    for (const table of ['conflicts', 'reconciled_changes'])
      assert.deepEqual(await running.sql(`select distinct tenant from ${table}`), [{ tenant: 'clinic-a' }], table);
    const { rows } = await report({ onWriter, events: refusingBus, source: 'snapshot' });
    assert.deepEqual(new Set(rows.map((/** @type {{tenant?: string}} */ { tenant }) => tenant)), new Set(['clinic-a']));
  } finally {
    await Promise.all([restored.end(), client.end()]);
    await lost.end();
  }
});
