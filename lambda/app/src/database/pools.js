import pg from 'pg';

import {
  isConcurrencyConflict,
  isConnectionLost,
  isConnectionReusable,
  isLoginRefused,
  isReadOnly,
} from './pgerrors.js';

/** @typedef {import('../aws/configuration.js').Database} Database */
/** @typedef {import('../aws/secret.js').Credentials} Credentials */

/**
 * Limits of a pool and its connections. A process of the function serves one request at a time; the second connection is for
 * work that an earlier request has not finished. Connections are short-lived, so none stays long with a former writer.
 */
const requestLimits = {
  max: 2,
  maxLifetimeSeconds: 60,
  idleTimeoutMillis: 30_000,
  connectionTimeoutMillis: 3_000,
  statement_timeout: 5_000,
  query_timeout: 5_500, // Longer than the server's timeout, whose error proves that the statement had no effect.
  idle_in_transaction_session_timeout: 10_000, // A frozen process must not hold its locks.
};

/**
 * Limits of a probe's connection. They are below the probe's own timeout (TIMEOUT_MS in probe.js), so a hanging connection is
 * closed and the next probe finds the pool free.
 */
const probeLimits = {
  ...requestLimits,
  max: 1,
  connectionTimeoutMillis: 700,
  statement_timeout: 700,
  query_timeout: 750,
};

/** Limits of migrations, which may take longer than a request and have a connection of their own. */
const migrationLimits = { ...requestLimits, max: 1, statement_timeout: 20_000, query_timeout: 21_000 };

/** @typedef {'writer' | 'reader' | 'migration' | 'clusterProbe' | 'readerProbe'} Target */

/** @param {Database} database */
const writerAddress = ({ writerEndpoint: host, port }) => ({ host, port });
/** @param {Database} database */
const readerAddress = ({ readerEndpoint: host, clusterPort: port }) => ({ host, port });
/** @param {Database} database */
const clusterAddress = ({ clusterEndpoint: host, clusterPort: port }) => ({ host, port });

/**
 * The server for each kind of work. Requests write to the global writer and read from this region's readers. The probes use
 * this region's own cluster and its readers.
 *
 * @type {Record<Target, {address: (database: Database) => {host: string, port: number}, limits: typeof requestLimits}>}
 */
const targets = {
  writer: { address: writerAddress, limits: requestLimits },
  reader: { address: readerAddress, limits: requestLimits },
  migration: { address: writerAddress, limits: migrationLimits },
  clusterProbe: { address: clusterAddress, limits: probeLimits },
  readerProbe: { address: readerAddress, limits: probeLimits },
};

/** Maximum number of attempts: every connection of a pool may be stale, and the next one is new. */
const MAX_ATTEMPTS = requestLimits.max + 1;

/**
 * Creates the connection pools. A pool is replaced when the endpoint in the parameters or the credentials in the secret change.
 * All connections use TLS, and the server's certificate must name the host in the endpoint.
 *
 * @param {object} options
 * @param {{get: () => Promise<{database: Database}>}} options.parameters
 * @param {Pick<import('../aws/secret.js').Secret, 'read' | 'get' | 'refresh'>} options.secret
 * @param {string[]} options.certificateAuthorities in PEM.
 * @param {string} options.region part of the connections' application_name.
 */
