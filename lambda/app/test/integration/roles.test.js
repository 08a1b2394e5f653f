// The roles of the database: what each may do, an upgrade from the roles of before version 1.2.0, rotations and failovers.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import { MIN_REFRESH_INTERVAL_MS } from '../../src/aws/secret.js';
import { migrate } from '../../src/database/migrate.js';
import { migrations } from '../../src/database/migrations/index.js';
import { GRANTS } from '../../src/database/grants.js';
import { credentialsOf } from '../../src/database/roles.js';
import { assertFails } from '../harness/assertions.js';
import { rowsOf, runAs } from '../harness/connections.js';
import { earlierVersion } from '../harness/earlierversion.js';
import { buildEnvironment } from '../harness/environment.js';
import { afterAMinute } from '../harness/fakeclock.js';
import { eventually } from '../harness/eventually.js';
import { startFunction } from '../harness/functionprocess.js';
import { EAST, REGIONS, WEST, moveWriter } from '../harness/globaldatabase.js';

/** @typedef {import('../../src/database/grants.js').Login} Login */

/** @type {import('../harness/environment.js').Environment} */
let environment;
before(async () => {
  environment = await buildEnvironment('roles');
  await environment.store(EAST).maintain();
});
after(() => environment.end());

const newRecord = { patient: 'p', content: '{}', subject: 's' };

/**
 * Runs a statement on the writer as a role.
 *
 * @param {Login} role
 * @param {string} statement
 */
const runAsRole = (role, statement) =>
  runAs(credentialsOf(environment.login, role), environment.writer, environment.name, rowsOf(statement));

/**
 * @param {Login} role
 * @param {string} statement
 */
async function assertRefused(role, statement) {
  const { code } = await assertFails(runAsRole(role, statement));
  assert.equal(code, '42501', `${role} may: ${statement}`);
}

test('a role may do with the rows of each table what the grants say, and nothing else', async () => {
  const privileges = await environment.sql(
    `select relname as table, rolname as role, p.name as privilege,
            has_table_privilege(r.oid, c.oid, p.name) or (p.name <> 'delete' and p.name <> 'truncate' and p.name <> 'trigger'
              and has_any_column_privilege(r.oid, c.oid, p.name)) as granted
     from pg_class c cross join pg_roles r
          cross join unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) p(name)
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm')
       and rolname in ('user_roles_tenant_writer', 'user_roles_tenant_reader', 'user_roles_maintenance', 'user_roles_probe')`,
  );
  const tables = [...new Set(privileges.map(({ table }) => table))];
  assert.deepEqual(tables.sort(), Object.keys(GRANTS).sort(), 'a table of the schema has no row in GRANTS');
  for (const { table, role, privilege, granted } of privileges) {
    const login = /** @type {'tenant_writer' | 'tenant_reader' | 'maintenance' | 'probe'} */ (
      role.replace('user_roles_', '')
    );
    const expected = (GRANTS[table][login] ?? '').split(', ').map((text) => text.split(' ')[0]);
    assert.equal(granted, expected.includes(privilege), `${role}: ${privilege} on ${table}`);
  }
});

test('pgAudit records reads of everybody but the roles of requests, tasks and probes', async () => {
  // No server of these tests has pgAudit, which the parameter group of the stacks has record reads, too. What is set of a role is
  // what pgAudit goes by in the role's sessions; with it, none but a superuser may set another value.
  const settings = async () => {
    const rows = await environment.sql(
      `select rolname as role, array_to_string(rolconfig, ';') as config from pg_roles where rolname like 'user_roles%'`,
    );
    return Object.fromEntries(rows.map(({ role, config }) => [role.replace('user_roles', ''), config]));
  };
  const excepted = 'pgaudit.log=ddl,role,write';
  const expected = {
    '': null,
    _owner: null,
    _tenant_writer: excepted,
    _tenant_reader: excepted,
    _maintenance: excepted,
    _probe: excepted,
  };
  assert.deepEqual(await settings(), expected);
  const [{ value }] = await runAsRole('tenant_reader', `select current_setting('pgaudit.log') as value`);
  assert.equal(value, 'ddl,role,write');
  // Roles of an earlier version have it with the next maintenance.
  await environment.administer(
    'alter role user_roles_tenant_writer reset all; alter role user_roles_maintenance reset all',
  );
  await environment.store(EAST, { clock: afterAMinute }).maintain();
  assert.deepEqual(await settings(), expected);
});

