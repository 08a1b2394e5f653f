import { nameOf } from '../tenant.js';

/** @typedef {import('pg').ClientBase} Client */

/** Number of rows in one answer. A row is some 300 bytes, and Lambda answers with 6 MB at most. */
const PAGE_SIZE = 1_000;

/**
 * A lost change and what became of it. It names records by their ids and has nothing of their contents.
 *
 * @typedef {object} ReportRow
 * @property {string} id of the change, and of its event.
 * @property {string} kind
 * @property {string} [tenant] missing if it is the default tenant.
 * @property {string} recordId
 * @property {number} version
 * @property {string} occurredAt
 * @property {'returned' | 'conflict'} outcome
 * @property {string | null} reason
 */

/**
 * The sums of the report.
 *
 * @typedef {object} Totals
 * @property {number} lost changes that this history lacked.
 * @property {number} returned of them, those that were written back.
 * @property {number} conflict of them, those of records that were put aside.
 * @property {number} conflictRecords records that were put aside.
 * @property {number} doubled changes that the database has more than once.
 * @property {number} unpublished returned changes whose events are in the outbox still.
 */

/**
 * Returns a page of the report on a snapshot.
 *
 * @param {Client} client connected to the writer.
 * @param {string} source name of the snapshot.
 * @param {number} after the position of the last row that the caller has.
 * @returns {Promise<{rows: ReportRow[], next?: number}>} next is missing on the last page.
 */
export async function readReport(client, source, after) {
  const { rows } = await client.query(
    `select position::integer, id, tenant, kind, record_id, version, occurred_at, outcome, reason from reconciled_changes
     where source = $1 and position > $2 order by position limit $3`,
    [source, after, PAGE_SIZE],
  );
  return {
    rows: rows.map((row) => ({
      id: row.id,
      kind: row.kind,
      ...(nameOf(row.tenant) && { tenant: row.tenant }),
      recordId: row.record_id,
      version: row.version,
      occurredAt: row.occurred_at.toISOString(),
      outcome: row.outcome,
      reason: row.reason,
    })),
    ...(rows.length === PAGE_SIZE && { next: rows[rows.length - 1].position }),
  };
}

/**
 * Returns the sums of the report on a snapshot. Doubled is counted from the log: versions of a returned record that two changes
 * of one timeline have made.
 *
 * @param {Client} client connected to the writer.
 * @param {string} source
 * @returns {Promise<Totals>}
 */
export async function readTotals(client, source) {
  const { rows } = await client.query(
    `with reported as (select id, record_id, outcome from reconciled_changes where source = $1),
          versions as (select count(*) - count(distinct (record_id, version, timeline)) as doubled
                       from changes where record_id in (select record_id from reported where outcome = 'returned'))
     select count(*)::integer as lost,
            count(*) filter (where outcome = 'returned')::integer as returned,
            count(*) filter (where outcome = 'conflict')::integer as conflict,
            count(distinct record_id) filter (where outcome = 'conflict')::integer as "conflictRecords",
            (select doubled from versions)::integer as doubled,
            count(*) filter (where exists (select from outbox where outbox.id = reported.id))::integer as unpublished
     from reported`,
    [source],
  );
  return rows[0];
}
