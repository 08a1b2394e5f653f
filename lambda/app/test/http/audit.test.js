// The audit trail: who did or tried what, from where, to whom.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';

import { createAudit } from '../../src/audit.js';
import { Unavailable } from '../../src/errors.js';
import { AUDIT_KEY, createService, sign } from './testservice.js';

/** @param {string} patient */
const hashOf = (patient) => createHmac('sha256', AUDIT_KEY).update(patient).digest('hex');

/** @typedef {import('./testservice.js').LogLine} LogLine */

/**
 * Returns the last audit line without what is the same in all.
 *
 * @param {LogLine[]} lines
 */
function lastOf(lines) {
  const line = lines.filter(({ audit }) => audit).at(-1);
  assert.ok(line?.requestId);
  const { subject, action, recordId, recordIds, patient, movedFrom, searched, attempted, outcome } = line;
  const all = { subject, action, recordId, recordIds, patient, movedFrom, searched, attempted, outcome };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

test('a line says who did or tried what, and names patients by a keyed hash', async (t) => {
  const service = await createService();
  const { call, create, key, lines, store } = service;
  const { id } = await create('p-1');
  const path = `/records/${id}`;
  const subject = 'dr.house';
  const nurse = await sign(key, { sub: 'nurse', scope: 'records:read' });
  const [p1, p2] = ['p-1', 'p-2'].map(hashOf);
  const match = { 'if-match': '*' };
  const search = { patient: 'p-1' };
  const upload = { contentLength: 3, contentType: 'text/plain' };
  /** @type {[string, () => Promise<unknown>, object][]} */
  const cases = [
    ['a read', () => call('GET', path), { subject, action: 'readRecord', recordId: id, patient: p1, outcome: 'done' }],
    [
      'a search',
      () => call('POST', '/records/search', { body: search }),
      { subject, action: 'searchRecords', recordIds: [id], searched: p1, outcome: 'done' },
    ],
    [
      'a search that finds nothing',
      () => call('POST', '/records/search', { body: { patient: 'p-2' } }),
      { subject, action: 'searchRecords', recordIds: [], searched: p2, outcome: 'done' },
    ],
    [
      'an upload',
      () => call('PUT', `${path}/document`, { body: upload }),
      { subject, action: 'signUpload', recordId: id, patient: p1, outcome: 'done' },
    ],
    [
      'a download',
      () => call('GET', `${path}/document`),
      { subject, action: 'signDownload', recordId: id, patient: p1, outcome: 'done' },
    ],
    [
      'the deletion of a document',
      () => call('DELETE', `${path}/document`),
      { subject, action: 'deleteDocument', recordId: id, patient: p1, outcome: 'done' },
    ],
    [
      'a change',
      () => call('PUT', path, { body: { content: {} }, headers: match }),
      { subject, action: 'updateRecord', recordId: id, patient: p1, outcome: 'done' },
    ],
    [
      'a move to another patient',
      () => call('PUT', path, { body: { patient: 'p-2', content: {} }, headers: match }),
      { subject, action: 'updateRecord', recordId: id, patient: p2, movedFrom: p1, outcome: 'done' },
    ],
    [
      'a change that is refused',
      () => call('PUT', path, { body: { patient: 'p-2', content: [] }, headers: match }),
      { subject, action: 'updateRecord', recordId: id, attempted: p2, outcome: 'refused' },
    ],
    [
      'a search by a token without the scope',
      async () =>
        call('POST', '/records/search', { body: search, token: await sign(key, { sub: 'clerk', scope: 'billing' }) }),
      { subject: 'clerk', action: 'searchRecords', attempted: p1, outcome: 'denied' },
    ],
    [
      'a deletion by a token without the scope',
      () => call('DELETE', path, { token: nurse }),
      { subject: 'nurse', action: 'deleteRecord', recordId: id, outcome: 'denied' },
    ],
    [
      'a search without a token',
      () => call('POST', '/records/search', { body: search, token: null }),
      { action: 'searchRecords', outcome: 'unauthenticated' },
    ],
    [
      'a read with a token that is not valid',
      () => call('GET', path, { token: 'nonsense' }),
      { action: 'readRecord', recordId: id, outcome: 'unauthenticated' },
    ],
    [
      'a request without a token to nowhere',
      () => call('GET', '/admin', { token: null }),
      { outcome: 'unauthenticated' },
    ],
    [
      'a deletion',
      () => call('DELETE', path),
      { subject, action: 'deleteRecord', recordId: id, patient: p2, outcome: 'done' },
    ],
    [
      'a search while the database is away',
      () => {
        store.fault = new Unavailable('the database is away', 5);
        return call('POST', '/records/search', { body: search });
      },
      { subject, action: 'searchRecords', attempted: p1, outcome: 'unavailable' },
    ],
  ];
  for (const [name, send, expected] of cases) {
    await t.test(name, async () => {
      const before = lines.filter(({ audit }) => audit).length;
      await send();
      assert.equal(lines.filter(({ audit }) => audit).length, before + 1);
      assert.deepEqual(lastOf(lines), expected);
    });
  }
  assert.doesNotMatch(JSON.stringify(lines), /"p-[12]"/);
});

test('health checks, the description and paths that are nowhere leave no line of a caller with a token', async () => {
  const { call, lines } = await createService();
  for (const path of ['/healthz', '/readyz', '/openapi.json', '/nowhere']) await call('GET', path);
  assert.ok(!lines.some(({ audit }) => audit));
});

test('a line has the address that the load balancer saw, and the id of the invocation', async (t) => {
  const { send, key, lines } = await createService();
  const authorization = `Bearer ${await sign(key)}`;
  /** @type {[string | undefined, string | undefined][]} */
  const cases = [
    ['203.0.113.7', '203.0.113.7'],
    ['198.51.100.1, 203.0.113.7', '203.0.113.7'],
    ['198.51.100.1,2001:db8::7', '2001:db8::7'],
    ['203.0.113.7, <script>', undefined],
    ['203.0.113.7,', undefined],
    ['', undefined],
    [undefined, undefined],
  ];
  for (const [forwarded, client] of cases) {
    await t.test(`X-Forwarded-For ${forwarded}`, async () => {
      const headers = { authorization, ...(forwarded !== undefined && { 'x-forwarded-for': forwarded }) };
      const path = '/records/00000000-0000-4000-8000-000000000000';
      await send({ requestContext: { elb: {} }, httpMethod: 'GET', path, headers }, { awsRequestId: 'the invocation' });
      const line = lines.filter(({ audit }) => audit).at(-1);
      assert.deepEqual([line?.client, line?.invocationId], [client, 'the invocation']);
    });
  }
});

/** @typedef {{promise: Promise<void>, resolve: () => void}} PromiseWithResolvers */

/** @returns {PromiseWithResolvers} */
function promise() {
  let resolve = () => {};
  /** @type {Promise<void>} */
  const made = new Promise((done) => (resolve = done));
  return { promise: made, resolve };
}

/**
 * Creates an audit trail whose log group a test answers for.
 *
 * @param {(command: {constructor: {name: string}, input: any}) => object} answer
 * @param {() => Promise<Buffer | undefined>} [key]
 */
function createTrail(answer, key = async () => AUDIT_KEY) {
  /** @type {{name: string, input: any}[]} */
  const calls = [];
  /** @type {Record<string, unknown>[]} */
  const logged = [];
  const client = /** @type {Parameters<typeof createAudit>[0]['client']} */ (
    /** @type {unknown} */ ({
      /** @param {any} command */
      async send(command) {
        calls.push({ name: command.constructor.name, input: command.input });
        return answer(command);
      },
    })
  );
  const log = {
    audit: (/** @type {object} */ fields) => logged.push({ audit: true, ...fields }),
    error: (/** @type {object} */ fields) => logged.push({ error: true, ...fields }),
  };
  const now = () => new Date('2026-11-29T00:00:00Z');
  const audit = createAudit({ client, group: 'the-group', stream: 'one', key, region: 'us-east-1', log, now });
  return { audit, calls, logged };
}

const entry = { requestId: 'r', subject: 's', action: 'readRecord', recordId: 'i', patient: 'p-1', outcome: 'done' };

test('a line is written to the log group before the response, in a stream that is made once', async () => {
  const { audit, calls, logged } = createTrail(() => ({}));
  await audit(entry);
  await audit(entry);
  assert.deepEqual(
    calls.map(({ name }) => name),
    ['CreateLogStreamCommand', 'PutLogEventsCommand', 'PutLogEventsCommand'],
  );
  const { logGroupName, logStreamName, logEvents } = calls[1].input;
  assert.deepEqual([logGroupName, logStreamName, logEvents.length], ['the-group', 'one', 1]);
  assert.deepEqual(JSON.parse(logEvents[0].message), {
    time: '2026-11-29T00:00:00.000Z',
    region: 'us-east-1',
    audit: true,
    ...entry,
    patient: hashOf('p-1'),
  });
  assert.deepEqual(logged, []);
});

test('a response is sent when its line is written, and not before', async () => {
  const line = promise();
  const asked = promise();
  const audit = () => {
    asked.resolve();
    return line.promise;
  };
  const { call } = await createService({ audit });
  let answered = false;
  const response = call('POST', '/records', { body: { patient: 'p', content: {} } }).then((received) => {
    answered = true;
    return received;
  });
  await asked.promise;
  await new Promise((resolve) => setImmediate(resolve)); // What does not wait has gone on by now.
  assert.equal(answered, false);
  line.resolve();
  assert.equal((await response).status, 201);
});

test('a stream that is there already is used', async () => {
  const { audit, calls, logged } = createTrail(({ constructor: { name } }) => {
    if (name === 'CreateLogStreamCommand')
      throw Object.assign(new Error('exists'), { name: 'ResourceAlreadyExistsException' });
    return {};
  });
  await audit(entry);
  assert.deepEqual([calls.length, logged.length], [2, 0]);
});

test('a line that cannot be written is in the own log, which says so, and the next is tried again', async (t) => {
  const failures = {
    'no stream': () => {
      throw new Error('denied');
    },
    'an event that is rejected': () => ({ rejectedLogEventsInfo: { tooOldLogEventEndIndex: 0 } }),
  };
  for (const [name, fail] of Object.entries(failures)) {
    await t.test(name, async () => {
      let failing = true;
      const { audit, calls, logged } = createTrail(() => (failing ? fail() : {}));
      await audit(entry);
      assert.deepEqual(
        logged.map(({ audit: line, error, undelivered, requestId }) => [
          line ?? false,
          Boolean(error),
          undelivered,
          requestId,
        ]),
        [
          [true, false, true, 'r'],
          [false, true, undefined, 'r'],
        ],
      );
      assert.equal(logged[0].patient, hashOf('p-1'));
      failing = false;
      await audit(entry);
      assert.equal(calls.at(-1)?.name, 'PutLogEventsCommand');
      assert.equal(logged.length, 2);
    });
  }
});

test('without the key a line names no patient, and says so', async () => {
  for (const key of [async () => undefined, () => Promise.reject(new Error('the database is away'))]) {
    const { audit, calls } = createTrail(() => ({}), key);
    await audit(entry);
    const { message } = calls[1].input.logEvents[0];
    const { patient, unhashed } = JSON.parse(message);
    assert.deepEqual([patient, unhashed], [undefined, true]);
    assert.doesNotMatch(message, /p-1/);
  }
});
