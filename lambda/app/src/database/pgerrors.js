import { IdempotencyConflict, NotFound, Unavailable, VersionConflict } from '../errors.js';
import { retryAfterSeconds } from '../retryafter.js';

/** SQLSTATEs of a database that is lost, moving or unreachable (PostgreSQL documentation, appendix A). */
const unavailableStates = new Set([
  '25006', // read_only_sql_transaction: the writer is in the other region
  '28000', // invalid_authorization_specification: the server admits no login at present, whatever the secret holds
  '28P01', // invalid_password: this region's replica of the secret and of the database are not in step
  '40001', // serialization_failure: a standby cancelled a read that conflicts with replication
  '53300', // too_many_connections: the server is full
  '55P03', // lock_not_available: another change of the same row has not ended in time
  '57014', // query_canceled: statement_timeout, also of a commit that waits because of rds.global_db_rpo
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '57P05', // idle_session_timeout
]);
const CONNECTION_EXCEPTION_CLASS = '08';
const OPERATOR_SHUTDOWN_PREFIX = '57P';
const INTEGRITY_VIOLATION_CLASS = '23';

/** Error codes of Node.js for a host that cannot be reached. */
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

/** Messages of the driver's errors for a connection that fails, has ended or times out; these errors have no code. */
const driverMessages =
  /^(Connection terminated|Query read timeout|timeout e|Client has encountered a connection error|Client was closed|There was an error establishing an SSL connection)/;

/**
 * The properties that errors of PostgreSQL, of Node.js and of the driver have. Only PostgreSQL's have a severity.
 *
 * @typedef {{code?: string, severity?: string, message?: string} | undefined} ErrorLike
 */

/**
 * @param {unknown} error
 * @returns {string} the SQLSTATE of an error of PostgreSQL; empty for any other error.
 */
function sqlState(error) {
  const { code = '', severity } = /** @type {ErrorLike} */ (error) ?? {};
  return /^[0-9A-Z]{5}$/.test(code) && severity ? code : '';
}

/**
 * Reports whether a table does not exist: the database is not migrated yet, or the migration is not replicated yet.
 *
 * @param {unknown} error
 */
export const isUndefinedTable = (error) => sqlState(error) === '42P01';

/**
 * Reports whether a column does not exist: a migration that adds it is not applied or not replicated yet.
 *
 * @param {unknown} error
 */
export const isUndefinedColumn = (error) => sqlState(error) === '42703';

/**
 * Reports whether a read-only server refused a write. The statement has had no effect.
 *
 * @param {unknown} error
 */
export const isReadOnly = (error) => sqlState(error) === '25006';

/**
 * Reports whether the server has no connection left for this user (too_many_connections).
 *
 * @param {unknown} error
 */
export const isServerFull = (error) => sqlState(error) === '53300';

/**
 * Reports whether a statement waited too long for a lock (lock_not_available).
 *
 * @param {unknown} error
 */
export const isLockTimeout = (error) => sqlState(error) === '55P03';

/**
 * Reports whether a statement took longer than the server's or the driver's timeout for it.
 *
 * @param {unknown} error
 */
export const isStatementTimeout = (error) =>
  sqlState(error) === '57014' || (error instanceof Error && /^Query read timeout/.test(error.message));

/** Error codes of Node.js and messages of the driver for a connection that could not be made, unlike one that was lost. */
const connectCodes = new Set(['EAI_AGAIN', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'ETIMEDOUT']);
const connectMessages = /^(Connection terminated due to connection timeout|timeout e)/;

/**
 * Reports whether there is no writer at present: it cannot be connected to, it is a standby, or its commits wait. A connection
 * that was lost proves none of that, because the next one may be good.
 *
 * @param {unknown} error
 */
export function isWriterAway(error) {
  const state = sqlState(error);
  if (state) return isReadOnly(error) || isStatementTimeout(error) || state === '57P03';
  const { code = '', message = '' } = /** @type {ErrorLike} */ (error) ?? {};
  return connectCodes.has(code) || connectMessages.test(message) || isStatementTimeout(error);
}

/**
 * Reports whether there is no connection to the server: it failed, the server admits none, or a query got no answer.
 *
 * @param {unknown} error
 */
export const isServerUnreachable = (error) => isConnectionLost(error) || isStatementTimeout(error);

/**
 * Reports whether the server rolled a statement back because of concurrent ones (serialization failure, deadlock). A retry may
 * succeed at once.
 *
 * @param {unknown} error
 */
export const isConcurrencyConflict = (error) => ['40001', '40P01'].includes(sqlState(error));

/**
 * Reports whether the server refused the user or the password.
 *
 * @param {unknown} error
 */
export const isLoginRefused = (error) => ['28P01', '28000'].includes(sqlState(error));

/**
 * Reports whether the connection failed, so that it is unknown whether the server executed the statement.
 *
 * @param {unknown} error
 */
export function isConnectionLost(error) {
  const state = sqlState(error);
  if (state) return state.startsWith(CONNECTION_EXCEPTION_CLASS) || state.startsWith(OPERATOR_SHUTDOWN_PREFIX);
  const { code = '', message = '' } = /** @type {ErrorLike} */ (error) ?? {};
  return networkCodes.has(code) || driverMessages.test(message);
}

/**
 * Reports whether a connection can be used again after an error: the error is about the statement, such as a violated
 * constraint. After any other error the connection is closed, because its server may no longer be the writer.
 *
 * @param {unknown} error
 */
export function isConnectionReusable(error) {
  return (
    sqlState(error).startsWith(INTEGRITY_VIOLATION_CLASS) ||
    isConcurrencyConflict(error) ||
    isLockTimeout(error) ||
    isDomainError(error)
  );
}

/** @param {unknown} error */
const isDomainError = (error) => [NotFound, VersionConflict, IdempotencyConflict].some((kind) => error instanceof kind);

/**
 * Converts an error of the database to the one that callers get.
 *
 * @param {unknown} error
 * @returns {unknown} Unavailable if the database cannot serve the request at present; otherwise the error itself.
 */
export function translateError(error) {
  const state = sqlState(error);
  if (unavailableStates.has(state) || isConnectionLost(error)) {
    const { code, message } = /** @type {ErrorLike} */ (error) ?? {};
    return new Unavailable(`database: ${state || code || message}`, retryAfterSeconds(), { cause: error });
  }
  return error;
}
