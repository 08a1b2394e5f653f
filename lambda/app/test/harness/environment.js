import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import pg from 'pg';

import { createClients } from '../../src/aws/clients.js';
import { createDocuments } from '../../src/aws/documents.js';
import { createEvents } from '../../src/aws/events.js';
import { createParameters } from '../../src/aws/parameters.js';
import { createSecret } from '../../src/aws/secret.js';
import { isServerFull } from '../../src/database/pgerrors.js';
import { credentialsOf } from '../../src/database/roles.js';
import { createStore } from '../../src/database/store.js';
import { DEFAULT_TENANT } from '../../src/tenant.js';
import { connectAs, rowsOf, runAs } from './connections.js';
import { EAST, REGIONS, WEST, globalDatabase } from './globaldatabase.js';
import { buildIssuer } from './issuer.js';
import { buildRegionFixture } from './regionfixture.js';

/** @typedef {import('./globaldatabase.js').Region} Region */
/** @typedef {import('./globaldatabase.js').Address} Address */
/** @typedef {import('../../src/aws/secret.js').Credentials} Credentials */

/** @typedef {Parameters<typeof createStore>[0]} AllOptions */
/** @typedef {Partial<Omit<AllOptions, 'log'> & {log: Partial<AllOptions['log']>}>} StoreOptions */

/** @typedef {Awaited<ReturnType<typeof buildEnvironment>>} Environment */

/** @typedef {ReturnType<typeof makeStore>} TestStore a store, with what requests of the default tenant do. */

/**
 * One of two histories of a database.
 *
 * @typedef {object} History
 * @property {(statement: string, values?: unknown[]) => Promise<Record<string, any>[]>} sql
 * @property {(region: Region, options?: StoreOptions) => TestStore} store
 * @property {(statement: string, work: () => Promise<void>, end: 'commit' | 'rollback') => Promise<void>} whileOpen does work while
 *   the transaction of a statement is open.
 * @property {(as?: import('../../src/database/grants.js').Login) => Promise<import('pg').Client>} connect opens a connection, by
 *   default as tasks do; the caller closes it.
 */

/**
 * Builds an environment for one test file: a database with its own user in the global database, the secret in both regions, and
 * each region's fixture. It contains no test double.
 *
 * @param {string} name of the environment, in lower case.
 * @param {Record<string, string>} [more] further parameters of both regions; by default there is one tenant.
 */
