import pg from 'pg';

import { DEFAULT_TENANT } from '../tenant.js';
import { SETTING } from './tenants.js';

/**
 * Who the function is to the database. The master user sets the other roles up and does nothing else.
 *
 * - owner owns the tables and migrates them. It can create nothing outside of the schema, and no role.
 * - tenant_writer and tenant_reader serve requests, with the privileges of GRANTS, and see and change the rows of one tenant: the one
 *   that their transaction names (tenants.js).
 * - maintenance does the tasks: migrations' check, housekeeping, reconciliation. It sees and changes the rows of all tenants.
 * - probe serves the health checks. It may also use the slots of reserved_connections, so that a server that is full is seen as
 *   full and not as lost. Requests must not: they would fill the reserve.
 * - writer and reader were version 1.2.0's, for requests and tasks, and requests was version 1.1.0's. They are kept for one version,
 *   for the function of the other region that is not deployed yet, and see the default tenant's rows.
 *
 * @typedef {'master' | 'owner' | 'tenant_writer' | 'tenant_reader' | 'maintenance' | 'probe' | EarlierLogin} Login
 * @typedef {'writer' | 'reader' | 'requests'} EarlierLogin
 */

/** The logins that GRANTS has columns for. */
const GRANTED = /** @type {const} */ (['tenant_writer', 'tenant_reader', 'maintenance', 'probe']);

/**
 * What each role may do with the rows of each table; what is not here is refused. No role but the owner may change a table. A new table
 * is added in the change of its migration, and to TENANT_TABLES if its rows are a tenant's.
 *
 * @type {Record<string, Partial<Record<typeof GRANTED[number], string>>>}
 */
export const GRANTS = {
  schema_migrations: { tenant_writer: 'select', maintenance: 'select' },
  records: {
    tenant_writer: 'select, insert, update, delete',
    tenant_reader: 'select',
    maintenance: 'select, insert, update, delete',
  },
  // The trigger of records keeps versions as whoever makes the change, and maintenance deletes those whose retention is over.
  record_versions: { tenant_writer: 'select, insert', tenant_reader: 'select', maintenance: 'select, insert, delete' },
  version_retention: { maintenance: 'select, insert, update' },
  idempotency_keys: { tenant_writer: 'select, insert, update', maintenance: 'select, insert, update, delete' },
  // The locks of publishing, and of what is purged, (for update) take the privilege to update.
  outbox: { tenant_writer: 'select, insert, delete', maintenance: 'select, insert, update, delete' },
  timelines: { tenant_writer: 'select, insert', maintenance: 'select, insert', probe: 'select, update (region)' },
  write_probe: { probe: 'select, insert, update' },
  // The trigger of the outbox writes the log of changes as whoever makes the change; maintenance deletes its oldest part.
  changes: { tenant_writer: 'select, insert', maintenance: 'select, insert, update, delete' },
  reconciled_changes: { maintenance: 'select, insert' },
  conflicts: { maintenance: 'select, insert' },
  // The trigger of records queues removals as whoever deletes the record.
  document_regions: { tenant_writer: 'select, insert', maintenance: 'select, insert' },
  document_removals: { tenant_writer: 'insert', maintenance: 'select, insert, delete' },
  audit_key: { tenant_reader: 'select' },
};

/**
 * What the roles of earlier versions may do, if they are there. The role requests of version 1.1.0 is as good as a writer.
 *
 * @type {Record<string, Partial<Record<'writer' | 'reader', string>>>}
 */
const EARLIER_GRANTS = {
  schema_migrations: { writer: 'select' },
  records: { writer: 'select, insert, update, delete', reader: 'select' },
  record_versions: { writer: 'select, insert' },
  idempotency_keys: { writer: 'select, insert, update, delete' },
  outbox: { writer: 'select, insert, update, delete' },
  timelines: { writer: 'select, insert' },
  changes: { writer: 'select, insert, update, delete' },
  reconciled_changes: { writer: 'select, insert' },
  conflicts: { writer: 'select, insert' },
  document_regions: { writer: 'select, insert' },
  document_removals: { writer: 'select, insert, delete' },
  audit_key: { reader: 'select' },
};

/**
 * The logins of earlier versions.
 *
 * @type {EarlierLogin[]}
 */
export const EARLIER_LOGINS = ['writer', 'reader', 'requests'];

