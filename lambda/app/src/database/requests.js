import { randomUUID } from 'node:crypto';

import { markPublished } from './outbox.js';
import * as records from './records.js';
import * as versions from './versions.js';

/** @typedef {import('../aws/events.js').Event} Event */
/** @typedef {import('../aws/events.js').EventKind} EventKind */
/** @typedef {import('./tenants.js').TenantClient} TenantClient */

/**
 * Timeout of publishing a change's event, in milliseconds. The bus answers in tens of milliseconds. An event that it has not
 * accepted by then is safe in the outbox, and maintenance publishes it within two minutes.
 */
const PUBLISH_TIMEOUT_MS = 1_000;

/**
 * Number of further events of the same record that a request publishes after its own: those of changes that came meanwhile and have
 * waited for it. What is more is left to maintenance.
 */
const MAX_FOLLOWING_EVENTS = 5;

/**
 * Runs work on a connection, for one tenant; subject says whose change it is.
 *
 * @typedef {<T>(tenant: string, work: (client: TenantClient) => Promise<T>, options?: {idempotent?: boolean, subject?: string}) => Promise<T>} Run
 */

/**
 * Creates what requests do with records, by tenant.
 *
 * @param {object} options
 * @param {Run} options.read runs a read in this region.
 * @param {Run} options.write runs a change on the writer.
 * @param {Run} options.afterwards runs on the writer what follows a change that was made: its errors are no answer.
 * @param {Pick<import('../aws/events.js').Events, 'publish'>} options.events
 * @param {Pick<import('../aws/documents.js').Documents, 'remove'>} options.documents
 * @param {string} options.region
 * @param {Pick<import('../log.js').Logger, 'warn'>} options.log
 * @param {(refused: string[]) => void} options.logRefused
 */
export function createRequests({ read, write, afterwards, events, documents, region, log, logRefused }) {
  /**
   * Makes a change and publishes its event. The change is durable once it is committed, even if publishing fails.
   *
   * @template {{event?: Event, held?: boolean}} T
   * @param {string} tenant
   * @param {EventKind} kind
   * @param {(client: TenantClient, newEvent: records.NewEvent) => Promise<T>} work
   * @param {{idempotent?: boolean, subject: string}} options
   */
  async function change(tenant, kind, work, options) {
    const newEvent = { id: randomUUID(), kind, region, tenant };
    const result = await write(tenant, (client) => work(client, newEvent), options);
    if (result.event && !result.held) await publish(result.event);
    return result;
  }

  /**
   * Publishes an event at once, and then those of the same record that it has held back. If that fails, they stay in the outbox for
   * maintenance.
   *
   * @param {Event} event
   */
  async function publish(event) {
    try {
      /** @type {Event | undefined} */
      let next = event;
      for (let count = 0; next && count <= MAX_FOLLOWING_EVENTS; count++) {
        const { accepted, refused } = await events.publish([next], { timeoutMs: PUBLISH_TIMEOUT_MS });
        logRefused(refused);
        if (accepted.length === 0) return;
        next = await afterwards(next.tenant, (client) => markPublished(client, accepted));
      }
    } catch (error) {
      log.warn({ message: 'an event is left in the outbox', eventId: event.id, error });
    }
  }

  /**
   * Returns what requests of a tenant do. They see and change no other tenant's records, and those are missing to them.
   *
   * @param {string} tenant
   * @param {string} [subject] of the caller's token: whose changes they are, for the records' history.
   */
  return (tenant, subject = '') => ({
    /**
     * Creates a record, or returns the one that the idempotency key has created.
     *
     * @param {records.NewRecord} newRecord
     * @returns {Promise<{record: records.PatientRecord, replayed: boolean}>}
     * @throws {import('../errors.js').IdempotencyConflict}
     */
    async create(newRecord) {
      const id = randomUUID();
      const { record, replayed } = await change(
        tenant,
        'RecordCreated',
        (client, newEvent) => records.create(client, { ...newRecord, id }, newEvent),
        { idempotent: newRecord.idempotencyKey !== undefined, subject: newRecord.subject },
      );
      return { record, replayed };
    },

    /**
     * Returns a record.
     *
     * @param {string} id a UUID.
     * @returns {Promise<records.PatientRecord>}
     * @throws {import('../errors.js').NotFound}
     */
    get: (id) => read(tenant, (client) => records.get(client, id)),

    /**
     * Returns a page of a patient's records, the oldest first.
     *
     * @param {{patient: string, limit: number, after?: records.Position}} query
     * @returns {Promise<records.Page>}
     */
    list: (query) => read(tenant, (client) => records.list(client, query)),

    /**
     * Returns a page of a record's history, the newest version first.
     *
     * @param {{id: string, limit: number, before?: [number, string]}} query
     * @returns {Promise<versions.VersionPage>}
     * @throws {import('../errors.js').NotFound}
     */
    listVersions: (query) => read(tenant, (client) => versions.list(client, query)),

    /**
     * Returns a record as it was in a version.
     *
     * @param {string} id a UUID.
     * @param {[number, string]} version
     * @returns {ReturnType<typeof versions.get>}
     * @throws {import('../errors.js').NotFound}
     */
    getVersion: (id, version) => read(tenant, (client) => versions.get(client, id, version)),

    /**
     * Replaces a record's content, and its patient if one is given.
     *
     * @param {string} id a UUID.
     * @param {records.Condition} condition
     * @param {{patient?: string, content: string}} update
     * @param {(patient: string) => void} [onPrevious] receives whose record it was, for the audit trail.
     * @returns {Promise<records.PatientRecord>}
     * @throws {import('../errors.js').NotFound | import('../errors.js').VersionConflict}
     */
    async update(id, condition, update, onPrevious = () => {}) {
      const { record, previousPatient } = await change(
        tenant,
        'RecordUpdated',
        (client, newEvent) => records.update(client, { ...update, id, condition }, newEvent),
        { subject },
      );
      onPrevious(previousPatient);
      return record;
    },

    /**
     * Deletes a record.
     *
     * @param {string} id a UUID.
     * @param {records.Condition} [condition] without one any version is deleted.
     * @returns {Promise<records.PatientRecord>} the record as it was.
     * @throws {import('../errors.js').NotFound | import('../errors.js').VersionConflict}
     */
    async remove(id, condition) {
      const { record } = await change(
        tenant,
        'RecordDeleted',
        (client, newEvent) => records.remove(client, { id, condition }, newEvent),
        { subject },
      );
      // The document's removal is queued with the deletion, for both regions. Here it is done at once.
      await documents.remove(tenant, id).catch((error) => {
        log.warn({ message: 'a document is left to maintenance', recordId: id, error });
      });
      return record;
    },
  });
}
