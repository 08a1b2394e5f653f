// What records do: versions, conditions, pages, idempotency, and that what is kept comes back as it was sent.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import { Unavailable } from '../../src/errors.js';
import { createService, sign } from './service.js';

const at = ({ id }) => `/records/${id}`;

test('a record is answered with its address and its version, and with nothing else that the store keeps', async () => {
  const { call } = await createService();
  const { headers, body } = await call('POST', '/records', {
    body: { patient: 'p-1', content: { a: [1, null, 'ü'] } },
  });
  assert.equal(headers.location, at(body));
  assert.equal(headers.etag, '"1"');
  assert.deepEqual(Object.keys(body), ['id', 'patient', 'content', 'version', 'createdAt', 'updatedAt']);
  assert.deepEqual((await call('GET', at(body))).body, body);
  assert.deepEqual((await call('GET', at({ id: body.id.toUpperCase() }))).body, body);
});

test('content comes back as it was sent', async (t) => {
  const { call } = await createService();
  const contents = {
    'an empty object': '{}',
    'names that JavaScript has for itself': '{"__proto__":{"a":1},"constructor":2,"toString":3}',
    'the same name in two objects': '{"a":{"a":{"b":1}},"b":[{"a":":"}]}',
    'the greatest integer': '{"a":9007199254740991}',
    'text that looks like SQL': `{"a":"'; drop table records; -- $1"}`,
    'text that looks like a number beyond the range': '{"a":"1e999 123456789012345678901234567890"}',
    '32 levels with the body': `{"a":${'['.repeat(30)}${']'.repeat(30)}}`,
    'text beyond the basic plane': '{"😀":"\u2028"}',
  };
  for (const [name, content] of Object.entries(contents)) {
    await t.test(name, async () => {
      const { status, body } = await call('POST', '/records', { body: `{"patient":"p","content":${content}}` });
      assert.equal(status, 201);
      assert.equal(JSON.stringify(body.content), content);
    });
  }
});

test('a body is refused with the place of its fault and none of its values', async (t) => {
  const { call } = await createService();
  const cases = [
    ['no object', '[]', ['']],
    ['no patient', '{"content":{}}', ['']],
    ['no content', '{"patient":"p"}', ['']],
    ['content that is no object', '{"patient":"p","content":"private"}', ['/content']],
    ['a patient that is no text', '{"patient":7,"content":{}}', ['/patient']],
    ['an empty patient', '{"patient":"","content":{}}', ['/patient']],
    ['a patient of 129 characters', `{"patient":"${'p'.repeat(129)}","content":{}}`, ['/patient']],
    ['a control character in the patient', '{"patient":"private\\u0007","content":{}}', ['/patient']],
    ['a member that is not known', '{"patient":"p","content":{},"private":1}', ['']],
    ['two faults', '{"patient":"","content":[]}', ['/patient', '/content']],
    ['thousands of faults', `{${Array.from({ length: 5000 }, (_, i) => `"private${i}":1`).join()}}`, ['', '', '']],
    ['U+0000 in a text', '{"patient":"p","content":{"a":"private\\u0000"}}', ['']],
    ['U+0000 in a name', '{"patient":"p","content":{"private\\u0000":1}}', ['']],
    ['half of a surrogate pair', '{"patient":"p","content":{"a":"private\\ud800"}}', ['']],
    ['the same name twice', '{"patient":"p","content":{"private":1,"private":2}}', ['']],
    ['an integer beyond 2^53', '{"patient":"p","content":{"a":9007199254740993}}', ['']],
    ['a number beyond the range', '{"patient":"p","content":{"a":1e999}}', ['']],
    ['33 levels with the body', `{"patient":"p","content":${'{"private":'.repeat(32)}1${'}'.repeat(32)}}`, ['']],
    ['a hundred thousand levels', `{"patient":"p","content":{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}}`, ['']],
  ];
  for (const [name, body, pointers] of cases) {
    await t.test(name, async () => {
      const answer = await call('POST', '/records', { body });
      assert.equal(answer.status, 422);
      assert.deepEqual(
        answer.body.errors.map(({ pointer }) => pointer),
        pointers,
      );
      assert.doesNotMatch(JSON.stringify(answer), /private/);
    });
  }
});

test('a body that is no JSON in UTF-8 is refused as malformed', async (t) => {
  const { send, call, key } = await createService();
  const authorization = `Bearer ${await sign(key)}`;
  for (const body of ['', '{', '{"a":01}', 'null,']) {
    await t.test(JSON.stringify(body), async () =>
      assert.equal((await call('POST', '/records', { body })).status, 400),
    );
  }
  const latin1 = Buffer.from('{"patient":"ü","content":{}}', 'latin1').toString('base64');
  const headers = { authorization, 'content-type': 'application/json' };
  const event = {
    requestContext: { elb: {} },
    httpMethod: 'POST',
    path: '/records',
    headers,
    body: latin1,
    isBase64Encoded: true,
  };
  assert.equal((await send(event)).status, 400);
});

