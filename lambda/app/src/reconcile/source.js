import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';

import pg from 'pg';

import { isLoginRefused } from '../database/pgerrors.js';
import { Refused } from './fork.js';

/**
 * Limits of the connection to the restored cluster, in milliseconds. Its volume is read from S3 at first touch, so its first
 * statements take longer than those of a running cluster.
 */
const limits = {
  connectionTimeoutMillis: 5_000,
  statement_timeout: 15_000,
  query_timeout: 16_000,
};

/**
 * The purpose in the identifiers of the database's clusters, aurora-records-primary-prod, and in its place that of a cluster that is
 * restored for a reconciliation: aurora-reconcile-primary-prod.
 */
const PURPOSE = 'records-';
const RESTORED_PURPOSE = 'reconcile-';

/**
 * Checks the endpoint of the restored cluster. The credentials of the database go to it, so it must be what this region's own
 * cluster is named, with the other purpose: in Aurora an endpoint is <cluster>.cluster-<account's and region's code>.<region's domain>,
 * and only the first part is chosen by whoever creates a cluster (Amazon Aurora User Guide, "Cluster endpoints for Amazon Aurora").
 * In the local AWS emulator all clusters are at one address, and differ by their ports.
 *
 * @param {string} host
 * @param {string} clusterEndpoint host of this region's own cluster.
 * @returns {string} the host.
 * @throws {Refused}
 */
export function checkHost(host, clusterEndpoint) {
  const [label, ...rest] = clusterEndpoint.split('.');
  const restored = label.replace(PURPOSE, RESTORED_PURPOSE);
  const named = restored === label ? undefined : [restored, ...rest].join('.');
  const expected = isIP(clusterEndpoint) ? clusterEndpoint : named;
  if (expected === undefined || host !== expected)
    throw new Refused(`the restored cluster's endpoint is not ${expected}: only a cluster of that name is opened`);
  return expected;
}

/**
 * Opens a connection to the restored cluster that cannot write.
 *
 * @param {{host: string, port: number, database: string}} address
 * @param {import('../aws/secret.js').Credentials} credentials
 * @param {string[]} certificateAuthorities in PEM.
 * @returns {Promise<pg.Client>}
 * @throws {Refused} if the cluster does not take the credentials.
 */
export async function openRestored({ host, port, database }, { username, password }, certificateAuthorities) {
  const client = new pg.Client({
    ...limits,
    host,
    port,
    database,
    user: username,
    password,
    ssl: { secureContext: createSecureContext({ ca: certificateAuthorities }) },
    application_name: 'warmstandby reconcile',
    options: '-c default_transaction_read_only=on',
  });
  client.on('error', () => {}); // An error that ends the connection also fails the statement that uses it.
  try {
    await client.connect();
  } catch (error) {
    if (!isLoginRefused(error)) throw error;
    throw new Refused(
      'the restored cluster refuses the login: its snapshot is older than the last rotation of the secret; set its master ' +
        'password to the one in the secret (aws rds modify-db-cluster --master-user-password), and run this again',
      { cause: error, keep: true },
    );
  }
  return client;
}
