// Operations on records: round trip of the content, invalid bodies, preconditions, pages, idempotency.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import { IdempotencyConflict, Unavailable } from '../../src/errors.js';
import { retryAfterSeconds } from '../../src/retryafter.js';
import { DEFAULT_TENANT } from '../../src/tenant.js';
import { createService, sign } from './testservice.js';

/** @typedef {import('../../src/http/problem.js').ProblemError} ProblemError */

/** @param {{id: string}} record */
const pathOf = ({ id }) => `/records/${id}`;

test('the response has Location, ETag and the members of the record that the document describes, and no others', async () => {
  const { call } = await createService();
  const { headers, body } = await call('POST', '/records', {
    body: { patient: 'p-1', content: { a: [1, null, 'ü'] } },
  });
  assert.equal(headers.location, pathOf(body));
  assert.match(headers.etag, /^"1-[0-9a-f]{32}"$/);
  assert.deepEqual(Object.keys(body), ['id', 'patient', 'content', 'version', 'createdAt', 'updatedAt']);
  assert.deepEqual((await call('GET', pathOf(body))).body, body);
  assert.deepEqual((await call('GET', pathOf({ id: body.id.toUpperCase() }))).body, body);
});

test('content comes back as it was sent', async (t) => {
  const contents = {
    'an empty object': '{}',
    'names of built-in properties of JavaScript': '{"__proto__":{"a":1},"constructor":2,"toString":3}',
    'the same name in two objects': '{"a":{"a":{"b":1}},"b":[{"a":":"}]}',
    'an integer beyond 2^53': '{"a":[9007199254740992,9007199254740993,123456789012345678901234567890]}',
    'a number with more digits than a double has': '{"a":[123456789012345678901234567890.5,0.1234567890123456789]}',
    'an integer in another notation': '{"a":[9007199254740993.0,90071992547409930e-1,12345678901234567890e0]}',
    'a number beyond the range of doubles': '{"a":[1e999,1e-400,2e-324,-1E+400]}',
    'a power of ten': '{"a":[1e20,1e+20,1E20]}',
    'zeros that say how exact a result is': '{"a":[7.10,1.0,1.50e+2,-0,-0.0]}',
    'members whose names are numbers': '{"b":1,"2":1,"1":1,"a":1}',
    'white space': '{ "a" :\t[ 1 ,\r\n2 ] }',
    escapes: '{"a":"\\u00e9\\/\\ud83d\\ude00","\\u0062":"\\""}',
    'a number of a hundred thousand digits': `{"a":0.${'1'.repeat(100_000)}}`,
    'text that looks like SQL': `{"a":"'; drop table records; -- $1"}`,
    '32 levels with the body': `{"a":${'['.repeat(30)}${']'.repeat(30)}}`,
    'text beyond the basic plane': '{"😀":"\u2028"}',
  };
  for (const [name, content] of Object.entries(contents)) {
    await t.test(`${name} comes back as it was sent`, async () => {
      const { call } = await createService();
      const sent = { body: `{"content":${content}, "patient":"${name}"}`, headers: { 'idempotency-key': 'k' } };
      const created = await call('POST', '/records', sent);
      assert.equal(created.status, 201);
      const path = pathOf(created.body);
      for (const { text } of [
        created,
        await call('POST', '/records', sent),
        await call('GET', path),
        await call('POST', '/records/search', { body: { patient: name } }),
        await call('PUT', path, { body: `{"content":${content}}`, headers: { 'if-match': '*' } }),
        await call('GET', path),
      ]) {
        assert.ok(text.includes(`"content":${content},"version"`), text);
      }
    });
  }
});