test('a body has the one media type and no content coding', async (t) => {
  const { call } = await createService();
  const cases = {
    'application/json': 201,
    'Application/JSON; charset="UTF-8"': 201,
    'application/json;charset=utf-8': 201,
    'application/json; charset=iso-8859-1': 415,
    'application/jsonp': 415,
    'text/plain, application/json': 415,
    'application/x-www-form-urlencoded': 415,
    '': 415,
  };
  const body = { patient: 'p', content: {} };
  for (const [type, status] of Object.entries(cases)) {
    await t.test(`${type || 'no media type'} gets ${status}`, async () => {
      assert.equal((await call('POST', '/records', { body, headers: { 'content-type': type } })).status, status);
    });
  }
  assert.equal((await call('POST', '/records', { body, headers: { 'content-encoding': 'gzip' } })).status, 415);
});

test('256 KiB are accepted and one byte more is not, encoded or not', async () => {
  const { send, key } = await createService();
  const headers = { authorization: `Bearer ${await sign(key)}`, 'content-type': 'application/json' };
  const post = async (bytes, encode) => {
    const empty = '{"patient":"ü","content":{"a":""}}';
    const body = Buffer.from(empty.replace('""', `"${'x'.repeat(bytes - Buffer.byteLength(empty))}"`));
    const text = encode ? body.toString('base64') : body.toString();
    const event = {
      requestContext: { elb: {} },
      httpMethod: 'POST',
      path: '/records',
      headers,
      body: text,
      isBase64Encoded: encode,
    };
    return (await send(event)).status;
  };
  for (const encode of [false, true]) {
    assert.equal(await post(256 * 1024, encode), 201);
    assert.equal(await post(256 * 1024 + 1, encode), 413);
  }
});

test('a change names the version it was made for', async (t) => {
  const cases = [
    ['the version that is there', '"1"', 200],
    ['a version with spaces around', ' "1" ', 200],
    ['an older version', '"0"', 412],
    ['a newer version', '"2"', 412],
    ['a version beyond every integer', `"${'9'.repeat(400)}"`, 412],
    ['a weak tag', 'W/"1"', 412],
    ['a tag of somebody else', '"abc"', 412],
    ['any version', '*', 428],
    ['no version', undefined, 428],
    ['two versions', '"1", "2"', 400],
    ['no tag', '1', 400],
    ['an empty header', '', 400],
  ];
  for (const [name, ifMatch, status] of cases) {
    await t.test(`${name}: ${status}`, async () => {
      const { call, create } = await createService();
      const path = at(await create());
      const headers = ifMatch === undefined ? {} : { 'if-match': ifMatch };
      assert.equal((await call('PUT', path, { body: { content: {} }, headers })).status, status);
      assert.equal((await call('GET', path)).headers.etag, status === 200 ? '"2"' : '"1"');
    });
  }
});

test('a change keeps the patient unless it names one', async () => {
  const { call, create } = await createService();
  const path = at(await create('p-1', { a: 1 }));
  const put = (version, body) => call('PUT', path, { body, headers: { 'if-match': `"${version}"` } });
  assert.deepEqual(pick(await put(1, { content: { b: 2 } })), ['p-1', { b: 2 }, 2]);
  assert.deepEqual(pick(await put(2, { patient: 'p-2', content: {} })), ['p-2', {}, 3]);
});

const pick = ({ body: { patient, content, version } }) => [patient, content, version];

test('a deletion may name its version and need not', async (t) => {
  for (const [ifMatch, status] of [
    [undefined, 204],
    ['*', 204],
    ['"1"', 204],
    ['"2"', 412],
  ]) {
    await t.test(`${ifMatch} gets ${status}`, async () => {
      const { call, create } = await createService();
      const path = at(await create());
      const headers = ifMatch === undefined ? {} : { 'if-match': ifMatch };
      assert.equal((await call('DELETE', path, { headers })).status, status);
      assert.equal((await call('GET', path)).status, status === 204 ? 404 : 200);
    });
  }
});

test('a record that the caller has already is not sent again', async (t) => {
  const { call, create } = await createService();
  const path = at(await create());
  const cases = { '"1"': 304, 'W/"1"': 304, '"0", "1"': 304, '*': 304, '"2"': 200, '"11"': 200, nonsense: 200 };
  for (const [ifNoneMatch, status] of Object.entries(cases)) {
    await t.test(`${ifNoneMatch} gets ${status}`, async () => {
      const answer = await call('GET', path, { headers: { 'if-none-match': ifNoneMatch } });
      assert.equal(answer.status, status);
      assert.equal(answer.headers.etag, '"1"');
    });
  }
});

test('pages follow each other without a gap, from the oldest on', async () => {
  const { call, create } = await createService();
  const created = [];
  for (let i = 0; i < 45; i++) created.push((await create('p-1')).id);
  await create('p-2');
  const pages = [];
  let cursor;
  do {
    const { body } = await call('GET', '/records', { query: { patient: 'p-1', ...(cursor && { cursor }) } });
    pages.push(body.records.map(({ id }) => id));
    cursor = body.next;
  } while (cursor);
  assert.deepEqual(
    pages.map(({ length }) => length),
    [20, 20, 5],
  );
  assert.deepEqual(pages.flat(), created);
});

