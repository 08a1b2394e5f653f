// Readiness: why a region cannot write, and the connections that are reserved for the check.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { TIMEOUT_MS, createProbe, probeWriter } from '../../src/database/probe.js';
import { credentialsOf } from '../../src/database/roles.js';
import { assertUnavailable } from '../harness/assertions.js';
import { buildEnvironment } from '../harness/environment.js';
import { eventually } from '../harness/eventually.js';
import { createFakeClock } from '../harness/fakeclock.js';
import { startFaultProxy } from '../harness/faultproxy.js';
import { EAST, WEST } from '../harness/globaldatabase.js';
import { startFunction } from '../harness/functionprocess.js';

/** @typedef {import('../harness/globaldatabase.js').Region} Region */
/** @typedef {import('../../src/database/probe.js').WriteFailure} WriteFailure */

/** @type {import('../harness/environment.js').Environment} */
let environment;
const newRecord = { patient: 'p', content: '{}', subject: 's' };

before(async () => {
  environment = await buildEnvironment('readiness');
  await environment.store(EAST).maintain();
  await waitUntilReady();
});
after(() => environment.end());

/**
 * Asks a store that has asked nothing before.
 *
 * @param {Region} [region]
 */
async function canWrite(region = EAST) {
  const store = environment.store(region);
  const result = await store.canWrite();
  await store.end();
  return result;
}

/**
 * Waits until a region gives this reason: a setting of the server takes a moment, and a busy machine may connect late.
 *
 * @param {WriteFailure} failure
 * @param {Region} [region]
 */
const waitForFailure = (failure, region = EAST) =>
  eventually(
    `${region} is not ready because of ${failure}`,
    async () => (await canWrite(region)).failure === failure || undefined,
  );

const waitUntilReady = () => eventually('the east is ready', async () => (await canWrite()).ok || undefined);

test('a commit that waits for a standby is a wait for replication, for every instance that asks', async () => {
  const fn = startFunction(environment, EAST);
  await fn.maintain();
  await environment.administer(`alter system set synchronous_standby_names = 'absent'`);
  await environment.administer('select pg_reload_conf()');
  try {
    await waitForFailure('replication-wait');
    // The first commit holds the row of the probe; the others wait for it.
    const stores = Array.from({ length: 4 }, () => environment.store(EAST));
    await eventually('every instance sees the wait', async () => {
      const results = await Promise.all(stores.map((store) => store.canWrite()));
      return results.every(({ failure }) => failure === 'replication-wait') || undefined;
    });
    const ready = await eventually('the function is not ready', async () => {
      const response = await fn.request('GET', '/readyz', { token: null });
      return response.status === 503 ? response : undefined;
    });
    const [status, role] = ['unavailable', 'primary'];
    assert.deepEqual(ready.body, { status, region: EAST, role, reason: 'replication-wait' });
    assert.equal((await environment.store(EAST).canRead()).ok, true, 'the region cannot read');
  } finally {
    await environment.administer('alter system reset synchronous_standby_names');
    await environment.administer('select pg_reload_conf()');
    await fn.end();
  }
  await waitUntilReady();
});

test('a standby, and a writer that takes no writes, is read-only', async () => {
  await waitForFailure('read-only', WEST);
  const { username } = credentialsOf(environment.login, 'probe');
  await environment.sql(`alter role ${username} set default_transaction_read_only = on`);
  await waitForFailure('read-only');
  await environment.sql(`alter role ${username} reset all`);
  await waitUntilReady();
});

test('a full server refuses requests and is ready, and has no connection slots when the reserve is full, too', async () => {
  const release = await environment.occupyConnections(credentialsOf(environment.login, 'tenant_writer'));
  try {
    const store = environment.store(EAST);
    await assertUnavailable(store.create(newRecord), { sqlState: '53300' });
    for (let instance = 0; instance < 8; instance++) {
      const one = environment.store(EAST);
      assert.deepEqual(await one.canWrite(), { ok: true, reason: '' });
      assert.deepEqual(await one.canRead(), { ok: true, reason: '' });
    }
    const releaseReserve = await environment.occupyConnections(credentialsOf(environment.login, 'probe'));
    try {
      assert.equal((await canWrite()).failure, 'no-connection-slots');
      const full = await environment.store(EAST).canRead();
      assert.deepEqual(full, { ok: true, reason: '' }, 'a full server is taken for a lost one');
    } finally {
      await releaseReserve();
    }
    await waitUntilReady();
  } finally {
    await release();
  }
  await eventually('the server takes requests again', () =>
    environment
      .store(EAST)
      .create(newRecord)
      .catch(() => undefined),
  );
});

test('a server that hangs, and one that refuses connections, is unreachable', async () => {
  const cluster = await startFaultProxy(environment.clusters[EAST]);
  await environment.setEndpoints(EAST, { cluster });
  await waitUntilReady();
  cluster.hang();
  const clock = createFakeClock();
  const pending = environment.store(EAST, { clock }).canWrite();
  await eventually('the check waits', async () => clock.pendingTimers() || undefined);
  clock.advance(TIMEOUT_MS);
  assert.deepEqual(await pending, {
    ok: false,
    reason: `no answer within ${TIMEOUT_MS} ms`,
    failure: 'database-unreachable',
  });
  cluster.resume();
  await cluster.close();
  await waitForFailure('database-unreachable');
  await environment.setEndpoints(EAST);
  await waitUntilReady();
});

