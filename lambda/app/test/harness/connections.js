import { createSecureContext } from 'node:tls';

import pg from 'pg';

import { certificateAuthorities } from '../../src/database/ca.js';

/** @typedef {import('./globaldatabase.js').Address} Address */
/** @typedef {import('../../src/aws/secret.js').Credentials} Credentials */

// Made once: parsing the authorities takes longer than connecting.
const TLS = { secureContext: createSecureContext({ ca: certificateAuthorities() }) };

/**
 * Runs work on a new connection.
 *
 * @template T
 * @param {Credentials} credentials
 * @param {Address} address
 * @param {string} database
 * @param {(client: pg.Client) => Promise<T>} work
 * @param {{ssl?: pg.ClientConfig['ssl']}} [options] TLS by default.
 */
export async function runAs(credentials, address, database, work, options) {
  const client = await connectAs(credentials, address, database, options);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/**
 * Returns work that runs a statement and returns its rows.
 *
 * @param {string} statement
 * @param {unknown[]} [values]
 * @returns {(client: pg.Client) => Promise<Record<string, any>[]>}
 */
export const rowsOf = (statement, values) => async (client) => (await client.query(statement, values)).rows;

/**
 * Opens a connection.
 *
 * @param {Credentials} credentials
 * @param {Address} address
 * @param {string} database
 * @param {{ssl?: pg.ClientConfig['ssl']}} [options] TLS by default.
 */
export async function connectAs({ username, password }, { host, port }, database, { ssl = TLS } = {}) {
  const client = new pg.Client({ host, port, database, user: username, password, ssl, pipeline: true });
  client.on('error', () => {}); // An error that ends the connection also fails the statement that uses it.
  await client.connect();
  return client;
}
