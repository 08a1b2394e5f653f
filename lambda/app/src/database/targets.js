/** @typedef {import('./grants.js').Login} Login */
/** @typedef {import('../aws/configuration.js').Database} Database */

/**
 * Limits of a pool and its connections. A process of the function serves one request at a time; the second connection is for
 * work that an earlier request has not finished. Connections are short-lived, so none stays long with a former writer.
 */
export const requestLimits = {
  max: 2,
  maxLifetimeSeconds: 60,
  idleTimeoutMillis: 30_000,
  connectionTimeoutMillis: 3_000,
  statement_timeout: 5_000,
  query_timeout: 5_500, // Longer than the server's timeout, whose error proves that the statement had no effect.
  pipeline: true, // The statements of a transaction of one tenant leave together (tenants.js).
  idle_in_transaction_session_timeout: 10_000, // A frozen process must not hold its locks.
};

/**
 * Limits of a change. It waits little for another change of the same record or idempotency key: that one takes milliseconds, or it
 * hangs in its commit.
 */
const writerLimits = { ...requestLimits, lock_timeout: 2_000 };

/**
 * Limits of a probe's connection. They are below the probe's own timeout (TIMEOUT_MS in probe.js), so a hanging connection is
 * closed before the next probe. A probe waits little for a lock on its row: another instance's probe holds it, and only for
 * its commit.
 */
const probeLimits = {
  ...requestLimits,
  connectionTimeoutMillis: 700,
  statement_timeout: 700,
  query_timeout: 750,
  lock_timeout: 300,
};

/**
 * Limits of a task's connection. Tasks run once a minute, one statement at a time, and keep no connection between their runs. One
 * connection is enough, also for an instance that was frozen in one.
 */
const taskLimits = { ...writerLimits, max: 1, idleTimeoutMillis: 1_000 };

/** Limits of migrations, which may take longer than a request and have a connection of their own. */
const migrationLimits = { ...requestLimits, max: 1, statement_timeout: 20_000, query_timeout: 21_000 };

/** @typedef {'writer' | 'reader' | 'maintenance' | 'migration'} PooledTarget */
/** @typedef {PooledTarget | 'clusterProbe' | 'readerProbe' | 'verification' | 'roles' | 'setUp'} Target */

/** @param {Database} database */
const writerAddress = ({ writerEndpoint: host, port }) => ({ host, port });
/** @param {Database} database */
const readerAddress = ({ readerEndpoint: host, clusterPort: port }) => ({ host, port });
/** @param {Database} database */
const clusterAddress = ({ clusterEndpoint: host, clusterPort: port }) => ({ host, port });

/**
 * The members of the global database, to which the writer endpoint leads.
 *
 * @param {Database} database
 */
const bothMembers = ({ clusterEndpoint, peerClusterEndpoint }) => [clusterEndpoint, peerClusterEndpoint];
const noMembers = () => [];

/**
 * A kind of work's server and login. The server's certificate names the address, or one of the members.
 *
 * @typedef {object} Connection
 * @property {(database: Database) => {host: string, port: number}} address
 * @property {(database: Database) => string[]} members
 * @property {typeof requestLimits} limits
 * @property {Login} login
 */

/**
 * The server and the login for each kind of work. Requests write to the global writer and read from this region's readers. Tasks use
 * the writer. The probes use this region's own cluster and its readers. The verification is of what requests need in this region. roles
 * asks the writer whether its roles are set up, and setUp does it.
 *
 * @type {Record<Target, Connection>}
 */
export const targets = {
  writer: { address: writerAddress, members: bothMembers, limits: writerLimits, login: 'tenant_writer' },
  reader: { address: readerAddress, members: noMembers, limits: requestLimits, login: 'tenant_reader' },
  maintenance: { address: writerAddress, members: bothMembers, limits: taskLimits, login: 'maintenance' },
  migration: { address: writerAddress, members: bothMembers, limits: migrationLimits, login: 'owner' },
  clusterProbe: { address: clusterAddress, members: noMembers, limits: probeLimits, login: 'probe' },
  readerProbe: { address: readerAddress, members: noMembers, limits: probeLimits, login: 'probe' },
  verification: { address: readerAddress, members: noMembers, limits: requestLimits, login: 'tenant_reader' },
  roles: { address: writerAddress, members: bothMembers, limits: requestLimits, login: 'tenant_writer' },
  setUp: { address: writerAddress, members: bothMembers, limits: migrationLimits, login: 'master' },
};
