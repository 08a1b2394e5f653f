import { isUndefinedTable } from '../database/pgerrors.js';
import { COMPARED_DAYS, LOG_MIGRATION } from './changelog.js';

/** @typedef {import('pg').ClientBase} Client */

/**
 * Nothing was compared: what the operator has named cannot be reconciled, or not yet. The message is one line and says what to do.
 */
export class Refused extends Error {
  /**
   * @param {string} reason
   * @param {ErrorOptions & {keep?: boolean}} [options] the cause, and keep if the operator can mend the restored cluster, which must be
   *   there for that.
   */
  constructor(reason, { keep = false, ...options } = {}) {
    super(reason, options);
    this.name = 'Refused';
    this.keep = keep;
  }
}

/**
 * What a step answers when it is refused.
 *
 * @param {Refused} error
 * @returns {import('./reconcile.js').StepResult}
 */
export const refusalOf = ({ message, keep }) => ({ refused: message, ...(keep && { keep }) });

/**
 * The time by which a change of the restored cluster may be younger than its snapshot, in milliseconds: clocks of AWS differ by
 * less than a second, and the snapshot's time is that of its creation's beginning.
 */
const SNAPSHOT_TOLERANCE_MS = 60_000;

/**
 * Where two histories part.
 *
 * @typedef {object} Fork
 * @property {string | null} timeline id of the last timeline that both have; null if they parted before the first change.
 * @property {string} beganAt time at which the running history began its next one.
 * @property {string} since time from which the logs are compared.
 */

/**
 * Finds where the history of a restored cluster and the running one part. The running one begins its own timeline if it has made
 * no change yet.
 *
 * @param {Client} running connected to the writer.
 * @param {Client} restored
 * @param {{snapshotAt?: string}} options time of the snapshot's creation.
 * @returns {Promise<Fork>}
 * @throws {Refused}
 */
export async function findFork(running, restored, { snapshotAt }) {
  await running.query('select current_timeline()');
  const theirTimelines = new Set(await orNone(restored, 'select id from timelines'));
  const { rows: timelines } = await running.query(
    `select id, began_at, began_at < now() - make_interval(days => $1) as too_old,
            now() - make_interval(days => $1) as since
     from timelines order by position`,
    [COMPARED_DAYS],
  );
  // The time of a migration, in microseconds, is one database's alone.
  const [logBegin] = await orNone(running, LOG_BEGIN);
  if (logBegin === undefined || logBegin !== (await orNone(restored, LOG_BEGIN))[0])
    throw new Refused(
      timelines.some(({ id }) => theirTimelines.has(id))
        ? 'the log of changes began after the histories parted, so what was lost is not known: compare the records by hand'
        : 'the restored cluster has nothing in common with the running one: it is of another database',
    );
  const next = timelines.findIndex(({ id }) => !theirTimelines.has(id));
  if (next < 0)
    throw new Refused(
      'the running database has every timeline in common with the restored one: it never parted from it, nothing was lost',
    );
  if (timelines[next].too_old)
    throw new Refused(
      `the histories parted at ${timelines[next].began_at.toISOString()}, and the log of changes is kept for ` +
        `${COMPARED_DAYS} days: compare the records by hand`,
    );
  if (snapshotAt !== undefined) await refuseNewerChanges(restored, snapshotAt);
  return {
    timeline: timelines[next - 1]?.id ?? null,
    beganAt: timelines[next].began_at.toISOString(),
    since: timelines[next].since.toISOString(),
  };
}

/** When the log of changes began, as a text to compare. */
const LOG_BEGIN = `select applied_at::text as id from schema_migrations where name = '${LOG_MIGRATION}'`;

/**
 * Returns the ids of rows; none if the table does not exist.
 *
 * @param {Client} client
 * @param {string} statement
 * @returns {Promise<string[]>}
 */
async function orNone(client, statement) {
  try {
    return (await client.query(statement)).rows.map(({ id }) => id);
  } catch (error) {
    if (isUndefinedTable(error)) return [];
    throw error;
  }
}

/**
 * @param {Client} restored
 * @param {string} snapshotAt
 */
async function refuseNewerChanges(restored, snapshotAt) {
  const { rows } = await restored.query('select max(occurred_at) as newest from changes');
  const newest = rows[0].newest?.getTime() ?? -Infinity;
  if (newest > Date.parse(snapshotAt) + SNAPSHOT_TOLERANCE_MS)
    throw new Refused(
      `the restored cluster has a change of ${rows[0].newest.toISOString()}, after its snapshot of ${snapshotAt}: somebody ` +
        'writes to it; delete it and begin again',
    );
}
