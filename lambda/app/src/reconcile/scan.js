import { batchesOf } from './batches.js';
import { missingIds, readIds } from './changelog.js';
import { writeBack } from './writeback.js';

/** @typedef {import('pg').ClientBase} Client */
/** @typedef {import('./changelog.js').Position} Position */
/** @typedef {import('./writeback.js').Counts} Counts */

/** How many changes are compared at a time: their ids are 400 kB, and a million changes take a hundred round trips. */
const PAGE_SIZE = 10_000;

/**
 * How many records one transaction writes back at most, and how many bytes of them, unless a single record has more: it holds their locks
 * for some tens of milliseconds.
 */
const BATCH = { count: 100, bytes: 4_000_000 };

/** @returns {Counts} */
export const noCounts = () => ({ lost: 0, returned: 0, conflict: 0, records: 0 });

/**
 * Compares the next page of the restored cluster's log with the running one, and writes back what is missing.
 *
 * @param {import('./reconcile.js').RunOnWriter} onWriter
 * @param {Client} restored
 * @param {Position} after
 * @param {{since: string, source: string}} options
 * @returns {Promise<{counts: Counts, compared: number, last?: Position}>} last is missing if the page was the last one.
 */
export async function reconcilePage(onWriter, restored, after, options) {
  const { ids, last } = await readIds(restored, after, PAGE_SIZE);
  const counts = noCounts();
  if (ids.length === 0) return { counts, compared: 0 };
  const missing = await onWriter((running) => missingIds(running, ids));
  for await (const batch of recordBatches(restored, await recordsOf(restored, missing))) {
    const done = await onWriter((running) => writeBack(running, restored, batch, options));
    for (const name of /** @type {(keyof Counts)[]} */ (Object.keys(counts))) counts[name] += done[name];
  }
  return { counts, compared: ids.length, last };
}

/**
 * Returns the records of changes.
 *
 * @param {Client} restored
 * @param {string[]} changeIds
 * @returns {Promise<string[]>}
 */
async function recordsOf(restored, changeIds) {
  if (changeIds.length === 0) return [];
  const { rows } = await restored.query(
    'select distinct record_id from changes where id = any($1::uuid[]) order by record_id',
    [changeIds],
  );
  return rows.map((row) => row.record_id);
}

/**
 * Divides records into batches, by number and size.
 *
 * @param {Client} restored
 * @param {string[]} recordIds
 */
async function* recordBatches(restored, recordIds) {
  for (let begin = 0; begin < recordIds.length; begin += BATCH.count) {
    const ids = recordIds.slice(begin, begin + BATCH.count);
    const { rows } = await restored.query(
      'select id, octet_length(row_to_json(records)::text) as bytes from records where id = any($1::uuid[])',
      [ids],
    );
    const sizes = new Map(rows.map((row) => [row.id, row.bytes]));
    yield* batchesOf(ids, BATCH, (id) => sizes.get(id) ?? 0);
  }
}
