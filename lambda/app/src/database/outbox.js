import { MAX_ENTRIES } from '../aws/events.js';
import { systemClock } from '../clock.js';
import { inTransaction } from './transaction.js';

/** @typedef {import('../aws/events.js').Event} Event */

/**
 * Age in seconds from which an event in the outbox is stale, which means that its request did not finish. A running request
 * publishes and deletes its event in half of that at most: commit (5.5 s), bus (1 s), connection (3 s), deletion (5.5 s).
 */
export const STALE_AFTER_SECONDS = 30;

/**
 * Number of events that one transaction takes, and of calls to the bus side by side. A thousand events are a hundred calls and take
 * about half a second, of which the statements take half from the other region. EventBridge takes 10,000 entries a second in
 * us-east-1 and us-west-2, and 400 at least (Amazon EventBridge quotas, PutEvents throttle limit); what it throttles is refused and
 * stays for the next run.
 */
const BATCH_SIZE = 1_000;
const CONCURRENT_CALLS = 10;

/**
 * Time after which a transaction begins no further call to the bus, in milliseconds. With the last call it stays below
 * idle_in_transaction_session_timeout (targets.js).
 */
const MAX_TRANSACTION_MS = 4_000;

/**
 * Returns the SQL that tells whether an earlier event of a changed record is still in the outbox. Then the change's own event stays
 * there, too, behind it.
 *
 * @param {string} source the name of the expression with the record, whose statement has not inserted its event yet. The statement's
 *   first parameter is the tenant.
 */
export const heldBack = (source) => `exists (select from outbox where tenant = $1 and outbox.record_id = ${source}.id)`;

/**
 * Deletes events of a record from the outbox that the bus has accepted, and returns the record's next one, which they have held
 * back. If the process dies before that, the event is published again, with the same id.
 *
 * @param {import('./tenants.js').TenantClient} client connected to the writer.
 * @param {string[]} ids of the events.
 * @returns {Promise<Event | undefined>}
 */
export async function markPublished(client, ids) {
  const { rows } = await client.query(
    `with published as (delete from outbox where tenant = $1 and id = any($2::uuid[]) returning record_id)
     select ${EVENT} from outbox
     where tenant = $1 and record_id in (select record_id from published) and id <> all($2)
     order by position limit 1`,
    [client.tenant, ids],
  );
  return rows.map(toEvent)[0];
}

/** The columns of an event. */
const EVENT = 'id, kind, record_id, version, timeline, occurred_at, region, tenant';

/** Time of a run whose caller says none, in milliseconds. */
const DEFAULT_RUN_MS = 8_000;

/** @typedef {Pick<import('../aws/events.js').Events, 'publish'>} Bus */

/**
 * Publishes the stale events of all tenants in the outbox until there is none or the time is over; those of one record in their order. Row locks
 * keep concurrent runs, also those of the other region, from publishing the same event. An event that the bus refuses remains for
 * the next run, with all later ones of its record.
 *
 * @param {import('pg').ClientBase} client connected to the writer.
 * @param {Bus} events
 * @param {{staleAfterSeconds?: number, clock?: import('../clock.js').Clock, isOver?: () => boolean}} [options]
 * @returns {Promise<{published: number, refused: string[], error?: unknown}>} refused as in PublishResult; error is that of a call to
 *   the bus, after which no further one is made.
 */
export async function publishPending(client, events, options = {}) {
  const { staleAfterSeconds = STALE_AFTER_SECONDS, clock = systemClock } = options;
  const started = clock.now();
  const { isOver = () => clock.now() - started >= DEFAULT_RUN_MS } = options;
  let published = 0;
  /** @type {string[]} */
  const refused = [];
  /** @type {Set<string>} */
  const blocked = new Set(); // Records whose event was refused.
  while (!isOver()) {
    const end = clock.now() + MAX_TRANSACTION_MS;
    const batch = await inTransaction(client, () =>
      publishBatch(client, events, [staleAfterSeconds, [...blocked]], () => isOver() || clock.now() >= end),
    );
    published += batch.accepted;
    refused.push(...batch.refused);
    if (batch.error !== undefined) return { published, refused, error: batch.error };
    // None was accepted: another run has them, or the bus refuses all.
    if (batch.accepted === 0) break;
    for (const recordId of batch.blocked) blocked.add(recordId);
  }
  return { published, refused };
}

