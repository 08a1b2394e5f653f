// Connections to the database: TLS, stale connections, rotated passwords.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';

import { createClients } from '../../src/aws/clients.js';
import { createParameters } from '../../src/aws/parameters.js';
import { certificateAuthorities } from '../../src/database/ca.js';
import { assertFails, assertUnavailable } from '../harness/assertions.js';
import { buildEnvironment } from '../harness/environment.js';
import { eventually } from '../harness/eventually.js';
import { afterAMinute, createFakeClock } from '../harness/fakeclock.js';
import { listen, startFaultProxy } from '../harness/faultproxy.js';
import { EAST } from '../harness/globaldatabase.js';

/** @type {import('../harness/environment.js').Environment} */
let environment;
before(async () => {
  environment = await buildEnvironment('connections');
  await environment.store(EAST).maintain();
});
after(() => environment.end());

const newRecord = { patient: 'p', content: '{}', subject: 's' };

/** @param {Promise<unknown>} call */
async function assertCertificateRefused(call) {
  const error = await assertFails(call);
  assert.match(`${error.code} ${error.message}`, /certificate|altnames/i);
  return error;
}

/** @param {import('../../src/aws/parameters.js').Parameters['get']} get */
const withParameters = (get) => environment.store(EAST, { parameters: { get, ageMs: () => 0 } });

const createRegionParameters = (clock = createFakeClock()) => {
  const { region, path } = environment.regions[EAST];
  return createParameters({ client: createClients({ region }).ssm, path, log: { warn() {} }, clock });
};

test('a server whose certificate is of no trusted authority is refused', async () => {
  const awsOnly = certificateAuthorities('');
  assert.ok(awsOnly.length > 50 && awsOnly.every((pem) => pem.startsWith('-----BEGIN CERTIFICATE-----')));
  assert.equal(certificateAuthorities().length, awsOnly.length + 1, 'the file of NODE_EXTRA_CA_CERTS is not included');
  const store = environment.store(EAST, { certificateAuthorities: awsOnly });
  await assertCertificateRefused(store.get('6f3f0d7e-0000-4000-8000-000000000000'));
});

/** Serves what the writer's server serves at an address that its certificate does not name, until the test ends. */
async function relayed() {
  const { port, host } = environment.writer;
  const ends = () => {}; // A client that refuses the certificate ends its connection, and so does the server then.
  const relay = net.createServer((client) => {
    const server = net.connect(port, host).on('error', ends);
    client.on('error', ends).pipe(server).pipe(client);
  });
  relay.unref();
  return { ...(await listen(relay, '127.0.0.3')), close: () => new Promise((resolve) => relay.close(resolve)) };
}

/** @param {() => Partial<import('../../src/aws/configuration.js').Database>} database what it has instead. */
const withDatabase = (database) => {
  const parameters = createRegionParameters();
  return withParameters(async () => {
    const configuration = await parameters.get();
    return { ...configuration, database: { ...configuration.database, ...database() } };
  });
};

test("the writer's certificate names the endpoint, or a member of the global database", async () => {
  // It names the member's address, and not the relay's.
  const relay = await relayed();
  const [member, another] = [environment.clusters[EAST].host, '127.0.0.4'];
  let members = { clusterEndpoint: member, peerClusterEndpoint: '' };
  const store = withDatabase(() => ({ writerEndpoint: relay.host, port: relay.port, ...members }));
  await store.create(newRecord);
  await store.maintain();
  members = { clusterEndpoint: another, peerClusterEndpoint: member };
  await store.create(newRecord);
  for (const peerClusterEndpoint of [another, '']) {
    members = { clusterEndpoint: another, peerClusterEndpoint };
    const error = await assertCertificateRefused(store.create(newRecord));
    assert.equal(error.code, 'ERR_TLS_CERT_ALTNAME_INVALID');
    assert.match(error.message, /127\.0\.0\.3/);
  }
  await relay.close();
});

test("a reader's certificate names its own endpoint", async () => {
  const relay = await relayed();
  const member = environment.clusters[EAST].host;
  const store = withDatabase(() => ({
    readerEndpoint: relay.host,
    clusterPort: relay.port,
    clusterEndpoint: member,
    peerClusterEndpoint: member,
  }));
  const error = await assertCertificateRefused(store.get('6f3f0d7e-0000-4000-8000-000000000000'));
  assert.equal(error.code, 'ERR_TLS_CERT_ALTNAME_INVALID');
  await relay.close();
});

test('a server without TLS is refused', async () => {
  const plain = net.createServer((client) => client.on('error', () => {}).once('data', () => client.end('N')));
  plain.unref();
  await environment.setEndpoints(EAST, { writer: await listen(plain, '127.0.0.1') });
  await assert.rejects(environment.store(EAST).create(newRecord), /does not support SSL/);
  await environment.setEndpoints(EAST);
  await new Promise((resolve) => plain.close(resolve));
});

