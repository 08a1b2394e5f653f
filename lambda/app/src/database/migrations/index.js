import records from './0001-records.js';
import pgaudit from './0002-pgaudit.js';
import tags from './0003-tags.js';
import timelines from './0004-timelines.js';
import auditKey from './0005-auditkey.js';
import changes from './0006-changes.js';
import housekeeping from './0007-housekeeping.js';
import tenants from './0008-tenants.js';
import tenantIndexes from './0015-tenantindexes.js';
import versions from './0019-versions.js';

/**
 * The database's schema as a sequence of migrations, in the order in which they run.
 *
 * The two regions are deployed one after the other and share one database, so for a while the older function of one region
 * works on the newer schema. Therefore each migration must keep the previous version working: it adds tables, columns with
 * defaults, and indexes. What is no longer used is removed one version later. A deployed migration is never changed; a
 * checksum enforces that. A migration runs in a transaction while others write, and fails rather than wait long for a lock. One that
 * builds an index on a table with rows is no transaction: it blocks nobody and takes as long as it takes (see ../migrate.js).
 *
 * @type {readonly import('../migrate.js').Migration[]}
 */
export const migrations = [
  { id: 1, name: 'records', sql: records },
  { id: 2, name: 'pgaudit', sql: pgaudit },
  { id: 3, name: 'tags', sql: tags },
  { id: 4, name: 'timelines', sql: timelines },
  { id: 5, name: 'audit-key', sql: auditKey },
  { id: 6, name: 'changes', sql: changes },
  { id: 7, name: 'housekeeping', sql: housekeeping },
  ...tenants.map((migration, n) => ({ id: 8 + n, ...migration })),
  ...tenantIndexes.map((migration, n) => ({ id: 15 + n, ...migration })),
  { id: 19, name: 'versions', sql: versions },
];
