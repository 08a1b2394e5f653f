/**
 * How long a key stands for its request, in hours: whoever tries again does so within the day. What a key answers is a copy
 * of the record, so it is kept no longer than it is of use.
 */
export const LIFETIME_HOURS = 24;

/** How many keys one statement purges: it holds their locks. */
const BATCH = 1_000;

/**
 * Purges keys that are of no more use.
 *
 * @param {import('pg').ClientBase} client at the writer.
 * @returns {Promise<number>} how many; the next call purges what is left.
 */
export async function purge(client) {
  const { rowCount } = await client.query(
    `delete from idempotency_keys where (subject, key) in (
       select subject, key from idempotency_keys where created_at < now() - make_interval(hours => $1)
       order by created_at limit $2 for update skip locked)`,
    [LIFETIME_HOURS, BATCH],
  );
  return rowCount;
}
