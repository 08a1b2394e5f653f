import { randomUUID } from 'node:crypto';

import { systemClock } from '../clock.js';
import { Unavailable } from '../errors.js';
import { RETRY_AFTER_SECONDS } from '../unavailable.js';
import { isRefusedLogin, isUndefinedTable, translate } from './faults.js';
import { purge } from './idempotency.js';
import { isBehind, migrate } from './migrate.js';
import { migrations as allMigrations } from './migrations/index.js';
import { forget, publishLeft } from './outbox.js';
import { createPools } from './pools.js';
import { askReader, askWriter, createProbe } from './probe.js';
import * as records from './records.js';
import { authorities as allAuthorities } from './trust.js';

/**
 * How long a change waits for the bus, in milliseconds. It answers in tens; what it has not taken by then is as safe in the
 * outbox, and comes within two minutes.
 */
const PUBLISH_PATIENCE_MS = 1_000;

/**
 * Makes the store of records of one region. Changes go to the global writer, wherever it is, and reads to this region's
 * readers, which may be some hundred milliseconds behind it.
 *
 * Every method fails with Unavailable when the database cannot do now what is asked. A change of which nobody knows what
 * became of it is among that: whoever tries again finds out by the idempotency key or the version.
 *
 * @param {object} parts
 * @param {ReturnType<typeof import('../aws/parameters.js').createParameters>} parts.parameters
 * @param {ReturnType<typeof import('../aws/secret.js').createSecret>} parts.secret
 * @param {ReturnType<typeof import('../aws/events.js').createEvents>} parts.events
 * @param {string} parts.region
 * @param {import('../log.js').Logger} parts.log
 * @param {string[]} [parts.authorities] that vouch for the database, in PEM.
 * @param {import('../clock.js').Clock} [parts.clock]
 * @param {readonly import('./migrate.js').Migration[]} [parts.migrations]
 * @param {number} [parts.leftBehindSeconds] after which an event in the outbox is taken to be left behind.
 */
