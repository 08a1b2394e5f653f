import { IdempotencyConflict } from '../errors.js';
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
 * Deletes expired idempotency keys.
 *
 * @param {import('pg').ClientBase} client connected to the writer.
 * @returns {Promise<number>} the number of deleted keys; the next call deletes the rest.
 */
export async function purgeExpiredKeys(client) {
  const { rowCount } = await client.query(
    `delete from idempotency_keys where (subject, key) in (
       select subject, key from idempotency_keys where created_at < now() - make_interval(hours => $1)
       order by created_at limit $2 for update skip locked)`,
    [LIFETIME_HOURS, BATCH_SIZE],
  );
  return rowCount ?? 0;
}

/**
 * The record as it is kept with an idempotency key. Versions of the function before 1.1.0 kept no revision; then the tag of the
 * record is one that matches no record.
 *
 * @typedef {Pick<PatientRecord, 'id' | 'patient' | 'content' | 'version'> & {revision?: string}} KeptAnswer
 */

/**
 * Returns the record as the first request with the key returned it.
 *
 * @param {{request_hash: string, answer: KeptAnswer | null, created_at: Date}} row
 * @param {string | undefined} requestHash
 * @throws {IdempotencyConflict} if the key was used for another request, or for a record that has been deleted.
 */
export function replay({ request_hash: firstHash, answer, created_at: createdAt }, requestHash) {
  if (firstHash !== requestHash || answer === null) throw new IdempotencyConflict();
  const time = createdAt.toISOString();
  const { revision = newRevision(), ...kept } = answer;
  const record = { ...kept, tag: `${kept.version}-${revision}`, createdAt: time, updatedAt: time };
  return { record, replayed: true };
}
