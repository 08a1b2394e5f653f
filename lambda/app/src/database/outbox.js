import { MAX_ENTRIES } from '../aws/events.js';
import { inTransaction } from './transaction.js';

/** @typedef {import('../aws/events.js').Event} Event */

/**
 * Age in seconds from which an event in the outbox is stale, which means that its request did not finish. A running request
 * publishes and deletes its event in half of that at most: commit (5.5 s), bus (1 s), connection (3 s), deletion (5.5 s).
 */
export const STALE_AFTER_SECONDS = 30;

/** Maximum number of batches of one run: 500 events, in some seconds. The next run follows a minute later. */
const MAX_BATCHES = 50;

/**
 * Deletes events from the outbox that the bus has accepted. If the process dies before that, the event is published again,
 * with the same id.
 *
 * @param {import('pg').ClientBase} client connected to the writer.
 * @param {string[]} ids of the events.
 */
export async function markPublished(client, ids) {
  await client.query('delete from outbox where id = any($1::uuid[])', [ids]);
}

/**
 * Publishes the stale events of the outbox. Row locks keep concurrent runs, also those of the other region, from publishing
 * the same event. An event that the bus refuses remains for the next run.
 *
 * @param {import('pg').ClientBase} client connected to the writer.
 * @param {Pick<import('../aws/events.js').Events, 'publish'>} events
 * @param {{staleAfterSeconds?: number}} [options]
 * @returns {Promise<{published: number, refused: string[]}>} refused as in PublishResult.
 */
export async function publishPending(client, events, { staleAfterSeconds = STALE_AFTER_SECONDS } = {}) {
  let published = 0;
  const refused = [];
  let position = 0; // Each batch starts after the one before: refused events are not tried twice and block no others.
  for (let batch = 0; batch < MAX_BATCHES; batch++) {
    const result = await inTransaction(client, () => publishBatch(client, events, staleAfterSeconds, position));
    published += result.accepted;
    refused.push(...result.refused);
    if (result.size < MAX_ENTRIES) break;
    position = result.lastPosition;
  }
  return { published, refused };
}

/**
 * Publishes the stale events after a position, at most as many as one call takes.
 *
 * @param {import('pg').ClientBase} client in a transaction.
 * @param {Pick<import('../aws/events.js').Events, 'publish'>} events
 * @param {number} staleAfterSeconds
 * @param {number} afterPosition
 */
async function publishBatch(client, events, staleAfterSeconds, afterPosition) {
  const { rows } = await client.query(
    `select position, id, kind, record_id, version, timeline, occurred_at, region from outbox
     where occurred_at <= now() - make_interval(secs => $1) and position > $2
     order by position limit $3 for update skip locked`,
    [staleAfterSeconds, afterPosition, MAX_ENTRIES],
  );
  if (rows.length === 0) return { size: 0, accepted: 0, refused: [], lastPosition: afterPosition };
  const { accepted, refused } = await events.publish(rows.map(toEvent));
  await markPublished(client, accepted);
  return { size: rows.length, accepted: accepted.length, refused, lastPosition: rows[rows.length - 1].position };
}

/**
 * @param {Omit<Event, 'recordId' | 'occurredAt'> & {record_id: string, occurred_at: Date}} row
 * @returns {Event}
 */
const toEvent = ({ id, kind, record_id: recordId, version, timeline, occurred_at: occurredAt, region }) => ({
  id,
  kind,
  recordId,
  version,
  timeline,
  occurredAt,
  region,
});