test('an invalid body gets 422 with a JSON pointer to each error, and no value of it is quoted', async (t) => {
  const { call } = await createService();
  /** @type {[string, string, string[]][]} */
  const cases = [
    ['no object', '[]', ['']],
    ['no patient', '{"content":{}}', ['']],
    ['no content', '{"patient":"p"}', ['']],
    ['content that is not an object', '{"patient":"p","content":"private"}', ['/content']],
    ['a patient that is not a string', '{"patient":7,"content":{}}', ['/patient']],
    ['an empty patient', '{"patient":"","content":{}}', ['/patient']],
    ['a patient of 129 characters', `{"patient":"${'p'.repeat(129)}","content":{}}`, ['/patient']],
    ['a control character in the patient', '{"patient":"private\\u0007","content":{}}', ['/patient']],
    ['an unknown member', '{"patient":"p","content":{},"private":1}', ['']],
    ['two errors', '{"patient":"","content":[]}', ['/patient', '/content']],
    ['thousands of errors', `{${Array.from({ length: 5000 }, (_, i) => `"private${i}":1`).join()}}`, ['', '', '']],
    ['U+0000 in a string', '{"patient":"p","content":{"a":"private\\u0000"}}', ['']],
    ['U+0000 in a name', '{"patient":"p","content":{"private\\u0000":1}}', ['']],
    ['an unpaired surrogate', '{"patient":"p","content":{"a":"private\\ud800"}}', ['']],
    ['the same name twice', '{"patient":"p","content":{"private":1,"private":2}}', ['']],
    ['33 levels with the body', `{"patient":"p","content":${'{"private":'.repeat(32)}1${'}'.repeat(32)}}`, ['']],
    ['a hundred thousand levels', `{"patient":"p","content":{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}}`, ['']],
  ];
  for (const [name, body, pointers] of cases) {
    await t.test(`${name} gets 422`, async () => {
      const response = await call('POST', '/records', { body });
      assert.equal(response.status, 422);
      assert.deepEqual(
        response.body.errors.map((/** @type {ProblemError} */ { pointer }) => pointer),
        pointers,
      );
      assert.doesNotMatch(JSON.stringify(response), /private/);
    });
  }
});

