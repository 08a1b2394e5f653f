import {
  CreateDBClusterCommand,
  CreateDBInstanceCommand,
  CreateGlobalClusterCommand,
  DescribeDBClustersCommand,
  DescribeGlobalClustersCommand,
  RDSClient,
  SwitchoverGlobalClusterCommand,
} from '@aws-sdk/client-rds';

import { eventually } from './await.js';

export const EAST = 'us-east-1';
export const WEST = 'us-west-2';
export const REGIONS = [EAST, WEST];

const GLOBAL = 'records';
const engine = { Engine: 'aurora-postgresql', EngineVersion: '16.8' };
const clusterIn = { [EAST]: 'records-primary', [WEST]: 'records-secondary' };

/** The master user, whose password has what a connection string or a shell would have to quote. */
const master = { username: 'platform', password: `it's a "secret"` };

/**
 * What all tests share: a global database with an instance in each region, the writer in us-east-1.
 *
 * @typedef {object} Platform
 * @property {{username: string, password: string}} master
 * @property {{host: string, port: number}} writer
 * @property {Record<string, {host: string, port: number}>} clusters each region's own.
 */

/**
 * Builds it on the embedded AWS that the environment leads to.
 *
 * @returns {Promise<Platform>}
 */
export async function buildPlatform() {
  const east = new RDSClient({ region: EAST });
  const west = new RDSClient({ region: WEST });
  await east.send(new CreateGlobalClusterCommand({ ...engine, GlobalClusterIdentifier: GLOBAL }));
  const joining = (region) => ({ ...engine, DBClusterIdentifier: clusterIn[region], GlobalClusterIdentifier: GLOBAL });
  await east.send(
    new CreateDBClusterCommand({
      ...joining(EAST),
      MasterUsername: master.username,
      MasterUserPassword: master.password,
    }),
  );
  await east.send(new CreateDBInstanceCommand(instance(EAST)));
  await west.send(new CreateDBClusterCommand(joining(WEST)));
  await west.send(new CreateDBInstanceCommand(instance(WEST)));

  const clusters = {};
  for (const [region, client] of [
    [EAST, east],
    [WEST, west],
  ]) {
    const described = await client.send(new DescribeDBClustersCommand({ DBClusterIdentifier: clusterIn[region] }));
    const [{ Endpoint, Port }] = described.DBClusters;
    clusters[region] = { host: Endpoint, port: Port };
  }
  const { GlobalClusters } = await east.send(new DescribeGlobalClustersCommand({}));
  return { master, clusters, writer: { host: GlobalClusters[0].Endpoint, port: clusters[EAST].port } };
}

const instance = (region) => ({
  Engine: engine.Engine,
  DBClusterIdentifier: clusterIn[region],
  DBInstanceIdentifier: `${clusterIn[region]}-1`,
  DBInstanceClass: 'db.serverless',
});

/** Returns what the harness has built. */
export function platform() {
  if (!process.env.TEST_PLATFORM) throw new Error('these tests need an embedded AWS: run them by `npm test`');
  return /** @type {Platform} */ (JSON.parse(process.env.TEST_PLATFORM));
}

/**
 * Moves the writer to a region, and returns when it is there and the other follows, so that it can be moved back.
 *
 * @param {string} region
 */
export async function moveWriter(region) {
  const from = new RDSClient({ region: REGIONS.find((other) => other !== region) });
  const arnOf = async () => {
    const { GlobalClusters } = await from.send(new DescribeGlobalClustersCommand({}));
    return GlobalClusters[0].GlobalClusterMembers.find(({ DBClusterArn }) => DBClusterArn.includes(`:${region}:`));
  };
  await eventually(`the writer is in ${region}`, async () => {
    const target = await arnOf();
    if (target.IsWriter) return true;
    try {
      await from.send(
        new SwitchoverGlobalClusterCommand({
          GlobalClusterIdentifier: GLOBAL,
          TargetDbClusterIdentifier: target.DBClusterArn,
        }),
      );
    } catch (error) {
      // A standby that is being made anew cannot take over yet.
      if (error.name !== 'InvalidGlobalClusterStateFault' && error.name !== 'InvalidDBClusterStateFault') throw error;
    }
    return undefined;
  });
}
