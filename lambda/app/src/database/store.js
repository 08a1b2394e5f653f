import { systemClock } from '../clock.js';
import { Unavailable } from '../errors.js';
import { createReconciler } from '../reconcile/reconciler.js';
import { retryAfterSeconds } from '../retryafter.js';
import { certificateAuthorities as defaultAuthorities } from './ca.js';
import { grantAsOwner } from './grants.js';
import { RolesNotSetUp } from './logins.js';
import { MAINTENANCE_BUDGET_MS, keepHouse } from './maintenance.js';
import { migrate, missingMigrations } from './migrate.js';
import { migrations as allMigrations } from './migrations/index.js';
import { isLoginRefused, isUndefinedTable, isWriterAway, translateError } from './pgerrors.js';
import { createPools } from './pools.js';
import { createProbe, probeReader, probeReaders, probeWriter } from './probe.js';
import { REMOVALS_MIGRATION, registerRegion } from './removals.js';
import { createRequests } from './requests.js';
import { forTenant } from './tenants.js';
import { VERSIONS_MIGRATION } from './versions.js';

/** @typedef {import('pg').ClientBase} Client */

/**
 * Time for which the store remembers that there is no writer, in milliseconds. A change that finds that out takes the time of a
 * connection or of a commit that waits, three to six seconds; those after it are refused at once, so that the function's instances
 * are free for reads and health checks in the region that has just received all users.
 */
const WRITER_AWAY_MS = 1_000;

/** @typedef {import('./maintenance.js').Housekeeping & {migrated: number}} MaintenanceResult migrated: number of applied migrations. */

/**
 * Whether the credentials of this region work; reason says why not.
 *
 * @typedef {{verified: boolean, reason?: string}} VerificationResult
 */

/** @typedef {ReturnType<typeof createStore>} Store */

/**
 * Creates the record store of one region. Changes go to the global writer, in whichever region it is. Reads go to this region's
 * readers, which may lag some hundred milliseconds behind the writer.
 *
 * Every method rejects with Unavailable if the database cannot serve it at present. That includes a change whose outcome is
 * unknown: a retry finds it out by the idempotency key or the version.
 *
 * @param {object} options
 * @param {Pick<import('../aws/parameters.js').Parameters, 'get' | 'ageMs'>} options.parameters
 * @param {import('../aws/secret.js').Secret} options.secret
 * @param {Pick<import('../aws/events.js').Events, 'publish'>} options.events
 * @param {Pick<import('../aws/documents.js').Documents, 'remove'>} options.documents
 * @param {string} options.region
 * @param {import('./versions.js').Retention} options.retention of records' earlier versions, as this region is configured.
 * @param {Pick<import('../log.js').Logger, 'warn' | 'metrics'>} options.log
 * @param {string[]} [options.certificateAuthorities] trusted authorities of the database, in PEM.
 * @param {import('../clock.js').Clock} [options.clock]
 * @param {readonly import('./migrate.js').Migration[]} [options.migrations]
 * @param {number} [options.staleAfterSeconds] age from which maintenance publishes an event of the outbox.
 */
