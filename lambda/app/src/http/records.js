import { createHash } from 'node:crypto';

import { hasAlready, ifMatch, tagOf } from './conditions.js';
import { listQuery } from './listing.js';
import { encodeCursor } from './cursor.js';
import { Problem } from './problem.js';

// Visible ASCII, as the draft standard's structured string has it, and no longer than a database key should be.
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,128}$/;

/**
 * A function's answer to a load balancer is at most 1 MB, and the answer's JSON is escaped once more in it, which at most
 * doubles it (Elastic Load Balancing, Application Load Balancers user guide, "Lambda functions as targets").
 */
const MAX_PAGE_BYTES = 480 * 1024;

/**
 * The operations on records, by their ids in the OpenAPI document.
 *
 * @param {{store: object, readBody: Map<string, (request: import('./request.js').Request) => object>}} parts
 * @returns {Record<string, import('./serve.js').Operate>}
 */
export function createRecordOperations({ store, readBody }) {
  return {
    async createRecord({ request, subject }) {
      const { patient, content } = readBody.get('createRecord')(request);
      const { record, replayed } = await store.create({ patient, content, subject, ...idempotency(request) });
      const headers = { location: `/records/${record.id}`, etag: tagOf(record) };
      if (replayed) headers['idempotency-replayed'] = 'true';
      return { status: 201, headers, body: represent(record), accessed: { recordId: record.id } };
    },

    async readRecord({ request, recordId }) {
      const record = await store.get(recordId);
      const headers = { etag: tagOf(record) };
      if (hasAlready(request.header('if-none-match'), headers.etag)) return { status: 304, headers };
      return { status: 200, headers, body: represent(record) };
    },

    async listRecords({ request }) {
      const query = listQuery(request.query());
      let page = await store.list(query);
      const fitting = countFitting(page.records);
      // The store says where a shorter page ends; its instants may be finer than those of a record.
      if (fitting < page.records.length) page = await store.list({ ...query, limit: fitting });
      return {
        status: 200,
        body: { records: page.records.map(represent), next: page.next ? encodeCursor(page.next) : null },
        accessed: { recordIds: page.records.map(({ id }) => id) },
      };
    },

    async updateRecord({ request, recordId, subject }) {
      const version = ifMatch(request.header('if-match'));
      if (version === undefined) {
        throw new Problem('precondition-required', {
          detail: "Send the record's ETag as If-Match, so that nobody's change is lost.",
        });
      }
      const change = readBody.get('updateRecord')(request);
      const record = await store.update(recordId, version, change, subject);
      return { status: 200, headers: { etag: tagOf(record) }, body: represent(record) };
    },

    async deleteRecord({ request, recordId, subject }) {
      await store.remove(recordId, ifMatch(request.header('if-match')), subject);
      return { status: 204 };
    },
  };
}

// What callers see of a record, whatever else the store keeps of it.
function represent({ id, patient, content, version, createdAt, updatedAt }) {
  return { id, patient, content, version, createdAt, updatedAt };
}

// The body's hash tells a request that is repeated from another that has the same key by mistake.
function idempotency(request) {
  const idempotencyKey = request.header('idempotency-key');
  if (idempotencyKey === undefined) return {};
  if (!IDEMPOTENCY_KEY.test(idempotencyKey)) {
    throw new Problem('malformed-request', {
      errors: [{ header: 'Idempotency-Key', detail: 'must be 1 to 128 visible ASCII characters' }],
    });
  }
  return { idempotencyKey, requestHash: createHash('sha256').update(request.body()).digest('hex') };
}

// One record fits always: a body of 256 KiB has made it.
function countFitting(records) {
  let bytes = 0;
  const tooMany = records.findIndex((record) => {
    bytes += Buffer.byteLength(JSON.stringify(represent(record)));
    return bytes > MAX_PAGE_BYTES;
  });
  return tooMany === -1 ? records.length : Math.max(tooMany, 1);
}
