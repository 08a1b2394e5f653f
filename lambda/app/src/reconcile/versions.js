import { batchesOf } from './batches.js';

/** @typedef {import('pg').ClientBase} Client */

/** How many versions one statement brings at most, by number and bytes of their contents, so that the function's memory holds them. */
const BATCH = { count: 1_000, bytes: 4_000_000 };

/**
 * Brings the versions of records that the running history lacks, each once. A version is named by its number and revision, so one that is
 * there already stays as it is. The trigger of records keeps what a record was in this history all the same, and finds it there: so these
 * come first, with the times and subjects that they had.
 *
 * A cluster from before there were versions has none. Then the running history keeps what the record was in it, and no version between.
 *
 * @param {Client} running in a transaction.
 * @param {Client} restored
 * @param {{id: string, lost: {version: number}[]}[]} cases whose lost changes come back, in the order of their versions. The first of them
 *   ended the version that both histories have.
 * @param {string} columns of record_versions that both have; empty if the restored cluster has no such table.
 */
export async function writeVersions(running, restored, cases, columns) {
  if (columns === '' || cases.length === 0) return;
  const { rows } = await restored.query(
    `select record_id, version, revision, coalesce(octet_length(content::text), 0) as bytes
     from unnest($1::uuid[], $2::integer[]) as asked (id, first)
     join record_versions on record_id = id and version >= first order by record_id, version, revision`,
    [cases.map(({ id }) => id), cases.map(({ lost }) => lost[0].version - 1)],
  );
  for (const batch of batchesOf(rows, BATCH, ({ bytes }) => bytes)) {
    const found = await restored.query(
      `select row_to_json(record_versions)::text as json from unnest($1::uuid[], $2::integer[], $3::text[]) as asked (a, b, c)
       join record_versions on record_id = a and version = b and revision = c`,
      [batch.map((row) => row.record_id), batch.map(({ version }) => version), batch.map(({ revision }) => revision)],
    );
    await running.query(
      `insert into record_versions (${columns})
       select ${columns} from unnest($1::text[]) as lost (json), json_populate_record(null::record_versions, lost.json::json)
       on conflict do nothing`,
      [found.rows.map(({ json }) => json)],
    );
  }
}
