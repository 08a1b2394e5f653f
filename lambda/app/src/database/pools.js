import { createSecureContext } from 'node:tls';

import pg from 'pg';

import { systemClock } from '../clock.js';
import { createLogins } from './logins.js';
import {
  isConcurrencyConflict,
  isConnectionLost,
  isConnectionReusable,
  isLoginRefused,
  isReadOnly,
} from './pgerrors.js';
import { identityOf } from './identity.js';
import { areReadsExcepted, credentialsOf, ownsTables, setUpRoles } from './roles.js';
import { requestLimits, targets } from './targets.js';

/** @typedef {import('./targets.js').Target} Target */
/** @typedef {import('./targets.js').PooledTarget} PooledTarget */
/** @typedef {import('../aws/configuration.js').Database} Database */
/** @typedef {import('../aws/secret.js').Credentials} Credentials */

/** How long the replicas of a secret may take to get what was set, in milliseconds: seconds, as a rule. */
const SETTLE_MS = 60_000;

/** Maximum number of attempts: every connection of a pool may be stale, and the next one is new. */
const MAX_ATTEMPTS = requestLimits.max + 1;

/**
 * Creates the connection pools. A pool is replaced when the endpoint in the parameters or the credentials in the secret change.
 * All connections use TLS, and the server's certificate must name the host in the endpoint, or a member that the endpoint leads to.
 *
 * @param {object} options
 * @param {{get: () => Promise<{database: Database}>}} options.parameters
 * @param {Pick<import('../aws/secret.js').Secret, 'read' | 'get' | 'refresh' | 'previous'>} options.secret
 * @param {string[]} options.certificateAuthorities in PEM.
 * @param {string} options.region part of the connections' application_name.
 * @param {Pick<import('../log.js').Logger, 'warn'>} options.log
 * @param {import('../clock.js').Clock} [options.clock]
 */