/** The tables whose rows are a tenant's, by their column tenant. The others are the platform's and name nobody. */
export const TENANT_TABLES = [
  'records',
  'record_versions',
  'idempotency_keys',
  'outbox',
  'changes',
  'document_removals',
  'reconciled_changes',
  'conflicts',
];

/**
 * The policies of those tables: which rows a role sees, and may leave. Who is in none sees none. Without the setting it is null, or empty
 * on a connection that has had one, and no row's tenant is either.
 *
 * @type {{name: string, logins: Exclude<Login, 'master'>[], condition: string}[]}
 */
const POLICIES = [
  {
    name: 'of_the_transactions_tenant',
    logins: ['tenant_writer', 'tenant_reader'],
    condition: `tenant = current_setting('${SETTING}', true)`,
  },
  { name: 'of_all_tenants', logins: ['maintenance'], condition: 'true' },
  { name: 'of_earlier_versions', logins: EARLIER_LOGINS, condition: `tenant = '${DEFAULT_TENANT}'` },
];

/**
 * Returns the name of a login's role.
 *
 * @param {string} master username of the master user.
 * @param {Exclude<Login, 'master'>} login
 */
export const roleName = (master, login) => `${master}_${login}`;

/**
 * Grants what GRANTS has of the tables that exist, revokes what it does not have, and makes the policies of tables that have got tenants.
 * It is part of a migration's transaction.
 *
 * @param {pg.ClientBase} client connected to the writer as the owner.
 */
export async function grantAsOwner(client) {
  const { rows } = await client.query(`select regexp_replace(current_user, '_owner$', '') as master`);
  await grantTables(client, rows[0].master);
  await createPolicies(client, rows[0].master);
}

/**
 * Grants what GRANTS has of the tables that exist, and revokes what it does not have.
 *
 * @param {pg.ClientBase} client
 * @param {string} master username of the master user.
 */
export async function grantTables(client, master) {
  const existing = await existingRoles(client, master, [...GRANTED, ...EARLIER_LOGINS]);
  for (const [table, privileges] of Object.entries(GRANTS)) {
    const { rows } = await client.query('select to_regclass($1) is not null as exists', [`public.${table}`]);
    if (!rows[0].exists) continue;
    const earlier = EARLIER_GRANTS[table] ?? {};
    /** @type {Partial<Record<Login, string>>} */
    const all = { ...privileges, ...earlier, requests: earlier.writer };
    for (const login of existing) {
      const role = pg.escapeIdentifier(roleName(master, login));
      await client.query(`revoke all on public.${table} from ${role}`);
      const granted = all[login];
      if (granted) await client.query(`grant ${granted} on public.${table} to ${role}`);
    }
  }
}

/**
 * Makes the policies that a table with tenants lacks. That locks the table, as its migration has done.
 *
 * @param {pg.ClientBase} client connected as the owner.
 * @param {string} master username of the master user.
 */
async function createPolicies(client, master) {
  const { rows } = await client.query(
    `select relname as table, array(select polname::text from pg_policy where polrelid = pg_class.oid) as policies
     from pg_class where relnamespace = 'public'::regnamespace and relname = any($1) and relrowsecurity`,
    [TENANT_TABLES],
  );
  for (const { table, policies } of rows) {
    for (const { name, logins, condition } of POLICIES) {
      const existing = await existingRoles(client, master, logins);
      if (policies.includes(name) || existing.length === 0) continue;
      const roles = existing.map((login) => pg.escapeIdentifier(roleName(master, login))).join(', ');
      await client.query(
        `create policy ${name} on public.${table} to ${roles} using (${condition}) with check (${condition})`,
      );
    }
  }
}

/**
 * Returns those logins whose roles exist.
 *
 * @template {Exclude<Login, 'master'>} L
 * @param {pg.ClientBase} client
 * @param {string} master username of the master user.
 * @param {readonly L[]} logins
 * @returns {Promise<L[]>}
 */
export async function existingRoles(client, master, logins) {
  const { rows } = await client.query('select rolname from pg_roles where rolname = any($1)', [
    logins.map((login) => roleName(master, login)),
  ]);
  const names = new Set(rows.map(({ rolname }) => rolname));
  return logins.filter((login) => names.has(roleName(master, login)));
}