test('a page is as short as the load balancer needs it, and the next one goes on from there', async () => {
  const { call, create } = await createService();
  // Quotes double in the function's answer.
  for (let i = 0; i < 5; i++) await create('p-1', { note: '"'.repeat(100_000) });
  const seen = [];
  let cursor;
  do {
    const { body } = await call('GET', '/records', {
      query: { patient: 'p-1', limit: '100', ...(cursor && { cursor }) },
    });
    seen.push(body.records.length);
    cursor = body.next;
  } while (cursor);
  assert.deepEqual(seen, [2, 2, 1]);
});

test('a listing refuses parameters that are missing, wrong, repeated or unknown', async (t) => {
  const { call } = await createService();
  const valid = (await call('GET', '/records', { query: { patient: 'p' } })).status;
  assert.equal(valid, 200);
  const cursor = (parts) => Buffer.from(JSON.stringify(parts)).toString('base64url');
  const [time, id] = ['2026-01-01T00:00:00.000Z', randomUUID()];
  const cases = [
    ['no patient', {}, 'patient'],
    ['an empty patient', { patient: '' }, 'patient'],
    ['a control character', { patient: 'a%00' }, 'patient'],
    ['limit 0', { patient: 'p', limit: '0' }, 'limit'],
    ['limit 101', { patient: 'p', limit: '101' }, 'limit'],
    ['limit 1e1', { patient: 'p', limit: '1e1' }, 'limit'],
    ['an empty cursor', { patient: 'p', cursor: '' }, 'cursor'],
    ['a cursor that is no JSON', { patient: 'p', cursor: 'x' }, 'cursor'],
    ['a cursor with more in it', { patient: 'p', cursor: cursor([time, id, '']) }, 'cursor'],
    ['a cursor with an object in it', { patient: 'p', cursor: cursor([time, {}]) }, 'cursor'],
    ['a cursor with no UUID', { patient: 'p', cursor: cursor([time, "' or 1=1"]) }, 'cursor'],
    ['a cursor of the 30th of February', { patient: 'p', cursor: cursor(['2026-02-30T00:00:00Z', id]) }, 'cursor'],
    ['a cursor of the hour 24', { patient: 'p', cursor: cursor(['2026-02-03T24:00:00Z', id]) }, 'cursor'],
    ['a cursor of the year 0', { patient: 'p', cursor: cursor(['0000-01-01T00:00:00Z', id]) }, 'cursor'],
    ['a cursor with a foreign character', { patient: 'p', cursor: `!${cursor([time, id])}` }, 'cursor'],
    ['a cursor with a byte more', { patient: 'p', cursor: `${cursor([time, id])}A` }, 'cursor'],
    ['an unknown parameter', { patient: 'p', limmit: '1' }, undefined],
  ];
  for (const [name, query, parameter] of cases) {
    await t.test(name, async () => {
      const { status, body } = await call('GET', '/records', { query });
      assert.equal(status, 400);
      assert.deepEqual(
        body.errors.map((error) => error.parameter),
        [parameter],
      );
    });
  }
  assert.equal((await call('GET', '/records', { query: { patient: 'p', cursor: cursor([time, id]) } })).status, 200);
});

test('a repeated request with its idempotency key has the first answer and creates nothing', async () => {
  const { call } = await createService();
  const post = (key, body) => call('POST', '/records', { body, headers: { 'idempotency-key': key } });
  const body = { patient: 'p', content: { a: 1 } };
  const first = await post('k-1', body);
  const second = await post('k-1', body);
  assert.equal(first.headers['idempotency-replayed'], undefined);
  assert.equal(second.headers['idempotency-replayed'], 'true');
  assert.deepEqual(second.body, first.body);
  assert.equal(second.headers.location, first.headers.location);
  assert.equal(
    (await post('k-1', { ...body, content: { a: 2 } })).body.type,
    'urn:warmstandby:problem:idempotency-key-reused',
  );
  assert.notEqual((await post('k-2', body)).body.id, first.body.id);
  assert.equal((await call('GET', '/records', { query: { patient: 'p' } })).body.records.length, 2);
});

test('an idempotency key has 1 to 128 visible characters', async (t) => {
  const { call, store } = await createService();
  for (const key of ['', 'a b', 'ü', 'x'.repeat(129)]) {
    await t.test(JSON.stringify(key), async () => {
      const answer = await call('POST', '/records', {
        body: { patient: 'p', content: {} },
        headers: { 'idempotency-key': key },
      });
      assert.equal(answer.status, 400);
    });
  }
  assert.equal(store.calls, 0);
});

test('what the store cannot do now is refused with the time to try again', async () => {
  const { call, store, lines } = await createService();

  store.fault = new Unavailable('the writer is read-only', 5);
  const answer = await call('POST', '/records', { body: { patient: 'p', content: {} } });
  assert.equal(answer.status, 503);
  assert.equal(answer.headers['retry-after'], '5');
  assert.doesNotMatch(JSON.stringify(answer), /read-only/);
  assert.ok(lines.some(({ level, error }) => level === 'warn' && error.message === 'the writer is read-only'));
});
