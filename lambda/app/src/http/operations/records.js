import { createHash } from 'node:crypto';

import { encodeCursor } from '../cursor.js';
import { JSONText } from '../json.js';
import { etagOf, parsePreconditions } from '../preconditions.js';
import { Problem } from '../problem.js';
import { representationOf, respondToRead } from '../representation.js';
import { readSearch } from '../search.js';

// Visible ASCII, as in the Idempotency-Key draft standard, and at most as long as a key of the database should be.
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,128}$/;

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
    async createRecord({ request, subject, tenant }) {
      const { patient, content } = readBody('createRecord', request);
      const { record, replayed } = await store
        .of(tenant)
        .create({ patient, content, subject, ...idempotencyOf(request) });
      const headers = {
        location: `/records/${record.id}`,
        etag: etagOf(record),
        ...(replayed && { 'idempotency-replayed': 'true' }),
      };
      return {
        status: 201,
        headers,
        body: new JSONText(representationOf(record)),
        accessed: { recordId: record.id, patient },
      };
    },

    async readRecord({ request, recordId, tenant }) {
      const { response, record } = await respondToRead(request, () => store.of(tenant).get(recordId));
      return { ...response, accessed: { patient: record.patient } };
    },

    // Patients were named in the query string of this operation before version 1.2.0, and load balancers log that.
    async listRecords() {
      throw new Problem('search-moved', {
        detail: 'Send {"patient": …, "limit": …, "cursor": …} as JSON to POST /records/search, and no query string.',
      });
    },

    async searchRecords({ request, tenant }) {
      const search = readSearch(request, readBody);
      const page = await store.of(tenant).list(search);
      return {
        status: 200,
        body: new JSONText(pageOf(page)),
        accessed: { recordIds: page.records.map(({ id }) => id), searched: search.patient },
      };
    },

    async updateRecord({ request, recordId, subject, tenant }) {
      const condition = parsePreconditions(request);
      if (request.header('if-match') === undefined) {
        throw new Problem('precondition-required', {
          detail: "Send the record's ETag as If-Match, so that nobody's change is lost.",
        });
      }
      let previous = '';
      const body = readBody('updateRecord', request);
      const record = await store
        .of(tenant, subject)
        .update(recordId, condition, body, (patient) => (previous = patient));
      const accessed = { patient: record.patient, ...(previous !== record.patient && { movedFrom: previous }) };
      return { status: 200, headers: { etag: etagOf(record) }, body: new JSONText(representationOf(record)), accessed };
    },

    async deleteRecord({ request, recordId, subject, tenant }) {
      const { patient } = await store.of(tenant, subject).remove(recordId, parsePreconditions(request));
      return { status: 204, accessed: { patient } };
    },
  };
}

/**
 * Returns the JSON of a page.
 *
 * @param {import('../../database/records.js').Page} page
 */
function pageOf({ records, next }) {
  const cursor = JSON.stringify(next ? encodeCursor(next) : null);
  return `{"records":[${records.map(representationOf).join()}],"next":${cursor}}`;
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
