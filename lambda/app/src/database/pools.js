import pg from 'pg';

import { isCollision, isLostConnection, isReadOnly, isRefusedLogin, leavesConnectionGood } from './faults.js';

/**
 * Limits of a connection. One process of the function serves one request at a time: the second connection is for what a
 * request before has left undone. Connections are short-lived, so that none outlasts a writer that has moved by much.
 */
const limits = {
  max: 2,
  maxLifetimeSeconds: 60,
  idleTimeoutMillis: 30_000,
  connectionTimeoutMillis: 3_000,
  statement_timeout: 5_000,
  query_timeout: 5_500, // The server's own timeout comes first: it says that nothing was done.
  idle_in_transaction_session_timeout: 10_000, // A frozen process must not hold its locks.
};

/**
 * A probe's connection: one that is not there, or does not answer, within this is of no use to whoever asks. What hangs is
 * cut here too, so that the next probe finds a free place.
 */
const probing = {
  ...limits,
  max: 1,
  connectionTimeoutMillis: 700,
  statement_timeout: 700,
  query_timeout: 750,
};

/** A migration may take longer than a request, and runs on a connection of its own. */
const migrating = { ...limits, max: 1, statement_timeout: 20_000, query_timeout: 21_000 };

/**
 * Where each kind of work goes. Requests write wherever the writer is and read in this region; the probes ask this region's
 * own cluster, and its readers.
 */
const targets = {
  writer: { place: ({ writerEndpoint, port }) => [writerEndpoint, port], limits },
  reader: { place: ({ readerEndpoint, clusterPort }) => [readerEndpoint, clusterPort], limits },
  migration: { place: ({ writerEndpoint, port }) => [writerEndpoint, port], limits: migrating },
  clusterProbe: { place: ({ clusterEndpoint, clusterPort }) => [clusterEndpoint, clusterPort], limits: probing },
  readerProbe: { place: ({ readerEndpoint, clusterPort }) => [readerEndpoint, clusterPort], limits: probing },
};

/** How often work is tried: all connections of a pool may be stale, and then comes one that is not. */
const ATTEMPTS = limits.max + 1;

/** @typedef {keyof typeof targets} Target */

/**
 * Makes the pools of connections. A pool lasts for as long as the parameters name its endpoint and the secret its login;
 * all connections are encrypted, and made only to a server whose certificate names the host that was dialled.
 *
 * @param {object} parts
 * @param {{get: () => Promise<{database: import('../aws/configuration.js').Database}>}} parts.parameters
 * @param {ReturnType<typeof import('../aws/secret.js').createSecret>} parts.secret
 * @param {string[]} parts.authorities PEM.
 * @param {string} parts.region names the connections at the server.
 */
export function createPools({ parameters, secret, authorities, region }) {
  const pools = new Map(); // By target: the pool and what it was made of.
  const used = new WeakSet(); // Connections that have served before, and may have died since.

  /** What a connection to a target is made of. */
  function connection(target, database, login) {
    const [host, port] = targets[target].place(database);
    return {
      ...targets[target].limits,
      host,
      port,
      database: database.name,
      user: login.username,
      password: login.password,
      ssl: { ca: authorities },
      application_name: `warmstandby ${region}`,
      keepAlive: true,
    };
  }

  /** Returns the target's pool with the login that it uses. */
  async function open(target) {
    const { database } = await parameters.get();
    const login = await secret.get(database.secretName);
    const settings = connection(target, database, login);
    const made = JSON.stringify([settings.host, settings.port, database.name, login.username, login.password]);
    let entry = pools.get(target);
    if (entry?.made !== made) {
      entry?.pool.end();
      const pool = new pg.Pool({ ...settings, allowExitOnIdle: true });
      // A connection that the server ends says so by itself, besides failing what it is used for. Unheard it would end the
      // process. The pool drops one that nobody uses, and release one that somebody does.
      pool.on('connect', (client) => client.on('error', () => {}));
      pool.on('error', () => {});
      entry = { pool, made };
      pools.set(target, entry);
    }
    return { pool: entry.pool, login, secretName: database.secretName };
  }

  /** Connects, and once more with the secret as it is now when the login is refused: it may have been rotated. */
  async function connect(target) {
    const { pool, login, secretName } = await open(target);
    try {
      return await pool.connect();
    } catch (error) {
      if (!isRefusedLogin(error)) throw error;
      await secret.renew(secretName, login);
      return (await open(target)).pool.connect();
    }
  }

  return {
    /**
     * Does work on a connection. What a stale connection has refused or lost is done again on another: always when the
     * server refused to write, which has changed nothing, and otherwise only when the work is repeatable, because nobody
     * knows what became of it.
     *
     * @template T
     * @param {Target} target
     * @param {(client: pg.PoolClient) => Promise<T>} work
     * @param {{repeatable?: boolean}} [how]
     * @returns {Promise<T>}
     */
    async run(target, work, { repeatable = false } = {}) {
      for (let attempt = 1; ; attempt++) {
        const client = await connect(target);
        const stale = used.has(client);
        used.add(client);
        try {
          const result = await work(client);
          client.release();
          return result;
        } catch (error) {
          client.release(!leavesConnectionGood(error));
          const again =
            (stale && isReadOnly(error)) ||
            (stale && repeatable && isLostConnection(error) && !timedOut(error)) ||
            (repeatable && isCollision(error));
          if (!again || attempt === ATTEMPTS) throw error;
        }
      }
    },

    /**
     * Does work on a connection that is made for it, with the login that the secret holds now: what was kept from before
     * proves nothing of either.
     *
     * @template T
     * @param {Target} target
     * @param {(client: pg.Client) => Promise<T>} work
     * @returns {Promise<T>}
     */
    async runAnew(target, work) {
      const { database } = await parameters.get();
      const client = new pg.Client(connection(target, database, await secret.read(database.secretName)));
      client.on('error', () => {}); // What ends the connection fails the work too.
      await client.connect();
      try {
        return await work(client);
      } finally {
        await client.end();
      }
    },

    /** Ends all connections that are not in use, and makes the others end with their work. */
    async end() {
      const all = [...pools.values()];
      pools.clear();
      await Promise.all(all.map(({ pool }) => pool.end()));
    },
  };
}

/** A server that did not answer in time has cost the request its time already. */
const timedOut = (error) => /timeout/.test(error.message);

/**
 * Does work in a transaction.
 *
 * @template T
 * @param {pg.ClientBase} client
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function inTransaction(client, work) {
  await client.query('begin');
  let result;
  try {
    result = await work();
  } catch (error) {
    // Where the connection is dropped the server rolls back by itself.
    if (leavesConnectionGood(error)) await client.query('rollback');
    throw error;
  }
  await client.query('commit');
  return result;
}
