import { systemClock } from '../clock.js';
import { isLockTimeout, isReadOnly, isServerFull, isServerUnreachable, isStatementTimeout } from './pgerrors.js';

/**
 * How long a result is cached, in milliseconds: a success as long as callers wait on average before a retry (../retryafter.js), a
 * failure not much longer than a probe takes.
 */
const SUCCESS_TTL_MS = 5_000;
const FAILURE_TTL_MS = 1_000;

/**
 * Timeout of a probe, in milliseconds. Route 53 waits two seconds for the response of a health check (Amazon Route 53
 * Developer Guide, "How Amazon Route 53 determines whether a health check is healthy"); this platform responds within one.
 */
export const TIMEOUT_MS = 800;

/**
 * How long a write must have waited for its commit to count as one that waits, in milliseconds: on a server in the same region a
 * commit takes some. A write that had less time, because connecting took long, proves nothing.
 */
const MIN_COMMIT_WAIT_MS = 300;

/**
 * Why a region's own cluster accepts no writes. Others depend on these values: the response of canWrite carries them to the
 * failover controller, which may give up records only if the database is lost.
 *
 * - replication-wait: a commit waits. The cluster reads, is the writer and takes the statement, and only the commit takes longer
 *   than the probe. Aurora makes commits wait at rds.global_db_rpo; it documents no wait event for that, so this is inferred.
 * - read-only: the cluster is not the writer.
 * - no-connection-slots: the server is full, also the reserved connections.
 * - database-unreachable: there is no connection to the database, or it does not answer a query.
 * - other: anything else, such as a refused login or a missing schema. The log has the reason.
 *
 * @typedef {'replication-wait' | 'read-only' | 'no-connection-slots' | 'database-unreachable' | 'other'} WriteFailure
 */

/**
 * The result of a probe.
 *
 * @typedef {object} ProbeResult
 * @property {boolean} ok
 * @property {string} reason for the log only; empty if ok.
 * @property {WriteFailure} [failure] only of a write probe that failed.
 */

/**
 * How far a check has come: overdue returns what it means if its time is over now.
 *
 * @typedef {{overdue?: () => WriteFailure}} Progress
 */

/**
 * Creates a probe of the database. Its result is cached briefly and shared by concurrent callers, and comes within TIMEOUT_MS
 * even if the database hangs.
 *
 * @param {(progress: Progress) => Promise<void>} check rejects if the database is not healthy, with a WriteProbeError if it
 *   knows the failure. It must end eventually.
 * @param {import('../clock.js').Clock} [clock]
 * @returns {() => Promise<ProbeResult>} never rejects.
 */
export function createProbe(check, clock = systemClock) {
  /** @type {{result: ProbeResult, expiresAt: number} | undefined} */
  let cached;
  /** @type {Promise<ProbeResult> | undefined} */
  let pending;

  /**
   * @param {string} reason
   * @param {WriteFailure} [failure]
   * @returns {ProbeResult}
   */
  const failed = (reason, failure) => ({ ok: false, reason, ...(failure && { failure }) });

  async function run() {
    /** @type {Progress} */
    const progress = {};
    const { elapsed, cancel } = clock.timer(TIMEOUT_MS);
    const outcome = check(progress).then(
      () => ({ ok: true, reason: '' }),
      (error) => failed(error.message, error instanceof WriteProbeError ? error.failure : undefined),
    );
    const timeout = elapsed.then(() => failed(`no answer within ${TIMEOUT_MS} ms`, progress.overdue?.()));
    const result = await Promise.race([outcome, timeout]);
    cancel();
    cached = { result, expiresAt: clock.now() + (result.ok ? SUCCESS_TTL_MS : FAILURE_TTL_MS) };
    return result;
  }

  return () => {
    if (cached && clock.now() < cached.expiresAt) return Promise.resolve(cached.result);
    pending ??= run().finally(() => (pending = undefined));
    return pending;
  };
}

/** A write probe that failed for a known reason. */
export class WriteProbeError extends Error {
  /**
   * @param {WriteFailure} failure
   * @param {string} message
   * @param {ErrorOptions} [options] the cause.
   */
  constructor(failure, message, options) {
    super(message, options);
    this.name = 'WriteProbeError';
    this.failure = failure;
  }
}

/**
 * Checks that a reader answers a query.
 *
 * @param {import('pg').ClientBase} client
 */
export async function probeReader(client) {
  await client.query('select 1');
}

/**
 * Checks that this region can serve reads. A server that has no connection left is there, and instances that have theirs are
 * served: if health checks took it for lost, the users of this region would go to the other one, whose changes come to the same
 * server.
 *
 * @param {(work: (client: import('pg').ClientBase) => Promise<void>) => Promise<void>} connect runs work on a connection to a reader.
 * @param {Pick<import('../log.js').Logger, 'warn'>} log
 */
export async function probeReaders(connect, log) {
  try {
    await connect(probeReader);
  } catch (error) {
    if (!isServerFull(error)) throw error;
    log.warn({ message: 'the reader has no connection left', error });
  }
}

const NAME_TIMELINES =
  'with named as (update timelines set region = $1 where server = this_server() and region is null)';

/**
 * Checks that a cluster accepts writes, by writing a row: its role as writer alone would not prove that. First it reads, so that
 * a commit that waits is distinguished from a database that does not answer. A standby refuses the write, unless it forwards writes to
 * the primary (Amazon Aurora User Guide, "Using write forwarding in an Amazon Aurora global database"); therefore
 * pg_is_in_recovery() is asked.
 *
 * The statement also names this region as the one of the server's timelines, as soon as there are any.
 *
 * @param {(work: (client: import('pg').ClientBase) => Promise<void>) => Promise<void>} connect runs work on a connection to this
 *   region's own cluster.
 * @param {string} region
 * @param {Progress} progress
 * @param {import('../clock.js').Clock} clock
 * @returns {Promise<void>}
 * @throws {WriteProbeError}
 */
export async function probeWriter(connect, region, progress, clock) {
  progress.overdue = () => 'database-unreachable';
  let writing = false;
  try {
    await connect(async (client) => {
      const { rows } = await client.query(
        `select pg_is_in_recovery() as standby, to_regclass('timelines') is not null as timelines`,
      );
      const [{ standby, timelines }] = rows;
      if (standby) throw new WriteProbeError('read-only', 'the cluster of this region is a standby');
      writing = true;
      const started = clock.now();
      progress.overdue = () => (clock.now() - started < MIN_COMMIT_WAIT_MS ? 'other' : 'replication-wait');
      await client.query(
        `${timelines ? NAME_TIMELINES : ''}
         insert into write_probe (region, written_at) values ($1, now())
         on conflict (region) do update set written_at = excluded.written_at`,
        [region],
      );
      progress.overdue = () => 'database-unreachable';
    });
  } catch (cause) {
    if (cause instanceof WriteProbeError) throw cause;
    const { message } = /** @type {Error} */ (cause);
    throw new WriteProbeError(writeFailureOf(cause, writing), message, { cause });
  }
}

/**
 * Returns what an error of the write probe means.
 *
 * @param {unknown} error
 * @param {boolean} writing whether the probe had read and was writing. A lock that is held for long is that of another instance's
 *   probe on the same row, which holds it for its commit only.
 * @returns {WriteFailure}
 */
function writeFailureOf(error, writing) {
  if (isServerFull(error)) return 'no-connection-slots';
  if (isReadOnly(error)) return 'read-only';
  if (writing && (isStatementTimeout(error) || isLockTimeout(error))) return 'replication-wait';
  return isServerUnreachable(error) ? 'database-unreachable' : 'other';
}
