/**
 * Number of documents that are removed side by side, and of those that one statement takes. A removal is two calls to S3, some tens
 * of milliseconds.
 */
const CONCURRENT_REMOVALS = 10;
const BATCH_SIZE = 100;

/** The name of the migration that makes the queue. */
export const REMOVALS_MIGRATION = 'housekeeping';

/**
 * Makes a region one of those that remove documents of deleted records (migration 7).
 *
 * @param {import('pg').ClientBase} client connected to the writer.
 * @param {string} region
 */
export async function registerRegion(client, region) {
  await client.query('insert into document_regions (region) values ($1) on conflict do nothing', [region]);
}

/**
 * Removes the documents of all tenants' deleted records from this region's bucket that are due. A document that S3 does not remove stays
 * due. A record that exists again, because a reconciliation has brought it back, keeps its document. Both a removal that is done twice
 * and one of a document that is not there change nothing, so rows are not locked.
 *
 * @param {import('pg').ClientBase} client connected to the writer.
 * @param {Pick<import('../aws/documents.js').Documents, 'remove'>} documents
 * @param {string} region
 * @param {() => boolean} isOver whether the time for it is over.
 * @returns {Promise<{removed: number, error?: unknown}>} removed counts the documents that were there; error is the first failure.
 */
export async function removeDueDocuments(client, documents, region, isOver) {
  let removed = 0;
  while (!isOver()) {
    const { rows } = await client.query(
      `select position, tenant, record_id, exists (select from records where id = record_id) as restored
       from document_removals where region = $1 and due_at <= now() order by due_at limit $2`,
      [region, BATCH_SIZE],
    );
    /** @type {string[]} */
    const done = [];
    /** @type {unknown} */
    let error;
    const pending = [...rows];
    const work = async () => {
      for (let row = pending.shift(); row && error === undefined; row = pending.shift()) {
        try {
          if (!row.restored && (await documents.remove(row.tenant, row.record_id))) removed++;
          done.push(row.position);
        } catch (reason) {
          error ??= reason;
        }
      }
    };
    await Promise.all(Array.from({ length: CONCURRENT_REMOVALS }, work));
    await client.query('delete from document_removals where position = any($1::bigint[])', [done]);
    if (error !== undefined) return { removed, error };
    if (rows.length < BATCH_SIZE) break;
  }
  return { removed };
}
