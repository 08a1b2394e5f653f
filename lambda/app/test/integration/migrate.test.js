import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import { migrations } from '../../src/database/migrations/index.js';
import { Unavailable } from '../../src/errors.js';
import { buildEnvironment } from '../harness/environment.js';
import { EAST, WEST } from '../harness/platform.js';

let environment;
before(async () => (environment = await buildEnvironment('migrate')));
after(() => environment.end());
beforeEach(async () => {
  await environment.sql('drop schema public cascade');
  await environment.sql('create schema public');
  await environment.sql('grant all on schema public to public');
});

const applied = () => environment.sql('select id, name from schema_migrations order by id');
const all = migrations.map(({ id, name }) => ({ id, name }));
/** Migrations that show when they have run twice. */
const steps = (count) =>
  Array.from({ length: count }, (_, n) => ({
    id: n + 1,
    name: `step-${n + 1}`,
    sql: `create table step_${n + 1} (); insert into step_${n + 1} default values`,
  }));

test('the schema is made by the first who needs it: maintenance, a change, a read', async () => {
  const needs = {
    maintenance: (store) => store.maintain(),
    'a change': (store) => store.create({ patient: 'p', content: {}, subject: 's' }),
    'a read': (store) => assert.rejects(store.get('6f3f0d7e-0000-4000-8000-000000000000'), Unavailable),
  };
  for (const [who, need] of Object.entries(needs)) {
    await environment.sql('drop schema public cascade');
    await environment.sql('create schema public');
    await environment.sql('grant all on schema public to public');
    await need(environment.store(EAST));
    assert.deepEqual(await applied(), all, who);
  }
});

test('a second round finds nothing to do', async () => {
  const store = environment.store(EAST);
  assert.equal((await store.maintain()).migrated, migrations.length);
  assert.equal((await store.maintain()).migrated, 0);
  assert.equal((await environment.store(WEST).maintain()).migrated, 0);
});

test('many at once, in both regions, run each migration once', async () => {
  const stores = Array.from({ length: 6 }, (_, n) => environment.store(n % 2 ? EAST : WEST, { migrations: steps(5) }));
  const counts = await Promise.allSettled(
    stores.map((store) => store.create({ patient: 'p', content: {}, subject: 's' })),
  );
  assert.ok(
    counts.every(({ reason }) => /relation "records" does not exist/.test(reason?.message)),
    'these migrations have no records',
  );
  assert.deepEqual(
    (await applied()).map(({ id }) => id),
    [1, 2, 3, 4, 5],
  );
  for (const { id } of steps(5)) assert.equal((await environment.sql(`select from step_${id}`)).length, 1);
});

test('what was added since is run alone', async () => {
  await environment.store(EAST, { migrations: [...migrations] }).maintain();
  const more = [...migrations, { id: 3, name: 'more', sql: 'create table more ()' }];
  assert.equal((await environment.store(EAST, { migrations: more }).maintain()).migrated, 1);
});

test('a database that is newer than the function serves it', async () => {
  await environment
    .store(EAST, { migrations: [...migrations, { id: 3, name: 'newer', sql: 'create table newer ()' }] })
    .maintain();
  const older = environment.store(WEST);
  assert.equal((await older.maintain()).migrated, 0);
  assert.equal((await older.create({ patient: 'p', content: {}, subject: 's' })).record.version, 1);
});

test('a migration that has changed since it ran is refused, by its name, and so are changes', async () => {
  await environment.store(EAST).maintain();
  const changed = migrations.map((migration) =>
    migration.id === 2 ? { ...migration, sql: `${migration.sql} ` } : migration,
  );
  const store = environment.store(EAST, { migrations: changed });
  for (const attempt of [() => store.maintain(), () => store.create({ patient: 'p', content: {}, subject: 's' })]) {
    await assert.rejects(
      attempt,
      (error) => !(error instanceof Unavailable) && /migration 2 \(pgaudit\)/.test(error.message),
    );
  }
});

test('a migration that fails leaves nothing of itself, and all before it', async () => {
  const next = migrations.length + 1;
  const as = (sql) => [...migrations, { id: next, name: 'broken', sql }];
  const store = environment.store(EAST, { migrations: as('create table half (); select 1 / 0') });
  await assert.rejects(store.maintain(), /division by zero/);
  assert.deepEqual(await applied(), all);
  await assert.rejects(environment.sql('select from half'), /does not exist/);
  assert.equal((await environment.store(EAST, { migrations: as('create table half ()') }).maintain()).migrated, 1);
});

test('the migrations are numbered without gaps, and pgAudit is left out where it is not installed', async () => {
  assert.deepEqual(
    migrations.map(({ id }) => id),
    migrations.map((_, n) => n + 1),
  );
  await environment.store(EAST).maintain();
  const available = await environment.sql(`select from pg_available_extensions where name = 'pgaudit'`);
  const installed = await environment.sql(`select from pg_extension where extname = 'pgaudit'`);
  assert.equal(installed.length, available.length);
});
