import { isLoginRefused } from './pgerrors.js';
import { credentialsOf } from './roles.js';

/** @typedef {import('../aws/secret.js').Credentials} Credentials */
/** @typedef {import('./grants.js').Login} Login */

/**
 * How long a login goes on with credentials that took the place of its own, and how long no set-up is tried after one that failed, in
 * milliseconds. It saves each request the attempts.
 */
const SUBSTITUTE_MS = 10_000;

/**
 * How long a reader may take until it has the roles that the writer has just got, in milliseconds, and how often it is asked. Aurora
 * replicates within a second, also to another region.
 */
const REPLICATION_MS = 3_000;
const REPLICATION_POLL_MS = 100;

/**
 * The roles of earlier versions that do a role's work as long as it is not set up and the writer is away, the newest first.
 *
 * @type {Partial<Record<Login, import('./grants.js').EarlierLogin[]>>}
 */
const EARLIER = {
  tenant_writer: ['writer', 'requests'],
  tenant_reader: ['reader', 'requests'],
  maintenance: ['writer', 'requests'],
};

/** The roles could not be set up, for the reason in cause. */
export class RolesNotSetUp extends Error {}

/**
 * Opens a connection with credentials.
 *
 * @template T
 * @typedef {(credentials: Credentials) => Promise<T>} Open
 */

/**
 * Creates the logins of the database's roles. A rotation of the master password changes every role's password, in the secret of each
 * region and in the database, at times of their own: what the function knows, what the secret has and what the server takes may
 * differ for a while. Therefore a refused login tries what else may be right. Requests never log in as the master user.
 *
 * @param {object} options
 * @param {Pick<import('../aws/secret.js').Secret, 'get' | 'refresh' | 'previous'>} options.secret
 * @param {(master: Credentials) => Promise<void>} options.setUp sets the roles up by the master user.
 * @param {Pick<import('../log.js').Logger, 'warn'>} options.log
 * @param {import('../clock.js').Clock} options.clock
 */
export function createLogins({ secret, setUp, log, clock }) {
  /** @type {Map<Login, {credentials: Credentials, until: number}>} */
  const substitutes = new Map();
  /** @type {Promise<void> | undefined} */
  let settingUp;
  /** @type {{master: Credentials, until: number} | undefined} */
  let failedSetUp;

  /** @param {Credentials} master */
  async function setUpOnce(master) {
    try {
      await (settingUp ??= setUp(master).finally(() => (settingUp = undefined)));
    } catch (cause) {
      failedSetUp = { master, until: clock.now() + SUBSTITUTE_MS };
      throw new RolesNotSetUp("setting up the database's roles", { cause });
    }
  }

  /**
   * Opens a connection as soon as the server has a role that the writer has just got.
   *
   * @template T
   * @param {Open<T>} open
   * @param {Credentials} credentials
   */
  async function openReplicated(open, credentials) {
    for (let waited = 0; ; waited += REPLICATION_POLL_MS) {
      try {
        return await open(credentials);
      } catch (error) {
        if (!isLoginRefused(error) || waited >= REPLICATION_MS) throw error;
      }
      await clock.timer(REPLICATION_POLL_MS).elapsed;
    }
  }

  /**
   * Opens a connection as a role. If the login is refused, these are tried in turn: the credentials that the secret has now; those of
   * before the last rotation, because the next maintenance sets the roles up and not each request; those that a set-up has just
   * given the role; and, if the writer is away, the roles of earlier versions.
   *
   * @template T
   * @param {Login} login
   * @param {string} secretName
   * @param {Open<T>} open
   * @returns {Promise<T>}
   */
  async function connect(login, secretName, open) {
    const known = await secret.get(secretName);
    const substitute = substitutes.get(login);
    const valid = substitute && clock.now() < substitute.until;
    const first = valid ? substitute.credentials : credentialsOf(known, login);
    /** @type {unknown} */
    let refusal;
    const tried = new Set();
    /** @param {Credentials} credentials */
    const attempt = async (credentials) => {
      const key = `${credentials.username} ${credentials.password}`;
      if (tried.has(key)) return undefined;
      tried.add(key);
      try {
        return { connection: await open(credentials) };
      } catch (error) {
        if (!isLoginRefused(error)) throw error;
        refusal = error;
        return undefined;
      }
    };
    /**
     * @param {Credentials} credentials
     * @param {string} message
     */
    const attemptSubstitute = async (credentials, message) => {
      const opened = await attempt(credentials);
      if (!opened) return undefined;
      substitutes.set(login, { credentials, until: clock.now() + SUBSTITUTE_MS });
      log.warn({ message, login, ms: SUBSTITUTE_MS, error: refusal });
      return opened;
    };

    const opened = await attempt(first);
    if (opened) return opened.connection;
    substitutes.delete(login);
    const current = await secret.refresh(secretName, known);
    const refreshed = await attempt(credentialsOf(current, login));
    if (refreshed) return refreshed.connection;
    const previous = await secret.previous(secretName);
    const byPrevious =
      previous &&
      (await attemptSubstitute(
        credentialsOf(previous, login),
        'a role has the credentials of before the rotation: they are used until maintenance sets the roles up',
      ));
    if (byPrevious) return byPrevious.connection;
    if (failedSetUp?.master !== current || clock.now() >= failedSetUp.until) {
      try {
        await setUpOnce(current);
        return await openReplicated(open, credentialsOf(current, login));
      } catch (error) {
        if (!(error instanceof RolesNotSetUp || isLoginRefused(error))) throw error;
        log.warn({ message: 'a role cannot log in and cannot be set up', login, error });
      }
    }
    for (const earlier of EARLIER[login] ?? []) {
      for (const master of previous ? [current, previous] : [current]) {
        const byEarlier = await attemptSubstitute(
          credentialsOf(master, earlier),
          'a role is not set up: the role of the version before does its work',
        );
        if (byEarlier) return byEarlier.connection;
      }
    }
    throw refusal;
  }

  return { connect, setUp: setUpOnce, openReplicated };
}
