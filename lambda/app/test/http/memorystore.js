import { randomUUID } from 'node:crypto';

import { objectKey } from '../../src/aws/documents.js';
import { MAX_PAGE_BYTES } from '../../src/database/records.js';
import { IdempotencyConflict, NotFound, VersionConflict } from '../../src/errors.js';
import { DEFAULT_TENANT } from '../../src/tenant.js';

/** @typedef {import('../../src/database/records.js').PatientRecord} PatientRecord */
/** @typedef {import('../../src/database/records.js').Position} Position */
/** @typedef {import('../../src/database/store.js').Store} Store */
/** @typedef {ReturnType<Store['of']>} TenantStore */

// The API refuses these in a text; PostgreSQL refuses them in some functions (PostgreSQL documentation, "JSON Types").
const UNSTORABLE = /\\u0000|\\ud[89a-f]/;

/**
 * Returns a member of a method's input; of content, which is JSON, its value.
 *
 * @param {string} name
 * @param {unknown} value
 */
const valueOf = (name, value) => (name === 'content' && typeof value === 'string' ? JSON.parse(value) : value);

/** @param {number} version */
const newTag = (version) => `${version}-${randomUUID().replaceAll('-', '')}`;

/** @typedef {ReturnType<typeof createMemoryStore>} MemoryStore */

/**
 * Creates a record store in memory with the behaviour of the real one, for tests of the HTTP layer. It refuses what PostgreSQL
 * refuses, with an error that no API response describes. The real store is tested through the same handler in test/integration.
 */
