// Contents through the function and PostgreSQL: every operation gives back what was sent, byte for byte.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import fc from 'fast-check';

import { MAX_PAGE_BYTES } from '../../src/database/records.js';
import { memberText } from '../../src/http/json.js';
import { buildEnvironment } from '../harness/environment.js';
import { startFunction } from '../harness/functionprocess.js';
import { EAST } from '../harness/globaldatabase.js';
import { objectText } from '../harness/jsontext.js';

/** Number of generated contents. Each takes five requests to the function. */
const RUNS = 100;

/** @type {import('../harness/environment.js').Environment} */
let environment;
/** @type {import('../harness/functionprocess.js').FunctionProcess} */
let east;

before(async () => {
  environment = await buildEnvironment('content');
  east = startFunction(environment, EAST);
  await east.maintain();
});
after(async () => {
  await east.end();
  await environment.end();
});

/** @param {string} patient */
const list = (patient, limit = 20) => east.request('POST', '/records/search', { body: { patient, limit } });

test('what is accepted comes back byte for byte from each operation, and from the record that its event names', async () => {
  /** @type {Map<string, string>} */
  const accepted = new Map(); // Contents by id.
  let count = 0;
  await fc.assert(
    fc.asyncProperty(objectText, async (sent) => {
      const patient = `p-${++count}`;
      const options = { body: `{"patient":"${patient}","content":${sent}}`, headers: { 'idempotency-key': patient } };
      const created = await east.request('POST', '/records', options);
      if (created.status === 422) return;
      assert.equal(created.status, 201);
      const path = `/records/${created.body.id}`;
      const update = { body: `{"content":${sent}}`, headers: { 'if-match': created.headers.etag } };
      const responses = [
        created,
        await east.request('POST', '/records', options),
        await list(patient),
        await east.request('PUT', path, update),
        await east.request('POST', '/records', options),
      ];
      for (const { text } of responses)
        assert.ok(text.includes(`"content":${sent},"version"`), `${text} has not ${sent}`);
      accepted.set(created.body.id, sent);
    }),
    { numRuns: RUNS },
  );
  assert.ok(accepted.size > RUNS / 4, `only ${accepted.size} contents were accepted`);
  const events = await environment.regions[EAST].publishedEvents();
  const created = events.filter(({ type }) => type === 'RecordCreated').map(({ detail }) => detail.recordId);
  assert.deepEqual(created.toSorted(), [...accepted.keys()].toSorted());
  for (const id of created) {
    const { text } = await east.request('GET', `/records/${id}`);
    assert.equal(memberText(text, 'content'), accepted.get(id));
  }
});

test('no record makes a list unreadable: pages of the largest contents give back every record', async () => {
  const contents = ['1e20', '"é"', '"\\""', '"\u007f"', '"\\u0001"', '0.1234567890123456789'].map((value) => {
    const count = Math.floor(250_000 / (Buffer.byteLength(value) + 1));
    return `{"a":[${Array(count).fill(value).join()}]}`;
  });
  for (const content of contents)
    assert.equal(
      (await east.request('POST', '/records', { body: `{"patient":"large","content":${content}}` })).status,
      201,
    );
  assert.equal((await east.request('POST', '/records', { body: '{"patient":"large","content":{}}' })).status, 201);
  const listed = [];
  let cursor;
  do {
    const body = { patient: 'large', limit: 100, ...(cursor && { cursor }) };
    const page = await east.request('POST', '/records/search', { body });
    assert.equal(page.status, 200);
    const sizes = page.body.records.map(
      (/** @type {{content: object}} */ { content }) => JSON.stringify(content).length,
    );
    assert.ok(sizes.length === 1 || Buffer.byteLength(page.text) < MAX_PAGE_BYTES + 10_000);
    listed.push(page.text);
    cursor = page.body.next;
  } while (cursor);
  assert.equal(listed.length, 3);
  for (const content of [...contents, '{}']) assert.ok(listed.some((text) => text.includes(`"content":${content},`)));
});

test('a page ends with the limit or with its size, and then has the cursor of the next one', async () => {
  const store = environment.store(EAST);
  const content = JSON.stringify({ a: 'x'.repeat(MAX_PAGE_BYTES / 4 - 8) });
  assert.equal(Buffer.byteLength(content), MAX_PAGE_BYTES / 4);
  for (let n = 0; n < 5; n++) await store.create({ patient: 'sized', content, subject: 's' });
  /** @type {[number, number, boolean][]} */
  const cases = [
    [1, 1, true],
    [4, 4, true],
    [5, 4, true],
    [100, 4, true],
  ];
  for (const [limit, records, hasNext] of cases) {
    const page = await store.list({ patient: 'sized', limit });
    assert.deepEqual([page.records.length, page.next !== undefined], [records, hasNext]);
  }
  const first = await store.list({ patient: 'sized', limit: 100 });
  const second = await store.list({ patient: 'sized', limit: 1, after: first.next });
  assert.deepEqual([second.records.length, second.next], [1, undefined]);
});
