import { LIFETIME_HOURS } from './idempotency.js';

/**
 * What maintenance has still to do: how many there are of each, and how long the oldest has been due, in seconds. Both are zero
 * if there is none.
 *
 * @typedef {object} Backlog
 * @property {number} outboxEvents events that are not published yet.
 * @property {number} outboxAge
 * @property {number} expiredKeys idempotency keys that are older than they are kept.
 * @property {number} expiredKeysAge
 * @property {number} documentRemovals documents of deleted records that this region's bucket may still have.
 * @property {number} documentRemovalsAge
 */

/**
 * Measures the backlog.
 *
 * @param {import('pg').ClientBase} client connected to the writer.
 * @param {string} region whose documents are counted.
 * @returns {Promise<Backlog>}
 */
export async function measureBacklog(client, region) {
  const { rows } = await client.query(
    `select outbox.count as "outboxEvents", outbox.age as "outboxAge", keys.count as "expiredKeys", keys.age as "expiredKeysAge",
            removals.count as "documentRemovals", removals.age as "documentRemovalsAge"
     from (${countAndAge('outbox', 'occurred_at')}) outbox,
          (${countAndAge('idempotency_keys', 'created_at + make_interval(hours => $2)', 'created_at < now() - make_interval(hours => $2)')}) keys,
          (${countAndAge('document_removals', 'due_at', 'region = $1 and due_at <= now()')}) removals`,
    [region, LIFETIME_HOURS],
  );
  return rows[0];
}

/**
 * Returns the SQL of a count and of the age of the oldest row, in seconds.
 *
 * @param {string} table
 * @param {string} since SQL expression of the time since which a row is due.
 */
const countAndAge = (table, since, condition = 'true') =>
  `select count(*)::integer as count, greatest(0, coalesce(extract(epoch from now() - min(${since})), 0))::float as age
   from ${table} where ${condition}`;
