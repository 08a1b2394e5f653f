import { IdempotencyConflict, NotFound, VersionConflict } from '../errors.js';

/**
 * A record as callers see it.
 *
 * @typedef {object} Record
 * @property {string} id a UUID.
 * @property {string} patient
 * @property {object} content
 * @property {number} version from 1.
 * @property {string} createdAt RFC 3339, UTC, with milliseconds.
 * @property {string} updatedAt
 */

/**
 * A change of a record. Each is one statement, which writes the outbox too: there is no moment in which the database has
 * the one without the other, and a change costs one way to the writer and back, which may be across the continent.
 *
 * @typedef {{record: Record, event: import('../aws/events.js').Event}} Change
 */

const COLUMNS = 'id, patient, content, version, created_at, updated_at';

/** @returns {Record} */
const recordOf = (row) => ({
  id: row.id,
  patient: row.patient,
  content: row.content,
  version: row.version,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
});

/**
 * The part of a statement that puts an event in the outbox for each row of a part before it.
 *
 * @param {string} source the part before.
 * @param {string} version of the record after the change, in SQL.
 * @param {{id: number, kind: number, region: number}} parameters which of the statement's hold them.
 */
const told = (source, version, { id, kind, region }) =>
  `insert into outbox (id, kind, record_id, version, region) select $${id}::uuid, $${kind}::text, id, ${version}, $${region}::text from ${source}`;

const eventOf = (notice, record, version = record.version, occurredAt = new Date(record.updatedAt)) => ({
  ...notice,
  recordId: record.id,
  version,
  occurredAt,
});

/**
 * Creates a record. With an idempotency key there is exactly one record of it, however many requests come at once: the
 * others wait for the first and get its answer.
 *
 * @param {import('pg').ClientBase} client at the writer.
 * @param {{id: string, patient: string, content: object, subject: string, idempotencyKey?: string, requestHash?: string}} wanted
 * @param {{id: string, kind: string, region: string}} notice of the event.
 * @returns {Promise<Partial<Change> & {record: Record, replayed: boolean}>} without an event when the record was there.
 * @throws {IdempotencyConflict} when the key stands for another request, or for a record that has been deleted.
 */
export async function create(client, wanted, notice) {
  const record = [wanted.id, wanted.patient, JSON.stringify(wanted.content)];
  const event = [notice.id, notice.kind, notice.region];
  if (wanted.idempotencyKey === undefined) {
    const { rows } = await client.query(
      `with made as (insert into records (id, patient, content) values ($1, $2, $3) returning ${COLUMNS}),
            told as (${told('made', 'version', { id: 4, kind: 5, region: 6 })})
       select * from made`,
      [...record, ...event],
    );
    return made(rows[0], notice);
  }
  const key = [wanted.subject, wanted.idempotencyKey, wanted.requestHash];
  // A key is purged after a day; should that happen between the two statements, the first is right the second time.
  for (;;) {
    const { rows } = await client.query(
      `with claimed as (
              insert into idempotency_keys (subject, key, request_hash, record_id, answer)
              values ($7, $8, $9, $1::uuid, json_build_object('id', $1::uuid, 'patient', $2::text, 'content', $3::json, 'version', 1))
              on conflict do nothing
              returning record_id),
            made as (
              insert into records (id, patient, content) select $1::uuid, $2::text, $3::json from claimed returning ${COLUMNS}),
            told as (${told('made', 'version', { id: 4, kind: 5, region: 6 })})
       select * from made`,
      [...record, ...event, ...key],
    );
    if (rows.length > 0) return made(rows[0], notice);
    const found = await client.query(
      'select request_hash, answer, created_at from idempotency_keys where subject = $1 and key = $2',
      [wanted.subject, wanted.idempotencyKey],
    );
    if (found.rows.length > 0) return replay(found.rows[0], wanted.requestHash);
  }
}

const made = (row, notice) => {
  const record = recordOf(row);
  return { record, event: eventOf(notice, record), replayed: false };
};

