/** @typedef {import('./environment.js').Environment} Environment */

/**
 * Gives the environment's database a time of its own, which stands still until the test advances it. PostgreSQL finds now() by the
 * search path, so that a function of this name before pg_catalog is what every statement and default takes: an hour passes in the
 * time that its work takes. It must be set before the first migration, because a column's default keeps the function that it was
 * made with. Connections that are open keep the system's time.
 *
 * @param {Environment} environment
 */
export async function setVirtualTime({ name, sql }) {
  await sql(`
    create schema virtual;
    create table virtual.clock (instant timestamptz not null);
    insert into virtual.clock values (date_trunc('milliseconds', pg_catalog.now()));
    create function virtual.now() returns timestamptz language sql stable as 'select instant from virtual.clock';
    grant usage on schema virtual to public;
    grant select on virtual.clock to public;
    alter database ${name} set search_path = public, virtual, pg_catalog`);
  return {
    /** Returns the database's time. */
    now: async () => /** @type {Date} */ ((await sql('select now()'))[0].now),

    /**
     * Advances the database's time.
     *
     * @param {number} seconds
     */
    advance: (seconds) => sql('update virtual.clock set instant = instant + make_interval(secs => $1)', [seconds]),
  };
}