export function createStore({
  parameters,
  secret,
  events,
  region,
  log,
  authorities = allAuthorities(),
  clock = systemClock,
  migrations = allMigrations,
  leftBehindSeconds,
}) {
  const pools = createPools({ parameters, secret, authorities, region });
  let migrated; // The promise that the schema is up to date, which is kept when it has been.

  /** Brings the schema up to date; returns how many migrations that took. */
  function migrateNow() {
    const running = bringUpToDate();
    migrated = running;
    running.catch(() => migrated === running && (migrated = undefined));
    return running;
  }

  async function bringUpToDate() {
    const behind = await pools.run('writer', (client) => isBehind(client, migrations), { repeatable: true });
    return behind ? pools.run('migration', (client) => migrate(client, migrations)) : 0;
  }

  async function read(work) {
    try {
      return await pools.run('reader', work, { repeatable: true });
    } catch (error) {
      if (!isUndefinedTable(error)) throw translate(error);
      await migrateNow().catch((cause) => log.warn({ message: 'migrating the database', error: cause }));
      throw new Unavailable('database: the schema is not here yet', RETRY_AFTER_SECONDS, { cause: error });
    }
  }

  async function write(work, how) {
    try {
      await (migrated ?? migrateNow());
      return await pools.run('writer', work, how);
    } catch (error) {
      throw translate(error);
    }
  }

  /** Makes a change and publishes its event. The change stands from when it is committed, whatever becomes of the event now. */
  async function change(kind, work, how) {
    const notice = { id: randomUUID(), kind, region };
    const done = await write((client) => work(client, notice), how);
    if (done.event) await publish(done.event);
    return done;
  }

  /** Puts an event on the bus at once; what that cannot do maintain does. */
  async function publish(event) {
    try {
      const { accepted, refused } = await events.publish([event], { patience: PUBLISH_PATIENCE_MS });
      if (refused.length > 0) log.warn({ message: 'the bus refuses events for now', refused });
      if (accepted.length > 0) await pools.run('writer', (client) => forget(client, accepted), { repeatable: true });
    } catch (error) {
      log.warn({ message: 'an event is left in the outbox', eventId: event.id, error });
    }
  }

  return {
    /**
     * Creates a record, or returns the one that the idempotency key has created.
     *
     * @param {{patient: string, content: object, subject: string, idempotencyKey?: string, requestHash?: string}} wanted
     *   requestHash tells requests of one key apart.
     * @returns {Promise<{record: records.Record, replayed: boolean}>}
     * @throws {import('../errors.js').IdempotencyConflict}
     */
    async create(wanted) {
      const id = randomUUID();
      const { record, replayed } = await change(
        'RecordCreated',
        (client, notice) => records.create(client, { ...wanted, id }, notice),
        { repeatable: wanted.idempotencyKey !== undefined },
      );
      return { record, replayed };
    },

    /**
     * @param {string} id a UUID.
     * @returns {Promise<records.Record>}
     * @throws {import('../errors.js').NotFound}
     */
    get: (id) => read((client) => records.get(client, id)),

    /**
     * @param {{patient: string, limit: number, after?: {createdAt: string, id: string}}} page
     * @returns {Promise<{records: records.Record[], next?: {createdAt: string, id: string}}>}
     */
    list: (page) => read((client) => records.list(client, page)),

    /**
     * Replaces a record's content, and its patient when one is given.
     *
     * @param {string} id a UUID.
     * @param {number} version that the caller has seen.
     * @param {{patient?: string, content: object}} wanted
     * @returns {Promise<records.Record>}
     * @throws {import('../errors.js').NotFound | import('../errors.js').VersionConflict}
     */
    async update(id, version, wanted) {
      const { record } = await change('RecordUpdated', (client, notice) =>
        records.update(client, { ...wanted, id, version }, notice),
      );
      return record;
    },

    /**
     * Deletes a record.
     *
     * @param {string} id a UUID.
     * @param {number} [version] that the caller has seen; without it any is deleted.
     * @returns {Promise<void>}
     * @throws {import('../errors.js').NotFound | import('../errors.js').VersionConflict}
     */
    async remove(id, version) {
      await change('RecordDeleted', (client, notice) => records.remove(client, { id, version }, notice));
    },

    /** Says whether this region can serve reads. */
    canRead: createProbe(() => pools.run('readerProbe', askReader, { repeatable: true }), clock),

    /** Says whether this region's own cluster accepts writes. A database that nobody has migrated yet is migrated. */
    canWrite: createProbe(async () => {
      try {
        await pools.run('clusterProbe', (client) => askWriter(client, region), { repeatable: true });
      } catch (error) {
        if (isUndefinedTable(error))
          migrateNow().catch((cause) => log.warn({ message: 'migrating the database', error: cause }));
        throw error;
      }
    }, clock),

    /**
     * Does what is to be done every minute, in each region: brings the schema up to date, publishes the events that requests
     * have left behind, purges old idempotency keys.
     *
     * @returns {Promise<{migrated: number, published: number, purged: number}>}
     */
    async maintain() {
      try {
        const ran = await migrateNow();
        const purged = await pools.run('writer', purge, { repeatable: true });
        const { published, refused } = await pools.run('writer', (client) =>
          publishLeft(client, events, { leftBehindSeconds }),
        );
        if (refused.length > 0) log.warn({ message: 'the bus refuses events for now', refused });
        return { migrated: ran, published, purged };
      } catch (error) {
        throw translate(error);
      }
    },

    /**
     * Says whether this region's copy of the secret, as it is now, opens this region's database.
     *
     * @returns {Promise<{verified: boolean, reason?: string}>} never rejects.
     */
    async verify() {
      try {
        await pools.runAnew('reader', askReader);
        return { verified: true };
      } catch (error) {
        const reason = isRefusedLogin(error) ? `the database refuses the login (${error.code})` : error.message;
        return { verified: false, reason };
      }
    },

    /** Ends the connections. */
    end: () => pools.end(),
  };
}
