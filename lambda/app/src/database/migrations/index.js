/**
 * The database's schema, as the steps that led to it.
 *
 * The two regions are deployed apart and share one database, so for a while the function of one region works on the schema
 * of the other's newer one. Each migration therefore keeps the version before it working: it adds tables, columns with
 * defaults, and indexes; what is no longer used goes one version later. A migration that has been deployed is never changed,
 * which its checksum proves. It runs in a transaction while others write, and gives up where it would wait for a lock for
 * long (see ../migrate.js).
 *
 * @type {ReadonlyArray<{id: number, name: string, sql: string}>} in the order in which they run.
 */
export { migrations };

import records from './0001-records.js';
import pgaudit from './0002-pgaudit.js';

const migrations = [
  { id: 1, name: 'records', sql: records },
  { id: 2, name: 'pgaudit', sql: pgaudit },
];
