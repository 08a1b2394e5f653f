import { randomUUID } from 'node:crypto';

import { IdempotencyConflict, NotFound, VersionConflict } from '../../src/errors.js';

// PostgreSQL refuses these in text (PostgreSQL documentation, "JSON Types"), and the driver sends JSON.
const UNSTORABLE = /\\u0000|\\ud[89a-f]/;

// The greatest of PostgreSQL's integers.
const MAX_INTEGER = 2_147_483_647;

/**
 * A store of records in memory that keeps the store's promises, for tests of what stands before it. The real one has tests
 * of its own, through the same handler.
 *
 * What PostgreSQL would refuse it refuses, with an error that is nobody's to answer.
 *
 * Set `fault` to an error and every method rejects with it; set `health` to what the probes find, and `verified` to
 * what verify does.
 */
export function createMemoryStore() {
  const records = new Map();
  const answers = new Map();
  let created = 0;

  const find = (id) => {
    const record = records.get(id);
    if (!record) throw new NotFound();
    return record;
  };
  const findVersion = (id, version) => {
    if (version > MAX_INTEGER) throw new Error('integer out of range');
    const record = find(id);
    if (version !== undefined && record.version !== version) throw new VersionConflict();
    return record;
  };
  const isAfter = (record, after) =>
    record.createdAt > after.createdAt || (record.createdAt === after.createdAt && record.id > after.id);
  const byPosition = (a, b) => (isAfter(a, b) ? 1 : -1);

  const methods = {
    async create({ patient, content, subject, idempotencyKey, requestHash }) {
      const key = idempotencyKey && JSON.stringify([subject, idempotencyKey]);
      const earlier = answers.get(key);
      if (earlier && earlier.requestHash !== requestHash) throw new IdempotencyConflict();
      if (earlier) return { record: earlier.record, replayed: true };
      // A minute apart: the order is the order of creation.
      const time = new Date(Date.UTC(2026, 0, 1, 0, created++)).toISOString();
      const record = {
        id: randomUUID(),
        patient,
        content,
        version: 1,
        createdAt: time,
        updatedAt: time,
        secret: 'internal',
      };
      records.set(record.id, record);
      if (key) answers.set(key, { record, requestHash });
      return { record, replayed: false };
    },
    async get(id) {
      return find(id);
    },
    async list({ patient, limit, after }) {
      const all = [...records.values()]
        .filter((record) => record.patient === patient && (!after || isAfter(record, after)))
        .sort(byPosition);
      const page = all.slice(0, limit);
      const last = page.at(-1);
      return { records: page, ...(all.length > limit && { next: { createdAt: last.createdAt, id: last.id } }) };
    },
    async update(id, version, { patient, content }) {
      const before = findVersion(id, version);
      const record = { ...before, patient: patient ?? before.patient, content, version: before.version + 1 };
      records.set(id, record);
      return record;
    },
    async remove(id, version) {
      findVersion(id, version);
      records.delete(id);
    },
    async maintain() {
      return { migrated: 0, published: 2, purged: 1 };
    },
    async verify() {
      return store.verified;
    },
  };
  const store = { fault: undefined, health: { ok: true, reason: '' }, verified: { verified: true }, calls: 0 };
  for (const [name, method] of Object.entries(methods)) {
    store[name] = async (...input) => {
      store.calls++;
      if (store.fault) throw store.fault;
      if (UNSTORABLE.test(JSON.stringify(input))) throw new Error('unsupported Unicode escape sequence');
      if (Number.isNaN(Date.parse(input[0]?.after?.createdAt ?? 0))) throw new Error('invalid time');
      return method(...input);
    };
  }
  store.canRead = async () => store.health;
  store.canWrite = async () => store.health;
  return store;
}

/** Signs URLs as far as the tests look at them. */
export const documents = {
  async uploadURL(id, { contentType }) {
    return {
      url: `https://bucket.example/${id}`,
      method: 'PUT',
      headers: { 'content-type': contentType },
      expiresAt: '2026-01-01T00:15:00Z',
    };
  },
  async downloadURL(id) {
    return { url: `https://bucket.example/${id}`, method: 'GET', headers: {}, expiresAt: '2026-01-01T00:15:00Z' };
  },
};
