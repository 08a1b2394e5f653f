import pg from 'pg';

/** @typedef {import('pg').ClientBase} Client */

/**
 * The columns of a table that both databases have, as SQL. A migration may have come to the running database since: its columns
 * take their defaults. Generated columns take no values.
 *
 * @typedef {{names: string, assignments: string}} Columns
 */

/**
 * Returns the columns of a table that both databases have.
 *
 * @param {Client} running
 * @param {Client} restored
 * @param {string} table
 * @returns {Promise<Columns>}
 */
export async function commonColumns(running, restored, table) {
  const statement = `select column_name::text as name from information_schema.columns
    where table_schema = 'public' and table_name = $1 and is_generated = 'NEVER' and is_identity = 'NO'
    order by ordinal_position`;
  const [ours, theirs] = [await running.query(statement, [table]), await restored.query(statement, [table])];
  const known = new Set(theirs.rows.map(({ name }) => name));
  const columns = ours.rows.filter(({ name }) => known.has(name)).map(({ name }) => pg.escapeIdentifier(name));
  return {
    names: columns.join(', '),
    assignments: columns.map((column) => `${column} = excluded.${column}`).join(', '),
  };
}
