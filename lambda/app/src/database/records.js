import { IdempotencyConflict, NotFound, Unavailable, VersionConflict } from '../errors.js';
import { retryAfterSeconds } from '../retryafter.js';
import { DEFAULT_TENANT } from '../tenant.js';
import { replay } from './idempotency.js';
import { isLockTimeout, isUndefinedColumn } from './pgerrors.js';
import { heldBack } from './outbox.js';
import { TAG, conditionValues, fulfils, newRevision } from './tags.js';

/** @typedef {import('../aws/events.js').Event} Event */
/** @typedef {import('./tenants.js').TenantClient} Client */

/**
 * A record as callers see it.
 *
 * @typedef {object} PatientRecord
 * @property {string} id a UUID.
 * @property {string} patient
 * @property {string} content JSON of an object, as it was sent.
 * @property {number} version from 1.
 * @property {string} tag names this version and its content among all that ever existed, also those that a failover lost. It is
 *   the version and a random number of each write, and is not part of the representation.
 * @property {string} createdAt RFC 3339, UTC, with milliseconds.
 * @property {string} updatedAt
 */

/** @typedef {import('./tags.js').Condition} Condition */

/**
 * A position in a list of records: the last record of a page.
 *
 * @typedef {{createdAt: string, id: string}} Position
 */

/**
 * A page of a list. next is missing on the last page.
 *
 * @typedef {{records: PatientRecord[], next?: Position}} Page
 */

/**
 * A request to create a record. requestHash distinguishes different requests with the same idempotency key; it is
 * given with a key only.
 *
 * @typedef {object} NewRecord
 * @property {string} patient
 * @property {string} content JSON of an object.
 * @property {string} subject of the caller's token; idempotency keys are separate for each subject.
 * @property {string} [idempotencyKey]
 * @property {string} [requestHash]
 */

/**
 * What is known of a change's event before the change; the database knows the timeline.
 *
 * @typedef {Pick<Event, 'id' | 'kind' | 'region' | 'tenant'>} NewEvent
 */

/**
 * A change of a record with its event. Each change is one SQL statement that also writes the event to the outbox. So the
 * database never has one without the other, and a change costs one round trip to the writer, which may be across the continent.
 *
 * @typedef {{record: PatientRecord, event: Event, held: boolean}} Change held tells that earlier events of the record are still in the
 *   outbox, so that this one has to wait for them.
 */

/** @typedef {{id: string, patient: string, content: string, version: number, tag: string, created_at: Date, updated_at: Date}} Row */

/** A row with the timeline of its change's event. */
/** @typedef {Row & {timeline: string}} ChangedRow */

const COLUMNS = `id, patient, content::text as content, version, ${TAG} as tag, created_at, updated_at`;

/** The condition of a tenant's rows, whose tenant is a statement's first parameter. */
const OF_TENANT = 'tenant = $1';

/**
 * The columns and the condition by which a record is read, the present schema's first. The others are for a region whose schema is
 * that of an earlier version, because this version of the function was deployed before its migrations are replicated. Without tenants
 * all rows are the default tenant's; without revisions a tag is one that matches no record.
 */
const READS = [
  { columns: COLUMNS, ofTenant: OF_TENANT },
  { columns: COLUMNS, ofTenant: `$1 = '${DEFAULT_TENANT}'` },
  {
    columns: COLUMNS.replace(TAG, `version || '-' || replace(gen_random_uuid()::text, '-', '')`),
    ofTenant: `$1 = '${DEFAULT_TENANT}'`,
  },
];

/**
 * Reads rows of the client's tenant.
 *
 * @param {Client} client
 * @param {(read: typeof READS[number]) => string} toStatement whose first parameter is the tenant.
 * @param {unknown[]} values of the other parameters.
 * @returns {Promise<{rows: (Row & {found?: number})[]}>} found is what a list has found, whether the page has it or not.
 */
async function read(client, toStatement, values, [first, ...others] = READS) {
  try {
    return await client.query(toStatement(first), [client.tenant, ...values]);
  } catch (error) {
    if (!isUndefinedColumn(error) || others.length === 0) throw error;
    return read(client, toStatement, values, others);
  }
}

/**
 * Returns the record of a row.
 *
 * @param {Row} row
 * @returns {PatientRecord}
 */
export const toRecord = (row) => ({
  id: row.id,
  patient: row.patient,
  content: row.content,
  version: row.version,
  tag: row.tag,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
});

/**
 * Returns the SQL that inserts an event into the outbox for each row of a common table expression. It returns the event's
 * timeline, which is the column's default (migration 4). The tenant is the statement's first parameter.
 *
 * @param {string} source the name of the expression.
 * @param {string} version SQL expression of the record's version after the change.
 * @param {{id: number, kind: number, region: number}} parameters numbers of the statement's parameters for the event.
 */
