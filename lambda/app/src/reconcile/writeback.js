import { inTransaction } from '../database/transaction.js';
import { DEFAULT_TENANT } from '../tenant.js';
import { changesOf } from './changelog.js';
import { commonColumns } from './columns.js';
import { writeVersions } from './versions.js';

/** @typedef {import('pg').ClientBase} Client */
/** @typedef {import('./changelog.js').Change} Change */
/** @typedef {import('./columns.js').Columns} Columns */

/** Key of the advisory lock that serializes reconciliations: an arbitrary number, used for nothing else. */
const LOCK_KEY = 7_726_201_646;

/**
 * Why a record is put aside instead of written back.
 *
 * @typedef {'changed-in-both' | 'key-used-again' | 'unlogged-change'} Reason
 */

/**
 * What one call has done, in changes; records counts the conflicts' records.
 *
 * @typedef {{lost: number, returned: number, conflict: number, records: number}} Counts
 */

/**
 * A record in both histories.
 *
 * @typedef {object} Case
 * @property {string} id of the record.
 * @property {Change[]} lost changes that the running history lacks.
 * @property {boolean} touched the running history has changed it after the histories parted.
 * @property {Row | undefined} theirs as the restored cluster has it.
 * @property {Row | undefined} ours
 * @property {boolean} keyUsedAgain the running history has created another record by the key that created this one.
 *
 * @typedef {{id: string, version: number, json: string}} Row of a record; json is the whole row as text, as PostgreSQL's
 *   row_to_json makes it.
 *
 * @typedef {{recordId: string, tenant: string, subject: string, key: string, json: string}} KeyRow an idempotency key that created a record.
 *
 * @typedef {object} Restored what the restored cluster has of some records.
 * @property {Change[]} changes
 * @property {Row[]} records
 * @property {KeyRow[]} keys
 */

/**
 * Writes the lost changes of some records back, or puts them aside, all in one transaction: a process that ends before its commit
 * has done nothing, and one that ends after it has done everything. The rows are locked, so no request changes them meanwhile.
 *
 * @param {Client} running connected to the writer.
 * @param {Client} restored
 * @param {string[]} recordIds
 * @param {{since: string, source: string}} options since is the time from which the logs are compared; source names the snapshot.
 * @returns {Promise<Counts>}
 */
export async function writeBack(running, restored, recordIds, { since, source }) {
  const theirs = {
    changes: await changesOf(restored, recordIds, since),
    records: await readRecords(restored, recordIds),
    keys: await readKeys(restored, recordIds),
  };
  const columns = {
    records: await commonColumns(running, restored, 'records'),
    keys: await commonColumns(running, restored, 'idempotency_keys'),
    versions: await commonColumns(running, restored, 'record_versions'),
  };
  return inTransaction(running, async () => {
    await running.query(`select pg_advisory_xact_lock($1), set_config('warmstandby.keep_revision', 'on', true)`, [
      LOCK_KEY,
    ]);
    const cases = await toCases(running, theirs, recordIds, since, columns.keys);
    /** @type {{of: Case, reason?: Reason}[]} */
    const decided = cases.map((one) => ({ of: one, reason: reasonAgainst(one) }));
    const returned = decided.filter(({ reason }) => reason === undefined).map(({ of }) => of);
    await writeVersions(running, restored, returned, columns.versions.names);
    await writeRecords(running, returned, columns.records);
    await writeEvents(running, restored, returned);
    await putAside(running, decided, source);
    await writeReport(running, decided, source);
    const count = (/** @type {Case[]} */ list) => list.reduce((sum, { lost }) => sum + lost.length, 0);
    return {
      lost: count(cases),
      returned: count(returned),
      conflict: count(cases) - count(returned),
      records: cases.length - returned.length,
    };
  });
}

/**
 * Returns the reason why a record is put aside; undefined if its lost changes go on from what the running history has, or if both
 * histories have deleted it.
 *
 * @param {Case} of
 * @returns {Reason | undefined}
 */
