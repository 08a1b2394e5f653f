// Property tests: no request gets 500 or a response that is not in the OpenAPI document.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { decodeCursor, encodeCursor } from '../../src/http/cursor.js';
import { findViolations, memberText } from '../../src/http/json.js';
import { objectText } from '../harness/jsontext.js';
import { createService, sign } from '../http/testservice.js';

const RUNS = 1000;

const service = await createService();
// A deletion of the record that the requests use deletes a new record instead.
const { id } = await service.create();
const { of } = service.store;
service.store.of = (tenant, subject) => {
  const requests = of(tenant, subject);
  /** @type {typeof requests.remove} */
  const remove = async (recordId, condition) =>
    requests.remove(recordId === id ? (await service.create()).id : recordId, condition);
  return { ...requests, remove };
};
const token = await sign(service.key);

/**
 * Returns usual values four times as often as odd ones.
 *
 * @template T, U
 * @param {fc.Arbitrary<T>} usual
 * @param {fc.Arbitrary<U>} odd
 */
const mostly = (usual, odd) => fc.oneof({ weight: 4, arbitrary: usual }, { weight: 1, arbitrary: odd });
const anyString = fc.string({ unit: 'binary', maxLength: 40 });

const encoded = fc.string({ unit: 'binary' }).map((text) => encodeURIComponent(text.toWellFormed()));
const parameter = mostly(fc.constantFrom('limit', 'cursor'), anyString);
const query = mostly(fc.constant({}), fc.dictionary(parameter, mostly(encoded, anyString)));

const json = fc.json({ stringUnit: 'binary', maxDepth: 8 });
const object = fc.dictionary(anyString, fc.jsonValue({ stringUnit: 'binary' })).map((value) => JSON.stringify(value));
const content = mostly(object, json);
const record = fc
  .tuple(mostly(fc.string({ minLength: 1 }), anyString), content)
  .map(([patient, sent]) => `{"patient":${JSON.stringify(patient)},"content":${sent}}`);
const change = content.map((sent) => `{"content":${sent}}`);
const search = fc
  .record(
    {
      patient: mostly(fc.string({ minLength: 1 }), anyString),
      limit: mostly(fc.integer({ min: 1, max: 100 }), fc.double()),
      cursor: anyString,
    },
    { requiredKeys: ['patient'] },
  )
  .map((sent) => JSON.stringify(sent));
const document = fc
  .record(
    { contentType: mostly(fc.constant('text/plain'), anyString), contentLength: mostly(fc.nat(), fc.double()) },
    { requiredKeys: [] },
  )
  .map((sent) => JSON.stringify(sent));
const body = fc.oneof(record, change, search, document, json, anyString);

const recordPath = mostly(fc.constant(id), fc.uuid()).map((recordId) => `/records/${recordId}`);
const documentPath = recordPath.map((path) => `${path}/document`);
const versionTag = (await service.call('GET', `/records/${id}`)).headers.etag.slice(1, -1);
const versionPath = fc
  .tuple(recordPath, mostly(fc.constantFrom('', `/${versionTag}`), anyString))
  .map(([prefix, suffix]) => `${prefix}/versions${suffix}`);
const method = mostly(fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'PATCH'), anyString);
const path = fc.oneof(
  fc.constantFrom('/records', '/records/search', '/healthz', '/readyz', '/openapi.json'),
  recordPath,
  documentPath,
  versionPath,
  fc.webPath(),
  anyString,
);

// Mostly requests of the API's operations, and otherwise any.
const target = mostly(
  fc.oneof(
    fc.record({ method: fc.constant('POST'), path: fc.constant('/records'), body: record }),
    fc.record({ method: fc.constant('POST'), path: fc.constant('/records/search'), body: search }),
    fc.record({ method: fc.constant('GET'), path: fc.constant('/records'), body: anyString }), // gone: 410
    fc.record({ method: fc.constantFrom('PUT', 'GET', 'DELETE'), path: recordPath, body: change }),
    fc.record({ method: fc.constantFrom('PUT', 'GET'), path: documentPath, body: document }),
    fc.record({ method: fc.constantFrom('GET', 'HEAD'), path: versionPath, body: anyString }),
  ),
  fc.record({ method, path, body }),
);

