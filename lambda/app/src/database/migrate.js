import { createHash } from 'node:crypto';

import { isConnectionReusable, isUndefinedTable } from './pgerrors.js';
import { inTransaction } from './transaction.js';

/**
 * Key of the advisory lock that serializes migrations and changes of roles: an arbitrary number, used for nothing else. The
 * lock ends with the transaction, and so also when the process dies.
 */
const LOCK_KEY = 7_726_201_645;

/**
 * How long a migration waits for another migration or for a lock on a table, in milliseconds. Later statements on the table
 * queue behind it, so it gives up soon; the next maintenance, a minute later, tries again.
 */
const LOCK_TIMEOUT_MS = 2_000;

/** Key of the advisory lock of whoever builds an index. It is the session's, so it shows that a server is building. */
const BUILD_LOCK_KEY = 7_726_201_647;

/**
 * A migration. One that builds an index names it and consists of one statement with "concurrently", which is no transaction. One that
 * awaits an index needs it.
 *
 * @typedef {{id: number, name: string, sql: string, builds?: string, awaits?: string}} Migration
 */

/**
 * How far to migrate: "all" is for maintenance; "changes" leaves out the indexes that are to be built and what awaits them, because a
 * change cannot wait for them.
 *
 * @typedef {'all' | 'changes'} Extent
 */

/**
 * Returns the migrations that are to be applied, the first one first. It is a single query, so it costs little if there is nothing
 * to do. Migrations that only the database has are ignored: the other region's function was deployed first.
 *
 * @param {import('pg').ClientBase} client connected to the writer.
 * @param {readonly Migration[]} migrations by ascending id.
 * @param {Extent} extent
 * @returns {Promise<Migration[]>}
 * @throws {Error} if an applied migration had other SQL.
 */
export async function missingMigrations(client, migrations, extent) {
  const applied = await readChecksums(client);
  const missing = migrations.filter((migration) => !isApplied(applied, migration));
  return extent === 'all' ? missing : missing.filter(isForChanges);
}

/**
 * Reports whether a migration waits for no index, so that changes can wait for it.
 *
 * @param {Migration} migration
 */
export const isForChanges = ({ builds, awaits }) => builds === undefined && awaits === undefined;

/**
 * Applies migrations unless another process has. Concurrent calls, in any number of processes, apply each migration exactly once.
 *
 * @param {import('pg').ClientBase} client connected to the writer.
 * @param {readonly Migration[]} migrations by ascending id.
 * @param {(client: import('pg').ClientBase) => Promise<void>} grant grants the tables to the roles, in the transaction of each
 *   migration: no table is there that nobody may use.
 * @returns {Promise<number>} the number of migrations that this call applied. It ends before an index that another process is building.
 * @throws {Error} if an applied migration had other SQL.
 */
export async function migrate(client, migrations, grant) {
  let count = 0;
  for (const migration of migrations) {
    if (migration.builds !== undefined && !(await build(client, migration, migration.builds))) break;
    count += await inTransaction(client, () => apply(client, migration, grant));
  }
  return count;
}

/**
 * Builds a migration's index. It may take longer than the function may run: the server goes on when the function has ended, and
 * holds the session's lock until then; a later maintenance finds the index. One that was left half built is built anew.
 *
 * @param {import('pg').ClientBase} client
 * @param {Migration} migration
 * @param {string} index its name.
 * @returns {Promise<boolean>} false if another process is building.
 */
async function build(client, migration, index) {
  const { rows } = await client.query('select pg_try_advisory_lock($1) as locked', [BUILD_LOCK_KEY]);
  if (!rows[0].locked) return false;
  const unlock = () =>
    client.query(`reset statement_timeout; reset lock_timeout; select pg_advisory_unlock(${BUILD_LOCK_KEY})`);
  try {
    await buildUnlessBuilt(client, migration, index);
  } catch (error) {
    // Any other connection is closed, and the server gives the lock back when it has ended.
    if (isConnectionReusable(error)) await unlock();
    throw error;
  }
  await unlock();
  return true;
}

/**
 * @param {import('pg').ClientBase} client with the lock of builders.
 * @param {Migration} migration
 * @param {string} index
 */
async function buildUnlessBuilt(client, migration, index) {
  // An index that has become a key has another name.
  if (isApplied(await readChecksums(client), migration)) return;
  const { rows } = await client.query('select indisvalid as valid from pg_index where indexrelid = to_regclass($1)', [
    `public.${index}`,
  ]);
  if (rows[0]?.valid) return;
  // It waits for the transactions that have begun before it, and keeps nobody from writing meanwhile.
  await client.query('set statement_timeout = 0; set lock_timeout = 0');
  if (rows.length > 0) await client.query(`drop index concurrently public.${index}`);
  await client.query(migration.sql);
}

/**
 * Locks the schema and the roles against other processes until the end of the transaction. It limits how long the transaction
 * waits for this lock and for any other one.
 *
 * @param {import('pg').ClientBase} client in a transaction.
 */
export async function lockSchema(client) {
  await client.query(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
  await client.query('select pg_advisory_xact_lock($1)', [LOCK_KEY]);
}

/**
 * Applies a migration unless another process has.
 *
 * @param {import('pg').ClientBase} client in a transaction.
 * @param {Migration} migration
 * @param {(client: import('pg').ClientBase) => Promise<void>} grant
 * @returns {Promise<0 | 1>} the number of applied migrations.
 */
async function apply(client, migration, grant) {
  await lockSchema(client);
  await client.query(
    `create table if not exists schema_migrations (
       id         integer primary key,
       name       text not null,
       checksum   text not null,
       applied_at timestamptz not null default now()
     )`,
  );
  if (isApplied(await readChecksums(client), migration)) return 0;
  const { id, name, sql, builds } = migration;
  if (builds === undefined) await client.query(sql);
  await client.query('insert into schema_migrations (id, name, checksum) values ($1, $2, $3)', [
    id,
    name,
    checksum(migration),
  ]);
  await grant(client);
  return 1;
}

/**
 * Returns the checksums of the applied migrations, by id.
 *
 * @param {import('pg').ClientBase} client
 * @returns {Promise<Map<number, string>>}
 */
async function readChecksums(client) {
  try {
    const { rows } = await client.query('select id, checksum from schema_migrations');
    return new Map(rows.map((row) => [row.id, row.checksum]));
  } catch (error) {
    if (isUndefinedTable(error)) return new Map();
    throw error;
  }
}

/**
 * Reports whether a migration is applied.
 *
 * @param {Map<number, string>} applied checksums by id.
 * @param {Migration} migration
 */
function isApplied(applied, migration) {
  const found = applied.get(migration.id);
  if (found !== undefined && found !== checksum(migration)) {
    throw new Error(
      `migrating the database: migration ${migration.id} (${migration.name}) was changed after it was applied: ` +
        'undo the change, and put it in a new migration',
    );
  }
  return found !== undefined;
}

/** @param {Migration} migration */
const checksum = ({ sql }) => createHash('sha256').update(sql).digest('hex');
