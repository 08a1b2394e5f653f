import { systemClock } from '../clock.js';

/** How long an answer is used, in milliseconds: a good one as long as callers are told to wait, a bad one not much longer than it takes. */
const GOOD_MS = 5_000;
const BAD_MS = 1_000;

/**
 * How long the database may take to answer, in milliseconds. Route 53 waits two seconds for a health check's answer (Amazon
 * Route 53 Developer Guide, "How Amazon Route 53 determines whether a health check is healthy"); the platform's answers
 * come within one.
 */
export const PATIENCE_MS = 800;

/**
 * What a probe has found.
 *
 * @typedef {{ok: boolean, reason: string}} Finding reason is for the log; it is empty when all is well.
 */

/**
 * Makes a question to the database whose answer is kept for moments, is asked by one for all, and comes in time even when
 * the database hangs.
 *
 * @param {() => Promise<void>} ask rejects when the answer is no. It ends by itself some time.
 * @param {import('../clock.js').Clock} [clock]
 * @returns {() => Promise<Finding>} never rejects.
 */
export function createProbe(ask, clock = systemClock) {
  let kept; // The last finding, and until when it is used.
  let asking;

  async function look() {
    const { passed, cancel } = clock.timer(PATIENCE_MS);
    const answer = ask().then(
      () => ({ ok: true, reason: '' }),
      (error) => ({ ok: false, reason: error.message }),
    );
    const late = passed.then(() => ({ ok: false, reason: `no answer within ${PATIENCE_MS} ms` }));
    const finding = await Promise.race([answer, late]);
    cancel();
    kept = { finding, until: clock.now() + (finding.ok ? GOOD_MS : BAD_MS) };
    return finding;
  }

  return () => {
    if (kept && clock.now() < kept.until) return Promise.resolve(kept.finding);
    asking ??= look().finally(() => (asking = undefined));
    return asking;
  };
}

/**
 * Asks a reader whether it answers.
 *
 * @param {import('pg').ClientBase} client
 */
export async function askReader(client) {
  await client.query('select 1');
}

/**
 * Writes a row: to be told that the cluster is the writer would not prove that it accepts writes. A standby refuses the row
 * by itself, but not where it forwards writes to the primary (Amazon Aurora User Guide, "Using write forwarding in an Amazon
 * Aurora global database"), so it is asked, too.
 *
 * @param {import('pg').ClientBase} client at this region's own cluster.
 * @param {string} region
 */
export async function askWriter(client, region) {
  const { rowCount } = await client.query(
    `insert into write_probe (region, written_at) select $1::text, now() where not pg_is_in_recovery()
     on conflict (region) do update set written_at = excluded.written_at`,
    [region],
  );
  if (rowCount !== 1) throw new Error('the cluster of this region is a standby');
}