export function createStore({
  parameters,
  secret,
  events,
  documents,
  region,
  retention,
  log,
  certificateAuthorities = defaultAuthorities(),
  clock = systemClock,
  migrations = allMigrations,
  staleAfterSeconds,
}) {
  const pools = createPools({ parameters, secret, certificateAuthorities, region, log, clock });
  const reconciler = createReconciler({
    parameters,
    secret,
    events,
    certificateAuthorities,
    onWriter: (work) => writeForAll(work),
  });
  /** @type {Promise<number> | undefined} */
  let migrated; // Resolves when the schema is up to date. A failed migration is not kept.

  /** @type {Promise<Buffer> | undefined} */
  let auditKey;

  /** @param {string} migration */
  const has = (migration) => migrations.some(({ name }) => name === migration);

  /** Brings the schema so far up to date that changes can be made, and returns the number of applied migrations. */
  function ensureMigrated() {
    const running = applyMigrations();
    migrated = running;
    running.catch(() => migrated === running && (migrated = undefined));
    return running;
  }

  /**
   * Applies what is missing, up to an extent.
   *
   * @param {import('./migrate.js').Extent} extent
   */
  async function applyMissing(extent) {
    const missing = await pools.run('writer', (client) => missingMigrations(client, migrations, extent), {
      idempotent: true,
    });
    if (missing.length === 0) return 0;
    // A migration grants to roles. An earlier version has not set up all of them; the login of one that is missing does.
    await pools.run('maintenance', async () => {}, { idempotent: true });
    return pools.run('migration', (client) => migrate(client, missing, grantAsOwner));
  }

  async function applyMigrations() {
    const applied = await applyMissing('changes');
    if (has(REMOVALS_MIGRATION))
      await pools.run('writer', (client) => registerRegion(client, region), { idempotent: true });
    return applied;
  }

  /** Sets the roles up if a rotation or an earlier version has left them other than they should be. */
  async function keepRoles() {
    try {
      await pools.keepRoles();
    } catch (error) {
      if (!(error instanceof RolesNotSetUp)) throw error;
      log.warn({ message: "the database's roles are not set up", error });
    }
  }

  /** @param {unknown} error */
  const logMigrationError = (error) => log.warn({ message: 'migrating the database', error });

  /** @type {import('./requests.js').Run} */
  async function read(tenant, work) {
    return readWith((client) => work(forTenant(client, tenant)));
  }

  /**
   * @template T
   * @param {(client: Client) => Promise<T>} work
   */
  async function readWith(work) {
    try {
      return await pools.run('reader', work, { idempotent: true });
    } catch (error) {
      if (!isUndefinedTable(error)) throw translateError(error);
      await ensureMigrated().catch(logMigrationError);
      throw new Unavailable('database: the schema is not replicated to this region yet', retryAfterSeconds(), {
        cause: error,
      });
    }
  }

  /** @type {{cause: unknown, until: number} | undefined} */
  let away; // Why the last change found no writer, and until when that is remembered.

  /** @type {import('./requests.js').Run} */
  const write = (tenant, work, options) =>
    writeTo('writer', (client) => work(forTenant(client, tenant, options?.subject)), options);

  /** @type {import('./requests.js').Run} */
  const afterwards = (tenant, work) =>
    pools.run('writer', (client) => work(forTenant(client, tenant)), { idempotent: true });

  /**
   * Runs work for all tenants on the writer.
   *
   * @template T
   * @param {(client: Client) => Promise<T>} work
   */
  const writeForAll = (work) => writeTo('maintenance', work);

  /**
   * @template T
   * @param {'writer' | 'maintenance'} target
   * @param {(client: Client) => Promise<T>} work
   * @param {{idempotent?: boolean}} [options]
   */
  async function writeTo(target, work, options) {
    if (away && clock.now() < away.until) throw translateError(away.cause);
    try {
      await (migrated ?? ensureMigrated());
      return await pools.run(target, work, options);
    } catch (error) {
      if (isWriterAway(error)) away = { cause: error, until: clock.now() + WRITER_AWAY_MS };
      throw translateError(error);
    }
  }

  /** @param {string[]} refused */
  function logRefused(refused) {
    if (refused.length > 0) log.warn({ message: 'the bus refuses events for now', refused });
  }

  return {
    of: createRequests({ read, write, afterwards, events, documents, region, log, logRefused }),

    /**
     * Returns the key of the hashes by which the audit trail names patients. It never changes.
     *
     * @returns {Promise<Buffer>}
     */
    auditKey() {
      auditKey ??= readWith(async (client) => (await client.query('select key from audit_key')).rows[0].key);
      auditKey.catch(() => (auditKey = undefined)); // A failure is not kept.
      return auditKey;
    },

    /** Probes whether this region can serve reads. */
    canRead: createProbe(() => probeReaders((work) => pools.runAlone('readerProbe', work), log), clock),

    /** Probes whether this region's own cluster accepts writes. If the schema is missing, a migration is started. */
    canWrite: createProbe(async (progress) => {
      try {
        await probeWriter((work) => pools.runAlone('clusterProbe', work), region, progress, clock);
      } catch (error) {
        if (isUndefinedTable(/** @type {Error} */ (error).cause)) ensureMigrated().catch(logMigrationError);
        throw error;
      }
    }, clock),

    /**
     * Runs the maintenance, which each region's schedule invokes every minute: applies migrations, and keeps house.
     *
     * @param {number} [budgetMs] time for it in milliseconds.
     * @returns {Promise<MaintenanceResult>}
     */
    async maintain(budgetMs = MAINTENANCE_BUDGET_MS) {
      const started = clock.now();
      try {
        await keepRoles();
        const applied = (await ensureMigrated()) + (await applyMissing('all'));
        const done = await keepHouse({
          run: (work, idempotent = true) => pools.run('maintenance', work, { idempotent }),
          isOver: (part) => clock.now() - started >= part * budgetMs,
          events,
          documents,
          region,
          clock,
          staleAfterSeconds,
          logRefused,
          retention: has(VERSIONS_MIGRATION) ? retention : undefined,
          publishMetrics: (values) => log.metrics({ ...values, configurationAge: parameters.ageMs() / 1_000 }),
        });
        return { migrated: applied, ...done };
      } catch (error) {
        throw translateError(error);
      }
    },

    /**
     * Verifies that the credentials in this region's replica of the secret open this region's database for requests.
     *
     * @returns {Promise<VerificationResult>} never rejects.
     */
    async verify() {
      try {
        await pools.runWithCurrentSecret('verification', probeReader);
        return { verified: true };
      } catch (cause) {
        const error = /** @type {Error & {code?: string}} */ (cause);
        const reason = isLoginRefused(error) ? `the database refuses the login (${error.code})` : error.message;
        return { verified: false, reason };
      }
    },

    /** Brings back what a failover has lost, a step at a time. */
    reconcile: reconciler.reconcile,

    /** Reports what came back. */
    reportReconciled: reconciler.report,

    /** See createReconciler. */
    documentRecords: reconciler.documents,

    /** Closes the connections. */
    end: () => pools.end(),
  };
}