test('a body that is not JSON in UTF-8 gets 400', async (t) => {
  const { send, call, key } = await createService();
  const authorization = `Bearer ${await sign(key)}`;
  for (const body of ['', '{', '{"a":01}', 'null,']) {
    await t.test(`${JSON.stringify(body)} gets 400`, async () =>
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

test('a body must have the media type application/json and no content coding', async (t) => {
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

test('a body of 256 KiB is accepted and one byte more gets 413, as text and in base64', async () => {
  const { send, key } = await createService();
  const headers = { authorization: `Bearer ${await sign(key)}`, 'content-type': 'application/json' };
  /**
   * @param {number} bytes
   * @param {boolean} encode
   */
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

/**
 * Creates a record, and returns its path and its entity tag.
 *
 * @param {import('./testservice.js').Service} service
 */
async function createTagged({ call }) {
  const { headers, body } = await call('POST', '/records', { body: { patient: 'p-1', content: { note: 'well' } } });
  return { path: pathOf(body), etag: headers.etag };
}

test('an update must name the current version in If-Match', async (t) => {
  const never = `"1-${'0'.repeat(32)}"`;
  /** @type {[string, (etag: string) => string | undefined, number][]} */
  const cases = [
    ['the current version', (etag) => etag, 200],
    ['the current version between spaces', (etag) => ` ${etag} `, 200],
    ['the current version in a list', (etag) => `"7",,"a,b", ${etag}`, 200],
    ['the current version in a list, weak and strong', (etag) => `W/${etag}, ${etag}`, 200],
    ['any version', () => '*', 200],
    ['the version with another revision', () => never, 412],
    ['the tag of an earlier version of the API', () => '"1"', 412],
    ['a list without the current version', () => `"1", "2", ${never}`, 412],
    ['a newer version', (etag) => etag.replace('1-', '2-'), 412],
    ['a version beyond every integer', () => `"${'9'.repeat(400)}"`, 412],
    ['a weak tag', (etag) => `W/${etag}`, 412],
    ['a tag that the API has not issued', () => '"abc"', 412],
    ['no version', () => undefined, 428],
    ['text that is not a tag', () => '1', 400],
    ['an asterisk in a list', (etag) => `*, ${etag}`, 400],
    ['a tag without an end', (etag) => etag.slice(0, -1), 400],
    ['an empty header', () => '', 400],
    ['thousands of empty elements', () => `${' ,'.repeat(10_000)}x`, 400],
  ];
  for (const [name, toHeader, status] of cases) {
    await t.test(`${name} gets ${status}`, async () => {
      const service = await createService();
      const { path, etag } = await createTagged(service);
      const ifMatch = toHeader(etag);
      const headers = ifMatch === undefined ? undefined : { 'if-match': ifMatch };
      const changed = await service.call('PUT', path, { body: { content: {} }, headers });
      assert.equal(changed.status, status);
      const read = await service.call('GET', path);
      assert.equal(read.headers.etag, status === 200 ? changed.headers.etag : etag);
      assert.equal(read.body.version, status === 200 ? 2 : 1);
    });
  }
});

test('a change whose If-None-Match names the current version is refused', async (t) => {
  /** @type {[string, (etag: string) => string, boolean][]} */
  const cases = [
    ['any version', () => '*', false],
    ['the current version', (etag) => etag, false],
    ['the current version, weak, in a list', (etag) => `"1", W/${etag}`, false],
    ['another version', () => '"1", "2"', true],
  ];
  for (const [name, toHeader, accepted] of cases) {
    await t.test(name, async () => {
      const service = await createService();
      const { path, etag } = await createTagged(service);
      const headers = { 'if-match': etag, 'if-none-match': toHeader(etag) };
      const body = { content: {} };
      const missing = pathOf({ id: randomUUID() });
      assert.equal((await service.call('PUT', missing, { body, headers })).status, 404);
      const { status } = await service.call('PUT', path, { body, headers });
      assert.equal(status, accepted ? 200 : 412);
      const current = (await service.call('GET', path)).headers.etag;
      const deleted = await service.call('DELETE', path, { headers: { 'if-none-match': toHeader(current) } });
      assert.equal(deleted.status, accepted ? 204 : 412);
    });
  }
  const { call, create } = await createService();
  const malformed = { headers: { 'if-none-match': 'one' } };
  assert.equal((await call('DELETE', pathOf(await create()), malformed)).status, 400);
});

test('an update keeps the patient unless it has one', async () => {
  const { call, create } = await createService();
  const path = pathOf(await create('p-1', { a: 1 }));
  /**
   * @param {number} version that is expected to be the current one.
   * @param {object} body
   */
  const update = async (version, body) => {
    const current = await call('GET', path);
    assert.equal(current.body.version, version);
    const response = await call('PUT', path, { body, headers: { 'if-match': current.headers.etag } });
    return [response.body.patient, response.body.content, response.body.version];
  };
  assert.deepEqual(await update(1, { content: { b: 2 } }), ['p-1', { b: 2 }, 2]);
  assert.deepEqual(await update(2, { patient: 'p-2', content: {} }), ['p-2', {}, 3]);
});

test('a deletion may name the current version in If-Match, and need not', async (t) => {
  /** @type {[(etag: string) => string | undefined, number][]} */
  const cases = [
    [() => undefined, 204],
    [() => '*', 204],
    [(etag) => etag, 204],
    [(etag) => `"1", ${etag}`, 204],
    [() => '"1"', 412],
    [() => '"2"', 412],
  ];
  for (const [toHeader, status] of cases) {
    await t.test(`If-Match ${toHeader('(the current tag)')} gets ${status}`, async () => {
      const service = await createService();
      const { path, etag } = await createTagged(service);
      const ifMatch = toHeader(etag);
      const headers = ifMatch === undefined ? undefined : { 'if-match': ifMatch };
      assert.equal((await service.call('DELETE', path, { headers })).status, status);
      assert.equal((await service.call('GET', path)).status, status === 204 ? 404 : 200);
    });
  }
});

test('a read with the current ETag in If-None-Match gets 304', async (t) => {
  const service = await createService();
  const { path, etag } = await createTagged(service);
  /** @type {[string, number][]} */
  const cases = [
    [etag, 304],
    [`W/${etag}`, 304],
    [`"0", ${etag}`, 304],
    ['*', 304],
    ['"1"', 200],
    [etag.replace('1-', '2-'), 200],
    [`"1-${'0'.repeat(32)}"`, 200],
    ['nonsense', 400],
    ['', 400],
    [`*, ${etag}`, 400],
  ];
  for (const [ifNoneMatch, status] of cases) {
    await t.test(`If-None-Match ${ifNoneMatch} gets ${status}`, async () => {
      const response = await service.call('GET', path, { headers: { 'if-none-match': ifNoneMatch } });
      assert.equal(response.status, status);
      if (status !== 400) assert.equal(response.headers.etag, etag);
    });
  }
});

test('a read whose If-Match does not name the current version gets 412', async (t) => {
  const service = await createService();
  const { path, etag } = await createTagged(service);
  /** @type {[string, number][]} */
  const cases = [
    [etag, 200],
    ['*', 200],
    ['"1"', 412],
    [`W/${etag}`, 412],
    ['one', 400],
  ];
  for (const [ifMatch, status] of cases) {
    await t.test(`If-Match ${ifMatch} gets ${status}`, async () =>
      assert.equal((await service.call('GET', path, { headers: { 'if-match': ifMatch } })).status, status),
    );
  }
});

test('pages list all records without a gap, the oldest first', async () => {
  const { call, create } = await createService();
  const created = [];
  for (let i = 0; i < 45; i++) created.push(pathOf(await create('p-1')));
  await create('p-2');
  /** @type {string[][]} */
  const pages = [];
  let cursor;
  do {
    const { body } = await call('POST', '/records/search', { body: { patient: 'p-1', ...(cursor && { cursor }) } });
    pages.push(body.records.map(pathOf));
    cursor = body.next;
  } while (cursor);
  assert.deepEqual(
    pages.map(({ length }) => length),
    [20, 20, 5],
  );
  assert.deepEqual(pages.flat(), created);
});

test('a record that an earlier version has stretched beyond the size of a response is readable, and so is the list behind it', async () => {
  const { call, store, create } = await createService();
  const stretched = JSON.stringify({ a: ['1"00000000000000000000"', -12e19, ...Array(52_000).fill(1e20)], b: 1.5 });
  assert.ok(stretched.length > 1_100_000);
  await create('p-1');
  const { record } = await store.of(DEFAULT_TENANT).create({ patient: 'p-1', content: stretched, subject: 's' });
  await create('p-1');
  const read = await call('GET', pathOf(record));
  assert.deepEqual(read.body.content, JSON.parse(stretched));
  let count = 0;
  let cursor;
  do {
    const page = await call('POST', '/records/search', { body: { patient: 'p-1', ...(cursor && { cursor }) } });
    assert.equal(page.status, 200);
    count += page.body.records.length;
    cursor = page.body.next;
  } while (cursor);
  assert.equal(count, 3);
});

// What makes a response the largest: each takes more bytes in the JSON of a response than in a request.
const EXPANDING = {
  quotes: '\\"',
  'two-byte characters': 'é',
  'control characters': '\u007f',
  'four-byte characters': '😀',
};

test('every record that is accepted is answered within the size that the load balancer takes', async (t) => {
  // The test service asserts the size of each response.
  const numbers = `[${Array(52_000).fill('1e20').join()}]`;
  const contents = Object.entries({
    ...Object.fromEntries(
      Object.entries(EXPANDING).map(([name, text]) => [name, `"${text.repeat(260_000 / Buffer.byteLength(text))}"`]),
    ),
    'powers of ten': numbers,
    'escapes of control characters': `"${'\\u0001'.repeat(43_000)}"`,
    'white space': `[${'\n'.repeat(260_000)}]`,
  });
  for (const [name, value] of contents) {
    await t.test(name, async () => {
      const { call } = await createService();
      const content = `{"a":${value}}`;
      const sent = { body: `{"patient":"p","content":${content}}`, headers: { 'idempotency-key': 'k' } };
      const created = await call('POST', '/records', sent);
      assert.equal(created.status, 201);
      const path = pathOf(created.body);
      for (const response of [
        created,
        await call('POST', '/records', sent),
        await call('GET', path),
        await call('POST', '/records/search', { body: { patient: 'p' } }),
        await call('PUT', path, { body: `{"content":${content}}`, headers: { 'if-match': '*' } }),
      ]) {
        assert.ok(response.status < 300);
        assert.ok(response.text.includes(content));
      }
    });
  }
});

test('a page is shortened to the size that the load balancer takes, and the next page continues after it', async (t) => {
  for (const [name, text] of Object.entries(EXPANDING)) {
    await t.test(name, async () => {
      const { call, create } = await createService();
      for (let i = 0; i < 5; i++)
        await call('POST', '/records', {
          body: `{"patient":"p-1","content":{"note":"${text.repeat(200_000 / Buffer.byteLength(text))}"}}`,
        });
      await create('p-1');
      /** @type {number[]} */
      const sizes = [];
      let cursor;
      do {
        const { body } = await call('POST', '/records/search', {
          body: { patient: 'p-1', limit: 100, ...(cursor && { cursor }) },
        });
        sizes.push(body.records.length);
        cursor = body.next;
      } while (cursor);
      assert.deepEqual(sizes, [2, 2, 2]);
    });
  }
});

test('a search with a missing, invalid or unknown member gets 422 with the place of the member', async (t) => {
  const { call } = await createService();
  /** @param {unknown[]} parts */
  const encode = (parts) => Buffer.from(JSON.stringify(parts)).toString('base64url');
  const [time, id] = ['2026-01-01T00:00:00.000Z', randomUUID()];
  /** @type {[string, object, string][]} */
  const cases = [
    ['no patient', {}, ''],
    ['an empty patient', { patient: '' }, '/patient'],
    ['a control character', { patient: 'a\u0007' }, '/patient'],
    ['a patient of 129 characters', { patient: 'p'.repeat(129) }, '/patient'],
    ['limit 0', { patient: 'p', limit: 0 }, '/limit'],
    ['limit 101', { patient: 'p', limit: 101 }, '/limit'],
    ['limit 1.5', { patient: 'p', limit: 1.5 }, '/limit'],
    ['a limit that is text', { patient: 'p', limit: '10' }, '/limit'],
    ['an empty cursor', { patient: 'p', cursor: '' }, '/cursor'],
    ['no cursor as next gives it on the last page', { patient: 'p', cursor: null }, '/cursor'],
    ['a cursor that is not JSON', { patient: 'p', cursor: 'x' }, '/cursor'],
    ['a cursor with a third element', { patient: 'p', cursor: encode([time, id, '']) }, '/cursor'],
    ['a cursor with an object', { patient: 'p', cursor: encode([time, {}]) }, '/cursor'],
    ['a cursor without a UUID', { patient: 'p', cursor: encode([time, "' or 1=1"]) }, '/cursor'],
    ['a cursor of February 30', { patient: 'p', cursor: encode(['2026-02-30T00:00:00Z', id]) }, '/cursor'],
    ['a cursor of hour 24', { patient: 'p', cursor: encode(['2026-02-03T24:00:00Z', id]) }, '/cursor'],
    ['a cursor of year 0', { patient: 'p', cursor: encode(['0000-01-01T00:00:00Z', id]) }, '/cursor'],
    ['a cursor with a character outside of base64url', { patient: 'p', cursor: `!${encode([time, id])}` }, '/cursor'],
    ['a cursor with an additional byte', { patient: 'p', cursor: `${encode([time, id])}A` }, '/cursor'],
    ['an unknown member', { patient: 'p', limmit: 1 }, ''],
  ];
  for (const [name, body, pointer] of cases) {
    await t.test(`${name} gets 422`, async () => {
      const response = await call('POST', '/records/search', { body });
      assert.equal(response.status, 422);
      assert.deepEqual(
        response.body.errors.map((/** @type {ProblemError} */ error) => error.pointer),
        [pointer],
      );
    });
  }
  const valid = { patient: 'p', cursor: encode([time, id]) };
  assert.equal((await call('POST', '/records/search', { body: valid })).status, 200);
});

test('no patient is in a URL', async (t) => {
  const { call, create } = await createService();
  for (let i = 0; i < 3; i++) await create('p-private');
  await t.test('the search of before version 1.2.0 gets 410, which names the new one and quotes nothing', async () => {
    /** @type {Record<string, string>[]} */
    const queries = [{ patient: 'p-private' }, { patient: 'p-private', cursor: 'p-private' }, { patient: '%' }, {}];
    for (const query of queries) {
      const { status, body } = await call('GET', '/records', { query });
      assert.deepEqual([status, body.type], [410, 'urn:warmstandby:problem:search-moved']);
      assert.match(body.detail, /POST \/records\/search/);
      assert.doesNotMatch(JSON.stringify(body), /private/);
    }
    assert.equal((await call('HEAD', '/records', { query: { patient: 'p-private' } })).status, 410);
  });
  await t.test('a search with a query string gets 400, which quotes nothing', async () => {
    const response = await call('POST', '/records/search', { query: { patient: 'p-private' }, body: { patient: 'p' } });
    assert.equal(response.status, 400);
    assert.doesNotMatch(JSON.stringify(response), /private/);
  });
  await t.test('neither the cursor nor a header of the response has it', async () => {
    const { headers, body } = await call('POST', '/records/search', { body: { patient: 'p-private', limit: 1 } });
    assert.doesNotMatch(Buffer.from(body.next, 'base64url').toString(), /private/);
    assert.doesNotMatch(JSON.stringify(headers), /private/);
  });
});

test('a repeated request with an idempotency key gets the first response and creates nothing', async () => {
  const { call } = await createService();
  /**
   * @param {string} key
   * @param {object} body
   */
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
  assert.equal((await call('POST', '/records/search', { body: { patient: 'p' } })).body.records.length, 2);
});

test('an idempotency key must have 1 to 128 visible ASCII characters', async (t) => {
  const { call, store } = await createService();
  for (const key of ['', 'a b', 'ü', 'x'.repeat(129)]) {
    await t.test(`${JSON.stringify(key)} gets 400`, async () => {
      const response = await call('POST', '/records', {
        body: { patient: 'p', content: {} },
        headers: { 'idempotency-key': key },
      });
      assert.equal(response.status, 400);
    });
  }
  assert.equal(store.calls, 0);
});

test('a request with the idempotency key of a deleted record gets 422 with a type of its own', async () => {
  const { call, store } = await createService();
  store.fault = new IdempotencyConflict('deleted');
  const response = await call('POST', '/records', { body: { patient: 'p', content: {} } });
  assert.deepEqual([response.status, response.body.type], [422, 'urn:warmstandby:problem:idempotent-record-deleted']);
});

test('Retry-After is random, so that callers who were refused together come back apart', () => {
  assert.deepEqual(
    [0, 0.19, 0.2, 0.5, 0.99999].map((random) => retryAfterSeconds(random)),
    [3, 3, 4, 5, 7],
  );
  const drawn = new Set(Array.from({ length: 1000 }, () => retryAfterSeconds()));
  assert.equal(drawn.size, 5);
});

test('a request that the store cannot serve at present gets 503 with Retry-After, and only the log has the reason', async () => {
  const { call, store, lines } = await createService();
  store.fault = new Unavailable('the writer is read-only', 5);
  const response = await call('POST', '/records', { body: { patient: 'p', content: {} } });
  assert.equal(response.status, 503);
  assert.equal(response.headers['retry-after'], '5');
  assert.doesNotMatch(JSON.stringify(response), /read-only/);
  assert.ok(lines.some(({ level, error }) => level === 'warn' && error?.message === 'the writer is read-only'));
});
