// Migrations of the database's schema.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import { isForChanges } from '../../src/database/migrate.js';
import { migrations } from '../../src/database/migrations/index.js';
import { VERSIONS_MIGRATION } from '../../src/database/versions.js';
import { assertFails, assertUnavailable } from '../harness/assertions.js';
import { buildEnvironment } from '../harness/environment.js';
import { EAST, WEST } from '../harness/globaldatabase.js';

/** @typedef {import('../harness/environment.js').TestStore} Store */

/** @type {import('../harness/environment.js').Environment} */
let environment;
before(async () => (environment = await buildEnvironment('migrate')));
after(() => environment.end());
beforeEach(() => dropSchema());

async function dropSchema() {
  await environment.sql('drop schema public cascade');
  await environment.sql('create schema public');
  await environment.sql('grant all on schema public to public');
}

const readApplied = () => environment.sql('select id, name from schema_migrations order by id');
const allApplied = migrations.map(({ id, name }) => ({ id, name }));
// A change and a read wait for no index, nor for what awaits one.
const withoutIndexes = migrations.filter(isForChanges).map(({ id, name }) => ({ id, name }));
const newRecord = { patient: 'p', content: '{}', subject: 's' };

/**
 * Returns migrations that leave a trace when they run twice.
 *
 * @param {number} count
 */
const createSteps = (count) =>
  Array.from({ length: count }, (_, n) => ({
    id: n + 1,
    name: `step-${n + 1}`,
    sql: `create table step_${n + 1} (); insert into step_${n + 1} default values`,
  }));

test('an empty database is migrated by the first maintenance, change or read', async () => {
  assert.ok(
    withoutIndexes.some(({ name }) => name === VERSIONS_MIGRATION),
    'a change waits for the history of records',
  );
  /** @type {[string, (store: Store) => Promise<unknown>, typeof allApplied][]} */
  const cases = [
    ['maintenance', (store) => store.maintain(), allApplied],
    ['a change', (store) => store.create(newRecord), withoutIndexes],
    ['a read', (store) => assertUnavailable(store.get('6f3f0d7e-0000-4000-8000-000000000000')), withoutIndexes],
  ];
  for (const [name, use, expected] of cases) {
    await dropSchema();
    await use(environment.store(EAST));
    assert.deepEqual(await readApplied(), expected, name);
  }
});

test('a second maintenance applies no migration', async () => {
  const store = environment.store(EAST);
  assert.equal((await store.maintain()).migrated, migrations.length);
  assert.equal((await store.maintain()).migrated, 0);
  assert.equal((await environment.store(WEST).maintain()).migrated, 0);
});

test('concurrent processes in both regions apply each migration once', async () => {
  const steps = createSteps(5);
  const stores = Array.from({ length: 6 }, (_, n) => environment.store(n % 2 ? EAST : WEST, { migrations: steps }));
  const errors = await Promise.all(stores.map((store) => assertFails(store.create(newRecord))));
  for (const { message } of errors)
    assert.match(message, /relation "records" does not exist/, 'the steps create no records');
  assert.deepEqual(
    (await readApplied()).map(({ id }) => id),
    [1, 2, 3, 4, 5],
  );
  for (const { id } of steps) assert.equal((await environment.sql(`select from step_${id}`)).length, 1);
});

test('only the migrations that are missing are applied', async () => {
  await environment.store(EAST, { migrations: [...migrations] }).maintain();
  const extended = [...migrations, { id: migrations.length + 1, name: 'more', sql: 'create table more ()' }];
  assert.equal((await environment.store(EAST, { migrations: extended }).maintain()).migrated, 1);
});

test('an older function works on a database with newer migrations', async () => {
  const newer = [...migrations, { id: migrations.length + 1, name: 'newer', sql: 'create table newer ()' }];
  await environment.store(EAST, { migrations: newer }).maintain();
  const older = environment.store(WEST);
  assert.equal((await older.maintain()).migrated, 0);
  assert.equal((await older.create(newRecord)).record.version, 1);
});

test('maintenance and changes fail with the name of a migration that was changed after it was applied', async () => {
  await environment.store(EAST).maintain();
  const changed = migrations.map((migration) =>
    migration.id === 2 ? { ...migration, sql: `${migration.sql} ` } : migration,
  );
  const store = environment.store(EAST, { migrations: changed });
  for (const attempt of [() => store.maintain(), () => store.create(newRecord)])
    assert.match((await assertFails(attempt())).message, /migration 2 \(pgaudit\)/);
});

test('a migration that fails is rolled back, and those before it stay applied', async () => {
  /** @param {string} sql */
  const withLast = (sql) => [...migrations, { id: migrations.length + 1, name: 'broken', sql }];
  const store = environment.store(EAST, { migrations: withLast('create table half (); select 1 / 0') });
  await assert.rejects(store.maintain(), /division by zero/);
  assert.deepEqual(await readApplied(), withoutIndexes, 'maintenance applies first what changes need');
  await assert.rejects(environment.sql('select from half'), /does not exist/);
  const mended = environment.store(EAST, { migrations: withLast('create table half ()') });
  assert.equal((await mended.maintain()).migrated, 1 + migrations.length - withoutIndexes.length);
});

test('each migration has an id of its own, in the order in which they run, and pgAudit is skipped where it is not available', async () => {
  const numbers = migrations.map(({ id }) => id);
  assert.deepEqual(
    numbers,
    [...new Set(numbers)].sort((a, b) => a - b),
  );
  await environment.store(EAST).maintain();
  const available = await environment.sql(`select from pg_available_extensions where name = 'pgaudit'`);
  const installed = await environment.sql(`select from pg_extension where extname = 'pgaudit'`);
  assert.equal(installed.length, available.length);
});
