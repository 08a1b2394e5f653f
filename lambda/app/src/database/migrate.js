import { createHash } from 'node:crypto';

import { isUndefinedTable } from './pgerrors.js';
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

/** @typedef {{id: number, name: string, sql: string}} Migration */

/**
 * Reports whether the database lacks any of the migrations. It is a single query, so it costs little if there is nothing to
 * do. Migrations that only the database has are ignored: the other region's function was deployed first.
 *
 * @param {import('pg').ClientBase} client connected to the writer.
 * @param {readonly Migration[]} migrations
 * @returns {Promise<boolean>}
 * @throws {Error} if an applied migration had other SQL.
 */
export async function needsMigration(client, migrations) {
  const applied = await readChecksums(client);
  return !migrations.every((migration) => isApplied(applied, migration));
}

/**
 * Applies the missing migrations. Concurrent calls, in any number of processes, apply each migration exactly once.
 *
 * @param {import('pg').ClientBase} client connected to the writer.
 * @param {readonly Migration[]} migrations by ascending id.
 * @param {(client: import('pg').ClientBase) => Promise<void>} grant grants the tables to the roles, in the transaction of each
 *   migration: no table is there that nobody may use.
 * @returns {Promise<number>} the number of migrations that this call applied.
 * @throws {Error} if an applied migration had other SQL.
 */
export async function migrate(client, migrations, grant) {
  let count = 0;
  for (const migration of migrations) count += await inTransaction(client, () => apply(client, migration, grant));
  return count;
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
  await client.query(migration.sql);
  const { id, name } = migration;
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
