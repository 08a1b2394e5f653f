import { IdempotencyConflict } from '../errors.js';
import { deleteInBatches } from './purge.js';
import { newRevision } from './tags.js';

/** @typedef {import('./records.js').PatientRecord} PatientRecord */

/**
 * How long an idempotency key is kept, in hours. Clients retry within a day. A key holds a copy of the record, so it is kept
 * no longer than it is of use.
 */
export const LIFETIME_HOURS = 24;

/** Maximum number of keys that one statement deletes, because it locks them. */
const BATCH_SIZE = 1_000;

/**
 * Deletes expired idempotency keys of all tenants until there is none or the time is over.
 *
 * @param {import('pg').ClientBase} client connected to the writer.
 * @param {() => boolean} isOver
 * @returns {Promise<number>} the number of deleted keys.
 */
export async function purgeExpiredKeys(client, isOver) {
  if (isOver()) return 0;
  return deleteInBatches(BATCH_SIZE, isOver, () =>
    client.query(
      `delete from idempotency_keys where (tenant, subject, key) in (
         select tenant, subject, key from idempotency_keys where created_at < now() - make_interval(hours => $1)
         order by created_at limit $2 for update skip locked)`,
      [LIFETIME_HOURS, BATCH_SIZE],
    ),
  );
}

/**
 * An idempotency key with the record as it was answered. Without an id the record was deleted. Versions of the function before
 * 1.1.0 kept no revision; then the tag of the record is one that matches no record.
 *
 * @typedef {{request_hash: string, created_at: Date, revision: string | null}
 *   & (Pick<PatientRecord, 'id' | 'patient' | 'content' | 'version'> | {id: null})} KeyRow
 */

/**
 * Returns the record as the first request with the key returned it.
 *
 * @param {KeyRow} row
 * @param {string | undefined} requestHash
 * @throws {IdempotencyConflict} if the key was used for another request, or for a record that has been deleted.
 */
export function replay(row, requestHash) {
  if (row.request_hash !== requestHash) throw new IdempotencyConflict();
  if (row.id === null) throw new IdempotencyConflict('deleted');
  const { id, patient, content, version } = row;
  const time = row.created_at.toISOString();
  const tag = `${version}-${row.revision ?? newRevision()}`;
  return { record: { id, patient, content, version, tag, createdAt: time, updatedAt: time }, replayed: true };
}