/**
 * Publishes some stale events.
 *
 * @param {import('pg').ClientBase} client in a transaction.
 * @param {Bus} events
 * @param {[number, string[]]} conditions the age of stale events in seconds, and the records whose events are left out.
 * @param {() => boolean} isOver
 */
async function publishBatch(client, events, [staleAfterSeconds, blocked], isOver) {
  const { rows } = await client.query(
    `select position, ${EVENT} from outbox
     where occurred_at <= now() - make_interval(secs => $1) and record_id <> all($2::uuid[])
     order by position limit $3 for update skip locked`,
    [staleAfterSeconds, blocked, BATCH_SIZE],
  );
  const result = await publishInOrder(await chainsOf(client, rows), events, isOver);
  if (result.accepted.length > 0)
    await client.query('delete from outbox where id = any($1::uuid[])', [result.accepted]);
  return { ...result, accepted: result.accepted.length };
}

/**
 * Returns the events of each record, the oldest first, up to the first one that is not among the rows: another run has it, or it is
 * not stale yet.
 *
 * @param {import('pg').ClientBase} client
 * @param {(EventRow & {position: string})[]} rows
 * @returns {Promise<Event[][]>}
 */
async function chainsOf(client, rows) {
  if (rows.length === 0) return [];
  const byPosition = new Map(rows.map((row) => [row.position, row]));
  const { rows: all } = await client.query(
    'select record_id, position from outbox where record_id = any($1::uuid[]) and position <= $2 order by position',
    [[...new Set(rows.map((row) => row.record_id))], rows[rows.length - 1].position],
  );
  /** @type {Map<string, {events: Event[], isComplete: boolean}>} */
  const chains = new Map();
  for (const { record_id: recordId, position } of all) {
    const chain = chains.get(recordId) ?? { events: [], isComplete: true };
    chains.set(recordId, chain);
    const row = byPosition.get(position);
    chain.isComplete &&= row !== undefined;
    if (row && chain.isComplete) chain.events.push(toEvent(row));
  }
  return [...chains.values()].map((chain) => chain.events).filter((chain) => chain.length > 0);
}

/**
 * Publishes chains of events: first the first one of each, and the next one of a chain only after the bus has accepted the one
 * before.
 *
 * @param {Event[][]} chains
 * @param {Bus} events
 * @param {() => boolean} isOver
 */
async function publishInOrder(chains, events, isOver) {
  /** @type {{accepted: string[], refused: string[], blocked: string[], error?: unknown}} */
  const result = { accepted: [], refused: [], blocked: [] };
  for (let round = 0; chains.length > 0; round++) {
    const calls = batchesOf(chains.map((chain) => chain[round]));
    const work = async () => {
      for (let call = calls.shift(); call && result.error === undefined && !isOver(); call = calls.shift()) {
        try {
          const { accepted, refused } = await events.publish(call);
          result.accepted.push(...accepted);
          result.refused.push(...refused);
        } catch (error) {
          result.error ??= error;
        }
      }
    };
    await Promise.all(Array.from({ length: CONCURRENT_CALLS }, work));
    const accepted = new Set(result.accepted);
    for (const chain of chains) if (!accepted.has(chain[round].id)) result.blocked.push(chain[round].recordId);
    chains = chains.filter((chain) => accepted.has(chain[round].id) && chain.length > round + 1);
  }
  return result;
}

/**
 * Splits events into those of one call each.
 *
 * @param {Event[]} events
 */
const batchesOf = (events) =>
  Array.from({ length: Math.ceil(events.length / MAX_ENTRIES) }, (_, n) =>
    events.slice(n * MAX_ENTRIES, (n + 1) * MAX_ENTRIES),
  );

/** @typedef {Omit<Event, 'recordId' | 'occurredAt'> & {record_id: string, occurred_at: Date}} EventRow */

/**
 * @param {EventRow} row
 * @returns {Event}
 */
const toEvent = ({ id, kind, record_id: recordId, version, timeline, occurred_at: occurredAt, region, tenant }) => ({
  id,
  kind,
  recordId,
  version,
  timeline,
  occurredAt,
  region,
  tenant,
});
