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
