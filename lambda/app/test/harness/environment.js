import { CreateSecretCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import pg from 'pg';

import { createClients } from '../../src/aws/clients.js';
import { createEvents } from '../../src/aws/events.js';
import { createParameters } from '../../src/aws/parameters.js';
import { createSecret } from '../../src/aws/secret.js';
import { createStore } from '../../src/database/store.js';
import { authorities } from '../../src/database/trust.js';
import { buildIssuer } from './issuer.js';
import { buildPlace } from './place.js';
import { EAST, REGIONS, WEST, platform } from './platform.js';

/**
 * Builds an environment for one test file: a database and a user of its own in the global database, the secret in both
 * regions, and what each region has. Nothing of it is replaced by a double.
 *
 * @param {string} name of the environment, in lower case.
 */
export async function buildEnvironment(name) {
  const { master, writer, clusters } = platform();
  const login = { username: `user_${name}`, password: `the password's "first" ${name}` };
  await asUser(master, writer, 'postgres', async (client) => {
    await client.query(`create role ${login.username} login password ${pg.escapeLiteral(login.password)}`);
    await client.query(`grant ${login.username} to current_user`);
    await client.query(`create database ${name} owner ${login.username}`);
  });
  const secretName = `secret-${name}`;
  const { secrets } = createClients({ region: EAST });
  await secrets.send(
    new CreateSecretCommand({
      Name: secretName,
      SecretString: JSON.stringify(login),
      AddReplicaRegions: [{ Region: WEST }],
    }),
  );
  const issuer = await buildIssuer(name);
  const places = {};
  for (const region of REGIONS) {
    places[region] = await buildPlace({ region, name });
    await places[region].write({
      'database/name': name,
      'database/secret-name': secretName,
      'database/writer-endpoint': writer.host,
      'database/port': writer.port,
      'database/cluster-endpoint': clusters[region].host,
      'database/reader-endpoint': clusters[region].host,
      'database/cluster-port': clusters[region].port,
      'documents/bucket': places[region].bucket,
      'assets/bucket': places[region].bucket,
      'events/bus': places[region].bus,
      ...issuer.parameters,
    });
  }
  const stores = [];

  return {
    name,
    places,
    token: issuer.token,
    writer,
    clusters,

    /**
     * Makes the store of a region as the function does.
     *
     * @param {string} region
     * @param {object} [parts] of the store that are the test's own.
     */
    store(region, parts = {}) {
      const made = makeStore(places[region], parts);
      stores.push(made);
      return made;
    },

    /**
     * Runs a statement as the master user. Where is the writer unless it is said.
     *
     * @param {string} statement
     * @param {unknown[]} [values]
     * @param {{host: string, port: number}} [where]
     */
    sql: (statement, values, where = writer) =>
      asUser(master, where, name, async (client) => (await client.query(statement, values)).rows),

    /** Rotates the password: in the database, and then in the secret of both regions. @param {string} password */
    async rotate(password) {
      await asUser(master, writer, name, (client) =>
        client.query(`alter role ${login.username} password ${pg.escapeLiteral(password)}`),
      );
      await this.keep(password);
    },

    /** Puts a password into the secret of both regions, whatever the database thinks of it. @param {string} password */
    async keep(password) {
      const SecretString = JSON.stringify({ ...login, password });
      await secrets.send(new PutSecretValueCommand({ SecretId: secretName, SecretString }));
    },

    /** Ends the connections of the stores. */
    end: () => Promise.all(stores.map((store) => store.end())),
  };
}

/**
 * Makes a store of a place from the parts that the function makes it of.
 *
 * @param {{region: string, path: string}} place
 * @param {object} parts of the store that are the caller's own.
 */
export function makeStore({ region, path }, parts) {
  const clients = createClients({ region });
  const log = { warn() {} };
  const parameters = parts.parameters ?? createParameters({ client: clients.ssm, path, log });
  return createStore({
    parameters,
    secret: createSecret({ client: clients.secrets }),
    events: createEvents({ client: clients.events, parameters }),
    region,
    log,
    ...parts,
  });
}

async function asUser({ username, password }, { host, port }, database, work) {
  const client = new pg.Client({ host, port, database, user: username, password, ssl: { ca: authorities() } });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
