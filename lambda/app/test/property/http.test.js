// No request, however odd, gets 500 or an answer that is not in the OpenAPI document.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { decodeCursor, encodeCursor } from '../../src/http/cursor.js';
import { findLosses } from '../../src/http/json.js';
import { createService, sign } from '../http/service.js';

const RUNS = 1000;

const service = await createService();
// A deletion finds another record each time: the one that the requests are about stays.
const { id } = await service.create();
const { remove } = service.store;
service.store.remove = async (recordId, version) =>
  recordId === id ? remove((await service.create()).id, version) : remove(recordId, version);
const token = await sign(service.key);

const mostly = (usual, odd) => fc.oneof({ weight: 4, arbitrary: usual }, { weight: 1, arbitrary: odd });
const strange = fc.string({ unit: 'binary', maxLength: 40 });

const encoded = fc.string({ unit: 'binary' }).map((text) => encodeURIComponent(text.toWellFormed()));
const query = mostly(
  fc.record(
    { patient: encoded, limit: mostly(fc.integer({ min: 1, max: 100 }).map(String), strange), cursor: strange },
    { requiredKeys: ['patient'] },
  ),
  fc.dictionary(strange, strange),
);

const json = fc.json({ stringUnit: 'binary', maxDepth: 8 });
const object = fc.dictionary(strange, fc.jsonValue({ stringUnit: 'binary' })).map((value) => JSON.stringify(value));
const content = mostly(object, json);
const record = fc
  .tuple(mostly(fc.string({ minLength: 1 }), strange), content)
  .map(([patient, sent]) => `{"patient":${JSON.stringify(patient)},"content":${sent}}`);
const change = content.map((sent) => `{"content":${sent}}`);
const document = fc
  .record(
    { contentType: mostly(fc.constant('text/plain'), strange), contentLength: mostly(fc.nat(), fc.double()) },
    { requiredKeys: [] },
  )
  .map((sent) => JSON.stringify(sent));
const body = fc.oneof(record, change, document, json, strange);

const recordPath = mostly(fc.constant(id), fc.uuid()).map((recordId) => `/records/${recordId}`);
const documentPath = recordPath.map((path) => `${path}/document`);
const method = mostly(fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'PATCH'), strange);
const path = fc.oneof(
  fc.constantFrom('/records', '/healthz', '/readyz', '/openapi.json'),
  recordPath,
  documentPath,
  fc.webPath(),
  strange,
);

// What the API is for, and anything else.
const target = mostly(
  fc.oneof(
    fc.record({ method: fc.constant('POST'), path: fc.constant('/records'), body: record }),
    fc.record({ method: fc.constant('GET'), path: fc.constant('/records'), body: strange }),
    fc.record({ method: fc.constantFrom('PUT', 'GET', 'DELETE'), path: recordPath, body: change }),
    fc.record({ method: fc.constantFrom('PUT', 'GET'), path: documentPath, body: document }),
  ),
  fc.record({ method, path, body }),
);

const tag = mostly(fc.constantFrom('"1"', '"2"', '*', 'W/"1"', '""', '"1", "2"'), strange);
const sound = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
const conditions = fc.record(
  { 'if-match': tag, 'if-none-match': tag, 'idempotency-key': fc.constantFrom('k', 'l') },
  { requiredKeys: [] },
);
const names = [
  ...Object.keys(sound),
  'content-encoding',
  'if-match',
  'idempotency-key',
  'x-amzn-trace-id',
  'x-forwarded-proto',
];
const headers = mostly(
  conditions.map((some) => ({ ...sound, ...some })),
  fc.dictionary(mostly(fc.constantFrom(...names), strange), strange).map((some) => ({ ...sound, ...some })),
);

const lists = (values) => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [value]]));

// A request as a load balancer sends it: in one of the two forms, its body as text or in base64.
const event = fc
  .record({ target, headers, query, encode: fc.boolean(), multiValue: fc.boolean() })
  .map(({ target: sent, encode, multiValue, ...more }) => ({
    requestContext: { elb: { targetGroupArn: 'arn' } },
    httpMethod: sent.method,
    path: sent.path,
    ...(multiValue
      ? { multiValueHeaders: lists(more.headers), multiValueQueryStringParameters: lists(more.query) }
      : { headers: more.headers, queryStringParameters: more.query }),
    body: encode ? Buffer.from(sent.body).toString('base64') : sent.body,
    isBase64Encoded: encode,
  }));

test('a request of any kind gets an answer of the document, and never 500', async () => {
  const seen = new Set();
  await fc.assert(
    fc.asyncProperty(event, async (request) => {
      const { status } = await service.send(request);
      seen.add(status);
      assert.notEqual(status, 500);
    }),
    { numRuns: RUNS },
  );
  // The requests are odd enough to matter and sound enough to get through.
  for (const status of [200, 201, 204, 400, 401, 404, 405, 412, 415, 422, 428])
    assert.ok(seen.has(status), `no request got ${status}`);
});

test('an event with anything in the place of its parts gets an answer too', async () => {
  const any = fc.anything({ withNullPrototype: true, withObjectString: true });
  const part = mostly(fc.constant(undefined), any);
  const broken = fc.record({
    httpMethod: part,
    path: part,
    headers: part,
    queryStringParameters: part,
    body: part,
    isBase64Encoded: part,
  });
  await fc.assert(
    fc.asyncProperty(broken, async (parts) => {
      const { statusCode } = await service.handler({ requestContext: { elb: {} }, ...parts });
      assert.ok(statusCode >= 200 && statusCode < 500);
    }),
    { numRuns: RUNS },
  );
});

test('content that is accepted comes back as it was sent', async () => {
  await fc.assert(
    fc.asyncProperty(object, async (sent) => {
      const { status, body: created } = await service.call('POST', '/records', {
        body: `{"patient":"p","content":${sent}}`,
      });
      if (status === 201) assert.equal(JSON.stringify(created.content), sent);
      else assert.ok(status === 422 && findLosses(sent, JSON.parse(sent)).length > 0);
    }),
    { numRuns: RUNS },
  );
});

test('a cursor is read as it was made, and one that was not made here is none', () => {
  const position = fc.record(
    {
      createdAt: fc
        .date({ min: new Date('2000-01-01'), max: new Date('2999-12-31'), noInvalidDate: true })
        .map((date) => date.toISOString()),
      id: fc.uuid(),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(position, (made) => assert.deepEqual(decodeCursor(encodeCursor(made)), made)),
    { numRuns: RUNS },
  );
  const text = fc.oneof(
    strange,
    fc.json().map((value) => Buffer.from(value).toString('base64url')),
  );
  fc.assert(
    fc.property(text, (cursor) => assert.equal(decodeCursor(cursor), undefined)),
    { numRuns: RUNS },
  );
});
