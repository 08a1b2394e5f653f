import { objectKey } from '../aws/documents.js';

/** @typedef {import('pg').ClientBase} Client */

/**
 * A record whose document may have to come back. S3 has the documents and knows no records; this says which of its delete markers are
 * of a record that there is again.
 *
 * @typedef {object} DocumentRecord
 * @property {string} id
 * @property {boolean} exists
 * @property {string | null} key of its document in S3, which has its tenant; null if there is no such record.
 * @property {string | null} deletedAt time of the first deletion since the time that was asked for, in this history or in a lost one
 *   that was reconciled. A delete marker from then on is of the record's removal; an older one is of a user who deleted the document.
 */

/**
 * Returns what the database knows of records.
 *
 * @param {Client} client connected to the writer.
 * @param {{since: string, ids: string[]}} request
 * @returns {Promise<{records: DocumentRecord[]}>}
 */
export async function readDocumentRecords(client, { since, ids }) {
  const { rows } = await client.query(
    `select asked.id, (select tenant from records where records.id = asked.id) as tenant,
            (select min(occurred_at) from (
               select occurred_at from changes where record_id = asked.id and kind = 'RecordDeleted' and occurred_at >= $2
               union all
               select occurred_at from reconciled_changes where record_id = asked.id and kind = 'RecordDeleted' and occurred_at >= $2
             ) as deletions) as deleted_at
     from unnest($1::uuid[]) as asked (id)`,
    [ids, since],
  );
  return {
    records: rows.map((row) => ({
      id: row.id,
      exists: row.tenant !== null,
      key: row.tenant === null ? null : objectKey(row.tenant, row.id),
      deletedAt: row.deleted_at?.toISOString() ?? null,
    })),
  };
}
