import { createHash } from 'node:crypto';

import { isUndefinedTable } from './faults.js';
import { inTransaction } from './pools.js';

/**
 * The advisory lock that whoever migrates holds: any number that nothing else in the database uses. It ends with the
 * transaction, so also with the process.
 */
const LOCK = 7_726_201_645;

/**
 * How long a migration waits for another that runs, or for a table that somebody uses, in milliseconds. All who come later
 * to the table wait behind it, so it gives up soon and is tried again a minute later.
 */
const LOCK_TIMEOUT = 2_000;

/** @typedef {{id: number, name: string, sql: string}} Migration */

/**
 * Says whether the database lacks any of the migrations: one read, so that it costs next to nothing where there is nothing
 * to do. A database that has newer migrations than these is left as it is: the other region's function was deployed first.
 *
 * @param {import('pg').ClientBase} client at the writer.
 * @param {readonly Migration[]} migrations
 * @returns {Promise<boolean>}
 * @throws {Error} when a migration that the database has was another one.
 */
export async function isBehind(client, migrations) {
  const applied = await read(client);
  return !migrations.every((migration) => has(applied, migration));
}

/**
 * Brings the schema up to date. However many processes do it at once, each migration is run by one, once.
 *
 * @param {import('pg').ClientBase} client at the writer.
 * @param {readonly Migration[]} migrations by ascending id.
 * @returns {Promise<number>} how many were run here.
 * @throws {Error} when a migration that the database has was another one.
 */
export async function migrate(client, migrations) {
  let ran = 0;
  for (const migration of migrations) ran += await inTransaction(client, () => run(client, migration));
  return ran;
}

/** Runs a migration, unless another process has, and returns how many that were. */
async function run(client, migration) {
  await client.query(`set local lock_timeout = ${LOCK_TIMEOUT}`);
  await client.query('select pg_advisory_xact_lock($1)', [LOCK]);
  await client.query(
    `create table if not exists schema_migrations (
       id         integer primary key,
       name       text not null,
       checksum   text not null,
       applied_at timestamptz not null default now()
     )`,
  );
  if (has(await read(client), migration)) return 0;
  await client.query(migration.sql);
  const { id, name } = migration;
  await client.query('insert into schema_migrations (id, name, checksum) values ($1, $2, $3)', [
    id,
    name,
    checksum(migration),
  ]);
  return 1;
}

/** Returns the checksums of what the database has, by id. */
async function read(client) {
  try {
    const { rows } = await client.query('select id, checksum from schema_migrations');
    return new Map(rows.map((row) => [row.id, row.checksum]));
  } catch (error) {
    if (isUndefinedTable(error)) return new Map();
    throw error;
  }
}

/** Says whether a migration is among those that the database has. */
function has(applied, migration) {
  const found = applied.get(migration.id);
  if (found !== undefined && found !== checksum(migration)) {
    throw new Error(
      `migrating the database: migration ${migration.id} (${migration.name}) is another than the database has: ` +
        'undo the change, and make a new migration of it',
    );
  }
  return found !== undefined;
}

const checksum = ({ sql }) => createHash('sha256').update(sql).digest('hex');
