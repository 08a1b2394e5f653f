import { systemClock } from '../clock.js';

/**
 * How long a result is cached, in milliseconds: a success as long as callers wait before a retry (RETRY_AFTER_SECONDS), a
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
 * The result of a probe.
 *
 * @typedef {{ok: boolean, reason: string}} ProbeResult reason is for the log only; it is empty if ok.
 */

/**
 * Creates a probe of the database. Its result is cached briefly and shared by concurrent callers, and comes within TIMEOUT_MS
 * even if the database hangs.
 *
 * @param {() => Promise<void>} check rejects if the database is not healthy. It must end eventually.
 * @param {import('../clock.js').Clock} [clock]
 * @returns {() => Promise<ProbeResult>} never rejects.
 */
export function createProbe(check, clock = systemClock) {
  /** @type {{result: ProbeResult, expiresAt: number} | undefined} */
  let cached;
  /** @type {Promise<ProbeResult> | undefined} */
  let pending;

  async function run() {
    const { elapsed, cancel } = clock.timer(TIMEOUT_MS);
    const outcome = check().then(
      () => ({ ok: true, reason: '' }),
      (error) => ({ ok: false, reason: error.message }),
    );
    const timeout = elapsed.then(() => ({ ok: false, reason: `no answer within ${TIMEOUT_MS} ms` }));
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

/**
 * Checks that a reader answers a query.
 *
 * @param {import('pg').ClientBase} client
 */
export async function probeReader(client) {
  await client.query('select 1');
}

/**
 * Checks that a cluster accepts writes, by writing a row: its role as writer alone would not prove that. A standby refuses the
 * write, unless it forwards writes to the primary (Amazon Aurora User Guide, "Using write forwarding in an Amazon Aurora
 * global database"); therefore pg_is_in_recovery() is checked too.
 *
 * @param {import('pg').ClientBase} client connected to this region's own cluster.
 * @param {string} region
 */
export async function probeWriter(client, region) {
  const { rowCount } = await client.query(
    `insert into write_probe (region, written_at) select $1::text, now() where not pg_is_in_recovery()
     on conflict (region) do update set written_at = excluded.written_at`,
    [region],
  );
  if (rowCount !== 1) throw new Error('the cluster of this region is a standby');
}