test('connections that the server has closed are replaced, and no read or idempotent change fails', async () => {
  const store = environment.store(EAST);
  const { record } = await store.create(newRecord);
  for (let round = 0; round < 3; round++) {
    await store.get(record.id);
    await environment.terminateConnections();
    assert.equal((await store.get(record.id)).id, record.id);
    await environment.terminateConnections();
    await store.create({ ...newRecord, idempotencyKey: `k-${round}`, requestHash: 'h' });
  }
});

/**
 * Makes new sessions of requests read-only, as on a standby, or writable again.
 *
 * @param {boolean} readOnly
 */
const setReadOnly = (readOnly) =>
  environment.sql(
    `alter role user_${environment.name}_tenant_writer ${readOnly ? 'set default_transaction_read_only = on' : 'reset all'}`,
  );

test('a change fails on a read-only server, and the next change uses a new connection', async () => {
  await setReadOnly(true);
  const clock = createFakeClock();
  const store = environment.store(EAST, { clock });
  await assertUnavailable(store.create(newRecord), { sqlState: '25006' });
  await setReadOnly(false);
  clock.advance(1_000); // For that long it is remembered that there is no writer.
  await store.create(newRecord);
});

test('a change that a stale connection to a read-only server refuses is retried on a new connection', async () => {
  await setReadOnly(true);
  const parameters = createRegionParameters();
  let reads = 0;
  // The writer becomes available when the store has checked the schema and is about to make the change.
  const store = withParameters(async () => {
    if (++reads === 2) await setReadOnly(false);
    return parameters.get();
  });
  const { record } = await store.create(newRecord);
  assert.equal(record.version, 1);
});

test('a store follows an endpoint that changes in the parameters', async () => {
  const proxy = await startFaultProxy(environment.writer);
  const clock = createFakeClock();
  const store = environment.store(EAST, { parameters: createRegionParameters(clock) });
  await store.create(newRecord);
  await environment.setEndpoints(EAST, { writer: proxy });
  clock.advance(60_000);
  await store.create(newRecord);
  await proxy.close();
  await assertUnavailable(store.create(newRecord)); // It succeeds if the store does not use the proxy.
  await environment.setEndpoints(EAST);
  clock.advance(60_000);
  await store.create(newRecord);
});

test('a rotated password is read when a login fails', async () => {
  const store = environment.store(EAST);
  await store.create(newRecord);
  await environment.rotatePassword(`rotated '1'`);
  await environment.terminateConnections();
  await store.create({ ...newRecord, idempotencyKey: 'rotated', requestHash: 'h' });
  await eventually('the region accepts writes', async () => (await store.canWrite()).ok || undefined);
});

test('after a rotation the roles have the new password, for instances that know the old secret and for new ones', async () => {
  /** @param {string} idempotencyKey */
  const keyed = (idempotencyKey) => ({ ...newRecord, idempotencyKey, requestHash: 'h' });
  /** @type {string[]} */
  const warnings = [];
  const log = { warn: (/** @type {{message?: string}} */ { message = '' }) => warnings.push(message) };
  await environment.store(EAST, { clock: afterAMinute }).maintain(); // Ends what the rotation before has left to do.
  const old = environment.store(EAST, { log });
  await old.create(newRecord); // Its secret is not refreshed yet: it would not be again within a second.
  await environment.rotatePassword(`rotated '2'`);
  await environment.terminateConnections();
  await old.create(keyed('k-rotated-1')); // With the cached secret: the roles have not changed yet.
  assert.deepEqual(warnings, []);
  await environment.store(EAST, { log }).create(newRecord); // Knows the new secret only, and the roles have not changed yet.
  await environment.store(EAST, { log }).maintain(); // The secret is too new: the other region may not have it.
  await environment.terminateConnections();
  await old.create(keyed('k-rotated-3'));
  await environment.store(EAST, { log, clock: afterAMinute }).maintain();
  await environment.terminateConnections();
  await old.create(keyed('k-rotated-2'));
  await eventually(
    'the region is ready',
    async () => (await environment.store(EAST, { log }).canWrite()).ok || undefined,
  );
  // One of the new instance, and two of the maintenance that has not set the roles up: it looks for migrations as a request does.
  assert.equal(warnings.length, 3);
  for (const warning of warnings) assert.match(warning, /^a role has the credentials of before the rotation/);
});

test('the region is unavailable while the secret has another password than the database', async () => {
  for (const role of ['', '_owner', '_tenant_writer', '_tenant_reader', '_maintenance', '_probe'])
    await environment.sql(`alter role user_${environment.name}${role} password 'nobody has this'`);
  const store = environment.store(EAST);
  await assertUnavailable(store.create(newRecord), { sqlState: '28P01' });
  await environment.rotatePassword('everybody has this');
  await new Promise((resolve) => setTimeout(resolve, 1_000)); // A secret is not refreshed twice within a second.
  await store.create(newRecord);
});
