import {
  CreateDBClusterCommand,
  CreateDBInstanceCommand,
  CreateGlobalClusterCommand,
  DescribeDBClustersCommand,
  DescribeGlobalClustersCommand,
  RDSClient,
  SwitchoverGlobalClusterCommand,
} from '@aws-sdk/client-rds';

import { eventually } from './eventually.js';

export const EAST = 'us-east-1';
export const WEST = 'us-west-2';

/** @typedef {'us-east-1' | 'us-west-2'} Region */

/** @type {readonly Region[]} */
export const REGIONS = [EAST, WEST];

const GLOBAL_CLUSTER = 'records';
const engine = { Engine: 'aurora-postgresql', EngineVersion: '16.8' };
const clusterIdentifiers = { [EAST]: 'records-primary', [WEST]: 'records-secondary' };

/** The master user. Its password has characters that a connection string or a shell would have to quote. */
const master = { username: 'platform', password: `it's a "secret"` };

/** @typedef {import('./faultproxy.js').Address} Address */

/**
 * The global database that all test files share. It has a cluster with an instance in each region; the writer starts in
 * us-east-1.
 *
 * @typedef {object} GlobalDatabase
 * @property {import('../../src/aws/secret.js').Credentials} master
 * @property {Address} writer the global writer endpoint.
 * @property {Record<Region, Address>} clusters each region's cluster endpoint.
 * @property {import('../../src/aws/secret.js').Credentials} administrator the superuser, whom AWS keeps for itself. It connects
 *   to the servers directly, from this machine only and without TLS.
 */

/**
 * Builds the global database in the emulator that the environment variables configure.
 *
 * @returns {Promise<Omit<GlobalDatabase, 'administrator'>>}
 */
export async function buildGlobalDatabase() {
  const east = new RDSClient({ region: EAST });
  const west = new RDSClient({ region: WEST });
  await east.send(new CreateGlobalClusterCommand({ ...engine, GlobalClusterIdentifier: GLOBAL_CLUSTER }));
  /** @param {Region} region */
  const member = (region) => ({
    ...engine,
    DBClusterIdentifier: clusterIdentifiers[region],
    GlobalClusterIdentifier: GLOBAL_CLUSTER,
  });
  await east.send(
    new CreateDBClusterCommand({
      ...member(EAST),
      MasterUsername: master.username,
      MasterUserPassword: master.password,
    }),
  );
  await east.send(new CreateDBInstanceCommand(instance(EAST)));
  await west.send(new CreateDBClusterCommand(member(WEST)));
  await west.send(new CreateDBInstanceCommand(instance(WEST)));

  const clusters = { [EAST]: await clusterEndpoint(east, EAST), [WEST]: await clusterEndpoint(west, WEST) };
  const { Endpoint } = await describeGlobalCluster(east);
  return { master, clusters, writer: { host: required(Endpoint, 'Endpoint'), port: clusters[EAST].port } };
}

/** @param {Region} region */
const instance = (region) => ({
  Engine: engine.Engine,
  DBClusterIdentifier: clusterIdentifiers[region],
  DBInstanceIdentifier: `${clusterIdentifiers[region]}-1`,
  DBInstanceClass: 'db.serverless',
});

/**
 * @param {RDSClient} client
 * @param {Region} region
 * @returns {Promise<Address>}
 */
async function clusterEndpoint(client, region) {
  const command = new DescribeDBClustersCommand({ DBClusterIdentifier: clusterIdentifiers[region] });
  const { DBClusters = [] } = await client.send(command);
  const [{ Endpoint, Port }] = DBClusters;
  return { host: required(Endpoint, 'Endpoint'), port: required(Port, 'Port') };
}

/** @param {RDSClient} client */
async function describeGlobalCluster(client) {
  const { GlobalClusters = [] } = await client.send(new DescribeGlobalClustersCommand({}));
  return GlobalClusters[0];
}

/**
 * Returns a member of a response, which AWS's types declare optional.
 *
 * @template T
 * @param {T | undefined} value
 * @param {string} name
 * @returns {T}
 */
export function required(value, name) {
  if (value === undefined) throw new Error(`the response of AWS has no ${name}`);
  return value;
}

/**
 * Returns the global database that run.js has built.
 *
 * @returns {GlobalDatabase}
 */
export function globalDatabase() {
  const json = process.env.TEST_GLOBAL_DATABASE;
  if (!json) throw new Error('these tests need the local AWS emulator: run them with `npm test`');
  return JSON.parse(json);
}

/**
 * Moves the writer to a region. It returns when the writer is there and the other region follows it, so that the writer can
 * be moved back.
 *
 * @param {Region} region
 */
export async function moveWriter(region) {
  const client = new RDSClient({ region: region === EAST ? WEST : EAST });
  await eventually(`the writer is in ${region}`, async () => {
    const { GlobalClusterMembers = [] } = await describeGlobalCluster(client);
    const target = GlobalClusterMembers.find(({ DBClusterArn }) => DBClusterArn?.includes(`:${region}:`));
    if (target?.IsWriter) return true;
    try {
      await client.send(
        new SwitchoverGlobalClusterCommand({
          GlobalClusterIdentifier: GLOBAL_CLUSTER,
          TargetDbClusterIdentifier: target?.DBClusterArn,
        }),
      );
    } catch (error) {
      // A standby that is being rebuilt cannot take over yet.
      if (!(error instanceof Error && BUSY_ERRORS.includes(error.name))) throw error;
    }
    return undefined;
  });
}

const BUSY_ERRORS = ['InvalidGlobalClusterStateFault', 'InvalidDBClusterStateFault'];