export function createMemoryStore() {
  /** @type {Map<string, PatientRecord & {secret: string, tenant: string}>} */
  const records = new Map();
  /** @type {Map<string, {record: PatientRecord, requestHash: string | undefined}>} */
  const created = new Map(); // By tenant, subject and idempotency key.
  /** @type {Map<string, (import('../../src/database/versions.js').Version & {tenant: string, patient: string, record?: PatientRecord})[]>} */
  const histories = new Map(); // By the id of the record, the newest version first.
  let count = 0;

  /** What a test changes and reads. */
  const controls = {
    /**
     * Error of every method.
     *
     * @type {Error | undefined}
     */
    fault: undefined,
    /**
     * Result of the probes.
     *
     * @type {import('../../src/database/probe.js').ProbeResult}
     */
    health: { ok: true, reason: '' },
    /**
     * Result of verify.
     *
     * @type {import('../../src/database/store.js').VerificationResult}
     */
    verification: { verified: true },
    /** Number of calls of methods other than the probes. */
    calls: 0,
  };

  /**
   * @param {string} tenant
   * @param {string} id
   */
  const find = (tenant, id) => {
    const record = records.get(id);
    if (record?.tenant !== tenant) throw new NotFound();
    return record;
  };
  /**
   * @param {string} tenant
   * @param {string} id
   * @param {import('../../src/database/records.js').Condition} [condition]
   */
  const findMatching = (tenant, id, { match, noneMatch } = {}) => {
    const record = find(tenant, id);
    if ((match && !match.includes(record.tag)) || noneMatch?.includes(record.tag)) throw new VersionConflict();
    return record;
  };
  /**
   * @param {Position} record
   * @param {Position} position
   */
  const isAfter = (record, position) =>
    record.createdAt > position.createdAt || (record.createdAt === position.createdAt && record.id > position.id);
  /**
   * @param {PatientRecord} a
   * @param {PatientRecord} b
   */
  const byPosition = (a, b) => (isAfter(a, b) ? 1 : -1);

  /**
   * Counts a call of a method, fails with the fault, and refuses an input that PostgreSQL would refuse.
   *
   * @template {unknown[]} A
   * @template R
   * @param {(...input: A) => Promise<R>} method
   * @returns {(...input: A) => Promise<R>}
   */
  const intercept =
    (method) =>
    async (...input) => {
      controls.calls++;
      if (controls.fault) throw controls.fault;
      if (UNSTORABLE.test(JSON.stringify(input, valueOf))) throw new Error('unsupported Unicode escape sequence');
      return method(...input);
    };

  /**
   * Notes a version.
   *
   * @param {string} tenant
   * @param {PatientRecord} record what it is, or was before its removal.
   * @param {import('../../src/database/versions.js').VersionKind} kind
   * @param {string} changedBy
   */
  function note(tenant, record, kind, changedBy) {
    const removed = kind === 'removed';
    const version = removed ? record.version + 1 : record.version;
    const entry = {
      tag: removed ? newTag(version) : record.tag,
      version,
      kind,
      changedAt: record.updatedAt,
      changedBy,
    };
    const before = histories.get(record.id) ?? [];
    histories.set(record.id, [{ ...entry, tenant, patient: record.patient, ...(!removed && { record }) }, ...before]);
  }

  /**
   * @param {string} tenant
   * @returns {TenantStore}
   */
  const of = (tenant, who = '') => ({
    /** @type {TenantStore['create']} */
    create: intercept(async ({ patient, content, subject, idempotencyKey, requestHash }) => {
      const key = JSON.stringify([tenant, subject, idempotencyKey]);
      const first = idempotencyKey === undefined ? undefined : created.get(key);
      if (first && first.requestHash !== requestHash) throw new IdempotencyConflict();
      if (first) return { record: first.record, replayed: true };
      // One minute after the previous one, so that the order of the timestamps is the order of creation.
      const time = new Date(Date.UTC(2026, 0, 1, 0, count++)).toISOString();
      const id = randomUUID();
      const tag = newTag(1);
      const record = { id, patient, content, version: 1, tag, createdAt: time, updatedAt: time };
      records.set(record.id, { ...record, secret: 'internal', tenant });
      note(tenant, record, 'created', subject);
      if (idempotencyKey !== undefined) created.set(key, { record, requestHash });
      return { record, replayed: false };
    }),

    /** @type {TenantStore['get']} */
    get: intercept(async (id) => find(tenant, id)),

    /** @type {TenantStore['list']} */
    list: intercept(async ({ patient, limit, after }) => {
      if (after && Number.isNaN(Date.parse(after.createdAt))) throw new Error('invalid time');
      const all = [...records.values()]
        .filter(
          (record) => record.tenant === tenant && record.patient === patient && (!after || isAfter(record, after)),
        )
        .sort(byPosition);
      let bytes = 0;
      const excess = all.findIndex(({ content }) => (bytes += Buffer.byteLength(content)) > MAX_PAGE_BYTES);
      const page = all.slice(0, excess === -1 ? limit : Math.min(limit, Math.max(excess, 1)));
      const last = page[page.length - 1];
      return {
        records: page,
        ...(all.length > page.length && { next: { createdAt: last.createdAt, id: last.id } }),
      };
    }),

    /** @type {TenantStore['listVersions']} */
    listVersions: intercept(async ({ id, limit, before }) => {
      const all = (histories.get(id) ?? []).filter((entry) => entry.tenant === tenant);
      if (all.length === 0) throw new NotFound();
      const rest = all.slice(before ? all.findIndex(({ tag }) => tag === before.join('-')) + 1 : 0);
      const page = rest.slice(0, limit);
      return {
        versions: page.map(({ tag, version, kind, changedAt, changedBy }) => ({
          tag,
          version,
          kind,
          changedAt,
          changedBy,
        })),
        patient: page[0]?.patient,
        ...(rest.length > limit && { next: page[limit - 1].tag }),
      };
    }),

    /** @type {TenantStore['getVersion']} */
    getVersion: intercept(async (id, version) => {
      const found = histories.get(id)?.find((entry) => entry.tenant === tenant && entry.tag === version.join('-'));
      if (!found) throw new NotFound();
      return found.record;
    }),

    /** @type {TenantStore['update']} */
    update: intercept(async (id, condition, { patient, content }, onPrevious = () => {}) => {
      const previous = findMatching(tenant, id, condition);
      const version = previous.version + 1;
      const record = { ...previous, patient: patient ?? previous.patient, content, version, tag: newTag(version) };
      note(tenant, record, 'amended', who);
      records.set(id, record);
      onPrevious(previous.patient);
      return record;
    }),

    /** @type {TenantStore['remove']} */
    remove: intercept(async (id, condition) => {
      const record = findMatching(tenant, id, condition);
      records.delete(id);
      note(tenant, record, 'removed', who);
      return record;
    }),
  });

  return Object.assign(controls, {
    of,

    /** @type {Store['maintain']} */
    maintain: intercept(async () => ({ migrated: 0, published: 2, purged: 1, purgedVersions: 0, removed: 0 })),

    /** @type {Store['verify']} */
    verify: intercept(async () => controls.verification),

    /** @type {Store['reconcile']} */
    reconcile: intercept(async (request) => ({ refused: JSON.stringify(request) })),

    /** @type {Store['reportReconciled']} */
    reportReconciled: intercept(async ({ after = 0 }) => ({ totals: noTotals, rows: [], next: after + 1 })),

    /** @type {Store['documentRecords']} */
    documentRecords: intercept(async ({ ids }) => ({
      records: ids.map((id) => ({ id, exists: true, key: objectKey(DEFAULT_TENANT, id), deletedAt: null })),
    })),

    /** @type {Store['canRead']} */
    canRead: async () => controls.health,

    /** @type {Store['canWrite']} */
    canWrite: async () => controls.health,
  });
}

const noTotals = { lost: 0, returned: 0, conflict: 0, conflictRecords: 0, doubled: 0, unpublished: 0 };

/**
 * A signer whose URLs have the shape of the real ones. Signatures are tested in test/integration.
 *
 * @type {import('../../src/aws/documents.js').Documents}
 */
export const documents = {
  async uploadURL(tenant, id, { contentType, contentLength }) {
    return {
      url: `https://bucket.example/${objectKey(tenant, id)}`,
      method: 'PUT',
      headers: { 'content-type': contentType, 'content-length': String(contentLength) },
      expiresAt: '2026-01-01T00:15:00Z',
    };
  },
  remove: async () => true,
  async downloadURL(tenant, id) {
    return {
      url: `https://bucket.example/${objectKey(tenant, id)}`,
      method: 'GET',
      headers: {},
      expiresAt: '2026-01-01T00:15:00Z',
    };
  },
};
