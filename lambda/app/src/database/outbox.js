import { MOST_ENTRIES } from '../aws/events.js';
import { inTransaction } from './pools.js';

/**
 * After how many seconds an event that is still in the outbox has been left behind by its request. A request that lives has
 * put it on the bus and deleted it in half of that: a commit (5.5 s), the bus (1 s), a connection (3 s) and a deletion
 * (5.5 s) at the longest.
 */
export const LEFT_BEHIND_SECONDS = 30;

/** How many batches one round publishes: 500 events, in some seconds. A minute later comes the next round. */
const BATCHES = 50;

/**
 * Takes an event out of the outbox that the bus has accepted. A crash before this puts it on the bus again, with the same id.
 *
 * @param {import('pg').ClientBase} client at the writer.
 * @param {string[]} ids
 */
export async function forget(client, ids) {
  await client.query('delete from outbox where id = any($1::uuid[])', [ids]);
}

/**
 * Puts on the bus what requests have left behind. What one process has taken no other takes, in either region; what the bus
 * does not accept stays for the next round.
 *
 * @param {import('pg').ClientBase} client at the writer.
 * @param {ReturnType<typeof import('../aws/events.js').createEvents>} events
 * @param {{leftBehindSeconds?: number}} [options]
 * @returns {Promise<{published: number, refused: string[]}>}
 */
export async function publishLeft(client, events, { leftBehindSeconds = LEFT_BEHIND_SECONDS } = {}) {
  let published = 0;
  const refused = [];
  let behind = 0; // What was refused in this round is not tried again in it, and keeps nothing else waiting.
  for (let batch = 0; batch < BATCHES; batch++) {
    const done = await inTransaction(client, () => publishBatch(client, events, leftBehindSeconds, behind));
    published += done.accepted;
    refused.push(...done.refused);
    if (done.taken < MOST_ENTRIES) break;
    behind = done.last;
  }
  return { published, refused };
}

async function publishBatch(client, events, leftBehindSeconds, behind) {
  const { rows } = await client.query(
    `select position, id, kind, record_id, version, occurred_at, region from outbox
     where occurred_at <= now() - make_interval(secs => $1) and position > $2
     order by position limit $3 for update skip locked`,
    [leftBehindSeconds, behind, MOST_ENTRIES],
  );
  if (rows.length === 0) return { taken: 0, accepted: 0, refused: [] };
  const { accepted, refused } = await events.publish(
    rows.map(({ id, kind, record_id: recordId, version, occurred_at: occurredAt, region }) => ({
      id,
      kind,
      recordId,
      version,
      occurredAt,
      region,
    })),
  );
  await forget(client, accepted);
  return { taken: rows.length, accepted: accepted.length, refused, last: rows.at(-1).position };
}
