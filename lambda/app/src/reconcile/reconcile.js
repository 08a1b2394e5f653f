import { publishPending } from '../database/outbox.js';
import { Refused, findFork, refusalOf } from './fork.js';
import { readReport, readTotals } from './report.js';
import { noCounts, reconcilePage } from './scan.js';

/** @typedef {import('pg').ClientBase} Client */
/** @typedef {import('./scan.js').Counts} Counts */

/**
 * Runs work on a connection to the writer.
 *
 * @callback RunOnWriter
 * @param {(client: Client) => Promise<any>} work
 * @returns {Promise<any>}
 */

/**
 * Where a reconciliation has got to. It is what one call answers and the next one is asked with; without one it begins, and finds
 * what is missing still.
 *
 * @typedef {object} Cursor
 * @property {string} since time from which the logs are compared.
 * @property {import('./changelog.js').Position} after
 */

/**
 * A call's work.
 *
 * @typedef {object} Step
 * @property {string} source name of the snapshot.
 * @property {string} [snapshotAt] time of the snapshot's creation.
 * @property {Cursor} [cursor]
 */

/**
 * What one call has done. next is missing when all is done; refused says, in one line, why nothing was compared, and keep
 * that what it asks for needs the restored cluster.
 *
 * @typedef {object} StepResult
 * @property {number} [compared] changes that were compared.
 * @property {Counts} [counts]
 * @property {{timeline: string | null, beganAt: string}} [fork] where the histories part; the first call has it.
 * @property {Cursor} [next]
 * @property {string} [refused]
 * @property {boolean} [keep]
 */

/**
 * Time after which a call begins no further page, in milliseconds: a page takes some seconds at most, and the function may run
 * for 20 s.
 */
const STEP_MS = 6_000;

/** The id before all others. */
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/**
 * Reconciles the running history with a lost one, for some seconds: finds the changes that only the lost one has, writes back those
 * of records that the running one has not changed since, and puts the other records aside. Each record is done in a transaction of
 * its own or with some others, so a call may end at any moment. What was returned is in the log, so it is not found again.
 *
 * @param {object} options
 * @param {RunOnWriter} options.onWriter
 * @param {Client} options.restored connected to the restored cluster.
 * @param {Step} options.step
 * @param {() => number} [options.now] the current time in milliseconds.
 * @returns {Promise<StepResult>}
 */
export async function reconcileStep({ onWriter, restored, step, now = Date.now }) {
  const until = now() + STEP_MS;
  try {
    const fork = step.cursor ? undefined : await onWriter((running) => findFork(running, restored, step));
    let cursor = step.cursor ?? begin(fork.since);
    const counts = noCounts();
    let compared = 0;
    for (;;) {
      const page = await reconcilePage(onWriter, restored, cursor.after, { since: cursor.since, source: step.source });
      compared += page.compared;
      for (const name of /** @type {(keyof Counts)[]} */ (Object.keys(counts))) counts[name] += page.counts[name];
      const result = { compared, counts, ...(fork && { fork: { timeline: fork.timeline, beganAt: fork.beganAt } }) };
      if (!page.last) return result;
      cursor = { ...cursor, after: page.last };
      if (now() >= until) return { ...result, next: cursor };
    }
  } catch (error) {
    if (error instanceof Refused) return refusalOf(error);
    throw error;
  }
}

/**
 * @param {string} since
 * @returns {Cursor}
 */
const begin = (since) => ({ since, after: { occurredAt: since, id: FIRST_ID } });

/**
 * Publishes the events of returned changes, and reports on a snapshot: the sums, and a page of the rows.
 *
 * @param {object} options
 * @param {RunOnWriter} options.onWriter
 * @param {Pick<import('../aws/events.js').Events, 'publish'>} options.events
 * @param {string} options.source
 * @param {number} [options.after] the position that the last page has ended with.
 */
export async function report({ onWriter, events, source, after = 0 }) {
  if (after === 0) {
    const { error } = await onWriter((running) => publishPending(running, events));
    if (error !== undefined) throw error;
  }
  return {
    totals: await onWriter((running) => readTotals(running, source)),
    ...(await onWriter((running) => readReport(running, source, after))),
  };
}