function replay({ request_hash: hash, answer, created_at: createdAt }, wantedHash) {
  if (hash !== wantedHash || answer === null) throw new IdempotencyConflict();
  const time = createdAt.toISOString();
  return { record: { ...answer, createdAt: time, updatedAt: time }, replayed: true };
}

/**
 * Returns a record.
 *
 * @param {import('pg').ClientBase} client
 * @param {string} id
 * @returns {Promise<Record>}
 * @throws {NotFound}
 */
export async function get(client, id) {
  const { rows } = await client.query(`select ${COLUMNS} from records where id = $1`, [id]);
  if (rows.length === 0) throw new NotFound();
  return recordOf(rows[0]);
}

/**
 * Returns a page of a patient's records, the oldest first.
 *
 * @param {import('pg').ClientBase} client
 * @param {{patient: string, limit: number, after?: {createdAt: string, id: string}}} page after is where the page before ended.
 * @returns {Promise<{records: Record[], next?: {createdAt: string, id: string}}>} next is there when there may be more.
 */
export async function list(client, { patient, limit, after }) {
  const { rows } = await client.query(
    `select ${COLUMNS} from records
     where patient = $1 ${after ? 'and (created_at, id) > ($3::timestamptz, $4::uuid)' : ''}
     order by created_at, id limit $2`,
    [patient, limit + 1, ...(after ? [new Date(after.createdAt), after.id] : [])],
  );
  const records = rows.slice(0, limit).map(recordOf);
  const last = records.at(-1);
  return rows.length > limit ? { records, next: { createdAt: last.createdAt, id: last.id } } : { records };
}

/**
 * Replaces a record that has the version that the caller has seen. (Callers may name any number; numeric holds them all.)
 *
 * @param {import('pg').ClientBase} client at the writer.
 * @param {{id: string, version: number, patient?: string, content: object}} wanted
 * @param {{id: string, kind: string, region: string}} notice of the event.
 * @returns {Promise<Change>}
 * @throws {NotFound | VersionConflict}
 */
export async function update(client, { id, version, patient, content }, notice) {
  const { rows } = await client.query(
    `with changed as (
            update records
            set patient = coalesce($3, patient), content = $4, version = version + 1, updated_at = now()
            where id = $1 and version = $2::numeric
            returning ${COLUMNS}),
          told as (${told('changed', 'version', { id: 5, kind: 6, region: 7 })})
     select * from changed`,
    [id, version, patient ?? null, JSON.stringify(content), notice.id, notice.kind, notice.region],
  );
  if (rows.length === 0) return refuse(client, id);
  const record = recordOf(rows[0]);
  return { record, event: eventOf(notice, record) };
}

/**
 * Deletes a record, and its content with the idempotency key that made it. The deletion counts as a version, so that its
 * event is known to be the last.
 *
 * @param {import('pg').ClientBase} client at the writer.
 * @param {{id: string, version?: number}} wanted version is the one that the caller has seen; without it any is deleted.
 * @param {{id: string, kind: string, region: string}} notice of the event.
 * @returns {Promise<Change>} with the record as it was.
 * @throws {NotFound | VersionConflict}
 */
export async function remove(client, { id, version }, notice) {
  const { rows } = await client.query(
    `with gone as (delete from records where id = $1 and ($2::numeric is null or version = $2) returning ${COLUMNS}),
          forgotten as (update idempotency_keys set answer = null where record_id in (select id from gone)),
          told as (${told('gone', 'version + 1', { id: 3, kind: 4, region: 5 })})
     select gone.*, now() as removed_at from gone`,
    [id, version ?? null, notice.id, notice.kind, notice.region],
  );
  if (rows.length === 0) return refuse(client, id);
  const record = recordOf(rows[0]);
  return { record, event: eventOf(notice, record, record.version + 1, rows[0].removed_at) };
}

/** Says why nothing was changed. */
async function refuse(client, id) {
  await get(client, id);
  throw new VersionConflict();
}