const tag = mostly(fc.constantFrom('"1"', '"2"', '*', 'W/"1"', '""', '"1", "2"'), anyString);
const validHeaders = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
const preconditions = fc.record(
  { 'if-match': tag, 'if-none-match': tag, 'idempotency-key': fc.constantFrom('k', 'l') },
  { requiredKeys: [] },
);
const names = [
  ...Object.keys(validHeaders),
  'content-encoding',
  'if-match',
  'idempotency-key',
  'x-amzn-trace-id',
  'x-forwarded-proto',
];
const headers = mostly(
  preconditions.map((some) => ({ ...validHeaders, ...some })),
  fc.dictionary(mostly(fc.constantFrom(...names), anyString), anyString).map((some) => ({ ...validHeaders, ...some })),
);

/** @param {Record<string, unknown>} values */
const toMultiValue = (values) => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [value]]));

// An event of a load balancer: in one of the two forms, with the body as text or in base64.
const event = fc
  .record({ target, headers, query, encode: fc.boolean(), multiValue: fc.boolean() })
  .map(({ target: sent, encode, multiValue, ...more }) => ({
    requestContext: { elb: { targetGroupArn: 'arn' } },
    httpMethod: sent.method,
    path: sent.path,
    ...(multiValue
      ? { multiValueHeaders: toMultiValue(more.headers), multiValueQueryStringParameters: toMultiValue(more.query) }
      : { headers: more.headers, queryStringParameters: more.query }),
    body: encode ? Buffer.from(sent.body).toString('base64') : sent.body,
    isBase64Encoded: encode,
  }));

test('any request gets a response that the document describes, and never 500', async () => {
  const seen = new Set();
  await fc.assert(
    fc.asyncProperty(event, async (request) => {
      const { status } = await service.send(request);
      seen.add(status);
      assert.notEqual(status, 500);
    }),
    { numRuns: RUNS },
  );
  // The generated requests reach every kind of response.
  for (const status of [200, 201, 204, 400, 401, 404, 405, 410, 412, 415, 422, 428])
    assert.ok(seen.has(status), `no request got ${status}`);
});

test('an event whose members have any value gets a response other than 5xx', async () => {
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
      const response = await service.handler({ requestContext: { elb: {} }, ...parts });
      const statusCode = 'statusCode' in response ? Number(response.statusCode) : NaN;
      assert.ok(statusCode >= 200 && statusCode < 500);
    }),
    { numRuns: RUNS },
  );
});

test('accepted content comes back byte for byte from every operation', async () => {
  let [count, accepted] = [0, 0];
  await fc.assert(
    fc.asyncProperty(objectText, objectText, async (sent, changed) => {
      const key = `key-${++count}`;
      const options = { body: `{"patient":"${key}","content":${sent}}`, headers: { 'idempotency-key': key } };
      const created = await service.call('POST', '/records', options);
      if (created.status !== 201) {
        assert.equal(created.status, 422);
        assert.ok(findViolations(sent, JSON.parse(sent)).length > 0);
        return;
      }
      accepted++;
      const { location } = created.headers;
      for (const { text } of [
        created,
        await service.call('POST', '/records', options),
        await service.call('GET', location),
        await service.call('POST', '/records/search', { body: { patient: key } }),
      ]) {
        assert.ok(text.includes(`"content":${sent},"version"`), `${text} has not ${sent}`);
      }
      const update = await service.call('PUT', location, {
        body: `{"content":${changed}}`,
        headers: { 'if-match': created.headers.etag },
      });
      const read = await service.call('GET', location);
      assert.equal(memberText(read.text, 'content'), update.status === 200 ? changed : sent);
      const version = await service.call('GET', `${location}/versions/${created.headers.etag.slice(1, -1)}`);
      assert.equal(version.text, created.text);
    }),
    { numRuns: RUNS },
  );
  assert.ok(accepted > RUNS / 4, `only ${accepted} contents were accepted`);
});

test('the text of a member is what stands between its name and the next member', () => {
  fc.assert(
    fc.property(objectText, objectText, (first, second) => {
      const text = ` { "\\u0061" : ${first}\n,"b":[${second}], "c" :"}{,:"} `;
      assert.equal(memberText(text, 'a'), first);
      assert.equal(memberText(text, 'b'), `[${second}]`);
      assert.equal(memberText(text, 'c'), '"}{,:"');
      assert.equal(memberText(text, 'd'), undefined);
    }),
    { numRuns: RUNS },
  );
});

test('an encoded cursor decodes to its position, and any other text to none', () => {
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
    anyString,
    fc.json().map((value) => Buffer.from(value).toString('base64url')),
  );
  fc.assert(
    fc.property(text, (cursor) => assert.equal(decodeCursor(cursor), undefined)),
    { numRuns: RUNS },
  );
});
