/** @typedef {import('./environment.js').Environment} Environment */

/**
 * Gives the environment's database a time of its own, which stands still until the test advances it. PostgreSQL finds now() by the
 * search path, so that a function of this name before pg_catalog is what every statement and default takes: an hour passes in the
 * time that its work takes. The function is a constant, which the planner puts in its place, and is replaced when time passes: one that
 * read a table would be called for each row. It must be set before the first migration, because a column's default keeps the function
 * that it was made with. Connections that are open keep the system's time.
 *
 * @param {Environment} environment
 */
export async function setVirtualTime({ name, sql }) {
  let instant = Date.now();
  const setNow = () =>
    sql(
      `create or replace function virtual.now() returns timestamptz language sql stable
       as $$ select timestamptz '${new Date(instant).toISOString()}' $$`,
    );
  await sql('create schema virtual; grant usage on schema virtual to public');
  await setNow();
  await sql(`alter database ${name} set search_path = public, virtual, pg_catalog`);
  return {
    /** Returns the database's time. */
    now: () => new Date(instant),

    /**
     * Advances the database's time.
     *
     * @param {number} seconds
     */
    async advance(seconds) {
      instant += seconds * 1_000;
      await setNow();
    },
  };
}
