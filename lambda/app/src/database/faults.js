import { NotFound, Unavailable, VersionConflict, IdempotencyConflict } from '../errors.js';
import { RETRY_AFTER_SECONDS } from '../unavailable.js';

/**
 * What a database that is lost, moves or is out of reach answers. PostgreSQL: Appendix A, "PostgreSQL Error Codes".
 */
const unavailableStates = new Set([
  '25006', // read_only_sql_transaction: the writer is elsewhere
  '28000', // invalid_authorization_specification: nobody is let in at the moment, with whatever the secret holds
  '28P01', // invalid_password: the secret's copy here and the database's copy are not in step
  '40001', // serialization_failure: a standby has cancelled a read that replication would not wait for
  '53300', // too_many_connections
  '57014', // query_canceled: statement_timeout, also of a commit that waits because of rds.global_db_rpo
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '57P05', // idle_session_timeout
]);
const connectionClass = '08';

/** How Node.js says that there is no way to a host. */
const networkCodes = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/** What the driver says when a connection cannot be made, has ended or does not answer: it gives these no code. */
const driverMessages =
  /^(Connection terminated|Query read timeout|timeout e|Client has encountered a connection error|Client was closed|There was an error establishing an SSL connection)/;

const sqlState = (error) => (/^[0-9A-Z]{5}$/.test(error?.code) && error.severity ? error.code : '');

/** Says whether a table does not exist: nobody has migrated the database yet, or the copy here has not got it yet. */
export const isUndefinedTable = (error) => sqlState(error) === '42P01';

/** Says whether the server was asked to write and only reads: the statement has done nothing. */
export const isReadOnly = (error) => sqlState(error) === '25006';

/** Says whether the server has undone a statement because of others at the same time, and the same may succeed now. */
export const isCollision = (error) => sqlState(error) === '40001' || sqlState(error) === '40P01';

/** Says whether the server refuses a user or a password. */
export const isRefusedLogin = (error) => ['28P01', '28000'].includes(sqlState(error));

/** Says whether the connection itself has failed, so that it is unknown whether the server did what it was asked. */
export function isLostConnection(error) {
  const state = sqlState(error);
  if (state) return state.startsWith(connectionClass) || state.startsWith('57P');
  return networkCodes.has(error?.code) || driverMessages.test(error?.message ?? '');
}

/**
 * Says whether a connection is as good as before after an error: the statement was refused for what it is about, such as a
 * constraint. After anything else the connection is dropped, because it may lead to a server that is no longer the writer.
 */
export function leavesConnectionGood(error) {
  const state = sqlState(error);
  return state.startsWith('23') || isCollision(error) || isOurs(error);
}

const isOurs = (error) => [NotFound, VersionConflict, IdempotencyConflict].some((kind) => error instanceof kind);

/**
 * Returns the error that callers get for one of the database's: Unavailable when the database cannot do it now, and
 * otherwise the same.
 */
export function translate(error) {
  const state = sqlState(error);
  if (unavailableStates.has(state) || isLostConnection(error)) {
    return new Unavailable(`database: ${state || error.code || error.message}`, RETRY_AFTER_SECONDS, { cause: error });
  }
  return error;
}
