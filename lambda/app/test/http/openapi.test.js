// Every response in the OpenAPI document is produced by a request.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import fc from 'fast-check';

import { IdempotencyConflict, Unavailable } from '../../src/errors.js';
import { document, resolveReference } from './conformance.js';
import { createService, sign } from './testservice.js';

/** @typedef {import('./testservice.js').Service} Service */
/** @typedef {Awaited<ReturnType<Service['call']>>} Response */
/** @typedef {NonNullable<Parameters<Service['call']>[2]>} Options */

/**
 * The service under test, and the path and the tag of an existing record.
 *
 * @typedef {Service & {path: string, tag: string}} Subject
 */

/**
 * Sends a request of one operation; the options replace those of a successful request.
 *
 * @typedef {(subject: Subject, options?: Options) => Promise<Response>} Send
 */

/**
 * Sends the request of an operation in such a way that the response has a certain status.
 *
 * @typedef {(send: Send, subject: Subject, operationId: string) => Promise<Response>} Provoke
 */

const newRecord = { patient: 'p-1', content: { note: 'well' } };
const change = { content: { note: 'better' } };
const upload = { contentType: 'application/pdf', contentLength: 3 };
const ifMatch = { 'if-match': '*' };
const tooLarge = JSON.stringify({ patient: 'p-1', content: { note: 'x'.repeat(256 * 1024) } });

/**
 * A successful request of each operation, by operationId.
 *
 * @type {Record<string, Send>}
 */
const OPERATIONS = {
  createRecord: ({ call }, options) => call('POST', '/records', { body: newRecord, ...options }),
  listRecords: ({ call }, options) => call('GET', '/records', { query: { patient: 'p-1' }, ...options }),
  searchRecords: ({ call }, options) => call('POST', '/records/search', { body: { patient: 'p-1' }, ...options }),
  readRecord: ({ call, path }, options) => call('GET', path, options),
  updateRecord: ({ call, path }, options) => call('PUT', path, { body: change, headers: ifMatch, ...options }),
  deleteRecord: ({ call, path }, options) => call('DELETE', path, options),
  listVersions: ({ call, path }, options) => call('GET', `${path}/versions`, options),
  readVersion: ({ call, path, tag }, options) => call('GET', `${path}/versions/${tag}`, options),
  signUpload: ({ call, path }, options) => call('PUT', `${path}/document`, { body: upload, ...options }),
  deleteDocument: ({ call, path }, options) => call('DELETE', `${path}/document`, options),
  signDownload: ({ call, path }, options) => call('GET', `${path}/document`, options),
  canRead: ({ call }, options) => call('GET', '/healthz', { token: null, ...options }),
  canWrite: ({ call }, options) => call('GET', '/readyz', { token: null, ...options }),
  describeAPI: ({ call }, options) => call('GET', '/openapi.json', { token: null, ...options }),
};

/**
 * How to provoke each status with any operation.
 *
 * @type {Record<number, Provoke>}
 */
const STATUSES = {
  200: (send, subject) => send(subject),
  201: (send, subject) => send(subject),
  204: (send, subject) => send(subject),
  304: (send, subject) => send(subject, { headers: { 'if-none-match': '*' } }),
  400: (send, subject) => send(subject, { body: '{', headers: ifMatch }),
  401: (send, subject) => send(subject, { token: null }),
  403: async (send, subject) => send(subject, { token: await sign(subject.key, { scope: 'records:none' }) }),
  404: (send, subject) => send({ ...subject, path: `/records/${randomUUID()}` }),
  409: (send, subject, operationId) => send(withFault(subject, operationId, new IdempotencyConflict('in flight'))),
  410: (send, subject) => send(subject),
  412: (send, subject) => send(subject, { headers: { 'if-match': '"2"' } }),
  413: (send, subject) => send(subject, { body: tooLarge, headers: ifMatch }),
  415: (send, subject) => send(subject, { headers: { ...ifMatch, 'content-type': 'text/plain' } }),
  422: (send, subject) => send(subject, { body: {}, headers: ifMatch }),
  428: (send, subject) => send(subject, { headers: {} }),
  500: (send, subject, operationId) => send(withFault(subject, operationId, new Error('out of order'))),
  503: (send, subject, operationId) => send(withFault(subject, operationId, new Unavailable('the writer moves', 5))),
};

/**
 * Operations that need another request for a status.
 *
 * @type {Record<string, Provoke>}
 */
const EXCEPTIONS = {
  'readRecord 400': (send, subject) => send(subject, { headers: { 'if-match': 'one' } }),
  'deleteRecord 400': (send, subject) => send(subject, { headers: { 'if-match': 'one' } }),
  'listVersions 400': (send, subject) => send(subject, { query: { limit: '101' } }),
  'readVersion 400': (send, subject) => send(subject, { headers: { 'if-match': 'one' } }),
  'readVersion 410': async (send, subject) => {
    await subject.call('DELETE', subject.path);
    const { versions } = (await subject.call('GET', `${subject.path}/versions`)).body;
    return send({ ...subject, tag: versions[0].tag });
  },
};