const insertOutbox = (source, version, { id, kind, region }) =>
  `insert into outbox (id, kind, record_id, version, region, tenant)
   select $${id}::uuid, $${kind}::text, id, ${version}, $${region}::text, $1::text from ${source} returning timeline`;

/**
 * Returns the values of insertOutbox's parameters, in the order of its numbers.
 *
 * @param {NewEvent} newEvent
 */
const eventValues = ({ id, kind, region }) => [id, kind, region];

/**
 * @param {NewEvent} newEvent
 * @param {ChangedRow} row
 * @returns {Event}
 */
const toEvent = (newEvent, row, version = row.version, occurredAt = row.updated_at) => ({
  ...newEvent,
  recordId: row.id,
  version,
  timeline: row.timeline,
  occurredAt,
});

/** Claims an idempotency key and creates the record, unless the key is taken. */
const CREATE_WITH_KEY = `with claimed as (
         insert into idempotency_keys (tenant, subject, key, request_hash, record_id, answer)
         values ($1, $9, $10, $11, $2::uuid, json_build_object(
           'id', $2::uuid, 'patient', $3::text, 'content', $4::json, 'version', 1, 'revision', $8::text))
         on conflict do nothing
         returning record_id),
       created as (
         insert into records (tenant, id, patient, content, revision)
         select $1, $2::uuid, $3::text, $4::json, $8::text from claimed
         returning ${COLUMNS}),
       event as (${insertOutbox('created', 'version', { id: 5, kind: 6, region: 7 })})
       select * from created, event`;

/** Number of times that a key is looked for that is taken and not found. */
const MAX_CLAIMS = 3;

/**
 * Creates a record. With an idempotency key exactly one record is created, also by concurrent requests: the others wait for
 * the first one and return its record.
 *
 * @param {Client} client connected to the writer.
 * @param {NewRecord & {id: string}} newRecord
 * @param {NewEvent} newEvent
 * @returns {Promise<{record: PatientRecord, event?: Event, replayed: boolean}>} without an event if an earlier request created
 *   the record.
 * @throws {import('../errors.js').IdempotencyConflict} if the key was used for another request, or for a record that has been deleted.
 */
export async function create(client, newRecord, newEvent) {
  const record = [client.tenant, newRecord.id, newRecord.patient, newRecord.content];
  const event = eventValues(newEvent);
  if (newRecord.idempotencyKey === undefined) {
    const { rows } = await client.query(
      `with created as (
              insert into records (tenant, id, patient, content) values ($1, $2, $3, $4) returning ${COLUMNS}),
            event as (${insertOutbox('created', 'version', { id: 5, kind: 6, region: 7 })})
       select * from created, event`,
      [...record, ...event],
    );
    return toCreated(rows[0], newEvent);
  }
  // The revision is known beforehand, because the answer is kept with the key. Otherwise it is the column's default.
  const key = [newRevision(), newRecord.subject, newRecord.idempotencyKey, newRecord.requestHash];
  // Keys are purged after a day. If the key is purged between the two statements, the next iteration creates the record.
  for (let attempt = 0; attempt < MAX_CLAIMS; attempt++) {
    const { rows } = await client.query(CREATE_WITH_KEY, [...record, ...event, ...key]).catch((error) => {
      // The row that is waited for is that of the same key, which another transaction has inserted.
      throw isLockTimeout(error) ? new IdempotencyConflict('in flight', { cause: error }) : error;
    });
    if (rows.length > 0) return toCreated(rows[0], newEvent);
    const found = await client.query(
      `select request_hash, created_at, answer ->> 'id' as id, answer ->> 'patient' as patient,
              (answer -> 'content')::text as content, (answer ->> 'version')::integer as version,
              answer ->> 'revision' as revision
       from idempotency_keys where ${OF_TENANT} and subject = $2 and key = $3`,
      [client.tenant, newRecord.subject, newRecord.idempotencyKey],
    );
    if (found.rows.length > 0) return replay(found.rows[0], newRecord.requestHash);
  }
  // Until the index of migration 16 is built, a subject's key is one for all its tenants.
  throw new Unavailable(
    "database: the key is another tenant's until maintenance has built the index",
    retryAfterSeconds(),
  );
}

/**
 * @param {ChangedRow} row
 * @param {NewEvent} newEvent
 */
const toCreated = (row, newEvent) => ({ record: toRecord(row), event: toEvent(newEvent, row), replayed: false });

/**
 * Returns a record.
 *
 * @param {Client} client
 * @param {string} id
 * @returns {Promise<PatientRecord>}
 * @throws {NotFound}
 */
export async function get(client, id) {
  const { rows } = await read(
    client,
    ({ columns, ofTenant }) => `select ${columns} from records where ${ofTenant} and id = $2`,
    [id],
  );
  if (rows.length === 0) throw new NotFound();
  return toRecord(rows[0]);
}

/**
 * Maximum size of the contents of a page, in bytes. With the other members of its records, some 300 bytes for each and 900 at
 * most, the page is below the maximum of a response (MAX_BODY_BYTES in http/response.js). One record always fits.
 */