export function createPools({ parameters, secret, certificateAuthorities, region, log, clock = systemClock }) {
  /** @type {Map<PooledTarget, {pool: pg.Pool, key: string, ssl: object}>} */
  const pools = new Map(); // key and ssl: what the pool's connections depend on.
  // Made once: parsing the authorities takes longer than connecting.
  const secureContext = createSecureContext({ ca: certificateAuthorities });
  const logins = createLogins({ secret, setUp, log, clock });
  let readsTried = false; // Whether this instance has had pgAudit leave the application's reads out, which may not be allowed.
  /** @type {WeakSet<pg.PoolClient>} */
  const used = new WeakSet(); // Connections that were used before, and may have become stale since.

  /** @type {Map<string, {secureContext: typeof secureContext, checkServerIdentity: ReturnType<typeof identityOf>}>} */
  const identities = new Map(); // By the members' names, so that equal ones are one object.

  /** @param {string[]} members that the server's certificate may name instead of the host. */
  function sslOf(members) {
    const key = members.join(' ');
    let ssl = identities.get(key);
    if (!ssl) {
      ssl = { secureContext, checkServerIdentity: identityOf(members) };
      identities.set(key, ssl);
    }
    return ssl;
  }

  /**
   * @param {Target} target
   * @param {Database} database
   * @param {Credentials} credentials
   */
  function connectionConfig(target, database, { username, password }) {
    const { limits, address, members } = targets[target];
    return {
      ...limits,
      ...address(database),
      database: database.name,
      user: username,
      password,
      ssl: sslOf(members(database)),
      application_name: `warmstandby ${region}`,
      keepAlive: true,
    };
  }

  /**
   * Returns the target's pool.
   *
   * @param {PooledTarget} target
   * @param {ReturnType<typeof connectionConfig>} config
   */
  function getPool(target, config) {
    const key = JSON.stringify([config.host, config.port, config.database, config.user, config.password]);
    let entry = pools.get(target);
    if (entry?.key !== key || entry.ssl !== config.ssl) {
      entry?.pool.end();
      const pool = new pg.Pool({ ...config, allowExitOnIdle: true });
      // When the server ends a connection, the client emits an error event besides failing the query, and an unhandled error
      // event ends the process. The pool removes an idle connection, and release() removes one in use.
      pool.on('connect', (client) => client.on('error', () => {}));
      pool.on('error', () => {});
      entry = { pool, key, ssl: config.ssl };
      pools.set(target, entry);
    }
    return entry.pool;
  }

  /**
   * Connects to a target as its role.
   *
   * @template T
   * @param {Target} target
   * @param {(config: ReturnType<typeof connectionConfig>) => Promise<T>} open opens the connection.
   * @returns {Promise<T>}
   */
  async function connect(target, open) {
    const { database } = await parameters.get();
    return logins.connect(targets[target].login, database.secretName, (credentials) =>
      open(connectionConfig(target, database, credentials)),
    );
  }

  /**
   * Sets the roles up, on a connection of its own: no connection of the master user is kept.
   *
   * @param {Credentials} master
   */
  async function setUp(master) {
    const { database } = await parameters.get();
    readsTried = true;
    const client = await openAlone(connectionConfig('setUp', database, master));
    const { reserved, readsExcepted } = await useAndEnd(client, () => setUpRoles(client, master));
    if (!reserved) log.warn({ message: 'the probes have no reserved connections: the master user cannot grant them' });
    if (!readsExcepted) {
      log.warn({
        message: "pgAudit records the application's reads, too: the master user cannot set pgaudit.log of a role",
      });
    }
  }

  return {
    /**
     * Runs work on a connection of a pool. If a stale connection fails, the work is retried on another one: always if the
     * server refused a write because it is read-only, which had no effect, and otherwise only if the work is idempotent,
     * because it is unknown whether the server executed it.
     *
     * @template T
     * @param {PooledTarget} target
     * @param {(client: pg.PoolClient) => Promise<T>} work
     * @param {{idempotent?: boolean}} [options]
     * @returns {Promise<T>}
     */
    async run(target, work, { idempotent = false } = {}) {
      for (let attempt = 1; ; attempt++) {
        const client = await connect(target, (config) => getPool(target, config).connect());
        const stale = used.has(client);
        used.add(client);
        try {
          return await useAndRelease(client, () => work(client));
        } catch (error) {
          const retry =
            (stale && isReadOnly(error)) ||
            (stale && idempotent && isConnectionLost(error) && !isTimeout(error)) ||
            (idempotent && isConcurrencyConflict(error));
          if (!retry || attempt === MAX_ATTEMPTS) throw error;
        }
      }
    },

    /**
     * Runs work on a connection of its own, which is closed afterwards: a probe that kept a connection would keep others from
     * the few reserved ones.
     *
     * @template T
     * @param {Target} target
     * @param {(client: pg.Client) => Promise<T>} work
     * @returns {Promise<T>}
     */
    runAlone: async (target, work) => useAndEnd(await connect(target, openAlone), work),

    /**
     * Sets the roles up if they have not the passwords of the secret as Secrets Manager returns it now, if the master user
     * still owns a table, or if pgAudit records the application's reads, as after an upgrade. A secret that was set just now
     * waits for the next maintenance: the other region would be refused while its replica has not the new secret.
     *
     * @throws {import('./logins.js').RolesNotSetUp}
     */
    async keepRoles() {
      const { database } = await parameters.get();
      const master = await secret.read(database.secretName);
      if (master.setAt && clock.now() - master.setAt.getTime() < SETTLE_MS) return;
      try {
        const client = await openAlone(connectionConfig('roles', database, credentialsOf(master, 'tenant_writer')));
        const isIncomplete = async () =>
          (await ownsTables(client, master)) || (!readsTried && !(await areReadsExcepted(client)));
        if (await useAndEnd(client, isIncomplete)) await logins.setUp(master);
      } catch (error) {
        if (!isLoginRefused(error)) throw error;
        await logins.setUp(master);
      }
    },

    /**
     * Runs work on a connection of its own as requests would have one, by the secret that Secrets Manager returns now: a pooled
     * connection or cached credentials would not prove that a login works. After a rotation the credentials of before are as good
     * until the roles are set up, if the secret has the master user's password, by which they will be.
     *
     * @template T
     * @param {Target} target
     * @param {(client: pg.Client) => Promise<T>} work
     * @returns {Promise<T>}
     */
    async runWithCurrentSecret(target, work) {
      const { database } = await parameters.get();
      const { login } = targets[target];
      const master = await secret.read(database.secretName);
      /** @param {Credentials} credentials */
      const open = (credentials) => openAlone(connectionConfig(target, database, credentials));
      const openRotated = async () => {
        await useAndEnd(await open(master), async () => {});
        const previous = await secret.previous(database.secretName);
        try {
          if (previous) return await open(credentialsOf(previous, login));
        } catch (error) {
          if (!isLoginRefused(error)) throw error;
        }
        await logins.setUp(master);
        return logins.openReplicated(open, credentialsOf(master, login));
      };
      const client = await open(credentialsOf(master, login)).catch((error) => {
        if (!isLoginRefused(error)) throw error;
        return openRotated();
      });
      return useAndEnd(client, work);
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
 * Opens a connection outside of the pools.
 *
 * @param {pg.ClientConfig} config
 */
async function openAlone(config) {
  const client = new pg.Client(config);
  client.on('error', () => {}); // An error that ends the connection also fails the work.
  await client.connect();
  return client;
}

/**
 * @template T
 * @param {pg.Client} client
 * @param {(client: pg.Client) => Promise<T>} work
 * @returns {Promise<T>}
 */
async function useAndEnd(client, work) {
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/**
 * Does work on a connection of a pool, and gives it back, or closes it if it may not be used again.
 *
 * @template T
 * @param {pg.PoolClient} client
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function useAndRelease(client, work) {
  try {
    const result = await work();
    client.release();
    return result;
  } catch (error) {
    client.release(!isConnectionReusable(error));
    throw error;
  }
}

/**
 * Reports whether an error is a timeout. It is not retried: it has used up the request's time.
 *
 * @param {unknown} error
 */
const isTimeout = (error) => error instanceof Error && /timeout/.test(error.message);
