// The events of the tasks by which an operator brings back what a failover has lost, and the endpoint that credentials go to.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { Refused } from '../../src/reconcile/fork.js';
import { checkHost } from '../../src/reconcile/source.js';
import { reasonAgainst } from '../../src/reconcile/writeback.js';
import { createService } from './testservice.js';

const SOURCE = 'rds:unplanned-global-failover-aurora-records-primary-prod-2026-11-29-02-00-00';
const HOST = 'aurora-reconcile-primary-prod.cluster-abc123.us-east-1.rds.amazonaws.com';
const OWN = 'aurora-records-primary-prod.cluster-abc123.us-east-1.rds.amazonaws.com';
const ID = '6f3f0d7e-0000-4000-8000-000000000000';
const AT = '2026-11-29T02:00:00.123Z';

test('the events of a step and of a page of the report reach the store with what they name', async () => {
  const { handler } = await createService();
  const cursor = { since: AT, after: { occurredAt: AT, id: ID } };
  for (const request of [
    { host: HOST, port: 5432, source: SOURCE },
    { host: HOST, port: 5432, source: SOURCE, snapshotAt: AT, cursor },
  ]) {
    const { refused } = /** @type {{refused: string}} */ (await handler({ task: 'reconcile', ...request, more: 1 }));
    assert.deepEqual(JSON.parse(refused), request);
  }
  assert.equal(/** @type {{next: number}} */ (await handler({ task: 'report', source: SOURCE, after: 6 })).next, 7);
  assert.deepEqual(await handler({ task: 'documents', since: AT, ids: [ID], more: 1 }), {
    records: [{ id: ID, exists: true, key: `records/${ID}/document`, deletedAt: null }],
  });
});

test('an event with a wrong member is refused by the name of the member, and nothing is begun', async () => {
  const { handler, store } = await createService();
  /** @type {[object, RegExp][]} */
  const cases = [
    [{ task: 'reconcile', port: 5432, source: SOURCE }, /host/],
    [{ task: 'reconcile', host: HOST, port: 5432 }, /source/],
    [{ task: 'reconcile', host: HOST, source: SOURCE }, /port/],
    [{ task: 'reconcile', host: HOST, port: 65536, source: SOURCE }, /port/],
    [{ task: 'reconcile', host: HOST, port: 5432, source: 'x'.repeat(301) }, /source/],
    [{ task: 'reconcile', host: HOST, port: 5432, source: SOURCE, snapshotAt: 'yesterday' }, /snapshotAt/],
    [{ task: 'reconcile', host: HOST, port: 5432, source: SOURCE, snapshotAt: '2026-13-29T02:00:00Z' }, /snapshotAt/],
    [{ task: 'reconcile', host: HOST, port: 5432, source: SOURCE, cursor: null }, /cursor/],
    [
      { task: 'reconcile', host: HOST, port: 5432, source: SOURCE, cursor: { since: AT, after: { id: '1' } } },
      /cursor.after.id/,
    ],
    [
      { task: 'reconcile', host: HOST, port: 5432, source: SOURCE, cursor: { since: AT, after: { id: ID } } },
      /occurredAt/,
    ],
    [
      { task: 'reconcile', host: HOST, port: 5432, source: SOURCE, cursor: { after: { id: ID, occurredAt: AT } } },
      /since/,
    ],
    [{ task: 'report' }, /source/],
    [{ task: 'report', source: SOURCE, after: -1 }, /after/],
    [{ task: 'report', source: SOURCE, after: '1' }, /after/],
    [{ task: 'documents', ids: [ID] }, /since/],
    [{ task: 'documents', since: AT }, /ids/],
    [{ task: 'documents', since: AT, ids: ['1'] }, /ids/],
    [{ task: 'documents', since: AT, ids: Array(1001).fill(ID) }, /ids/],
  ];
  for (const [event, named] of cases) await assert.rejects(handler(event), named);
  assert.equal(store.calls, 0);
});

test('any event of a task is answered or refused with a reason', async () => {
  const { handler } = await createService();
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('reconcile', 'report', 'documents'), fc.object(), async (task, members) => {
      await handler({ ...members, task }).catch((error) => assert.match(error.message, /^the event's /));
    }),
  );
});

test("the database's credentials go to no host but that of this region's own cluster with the other purpose", () => {
  assert.equal(checkHost(HOST, OWN), HOST);
  assert.equal(checkHost('127.0.0.1', '127.0.0.1'), '127.0.0.1');
  assert.throws(() => checkHost('database.example.org', 'database.example.org'), Refused);
  assert.throws(() => checkHost('127.0.0.2', '127.0.0.1'), Refused);
  for (const host of [
    OWN,
    '',
    `${HOST}.example.org`,
    `x${HOST}`,
    HOST.toUpperCase(),
    HOST.replace('abc123', 'abc124'),
    HOST.replace('us-east-1', 'us-west-2'),
    HOST.replace('prod', 'dev'),
    HOST.replace('.', '@'),
  ])
    assert.throws(() => checkHost(host, OWN), Refused, String(host));
});

test('a lost change is written back only onto the version that it was made on', () => {
  const change = (/** @type {number} */ version) => ({
    id: ID,
    kind: 'RecordUpdated',
    recordId: ID,
    version,
    occurredAt: new Date(AT),
    tenant: 'clinic-a',
  });
  const row = (/** @type {number} */ version) => ({ id: ID, version, json: '{}' });
  const base = { id: ID, lost: [change(3), change(4)], touched: false, keyUsedAgain: false };
  /** @type {[Partial<import('../../src/reconcile/writeback.js').Case>, string | undefined][]} */
  const cases = [
    [{ ours: row(2), theirs: row(4) }, undefined],
    [{ ours: row(2), theirs: undefined }, undefined],
    [{ ours: row(3), theirs: row(4) }, 'unlogged-change'],
    [{ ours: undefined, theirs: row(4) }, 'unlogged-change'],
    [{ ours: row(2), theirs: row(4), touched: true }, 'changed-in-both'],
    [{ ours: undefined, theirs: undefined, touched: true }, undefined],
    [{ ours: undefined, theirs: row(1), lost: [change(1)] }, undefined],
    [{ ours: undefined, theirs: row(1), lost: [change(1)], keyUsedAgain: true }, 'key-used-again'],
    [{ ours: undefined, theirs: undefined, lost: [change(1), change(2)], keyUsedAgain: true }, undefined],
  ];
  for (const [n, [differing, reason]] of cases.entries())
    assert.equal(reasonAgainst({ ours: undefined, theirs: undefined, ...base, ...differing }), reason, `case ${n}`);
});
