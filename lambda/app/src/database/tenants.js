/** @typedef {import('pg').ClientBase} Client */

/**
 * A connection whose statements see and change the rows of one tenant alone.
 *
 * @typedef {object} TenantClient
 * @property {string} tenant
 * @property {(statement: string, values: unknown[]) => Promise<import('pg').QueryResult>} query
 */

/** The setting that names a transaction's tenant. The policies of the tables (migration 8) compare it with each row's. */
export const SETTING = 'app.tenant';

/** The setting that names whose change a transaction is: the subject of the token, for the records' history (migration 19). */
export const SUBJECT_SETTING = 'app.subject';

/**
 * Returns a client whose statements are each a transaction of one tenant. PostgreSQL then shows and takes its rows alone, whatever the
 * statement says, and without the setting none. The settings end with the transaction, so none is left on a connection of the pool.
 *
 * The four statements leave together and cost one round trip to the server, which may be across the continent: the connection is in
 * pipeline mode (node-postgres, "Pipelining"). Without it they would cost four.
 *
 * @param {Client} client in pipeline mode, and in no transaction.
 * @param {string} tenant
 * @param {string} [subject] of the caller's token; empty, which is nobody, of what no caller has asked for.
 * @returns {TenantClient}
 */
export const forTenant = (client, tenant, subject = '') => ({
  tenant,
  async query(statement, values) {
    const sent = [
      client.query('begin'),
      client.query(`select set_config('${SETTING}', $1, true), set_config('${SUBJECT_SETTING}', $2, true)`, [
        tenant,
        subject,
      ]),
      client.query(statement, values),
      client.query('commit'),
    ];
    // All have ended before one's error is thrown: the connection may be used again. After an error the commit rolls back.
    await Promise.allSettled(sent);
    for (const one of sent) await one;
    return sent[2];
  },
});
