import { isConnectionReusable } from './pgerrors.js';

/**
 * Runs work in a transaction.
 *
 * @template T
 * @param {import('pg').ClientBase} client
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
