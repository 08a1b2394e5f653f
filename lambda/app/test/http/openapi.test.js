// Every answer that the OpenAPI document promises, with a request that gets it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import { IdempotencyConflict, Unavailable } from '../../src/errors.js';
import { document } from './contract.js';
import { createService, sign } from './service.js';

const change = { content: { note: 'better' } };
const created = { patient: 'p-1', content: { note: 'well' } };
const upload = { contentType: 'application/pdf', contentLength: 3 };
const tag = { headers: { 'if-match': '"1"' } };
const huge = JSON.stringify({ patient: 'p-1', content: { note: 'x'.repeat(256 * 1024) } });
const text = { headers: { 'content-type': 'text/plain' } };

// The operations: how each is asked, given the path of a record that exists and that of one that does not.
const OPERATIONS = {
  createRecord: { ask: ({ call }, options) => call('POST', '/records', { body: created, ...options }) },
  listRecords: { ask: ({ call }, options) => call('GET', '/records', { query: { patient: 'p-1' }, ...options }) },
  readRecord: { ask: ({ call, path }, options) => call('GET', path, options) },
  updateRecord: { ask: ({ call, path }, options) => call('PUT', path, { body: change, ...tag, ...options }) },
  deleteRecord: { ask: ({ call, path }, options) => call('DELETE', path, options) },
  signUpload: { ask: ({ call, path }, options) => call('PUT', `${path}/document`, { body: upload, ...options }) },
  signDownload: { ask: ({ call, path }, options) => call('GET', `${path}/document`, options) },
  canRead: { ask: ({ call }, options) => call('GET', '/healthz', { token: null, ...options }) },
  canWrite: { ask: ({ call }, options) => call('GET', '/readyz', { token: null, ...options }) },
  describeAPI: { ask: ({ call }, options) => call('GET', '/openapi.json', options) },
};

// How each status is brought about, where the operations do not differ.
const STATUSES = {
  200: (ask, at) => ask(at),
  201: (ask, at) => ask(at),
  204: (ask, at) => ask(at),
  304: (ask, at) => ask(at, { headers: { 'if-none-match': '"1"' } }),
  400: (ask, at) => ask(at, { body: '{', ...tag }),
  401: (ask, at) => ask(at, { token: null }),
  403: async (ask, at) => ask(at, { token: await sign(at.key, { scope: 'records:none' }) }),
  404: (ask, at) => ask({ ...at, path: `/records/${randomUUID()}` }),
  409: (ask, at) => ask(breaking(at, new IdempotencyConflict({ inFlight: true }))),
  412: (ask, at) => ask(at, { headers: { 'if-match': '"2"' } }),
  413: (ask, at) => ask(at, { body: huge, ...tag }),
  415: (ask, at) => ask(at, { headers: { ...tag.headers, ...text.headers } }),
  422: (ask, at) => ask(at, { body: {}, ...tag }),
  428: (ask, at) => ask(at, { headers: {} }),
  500: (ask, at) => ask(breaking(at, new Error('out of order'))),
  503: (ask, at) => ask(breaking(at, new Unavailable('the writer moves', 5))),
};

// Where an operation comes to a status in a way of its own.
const EXCEPTIONS = {
  'listRecords 400': (ask, at) => ask(at, { query: {} }),
  'deleteRecord 400': (ask, at) => ask(at, { headers: { 'if-match': 'one' } }),
};

function breaking(at, fault) {
  at.store.fault = fault;
  at.store.health = fault instanceof Unavailable ? { ok: false, reason: fault.message } : undefined;
  // The document itself needs no store, and says what is wrong with the configuration that tokens are checked against.
  at.parameters.get = async (...input) => (at.askedDocument ? Promise.reject(fault) : at.parameters.kept(...input));
  return at;
}

const promised = Object.values(document.paths).flatMap((item) =>
  Object.values(item)
    .filter(({ operationId }) => operationId)
    .flatMap(({ operationId, responses }) => Object.keys(responses).map((status) => [operationId, Number(status)])),
);

for (const [id, status] of promised) {
  test(`${id} answers ${status} as the document says`, async () => {
    const service = await createService();
    const { id: recordId } = await service.create();
    service.parameters.kept = service.parameters.get;
    const at = { ...service, path: `/records/${recordId}`, askedDocument: id === 'describeAPI' };
    const bring = EXCEPTIONS[`${id} ${status}`] ?? STATUSES[status];
    const answer = await bring(OPERATIONS[id].ask, at);
    assert.equal(answer.status, status);
  });
}

test('every operation of the document is asked here', () => {
  assert.deepEqual([...new Set(promised.map(([id]) => id))].sort(), Object.keys(OPERATIONS).sort());
});