export const MAX_PAGE_BYTES = 512 * 1024;

/**
 * Returns a page of a patient's records, the oldest first. It ends at the limit, or before the record with which its contents
 * would be larger than MAX_PAGE_BYTES. The query goes from record to record by the index and stops there: a page of large
 * records reads no more than it answers and one record.
 *
 * @param {Client} client
 * @param {{patient: string, limit: number, after?: Position}} query after is the end of the previous page.
 * @returns {Promise<Page>}
 */
export async function list(client, { patient, limit, after }) {
  /**
   * @param {string} ofTenant
   * @param {string} condition
   */
  const first = (ofTenant, condition) =>
    `select * from records where ${ofTenant} and patient = $2 ${condition} order by created_at, id limit 1`;
  const { rows } = await read(
    client,
    ({ columns, ofTenant }) => `with recursive page as (
       (select found.*, 1 as number, octet_length(found.content::text) as bytes
        from (${first(ofTenant, after ? 'and (created_at, id) > ($5::timestamptz, $6::uuid)' : '')}) found)
       union all
       select found.*, page.number + 1, page.bytes + octet_length(found.content::text)
       from page cross join lateral (${first(ofTenant, 'and (created_at, id) > (page.created_at, page.id)')}) found
       where page.number <= $3 and (page.number = 1 or page.bytes <= $4))
     select ${columns}, (select count(*)::integer from page) as found
     from page where number <= $3 and (number = 1 or bytes <= $4) order by number`,
    [patient, limit, MAX_PAGE_BYTES, ...(after ? [new Date(after.createdAt), after.id] : [])],
  );
  const records = rows.map(toRecord);
  const last = records.at(-1);
  if (last === undefined || rows[0].found === rows.length) return { records };
  return { records, next: { createdAt: last.createdAt, id: last.id } };
}

/**
 * Replaces the content of a record, and its patient if one is given, if the record's tag fulfils the condition. The database
 * renews the revision (migration 3).
 *
 * @param {Client} client connected to the writer.
 * @param {{id: string, condition: Condition, patient?: string, content: string}} update
 * @param {NewEvent} newEvent
 * @returns {Promise<Change & {previousPatient: string}>} previousPatient is whose record it was.
 * @throws {NotFound | VersionConflict}
 */
export async function update(client, { id, condition, patient, content }, newEvent) {
  const { rows } = await client.query(
    `with before as (
            select id as record_id, patient as previous_patient from records where ${OF_TENANT} and id = $2 for update),
          updated as (
            update records
            set patient = coalesce($5, patient), content = $6, version = version + 1, updated_at = now()
            from before
            where ${OF_TENANT} and id = record_id and ${fulfils(3, 4)}
            returning ${COLUMNS}, previous_patient),
          event as (${insertOutbox('updated', 'version', { id: 7, kind: 8, region: 9 })})
     select updated.*, event.timeline, ${heldBack('updated')} as held from updated, event`,
    [client.tenant, id, ...conditionValues(condition), patient ?? null, content, ...eventValues(newEvent)],
  );
  if (rows.length === 0) return throwConflict(client, id);
  const { previous_patient: previousPatient, held } = rows[0];
  return { record: toRecord(rows[0]), event: toEvent(newEvent, rows[0]), previousPatient, held };
}

/**
 * Deletes a record, and the copy of its content with its idempotency key. The deletion counts as a version, so consumers know
 * its event to be the last.
 *
 * @param {Client} client connected to the writer.
 * @param {{id: string, condition?: Condition}} deletion without a condition any version is deleted.
 * @param {NewEvent} newEvent
 * @returns {Promise<Change>} with the record as it was.
 * @throws {NotFound | VersionConflict}
 */
export async function remove(client, { id, condition = {} }, newEvent) {
  const { rows } = await client.query(
    `with deleted as (delete from records where ${OF_TENANT} and id = $2 and ${fulfils(3, 4)} returning ${COLUMNS}),
          erased as (
            update idempotency_keys set answer = null where ${OF_TENANT} and record_id in (select id from deleted)),
          event as (${insertOutbox('deleted', 'version + 1', { id: 5, kind: 6, region: 7 })})
     select deleted.*, event.timeline, now() as deleted_at, ${heldBack('deleted')} as held from deleted, event`,
    [client.tenant, id, ...conditionValues(condition), ...eventValues(newEvent)],
  );
  if (rows.length === 0) return throwConflict(client, id);
  const [row] = rows;
  return { record: toRecord(row), event: toEvent(newEvent, row, row.version + 1, row.deleted_at), held: row.held };
}

/**
 * Throws the reason why a change matched no row.
 *
 * @param {Client} client
 * @param {string} id
 * @returns {Promise<never>}
 * @throws {NotFound | VersionConflict}
 */
async function throwConflict(client, id) {
  await get(client, id);
  throw new VersionConflict();
}
