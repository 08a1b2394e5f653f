import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

import pg from 'pg';

import { lockSchema } from './migrate.js';
import { inTransaction } from './transaction.js';

/** @typedef {import('../aws/secret.js').Credentials} Credentials */

/**
 * Who the function is to the database. The master user owns the schema and makes the other two roles. Requests have one that
 * reads and writes records. The probes have one that may also use the slots of reserved_connections, so that a server that is
 * full is seen as full and not as lost. On Aurora the master user may use these slots, too, as a member of rds_superuser:
 * requests that logged in as master would fill the reserve.
 *
 * @typedef {'master' | 'requests' | 'probe'} Login
 */

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
  const username = `${master.username}_${login}`;
  const password = createHmac('sha256', master.password).update(`warmstandby database role ${username}`);
  return { username, password: password.digest('base64url') };
}

/**
 * Creates the roles of requests and probes, or gives the existing ones the passwords that belong to the master password, and
 * the privileges on all tables, also future ones. Concurrent calls wait for each other.
 *
 * @param {pg.ClientBase} client connected to the writer as the master user.
 * @param {Credentials} master
 * @returns {Promise<{reserved: boolean}>} reserved: the probes' role may use reserved connections. It is false if the server
 *   is older than PostgreSQL 16, or if the master user must not grant that.
 */
export function applyRoles(client, master) {
  const [requests, probe] = [credentialsOf(master, 'requests'), credentialsOf(master, 'probe')];
  const [requestsName, probeName] = [requests, probe].map(({ username }) => pg.escapeIdentifier(username));
  return inTransaction(client, async () => {
    await lockSchema(client);
    for (const { username, password } of [requests, probe]) await applyLogin(client, username, password);
    await client.query(
      `grant ${requestsName} to ${probeName};
       grant usage on schema public to ${requestsName};
       alter default privileges grant select, insert, update, delete on tables to ${requestsName}`,
    );
    const { rows: tables } = await client.query(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname = 'public' and tableowner = current_user`,
    );
    if (tables.length > 0) {
      const names = tables.map(({ name }) => name).join(', ');
      await client.query(`grant select, insert, update, delete on ${names} to ${requestsName}`);
    }
    const { rows } = await client.query(
      `select pg_has_role(oid, 'MEMBER WITH ADMIN OPTION') as grantable from pg_roles where rolname = $1`,
      [RESERVED_CONNECTIONS_ROLE],
    );
    const reserved = rows[0]?.grantable ?? false;
    if (reserved) await client.query(`grant ${RESERVED_CONNECTIONS_ROLE} to ${probeName}`);
    return { reserved };
  });
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
