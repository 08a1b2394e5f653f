import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

import pg from 'pg';

import { EARLIER_LOGINS, GRANTS, existingRoles, grantTables, roleName } from './grants.js';
import { lockSchema } from './migrate.js';
import pgaudit from './migrations/0002-pgaudit.js';
import { inTransaction } from './transaction.js';

/** @typedef {import('../aws/secret.js').Credentials} Credentials */

/** @typedef {import('./grants.js').Login} Login */

/** The logins that set-up creates. */
const LOGINS = /** @type {const} */ (['owner', 'tenant_writer', 'tenant_reader', 'maintenance', 'probe']);

/**
 * What pgAudit records of the roles of requests, tasks and probes: all that it records of everybody, but reads. Reads of
 * requests are in the audit trail, which knows for whom they were.
 */
const AUDITED_OF_APPLICATION = 'ddl,role,write';

/** insufficient_privilege (PostgreSQL, "PostgreSQL Error Codes"). */
const INSUFFICIENT_PRIVILEGE = '42501';

/** The predefined role whose members may use the slots of reserved_connections (PostgreSQL 16, "Predefined Roles"). */
const RESERVED_CONNECTIONS_ROLE = 'pg_use_reserved_connections';

// SCRAM-SHA-256 (RFC 5803; PostgreSQL documentation, "pg_authid"); the iterations are PostgreSQL's default.
const SCRAM_ITERATIONS = 4_096;
const SCRAM_SALT_BYTES = 16;
const SHA256_BYTES = 32;

/**
 * Returns the credentials of a login. The password of a role is an HMAC of the master password, so every region that has the
 * replica of the master secret knows it, and no further secret is replicated. It does not reveal the master password.
 *
 * @param {Credentials} master
 * @param {Login} login
 * @returns {Credentials}
 */
export function credentialsOf(master, login) {
  if (login === 'master') return master;
  const username = roleName(master.username, login);
  const password = createHmac('sha256', master.password).update(`warmstandby database role ${username}`);
  return { username, password: password.digest('base64url') };
}

/**
 * Sets the roles up: creates them, or gives the existing ones the passwords that belong to the master password; grants what GRANTS
 * has; and makes the owner the owner of the tables that the master user made before version 1.2.0. Concurrent calls
 * wait for each other, and a call that was cut off is repeated as a whole.
 *
 * @param {pg.ClientBase} client connected to the writer as the master user.
 * @param {Credentials} master
 * @returns {Promise<{reserved: boolean, readsExcepted: boolean}>} reserved: the probes' role may use reserved connections. It is
 *   false if the server is older than PostgreSQL 16, or if the master user must not grant that. readsExcepted: pgAudit does not
 *   record the reads of the application's roles. It is false if the master user must not set that.
 */
export async function setUpRoles(client, master) {
  const result = await inTransaction(client, async () => {
    await lockSchema(client);
    for (const login of LOGINS) {
      const { username, password } = credentialsOf(master, login);
      await applyLogin(client, username, password);
    }
    // Only a member of rds_superuser may create the extension, so the owner's migration finds it here.
    await client.query(pgaudit);
    await grantSchema(client, master.username);
    await keepEarlierRoles(client, master);
    await grantTables(client, master.username);
    return {
      reserved: await grantReserve(client, roleName(master.username, 'probe')),
      readsExcepted: await exceptReads(client, master.username),
    };
  });
  // One table a transaction: a lock on two could meet a request that holds the one and waits for the other.
  for (const statement of await listReassignments(client, master.username)) {
    await inTransaction(client, async () => {
      await lockSchema(client);
      await client.query(statement);
    });
  }
  return result;
}

/**
 * Reports whether the master user still owns a table or a function of the schema.
 *
 * @param {pg.ClientBase} client
 * @param {Credentials} master
 */
export const ownsTables = async (client, master) => (await listReassignments(client, master.username)).length > 0;

/**
 * Reports whether pgAudit leaves out the reads of the role of this connection, as set-up sets it.
 *
 * @param {pg.ClientBase} client connected as one of the application's roles.
 */
export async function areReadsExcepted(client) {
  const { rows } = await client.query(`select current_setting('pgaudit.log', true) = $1 as excepted`, [
    AUDITED_OF_APPLICATION,
  ]);
  return rows[0].excepted === true;
}

/**
 * Lets the roles use the schema and the owner create tables in it, and nobody else create anything, also no temporary table.
 *
 * @param {pg.ClientBase} client
 * @param {string} master
 */
async function grantSchema(client, master) {
  const [owner, tenantWriter, tenantReader, maintenance, probe] = LOGINS.map((login) =>
    pg.escapeIdentifier(roleName(master, login)),
  );
  const { rows } = await client.query('select current_database() as name');
  // The master user is a member of maintenance: an operator sees all tenants' rows, and so does who opens a restored cluster.
  await client.query(
    `grant ${owner}, ${maintenance} to ${pg.escapeIdentifier(master)};
     revoke create on schema public from public;
     revoke temporary on database ${pg.escapeIdentifier(rows[0].name)} from public;
     grant usage, create on schema public to ${owner};
     grant usage on schema public to ${tenantWriter}, ${tenantReader}, ${maintenance}, ${probe}`,
  );
}