test('a role is refused what is not its own', async (t) => {
  await environment.store(EAST).create(newRecord);
  /** @type {Login[]} */
  const withoutOwner = ['tenant_writer', 'tenant_reader', 'maintenance', 'probe'];
  /** @type {Login[]} */
  const everyRole = ['owner', ...withoutOwner];
  /** @type {[Login[], string][]} */
  const refused = [
    [withoutOwner, 'create table other ()'],
    [everyRole, 'create temporary table other ()'],
    [everyRole, 'create schema other'],
    [everyRole, 'create role other'],
    [everyRole, 'create database other'],
    [everyRole, 'select pg_read_file($$PG_VERSION$$)'],
    [everyRole, 'copy (select 1) to program $$true$$'],
    [everyRole, 'select rolpassword from pg_authid'],
    [everyRole, 'set role user_roles'],
    [withoutOwner, 'set role user_roles_owner'],
    [withoutOwner, 'alter table records add column other text'],
    [withoutOwner, 'drop table records'],
    [withoutOwner, 'truncate records'],
    [withoutOwner, 'alter table records disable trigger all'],
    [withoutOwner, 'create or replace function this_server() returns text language sql as $$ select $$'],
    [withoutOwner, 'delete from schema_migrations'],
    [['tenant_reader', 'probe'], 'update records set patient = $$q$$'],
    [['tenant_reader', 'probe'], 'delete from records'],
    [['tenant_reader', 'probe'], 'select * from outbox'],
    [['tenant_reader', 'probe'], 'select * from idempotency_keys'],
    [['probe'], 'select * from records'],
    [['probe'], 'update timelines set server = $$s$$'],
    [['probe'], 'delete from write_probe'],
    [['tenant_writer', 'tenant_reader', 'maintenance'], 'insert into write_probe values ($$r$$, now())'],
  ];
  for (const [roles, statement] of refused)
    for (const role of roles) await t.test(`${role}: ${statement}`, () => assertRefused(role, statement));
});

test('no role is more than a login, and the master user owns no table', async () => {
  const attributes = await environment.sql(
    `select rolname from pg_roles where rolname like 'user_roles\\_%'
       and (rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls or not rolcanlogin)`,
  );
  assert.deepEqual(attributes, []);
  const owners = await environment.sql(
    `select distinct pg_get_userbyid(relowner) as owner from pg_class
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')`,
  );
  assert.deepEqual(owners, [{ owner: 'user_roles_owner' }]);
});

test('requests, tasks and probes log in as roles of their own, and never as the master user', async () => {
  await environment.terminateConnections();
  const fn = startFunction(environment, EAST);
  await fn.request('POST', '/records', { body: { patient: 'p', content: {} } });
  await fn.request('POST', '/records/search', { body: { patient: 'p' } });
  await fn.maintain();
  const users = await environment.sql(
    `select distinct usename from pg_stat_activity where datname = $1 and application_name like 'warmstandby%'`,
    [environment.name],
  );
  await fn.end();
  assert.ok(users.some(({ usename }) => usename === 'user_roles_tenant_writer'));
  assert.ok(!users.some(({ usename }) => usename === environment.login.username));
});

/** The migrations of version 1.1.0. */
const MIGRATIONS_BEFORE = 4;

/** @param {import('pg').Client} client of a connection as the role of requests before version 1.2.0. */
const earlierCreates = (client) =>
  earlierVersion(async (statement, values) => (await client.query(statement, values)).rows).create(randomUUID(), {});