export async function buildEnvironment(name, more = {}) {
  const { master, administrator, writer, clusters } = globalDatabase();
  const login = { username: `user_${name}`, password: `the password's "first" ${name}` };
  await runAs(master, writer, 'postgres', async (client) => {
    // What the function's master user may do: create roles, grant the use of reserved connections, set what pgAudit records.
    await client.query(`create role ${login.username} login createrole password ${pg.escapeLiteral(login.password)}`);
    await client.query(`grant pg_use_reserved_connections to ${login.username} with admin option`);
    await client.query(`grant set on parameter pgaudit.log to ${login.username}`);
    await client.query(`grant ${login.username} to current_user`);
    await client.query(`create database ${name} owner ${login.username}`);
  });
  const secretName = `secret-${name}`;
  // A client without the function's timeouts: a call that is repeated on a busy machine would find the secret that it has created.
  const secrets = new SecretsManagerClient({ region: EAST });
  await secrets.send(
    new CreateSecretCommand({
      Name: secretName,
      SecretString: JSON.stringify(login),
      AddReplicaRegions: [{ Region: WEST }],
    }),
  );
  const issuer = await buildIssuer(name);
  const regions = {
    [EAST]: await buildRegionFixture({ region: EAST, name }),
    [WEST]: await buildRegionFixture({ region: WEST, name }),
  };
  for (const region of REGIONS) {
    await regions[region].writeParameters({
      'database/name': name,
      'database/secret-name': secretName,
      ...writerParameters(writer),
      ...clusterParameters(clusters[region]),
      ...peerParameters(clusters[region === EAST ? WEST : EAST]),
      'documents/bucket': regions[region].bucket,
      'assets/bucket': regions[region].bucket,
      'events/bus': regions[region].bus,
      ...issuer.parameters,
      ...more,
    });
  }
  /** @type {TestStore[]} */
  const stores = [];

  /**
   * Creates the store of a region from the same parts as the function.
   *
   * @param {Region} region
   * @param {StoreOptions} [options] replaced parts.
   */
  function store(region, options = {}) {
    const created = makeStore(regions[region], options);
    stores.push(created);
    return created;
  }

  /**
   * Runs a statement on the writer as the master user, and returns its rows.
   *
   * @param {string} statement
   * @param {unknown[]} [values]
   */
  const sql = (statement, values) => runAs(master, writer, name, rowsOf(statement, values));

  /**
   * Puts a password into the secret of both regions, and not into the database.
   *
   * @param {string} password
   */
  async function putPassword(password) {
    const SecretString = JSON.stringify({ ...login, password });
    await secrets.send(new PutSecretValueCommand({ SecretId: secretName, SecretString }));
  }

  return {
    name,
    login,
    regions,
    token: issuer.token,
    writer,
    clusters,
    putPassword,
    store,
    sql,

    /**
     * Sets the endpoints in a region's parameters. Without endpoints the original ones are restored.
     *
     * @param {Region} region
     * @param {{writer?: Address, cluster?: Address}} [endpoints]
     */
    setEndpoints: (region, endpoints = {}) =>
      regions[region].writeParameters({
        ...writerParameters(endpoints.writer ?? writer),
        ...clusterParameters(endpoints.cluster ?? clusters[region]),
      }),

    /**
     * Forks the history of the database, as a failover does that loses data while the old writer still serves: the other
     * history begins with what the database is now, on a server of its own. It is a copy on the same server that takes itself for
     * another one.
     *
     * @returns {Promise<History>}
     */
    async fork() {
      const copy = `${name}_copy`;
      const terminate = 'select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname in ($1, $2)';
      await runAs(master, writer, 'postgres', async (client) => {
        await client.query(terminate, [name, copy]);
        await client.query(`drop database if exists ${copy}`);
        await client.query(`create database ${copy} template ${name} owner ${login.username}`);
      });
      /** @type {History['sql']} */
      const sqlOfCopy = (statement, values) => runAs(login, writer, copy, rowsOf(statement, values));
      const [{ has_timelines: hasTimelines }] = await sqlOfCopy(
        `select to_regproc('this_server') is not null as has_timelines`,
      );
      const onOtherServer = `create or replace function this_server() returns text language sql stable as $$ select 'another' $$`;
      if (hasTimelines) await sqlOfCopy(onOtherServer);
      return {
        sql: sqlOfCopy,
        connect: (as = 'maintenance') => connectAs(credentialsOf(login, as), writer, copy),
        whileOpen: (statement, work, end) =>
          runAs(login, writer, copy, async (client) => {
            await client.query('begin');
            await client.query(statement);
            await work();
            await client.query(end);
          }),
        store(region, options = {}) {
          const real = makeParameters(regions[region]);
          const parameters = {
            ...real,
            async get() {
              const configuration = await real.get();
              const { writerEndpoint, port } = configuration.database;
              // Reads are of the writer: the copy may not be replicated yet.
              const reader = { readerEndpoint: writerEndpoint, clusterPort: port };
              return { ...configuration, database: { ...configuration.database, name: copy, ...reader } };
            },
          };
          return store(region, { parameters, ...options });
        },
      };
    },

    /**
     * Runs a statement on the writer as the superuser, for what only AWS itself can do.
     *
     * @param {string} statement
     */
    async administer(statement) {
      const [{ port }] = await sql('select inet_server_port() as port');
      const server = { host: '127.0.0.1', port };
      await runAs(administrator, server, name, (client) => client.query(statement), { ssl: false });
    },

    /** Opens a connection to the writer as the function's master user; the caller closes it. */
    connectAsFunction: () => connectAs(login, writer, name),

    /**
     * Opens connections until the server has none left for this user, and returns a function that closes them.
     *
     * @param {Credentials} credentials
     */
    async occupyConnections(credentials) {
      /** @type {pg.Client[]} */
      const opened = [];
      try {
        for (;;) opened.push(await connectAs(credentials, writer, name));
      } catch (error) {
        if (!isServerFull(error)) throw error;
      }
      return () => Promise.all(opened.map((client) => client.end()));
    },

    /** Closes the connections to the database, of stores and functions, on the server. */
    terminateConnections: () =>
      sql(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = $1 and application_name like 'warmstandby%'`,
        [name],
      ),

    /**
     * Rotates the password, first in the database and then in the secret of both regions.
     *
     * @param {string} password
     */
    async rotatePassword(password) {
      await sql(`alter role ${login.username} password ${pg.escapeLiteral(password)}`);
      await putPassword(password);
    },

    /** Closes the connections of the stores. */
    end: () => Promise.all(stores.map((created) => created.end())),
  };
}

/** @param {Address} address */
const writerParameters = ({ host, port }) => ({ 'database/writer-endpoint': host, 'database/port': port });

/** @param {Address} address */
const clusterParameters = ({ host, port }) => ({
  'database/cluster-endpoint': host,
  'database/reader-endpoint': host,
  'database/cluster-port': port,
});

/** @param {Address} address of the other region's cluster */
const peerParameters = ({ host }) => ({ 'database/peer-cluster-endpoint': host });

const log = { warn() {}, metrics() {} };

/**
 * Creates the parameters of a region from the same parts as the function.
 *
 * @param {{region: string, path: string}} fixture
 */
const makeParameters = ({ region, path }) => createParameters({ client: createClients({ region }).ssm, path, log });

/** The retention of versions in these tests; a test that needs another one replaces it. */
export const RETENTION = { days: 14, legalHold: false };

/**
 * Creates a store from the same parts as the function. It also has what requests of the default tenant do.
 *
 * @param {{region: string, path: string}} fixture
 * @param {StoreOptions} options replaced parts.
 */
export function makeStore(fixture, options) {
  const { region } = fixture;
  const clients = createClients({ region });
  const parameters = options.parameters ?? makeParameters(fixture);
  const store = createStore({
    parameters,
    secret: createSecret({ client: clients.secrets }),
    events: createEvents({ client: clients.events, parameters }),
    documents: createDocuments({ client: clients.s3, parameters }),
    region,
    retention: RETENTION,
    ...options,
    log: { ...log, ...options.log },
  });
  return { ...store, ...store.of(DEFAULT_TENANT) };
}
