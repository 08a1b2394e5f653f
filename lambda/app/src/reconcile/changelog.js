import { deleteInBatches } from '../database/purge.js';
import { DEFAULT_TENANT } from '../tenant.js';

/** @typedef {import('pg').ClientBase} Client */

/**
 * How long the log of changes is kept, in days. The snapshot of a lost volume is taken as soon as its region is back, and whoever
 * reconciles needs days, not weeks. At ten changes a second the log has 12 million rows of some 250 bytes with their indexes.
 */
export const LIFETIME_DAYS = 14;

/**
 * The part of the log that both histories still have, in days: a restored cluster is purged by nobody, and the running one each
 * minute.
 */
export const COMPARED_DAYS = LIFETIME_DAYS - 1;

/** The name of the migration with which the log begins. */
export const LOG_MIGRATION = 'changes';

/** Maximum number of rows that one statement deletes, because it locks them. */
const PURGE_BATCH = 10_000;

/**
 * Deletes the oldest changes from the log, those that are older than LIFETIME_DAYS, until there is none or the time is over. One
 * batch is deleted in any case.
 *
 * @param {Client} client connected to the writer.
 * @param {() => boolean} isOver
 * @returns {Promise<number>} the number of deleted rows.
 */
export const purgeOldChanges = (client, isOver) =>
  deleteInBatches(PURGE_BATCH, isOver, () =>
    client.query(
      `delete from changes where id in (
         select id from changes where occurred_at < now() - make_interval(days => $1)
         order by occurred_at, id limit $2 for update skip locked)`,
      [LIFETIME_DAYS, PURGE_BATCH],
    ),
  );

/**
 * A position in the log: the change that was compared last. The times of a history's changes do not go back by more than a
 * statement lasts, and the restored cluster gets no new ones, so a position divides its changes for good.
 *
 * @typedef {{occurredAt: string, id: string}} Position
 */

/**
 * Returns the next ids of a log, the oldest first.
 *
 * @param {Client} client
 * @param {Position} after
 * @param {number} limit
 * @returns {Promise<{ids: string[], last?: Position}>} last is missing if there are no more.
 */
export async function readIds(client, { occurredAt, id }, limit) {
  const { rows } = await client.query(
    `select id, occurred_at from changes where (occurred_at, id) > ($1::timestamptz, $2::uuid)
     order by occurred_at, id limit $3`,
    [occurredAt, id, limit],
  );
  const last = rows.at(-1);
  return {
    ids: rows.map((row) => row.id),
    ...(last && { last: { occurredAt: last.occurred_at.toISOString(), id: last.id } }),
  };
}

/**
 * Returns those ids that are neither in the log nor in the report of earlier reconciliations.
 *
 * @param {Client} client
 * @param {string[]} ids
 * @returns {Promise<string[]>}
 */
export async function missingIds(client, ids) {
  const { rows } = await client.query(
    `select id from unnest($1::uuid[]) as asked (id)
     where not exists (select from changes where changes.id = asked.id)
       and not exists (select from reconciled_changes where reconciled_changes.id = asked.id)`,
    [ids],
  );
  return rows.map((row) => row.id);
}

/**
 * A change as the log has it.
 *
 * @typedef {{id: string, kind: string, recordId: string, version: number, occurredAt: Date, tenant: string}} Change
 */

/**
 * Returns the changes of records since a time, by version. The changes of a restored cluster from before there were tenants are the
 * default tenant's.
 *
 * @param {Client} client
 * @param {string[]} recordIds
 * @param {string} since
 * @returns {Promise<Change[]>}
 */
export async function changesOf(client, recordIds, since) {
  const { rows } = await client.query(
    `select id, kind, record_id, version, occurred_at, coalesce(to_jsonb(changes) ->> 'tenant', $3) as tenant from changes
     where record_id = any($1::uuid[]) and occurred_at >= $2::timestamptz order by record_id, version, id`,
    [recordIds, since, DEFAULT_TENANT],
  );
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    recordId: row.record_id,
    version: row.version,
    occurredAt: row.occurred_at,
    tenant: row.tenant,
  }));
}
