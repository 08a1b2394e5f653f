import { createHash } from 'node:crypto';

import { VersionConflict } from '../../errors.js';
import { encodeCursor } from '../cursor.js';
import { parseListQuery } from '../listquery.js';
import { etagOf, isNotModified, parseIfMatch, parsePreconditions } from '../preconditions.js';
import { Problem } from '../problem.js';

/** @typedef {import('../../database/records.js').PatientRecord} PatientRecord */

// Visible ASCII, as in the Idempotency-Key draft standard, and at most as long as a key of the database should be.
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,128}$/;

/**
 * Maximum size of the records on a page. A function's response to a load balancer is at most 1 MB (Elastic Load Balancing,
 * Application Load Balancers user guide, "Lambda functions as targets"). The response contains the page's JSON as a string, and
 * escaping it at most doubles its size.
 */
const MAX_PAGE_BYTES = 480 * 1024;

/**
 * Creates the operations on records, by operationId.
 *
 * @param {object} options
 * @param {import('../server.js').RecordStore} options.store
 * @param {import('../body.js').ReadBody} options.readBody
 * @returns {Record<string, import('../server.js').Operation>}
 */
export function createRecordOperations({ store, readBody }) {
  return {
    async createRecord({ request, subject }) {
      const { patient, content } = readBody('createRecord', request);
      const { record, replayed } = await store.create({ patient, content, subject, ...idempotencyOf(request) });
      const headers = {
        location: `/records/${record.id}`,
        etag: etagOf(record),
        ...(replayed && { 'idempotency-replayed': 'true' }),
      };
      return { status: 201, headers, body: toRepresentation(record), accessed: { recordId: record.id } };
    },

    async readRecord({ request, recordId }) {
      const match = parseIfMatch(request);
      const record = await store.get(recordId);
      if (match && !match.includes(record.tag)) throw new VersionConflict();
      const headers = { etag: etagOf(record) };
      if (isNotModified(request.header('if-none-match'), headers.etag)) return { status: 304, headers };
      return { status: 200, headers, body: toRepresentation(record) };
    },

    async listRecords({ request }) {
      const query = parseListQuery(request.query());
      let page = await store.list(query);
      const fitting = countFitting(page.records);
      // The shorter page is read again, because only the store knows the exact position at which it ends.
      if (fitting < page.records.length) page = await store.list({ ...query, limit: fitting });
      return {
        status: 200,
        body: { records: page.records.map(toRepresentation), next: page.next ? encodeCursor(page.next) : null },
        accessed: { recordIds: page.records.map(({ id }) => id) },
      };
    },

    async updateRecord({ request, recordId }) {
      const condition = parsePreconditions(request);
      if (request.header('if-match') === undefined) {
        throw new Problem('precondition-required', {
          detail: "Send the record's ETag as If-Match, so that nobody's change is lost.",
        });
      }
      const record = await store.update(recordId, condition, readBody('updateRecord', request));
      return { status: 200, headers: { etag: etagOf(record) }, body: toRepresentation(record) };
    },

    async deleteRecord({ request, recordId }) {
      await store.remove(recordId, parsePreconditions(request));
      return { status: 204 };
    },
  };
}

/**
 * Returns the members of a record that callers see, and no others that the store may have.
 *
 * @param {PatientRecord} record
 */
function toRepresentation({ id, patient, content, version, createdAt, updatedAt }) {
  return { id, patient, content, version, createdAt, updatedAt };
}

/**
 * Returns the idempotency key, and the hash of the body: another request with the same key by mistake has another hash.
 *
 * @param {import('../request.js').Request} request
 */
function idempotencyOf(request) {
  const idempotencyKey = request.header('idempotency-key');
  if (idempotencyKey === undefined) return {};
  if (!IDEMPOTENCY_KEY.test(idempotencyKey)) {
    throw new Problem('malformed-request', {
      errors: [{ header: 'Idempotency-Key', detail: 'must be 1 to 128 visible ASCII characters' }],
    });
  }
  return { idempotencyKey, requestHash: createHash('sha256').update(request.body()).digest('hex') };
}

/**
 * Returns how many of the records fit on a page: at least one, because a single record is at most as large as a request's body
 * (256 KiB).
 *
 * @param {PatientRecord[]} records
 */
function countFitting(records) {
  let bytes = 0;
  const firstExcess = records.findIndex((record) => {
    bytes += Buffer.byteLength(JSON.stringify(toRepresentation(record)));
    return bytes > MAX_PAGE_BYTES;
  });
  return firstExcess === -1 ? records.length : Math.max(firstExcess, 1);
}
