import { NotFound } from '../errors.js';
import { deleteInBatches } from './purge.js';
import { toRecord } from './records.js';
import { TAG, TAG_PATTERN } from './tags.js';

/** @typedef {import('./records.js').PatientRecord} PatientRecord */
/** @typedef {import('./tenants.js').TenantClient} TenantClient */

/**
 * How a version came about. A removal counts as a version, which has no content.
 *
 * @typedef {'created' | 'amended' | 'removed'} VersionKind
 */

/**
 * An entry of a record's history.
 *
 * @typedef {object} Version
 * @property {string} tag of the record in this version; see PatientRecord.
 * @property {number} version from 1.
 * @property {VersionKind} kind
 * @property {string} changedAt RFC 3339, UTC, with milliseconds.
 * @property {string | null} changedBy the subject of the token; null if it is not known.
 */

/**
 * A page of a history, the newest version first. patient is whose record it was in the newest of them, and missing if there is none; next is
 * the tag of the page's last version, and missing on the last page.
 *
 * @typedef {{versions: Version[], patient?: string, next?: string}} VersionPage
 */

/**
 * How long a record's earlier versions are kept, in days since they ceased to be in effect, and whether a legal hold keeps all of them.
 * Each region has its settings, and the stricter ones count.
 *
 * @typedef {{days: number, legalHold: boolean}} Retention
 */

/** The name of the migration with which histories begin. */
export const VERSIONS_MIGRATION = 'versions';

/**
 * Maximum number of versions that one statement deletes. Their contents, of 256 KiB at most, are in 130 pieces each; a thousand of the
 * largest take less than a second.
 */
const BATCH_SIZE = 1_000;

/** Key of the advisory lock of whoever deletes versions: an arbitrary number, used for nothing else. */
const LOCK_KEY = 7_726_201_648;

const TAG_FORM = new RegExp(`^${TAG_PATTERN}$`);

/** The largest number that PostgreSQL's integer holds, as a version's. */
const MAX_INTEGER = 2 ** 31 - 1;

/**
 * Parses a version's tag.
 *
 * @param {string} tag
 * @returns {[number, string] | undefined} the version and the revision; undefined if no version has such a tag.
 */
export function parseTag(tag) {
  const [version, revision] = tag.split('-');
  return TAG_FORM.test(tag) && Number(version) <= MAX_INTEGER ? [Number(version), revision] : undefined;
}

/**
 * Returns a page of a record's history: what it is now, unless it was removed, and what was before. The query goes by the key of
 * record_versions and stops at the limit, so a page costs the same at any depth.
 *
 * @param {TenantClient} client
 * @param {{id: string, limit: number, before?: [number, string]}} query before is the version and the revision that ended the last page.
 * @returns {Promise<VersionPage>}
 * @throws {NotFound} if there is no such record, and no version of it is kept.
 */
export async function list(client, { id, limit, before }) {
  const condition = before ? 'and (version, revision) < ($4::integer, $5)' : '';
  /**
   * @param {string} columns
   * @param {string} source
   */
  const some = (columns, source) =>
    `(select ${TAG} as tag, version, revision, ${columns}, patient, updated_at, changed_by from ${source} ${condition}
      order by version desc, revision desc limit $3)`;
  const { rows } = await client.query(
    `with former as ${some('kind', 'record_versions where tenant = $1 and record_id = $2')},
          present as ${some(PRESENT_KIND, 'records where tenant = $1 and id = $2')}
     select distinct on (version, revision) tag, version, kind, patient, updated_at, changed_by
     from (select * from present union all select * from former) versions
     order by version desc, revision desc limit $3`,
    [client.tenant, id, limit + 1, ...(before ?? [])],
  );
  // The last page is full, or the version behind it has been deleted since.
  if (rows.length === 0 && !before) throw new NotFound();
  const versions = rows.slice(0, limit).map((row) => ({
    tag: row.tag,
    version: row.version,
    kind: row.kind,
    changedAt: row.updated_at.toISOString(),
    changedBy: row.changed_by,
  }));
  return { versions, patient: rows[0]?.patient, ...(rows.length > limit && { next: versions[limit - 1].tag }) };
}

/** The SQL expression of how the present version of a record came about. */
const PRESENT_KIND = `case version when 1 then 'created' else 'amended' end as kind`;

/**
 * Returns a record as it was in a version, with the content as it was sent.
 *
 * @param {TenantClient} client
 * @param {string} id
 * @param {[number, string]} version the version and the revision.
 * @returns {Promise<PatientRecord | undefined>} undefined if the version is the record's removal.
 * @throws {NotFound} if the record has no such version, or it is not kept any more.
 */
export async function get(client, id, [version, revision]) {
  /**
   * @param {string} key
   * @param {string} columns
   * @param {string} table
   */
  const some = (key, columns, table) =>
    `select ${key} as id, patient, content::text as content, version, ${TAG} as tag, created_at, updated_at, ${columns}
     from ${table} where tenant = $1 and ${key} = $2 and version = $3 and revision = $4`;
  const { rows } = await client.query(
    `${some('record_id', 'kind', 'record_versions')} union all ${some('id', PRESENT_KIND, 'records')} limit 1`,
    [client.tenant, id, version, revision],
  );
  if (rows.length === 0) throw new NotFound();
  const [row] = rows;
  return row.kind === 'removed' ? undefined : toRecord(row);
}

/**
 * Notes this region's settings in the database, and deletes the versions of all tenants whose retention is over, until there is none or
 * the time is over. The database refuses to delete any other (migration 19). One process does it at a time: rows are not locked one by one,
 * because that takes the privilege to update them, which nobody has.
 *
 * @param {import('pg').ClientBase} client connected to the writer.
 * @param {{region: string, retention: Retention, isOver: () => boolean}} options
 * @returns {Promise<number>} the number of deleted versions.
 */
export async function purgeVersions(client, { region, retention, isOver }) {
  await client.query(
    `insert into version_retention (region, days, legal_hold) values ($1, $2, $3)
     on conflict (region) do update set days = excluded.days, legal_hold = excluded.legal_hold, set_at = now()
     where (version_retention.days, version_retention.legal_hold) is distinct from (excluded.days, excluded.legal_hold)`,
    [region, retention.days, retention.legalHold],
  );
  if (isOver()) return 0;
  return deleteInBatches(BATCH_SIZE, isOver, () =>
    client.query(
      `with lock as materialized (select pg_try_advisory_xact_lock($2) as taken)
       delete from record_versions where (record_id, version, revision) in (
         select record_id, version, revision from record_versions
         where ended_at < versions_expire_before() and (select taken from lock) order by ended_at limit $1)`,
      [BATCH_SIZE, LOCK_KEY],
    ),
  );
}

/**
 * Counts the versions whose retention is over, and says for how many seconds that of the oldest is. While there is a legal hold there are
 * none.
 *
 * @param {import('pg').ClientBase} client connected to the writer.
 * @returns {Promise<{expiredVersions: number, expiredVersionsAge: number}>}
 */
export async function measureVersions(client) {
  const { rows } = await client.query(
    `select count(*)::integer as "expiredVersions",
            coalesce(extract(epoch from versions_expire_before() - min(ended_at)), 0)::float as "expiredVersionsAge"
     from record_versions where ended_at < versions_expire_before()`,
  );
  return rows[0];
}