/**
 * Makes the part fail that the operation depends on.
 *
 * @param {Subject} subject
 * @param {string} operationId
 * @param {Error} fault
 */
function withFault(subject, operationId, fault) {
  const { store, parameters } = subject;
  store.fault = fault;
  const probe = async () => {
    if (fault instanceof Unavailable) return { ok: false, reason: fault.message };
    throw fault;
  };
  Object.assign(store, { canRead: probe, canWrite: probe });
  // It uses no store; it depends only on the parameters, which authentication reads.
  if (operationId === 'listRecords') parameters.get = () => Promise.reject(fault);
  return subject;
}

const describedResponses = Object.values(document.paths).flatMap((item) =>
  Object.values(item)
    .filter(({ operationId }) => operationId)
    .flatMap(({ operationId, responses }) =>
      Object.keys(responses).map((status) => ({ operationId, status: Number(status) })),
    ),
);

for (const { operationId, status } of describedResponses) {
  test(`${operationId} responds with ${status} as the document describes`, async () => {
    const service = await createService();
    const path = `/records/${(await service.create()).id}`;
    const tag = (await service.call('GET', path)).headers.etag.slice(1, -1);
    const provoke = EXCEPTIONS[`${operationId} ${status}`] ?? STATUSES[status];
    const response = await provoke(OPERATIONS[operationId], { ...service, path, tag }, operationId);
    assert.equal(response.status, status);
  });
}

test('no parameter in a path or a query can name a patient', () => {
  /** @typedef {{name: string, in: string, schema: {type?: string, format?: string, pattern?: string, enum?: unknown[]}}} Parameter */
  const parametersOf = (/** @type {{parameters?: (Parameter | {$ref: string})[]}} */ { parameters = [] }) =>
    parameters.map((parameter) => resolveReference(parameter));
  const inURL = Object.entries(document.paths).flatMap(([path, item]) => {
    const parameters = [item, ...Object.values(item)].flatMap((part) => parametersOf(Object(part)));
    const inPath = new Set(parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `{${name}}`));
    assert.deepEqual(new Set(path.match(/\{\w+\}/g) ?? []), inPath, `${path} describes the parameters in it`);
    return parameters.filter((parameter) => ['path', 'query'].includes(parameter.in));
  });
  assert.ok(inURL.length > 0);
  // URLs are logged: a free text in one, or a schema that is kept elsewhere, may be a patient's name. A version's tag is none.
  for (const { name, schema } of inURL) {
    const { type = '', format, pattern } = schema;
    const isTag = pattern === '^[1-9][0-9]{0,9}-[0-9a-f]{32}$';
    const harmless = format === 'uuid' || isTag || schema.enum || ['integer', 'boolean'].includes(type);
    assert.ok(harmless, `the parameter ${name} in a URL takes any text: move it into the body`);
  }
});

test('the tests and the README cover every operation of the document', () => {
  const operationIds = new Set(describedResponses.map(({ operationId }) => operationId));
  assert.deepEqual([...operationIds].sort(), Object.keys(OPERATIONS).sort());
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  for (const operationId of operationIds) assert.match(readme, new RegExp(`\\b${operationId}\\b`));
});

test('what the document takes for entity tags and patients is not malformed', async () => {
  const { call, create } = await createService();
  const { id } = await create();
  const { EntityTags, Patient } = document.components.schemas;
  const patternOf = (/** @type {{pattern: string}} */ { pattern }) => new RegExp(pattern, 'u');
  await fc.assert(
    fc.asyncProperty(fc.stringMatching(patternOf(EntityTags)), async (tags) => {
      for (const header of ['if-match', 'if-none-match'])
        assert.notEqual((await call('GET', `/records/${id}`, { headers: { [header]: tags } })).status, 400, tags);
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 20 }), async (patient) => {
      const isTaken = patient !== '' && patternOf(Patient).test(patient);
      const { status } = await call('POST', '/records/search', { body: { patient } });
      assert.equal(status, isTaken ? 200 : 422, JSON.stringify(patient));
    }),
  );
});

test("the document's links name its operations and their parameters", () => {
  /** @type {Map<string, string[]>} */
  const operations = new Map();
  for (const { parameters: shared = [], ...item } of Object.values(document.paths).map(Object)) {
    for (const { operationId, parameters = [] } of Object.values(item).map(Object))
      operations.set(
        operationId,
        [...shared, ...parameters].map((parameter) => Object(resolveReference(parameter)).name),
      );
  }
  const links = Object.values(document.components.links);
  assert.ok(links.length > 0);
  for (const { operationId, parameters = {} } of links)
    for (const name of Object.keys(parameters))
      assert.ok(operations.get(operationId)?.includes(name), `${operationId} ${name}`);
});