export function createPools({ parameters, secret, certificateAuthorities, region }) {
  /** @type {Map<Target, {pool: pg.Pool, key: string}>} */
  const pools = new Map(); // key: what the pool's connections depend on.
  /** @type {WeakSet<pg.PoolClient>} */
  const used = new WeakSet(); // Connections that were used before, and may have become stale since.

  /**
   * @param {Target} target
   * @param {Database} database
   * @param {Credentials} credentials
   */
  function connectionConfig(target, database, credentials) {
    return {
      ...targets[target].limits,
      ...targets[target].address(database),
      database: database.name,
      user: credentials.username,
      password: credentials.password,
      ssl: { ca: certificateAuthorities },
      application_name: `warmstandby ${region}`,
      keepAlive: true,
    };
  }

  /**
   * Returns the target's pool, and the credentials that it uses.
   *
   * @param {Target} target
   */
  async function getPool(target) {
    const { database } = await parameters.get();
    const credentials = await secret.get(database.secretName);
    const config = connectionConfig(target, database, credentials);
    const key = JSON.stringify([config.host, config.port, config.database, config.user, config.password]);
    let entry = pools.get(target);
    if (entry?.key !== key) {
      entry?.pool.end();
      const pool = new pg.Pool({ ...config, allowExitOnIdle: true });
      // When the server ends a connection, the client emits an error event besides failing the query, and an unhandled error
      // event ends the process. The pool removes an idle connection, and release() removes one in use.
      pool.on('connect', (client) => client.on('error', () => {}));
      pool.on('error', () => {});
      entry = { pool, key };
      pools.set(target, entry);
    }
    return { pool: entry.pool, credentials, secretName: database.secretName };
  }

  /**
   * Connects. If the login is refused, the password may have been rotated: the secret is refreshed and the login repeated once.
   *
   * @param {Target} target
   */
  async function connect(target) {
    const { pool, credentials, secretName } = await getPool(target);
    try {
      return await pool.connect();
    } catch (error) {
      if (!isLoginRefused(error)) throw error;
      await secret.refresh(secretName, credentials);
      return (await getPool(target)).pool.connect();
    }
  }

  return {
    /**
     * Runs work on a connection of a pool. If a stale connection fails, the work is retried on another one: always if the
     * server refused a write because it is read-only, which had no effect, and otherwise only if the work is idempotent,
     * because it is unknown whether the server executed it.
     *
     * @template T
     * @param {Target} target
     * @param {(client: pg.PoolClient) => Promise<T>} work
     * @param {{idempotent?: boolean}} [options]
     * @returns {Promise<T>}
     */
    async run(target, work, { idempotent = false } = {}) {
      for (let attempt = 1; ; attempt++) {
        const client = await connect(target);
        const stale = used.has(client);
        used.add(client);
        try {
          const result = await work(client);
          client.release();
          return result;
        } catch (error) {
          client.release(!isConnectionReusable(error));
          const retry =
            (stale && isReadOnly(error)) ||
            (stale && idempotent && isConnectionLost(error) && !isTimeout(error)) ||
            (idempotent && isConcurrencyConflict(error));
          if (!retry || attempt === MAX_ATTEMPTS) throw error;
        }
      }
    },

    /**
     * Runs work on a new connection, outside of the pools, with the credentials that Secrets Manager returns now: a pooled
     * connection or cached credentials would not prove that a login works.
     *
     * @template T
     * @param {Target} target
     * @param {(client: pg.Client) => Promise<T>} work
     * @returns {Promise<T>}
     */
    async runOnNewConnection(target, work) {
      const { database } = await parameters.get();
      const client = new pg.Client(connectionConfig(target, database, await secret.read(database.secretName)));
      client.on('error', () => {}); // An error that ends the connection also fails the work.
      await client.connect();
      try {
        return await work(client);
      } finally {
        await client.end();
      }
    },

    /** Closes the idle connections now, and each connection in use when its work ends. */
    async end() {
      const all = [...pools.values()];
      pools.clear();
      await Promise.all(all.map(({ pool }) => pool.end()));
    },
  };
}

/**
 * Reports whether an error is a timeout. It is not retried: it has used up the request's time.
 *
 * @param {unknown} error
 */
const isTimeout = (error) => error instanceof Error && /timeout/.test(error.message);

/**
 * Runs work in a transaction.
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
    // Any other connection is closed, and then the server rolls back.
    if (isConnectionReusable(error)) await client.query('rollback');
    throw error;
  }
  await client.query('commit');
  return result;
}