test('what the check has no word for is another reason', async () => {
  const { username } = credentialsOf(environment.login, 'probe');
  await environment.sql(`revoke insert on write_probe from ${username}`);
  await waitForFailure('other');
  await environment.sql(`grant insert on write_probe to ${username}`);
  await waitUntilReady();
});

test('what a check means whose time is over depends on how far it has come', async (t) => {
  /** @type {[string, number, number, WriteFailure][]} */
  const cases = [
    ['it waits for a connection', 0, 0, 'database-unreachable'],
    ['it waits for the answer to a read', 1, 0, 'database-unreachable'],
    ['it waits for its commit, since the beginning', 2, 0, 'replication-wait'],
    ['it waits for its commit, for a moment only, because connecting took long', 2, TIMEOUT_MS - 299, 'other'],
    ['it waits for its commit long enough', 2, TIMEOUT_MS - 300, 'replication-wait'],
  ];
  for (const [name, answers, connectedAfterMs, failure] of cases) {
    await t.test(name, async () => {
      const clock = createFakeClock();
      let left = answers - 1;
      const hang = () => new Promise(() => {});
      const query = async () => (left-- > 0 ? { rows: [{ standby: false, timelines: true }] } : hang());
      const client = /** @type {import('pg').ClientBase} */ (/** @type {unknown} */ ({ query }));
      const probe = createProbe(
        (progress) =>
          probeWriter(
            async (work) => {
              await clock.timer(connectedAfterMs).elapsed;
              await (answers > 0 ? work(client) : hang());
            },
            EAST,
            progress,
            clock,
          ),
        clock,
      );
      const pending = probe();
      clock.advance(connectedAfterMs);
      await new Promise((next) => setImmediate(next));
      clock.advance(TIMEOUT_MS - connectedAfterMs);
      assert.equal((await pending).failure, failure);
    });
  }
});

const readUsers = async () => {
  const rows = await environment.sql(
    `select distinct usename from pg_stat_activity where datname = $1 and application_name like 'warmstandby%'`,
    [environment.name],
  );
  return rows.map(({ usename }) => usename);
};

/** @param {{message: string}[]} lines */
const messagesOf = (lines) => lines.map(({ message }) => message);

/** Creates a store whose warnings are kept. */
function createLoggingStore(clock = createFakeClock()) {
  /** @type {{message: string, error?: unknown}[]} */
  const lines = [];
  const log = { warn: (/** @type {object} */ fields) => lines.push(/** @type {{message: string}} */ (fields)) };
  return { store: environment.store(EAST, { log, clock }), lines, clock };
}

test('requests log in as a role that cannot use the reserve, and a role whose password is another one is mended', async () => {
  await environment.terminateConnections();
  const { store, lines } = createLoggingStore();
  await store.create(newRecord);
  const { username } = credentialsOf(environment.login, 'tenant_writer');
  assert.deepEqual(await readUsers(), [username]);
  for (const role of ['owner', 'tenant_writer', 'tenant_reader', 'maintenance']) {
    const [{ reserved }] = await environment.sql(
      `select pg_has_role($1, 'pg_use_reserved_connections', 'usage') as reserved`,
      [`user_readiness_${role}`],
    );
    assert.equal(reserved, false);
  }
  for (const role of ['tenant_writer', 'probe']) {
    await environment.sql(`alter role user_readiness_${role} nologin password 'another one'`);
    await environment.terminateConnections();
    const other = createLoggingStore();
    await eventually('the role is mended', async () => (await other.store.canRead()).ok || other.clock.advance(1_000));
    await other.store.create(newRecord);
    assert.deepEqual(messagesOf([...lines, ...other.lines]), []);
  }
});

test('the log says that the probes have no reserve if the master user cannot grant it', async () => {
  await environment.sql(`revoke admin option for pg_use_reserved_connections from user_readiness cascade`);
  await environment.sql(`alter role user_readiness_tenant_writer nologin`);
  await environment.terminateConnections();
  const { store, lines } = createLoggingStore();
  await store.create(newRecord);
  assert.deepEqual(messagesOf(lines), ['the probes have no reserved connections: the master user cannot grant them']);
  await environment.sql(`grant pg_use_reserved_connections to user_readiness with admin option`);
});

test('the log says that pgAudit records reads of the application if the master user cannot except them', async () => {
  await environment.administer(`set role rds_superuser; revoke set on parameter pgaudit.log from user_readiness`);
  await environment.sql(`alter role user_readiness_tenant_writer nologin`);
  await environment.terminateConnections();
  const { store, lines } = createLoggingStore();
  await store.create(newRecord);
  assert.deepEqual(messagesOf(lines), [
    "pgAudit records the application's reads, too: the master user cannot set pgaudit.log of a role",
  ]);
  await environment.administer(`set role rds_superuser; grant set on parameter pgaudit.log to user_readiness`);
});