export function reasonAgainst({ lost, touched, theirs, ours, keyUsedAgain }) {
  if (touched) return theirs === undefined && ours === undefined ? undefined : 'changed-in-both';
  if (keyUsedAgain && theirs !== undefined) return 'key-used-again';
  // The first lost change follows the version that both histories have. Anything else was changed without a log: by hand.
  const version = ours?.version ?? 0;
  return version === lost[0].version - 1 ? undefined : 'unlogged-change';
}

/**
 * @param {Client} client
 * @param {string[]} recordIds
 * @returns {Promise<Row[]>}
 */
async function readRecords(client, recordIds, lock = '') {
  const { rows } = await client.query(
    `select id, version, row_to_json(records)::text as json from records
     where id = any($1::uuid[]) order by id ${lock}`,
    [recordIds],
  );
  return rows;
}

/**
 * Returns the idempotency keys that created records.
 *
 * @param {Client} client
 * @param {string[]} recordIds
 * @returns {Promise<KeyRow[]>}
 */
async function readKeys(client, recordIds) {
  const { rows } = await client.query(
    `select record_id as "recordId", coalesce(to_jsonb(idempotency_keys) ->> 'tenant', $2) as tenant, subject, key,
            row_to_json(idempotency_keys)::text as json
     from idempotency_keys where record_id = any($1::uuid[]) order by tenant, subject, key`,
    [recordIds, DEFAULT_TENANT],
  );
  return rows;
}

/**
 * Compares records in both histories, with the running one's locked. Records that miss nothing, because another reconciliation
 * was faster, are left out.
 *
 * @param {Client} running in a transaction.
 * @param {Restored} restored
 * @param {string[]} recordIds
 * @param {string} since
 * @param {Columns} keyColumns
 * @returns {Promise<Case[]>}
 */
async function toCases(running, restored, recordIds, since, keyColumns) {
  const ours = await readRecords(running, recordIds, 'for update');
  const ourChanges = await changesOf(running, recordIds, since);
  const { rows: reported } = await running.query('select id from reconciled_changes where id = any($1::uuid[])', [
    restored.changes.map(({ id }) => id),
  ]);
  const known = new Set([...ourChanges, ...reported].map(({ id }) => id));
  const theirIds = new Set(restored.changes.map(({ id }) => id));
  const lost = restored.changes.filter(({ id }) => !known.has(id));
  const created = new Set(lost.filter(({ kind }) => kind === 'RecordCreated').map(({ recordId }) => recordId));
  const usedAgain = await claimKeys(
    running,
    restored.keys.filter(({ recordId }) => created.has(recordId)),
    keyColumns,
  );
  return recordIds
    .map((id) => ({
      id,
      lost: lost.filter(({ recordId }) => recordId === id),
      touched: ourChanges.some((change) => change.recordId === id && !theirIds.has(change.id)),
      theirs: restored.records.find((row) => row.id === id),
      ours: ours.find((row) => row.id === id),
      keyUsedAgain: usedAgain.has(id),
    }))
    .filter((one) => one.lost.length > 0);
}

/**
 * Writes the idempotency keys back by which lost records were created. A caller who has not had the answer may be repeating the
 * request now: its statement waits for this transaction and then answers with the lost record, or this one waits for it, and then
 * the key is used again.
 *
 * @param {Client} running
 * @param {KeyRow[]} keys
 * @param {Columns} columns
 * @returns {Promise<Set<string>>} the lost records whose keys have created other records.
 */
async function claimKeys(running, keys, { names }) {
  if (keys.length === 0) return new Set();
  await running.query(
    `insert into idempotency_keys (${names})
     select ${names} from unnest($1::text[]) as lost (json), json_populate_record(null::idempotency_keys, lost.json::json)
     on conflict do nothing`,
    [keys.map(({ json }) => json)],
  );
  const { rows } = await running.query(
    `select lost.record_id
     from unnest($1::text[], $2::text[], $3::text[], $4::uuid[]) as lost (tenant, subject, key, record_id)
     join idempotency_keys as used
       on used.tenant = lost.tenant and used.subject = lost.subject and used.key = lost.key
     where used.record_id <> lost.record_id`,
    [
      keys.map(({ tenant }) => tenant),
      keys.map(({ subject }) => subject),
      keys.map(({ key }) => key),
      keys.map(({ recordId }) => recordId),
    ],
  );
  return new Set(rows.map((row) => row.record_id));
}