/**
 * Lets the functions of earlier versions go on: their roles, if they are there, get the passwords that belong to the master password and
 * may use the tables of later migrations. Takes from the probe what it had as a member of requests.
 *
 * @param {pg.ClientBase} client
 * @param {Credentials} master
 */
async function keepEarlierRoles(client, master) {
  const existing = await existingRoles(client, master.username, EARLIER_LOGINS);
  for (const login of existing) {
    const { username, password } = credentialsOf(master, login);
    // The password of requests is left: no version that has it sets up this one's roles.
    if (login !== 'requests') await applyLogin(client, username, password);
    await client.query(`grant usage on schema public to ${pg.escapeIdentifier(username)}`);
  }
  if (!existing.includes('requests')) return;
  const [requests, probe] = [roleName(master.username, 'requests'), roleName(master.username, 'probe')];
  await client.query(`revoke ${pg.escapeIdentifier(requests)} from ${pg.escapeIdentifier(probe)}`);
}

/**
 * @param {pg.ClientBase} client
 * @param {string} probe name of the role.
 * @returns {Promise<boolean>} whether the role may use reserved connections.
 */
async function grantReserve(client, probe) {
  const { rows } = await client.query(
    `select pg_has_role(oid, 'MEMBER WITH ADMIN OPTION') as grantable from pg_roles where rolname = $1`,
    [RESERVED_CONNECTIONS_ROLE],
  );
  const reserved = rows[0]?.grantable ?? false;
  if (reserved) await client.query(`grant ${RESERVED_CONNECTIONS_ROLE} to ${pg.escapeIdentifier(probe)}`);
  return reserved;
}

/**
 * Leaves the reads of requests, tasks and probes out of what pgAudit records, which the parameter group has it do of
 * everybody. Reads of the owner, of the master user and of whoever else an operator lets in stay recorded.
 *
 * @param {pg.ClientBase} client
 * @param {string} master
 * @returns {Promise<boolean>} whether the master user may set that.
 */
async function exceptReads(client, master) {
  await client.query('savepoint except_reads');
  try {
    for (const login of LOGINS.filter((name) => name !== 'owner')) {
      const role = pg.escapeIdentifier(roleName(master, login));
      await client.query(`alter role ${role} set pgaudit.log = '${AUDITED_OF_APPLICATION}'`);
    }
  } catch (error) {
    if (/** @type {{code?: string}} */ (error).code !== INSUFFICIENT_PRIVILEGE) throw error;
    await client.query('rollback to savepoint except_reads');
    return false;
  }
  await client.query('release savepoint except_reads');
  return true;
}

/** What the master user may own of the schema. Nothing else is taken from it: it may be an operator's. */
const SCHEMA = {
  tables: Object.keys(GRANTS),
  functions: [
    'new_revision',
    'renew_revision',
    'this_server',
    'current_timeline',
    'log_change',
    'queue_document_removals',
    'versions_expire_before',
    'refuse_loss_of_versions',
    'keep_version',
  ],
};

/**
 * Returns the statements that make the owner the owner of what the master user owns. Sequences of identity columns follow their tables.
 *
 * @param {pg.ClientBase} client
 * @param {string} master
 * @returns {Promise<string[]>}
 */
async function listReassignments(client, master) {
  const { rows } = await client.query(
    `select format('alter table public.%I owner to %I', relname, $2::text) as statement from pg_class
     where relnamespace = 'public'::regnamespace and relname = any($3) and relkind = 'r' and pg_get_userbyid(relowner) = $1
     union all
     select format('alter function %s owner to %I', oid::regprocedure, $2::text) from pg_proc
     where pronamespace = 'public'::regnamespace and proname = any($4) and pg_get_userbyid(proowner) = $1`,
    [master, roleName(master, 'owner'), SCHEMA.tables, SCHEMA.functions],
  );
  return rows.map(({ statement }) => statement);
}

/**
 * Creates a role that can log in, or changes its password.
 *
 * @param {pg.ClientBase} client
 * @param {string} username
 * @param {string} password
 */
async function applyLogin(client, username, password) {
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [username]);
  const statement = rowCount === 0 ? 'create' : 'alter';
  await client.query(
    `${statement} role ${pg.escapeIdentifier(username)} login password ${pg.escapeLiteral(scramVerifier(password))}`,
  );
}

/**
 * Returns what PostgreSQL stores of a password, so that the password itself is in no statement and in no log of statements.
 *
 * @param {string} password ASCII only, which SASLprep (RFC 4013) does not change.
 */
export function scramVerifier(password, salt = randomBytes(SCRAM_SALT_BYTES)) {
  const salted = pbkdf2Sync(password, salt, SCRAM_ITERATIONS, SHA256_BYTES, 'sha256');
  /** @param {string} label */
  const keyOf = (label) => createHmac('sha256', salted).update(label).digest();
  const storedKey = createHash('sha256').update(keyOf('Client Key')).digest('base64');
  const serverKey = keyOf('Server Key').toString('base64');
  return `SCRAM-SHA-256$${SCRAM_ITERATIONS}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}