test('a database of before version 1.2.0 gets the roles, and its function goes on beside', async () => {
  const before = await buildEnvironment('earlier');
  try {
    // What the function before has made: the schema, owned by the master user, and two roles.
    const earlier = credentialsOf(before.login, 'requests');
    const probe = credentialsOf(before.login, 'probe');
    await runAs(before.login, before.writer, before.name, async (client) => {
      await migrate(client, migrations.slice(0, MIGRATIONS_BEFORE), async () => {});
      for (const { username, password } of [earlier, probe])
        await client.query(`create role ${username} login password '${password}'`);
      await client.query(`grant ${earlier.username} to ${probe.username}`);
      await client.query(`grant select, insert, update, delete on all tables in schema public to ${earlier.username}`);
    });
    const upgraded = REGIONS.map((region) => before.store(region));
    await runAs(earlier, before.writer, before.name, earlierCreates);
    for (const store of upgraded) await store.create(newRecord);
    await upgraded[0].maintain();
    for (const store of upgraded) assert.equal((await store.canRead()).ok, true);
    const owners = await before.sql(
      `select distinct pg_get_userbyid(relowner) as owner from pg_class
       where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')`,
    );
    assert.deepEqual(owners, [{ owner: 'user_earlier_owner' }]);
    const [{ member }] = await before.sql(`select pg_has_role($1, $2, 'member') as member`, [
      probe.username,
      earlier.username,
    ]);
    assert.equal(member, false, "the probe is still a member of the earlier version's role");
    await runAs(earlier, before.writer, before.name, earlierCreates);
  } finally {
    await before.end();
  }
});

test('no request fails through a rotation, a failover, another rotation and the failback', async () => {
  const functions = REGIONS.map((region) => startFunction(environment, region));
  const { record } = await environment.store(EAST).create(newRecord);
  /** @param {typeof functions[number]} fn */
  const read = async (fn) => (await fn.request('GET', `/records/${record.id}`)).status;
  /** @param {typeof functions[number]} fn */
  const write = async (fn) => {
    const headers = { 'idempotency-key': randomUUID() }; // A connection that the server has closed is replaced only then.
    return (await fn.request('POST', '/records', { body: { patient: 'p', content: {} }, headers })).status;
  };
  const statuses = () => Promise.all(functions.flatMap((fn) => [read(fn), write(fn)]));
  const served = async () => {
    for (let round = 0; round < 3; round++) assert.deepEqual(new Set(await statuses()), new Set([200, 201]));
  };
  const bothServe = () =>
    eventually('both regions serve', async () => {
      const found = await statuses();
      // Requests may get 503 while the writer moves and the standby is rebuilt, and nothing else.
      assert.ok(found.every((status) => status < 300 || status === 503));
      return found.every((status) => status < 300) || undefined;
    });
  /** @param {import('../harness/globaldatabase.js').Region} region */
  const move = (region) => Promise.all([moveWriter(region), bothServe()]);
  await bothServe();
  // What a minute's maintenance does: an instance of the function would wait until the secret is a minute old.
  const setUp = () => environment.store(EAST, { clock: afterAMinute }).maintain();
  try {
    await environment.rotatePassword('the second');
    await environment.terminateConnections();
    await served(); // The roles have the passwords of before the rotation, and the instances know them.
    functions.push(...REGIONS.map((region) => startFunction(environment, region)));
    await served(); // The new instances know the new secret.
    await move(WEST);
    await bothServe();
    await served();
    await setUp();
    await environment.terminateConnections();
    await served(); // The roles have the new passwords, and the first instances knew the old ones.
    await environment.rotatePassword('the third');
    await environment.terminateConnections();
    await served();
    await move(EAST);
    await bothServe();
    await served();
    await setUp();
    await new Promise((resolve) => setTimeout(resolve, MIN_REFRESH_INTERVAL_MS)); // A secret is not refreshed more often.
    await environment.terminateConnections();
    await served();
    for (const fn of functions) assert.deepEqual(await fn.verify(), { verified: true });
  } finally {
    await Promise.all(functions.map((fn) => fn.end()));
    await moveWriter(EAST);
  }
  const refused = functions.flatMap((fn) => fn.log().match(/^.*"request refused".*"28P01".*$/gm) ?? []);
  assert.deepEqual(refused, [], 'a request failed because of a login');
});