/**
 * Makes the records what they are in the restored cluster.
 *
 * @param {Client} running
 * @param {Case[]} cases
 * @param {Columns} columns
 */
async function writeRecords(running, cases, { names, assignments }) {
  const rows = cases.flatMap(({ theirs }) => (theirs ? [theirs.json] : []));
  if (rows.length > 0)
    await running.query(
      `insert into records (${names})
       select ${names} from unnest($1::text[]) as lost (json), json_populate_record(null::records, lost.json::json)
       on conflict (id) do update set ${assignments}`,
      [rows],
    );
  const deleted = cases.filter(({ theirs }) => theirs === undefined).map(({ id }) => id);
  if (deleted.length === 0) return;
  await running.query('delete from records where id = any($1::uuid[])', [deleted]);
  await running.query('update idempotency_keys set answer = null where record_id = any($1::uuid[])', [deleted]);
}

/**
 * Puts the events of the lost changes into the outbox, under their own ids, times and timelines. Its trigger logs them, so the
 * changes are not lost any more. Maintenance publishes them; consumers that have had one know its id.
 *
 * @param {Client} running
 * @param {Client} restored
 * @param {Case[]} cases
 */
async function writeEvents(running, restored, cases) {
  const ids = cases.flatMap(({ lost }) => lost.map(({ id }) => id));
  if (ids.length === 0) return;
  const { rows } = await restored.query(
    `select json_agg(changes order by occurred_at, version)::text as json from changes where id = any($1::uuid[])`,
    [ids],
  );
  await running.query(
    `insert into outbox (id, kind, record_id, version, timeline, occurred_at, region, tenant)
     select id, kind, record_id, version, timeline, occurred_at, region, coalesce(tenant, $2)
     from json_populate_recordset(null::changes, $1::json) order by occurred_at, version`,
    [rows[0].json, DEFAULT_TENANT],
  );
}

/**
 * Keeps both versions of the records that were put aside, for a person. A key that such a record was created by is free again, or
 * stays with the record that it has created since.
 *
 * @param {Client} running
 * @param {{of: Case, reason?: Reason}[]} decided
 * @param {string} source
 */
async function putAside(running, decided, source) {
  const aside = decided.filter(({ reason }) => reason !== undefined);
  if (aside.length === 0) return;
  const uncreated = aside
    .filter(({ of }) => of.lost.some(({ kind }) => kind === 'RecordCreated'))
    .map(({ of }) => of.id);
  await running.query('delete from idempotency_keys where record_id = any($1::uuid[])', [uncreated]);
  await running.query(
    `insert into conflicts (record_id, source, reason, lost, current, tenant)
     select record_id, $1, reason, lost::json, current::json, tenant
     from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[]) as aside (record_id, reason, lost, current, tenant)
     on conflict (record_id, source) do nothing`,
    [
      source,
      aside.map(({ of }) => of.id),
      aside.map(({ reason }) => reason),
      aside.map(({ of }) => of.theirs?.json ?? null),
      aside.map(({ of }) => of.ours?.json ?? null),
      aside.map(({ of }) => of.lost[0].tenant),
    ],
  );
}

/**
 * Reports each lost change.
 *
 * @param {Client} running
 * @param {{of: Case, reason?: Reason}[]} decided
 * @param {string} source
 */
async function writeReport(running, decided, source) {
  const rows = decided.flatMap(({ of, reason }) =>
    of.lost.map(({ id, kind, version, occurredAt, tenant }) => ({
      id,
      kind,
      record_id: of.id,
      version,
      occurred_at: occurredAt.toISOString(),
      outcome: reason === undefined ? 'returned' : 'conflict',
      reason: reason ?? null,
      tenant,
    })),
  );
  if (rows.length === 0) return;
  await running.query(
    `insert into reconciled_changes (id, source, kind, record_id, version, occurred_at, outcome, reason, tenant)
     select id, $1, kind, record_id, version, occurred_at, outcome, reason, tenant
     from json_populate_recordset(null::reconciled_changes, $2::json) order by occurred_at, version`,
    [source, JSON.stringify(rows)],
  );
}
