import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';

import { createClients } from '../../src/aws/clients.js';
import { createParameters } from '../../src/aws/parameters.js';
import { Unavailable } from '../../src/errors.js';
import { authorities } from '../../src/database/trust.js';
import { eventually } from '../harness/await.js';
import { stillClock } from '../harness/clock.js';
import { openDoor } from '../harness/door.js';
import { buildEnvironment } from '../harness/environment.js';
import { EAST } from '../harness/platform.js';

let environment;
before(async () => {
  environment = await buildEnvironment('connections');
  await environment.store(EAST).maintain();
});
after(() => environment.end());

const wanted = { patient: 'p', content: {}, subject: 's' };
const ended = (name) =>
  environment.sql(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and application_name like 'warmstandby%'`,
    [name],
  );
const isTrustFault = (error) =>
  !(error instanceof Unavailable) && /certificate|altnames/i.test(`${error.code} ${error.message}`);

test('only the authorities of the databases vouch for one', async () => {
  const aws = authorities('');
  assert.ok(aws.length > 50 && aws.every((pem) => pem.startsWith('-----BEGIN CERTIFICATE-----')));
  assert.equal(authorities().length, aws.length + 1, 'NODE_EXTRA_CA_CERTS is not among them');
  await assert.rejects(
    environment.store(EAST, { authorities: aws }).get('6f3f0d7e-0000-4000-8000-000000000000'),
    isTrustFault,
  );
});

test('a server whose certificate names another host is refused, be it dialled by address or by name', async () => {
  // The way leads to the right server, whose certificate does not name the address that was dialled.
  const { port, host } = environment.writer;
  const way = net.createServer((client) => client.pipe(net.connect(port, host)).pipe(client));
  way.unref();
  await new Promise((resolve) => way.listen(0, '127.0.0.3', resolve));
  await environment.places[EAST].write({
    'database/writer-endpoint': '127.0.0.3',
    'database/port': way.address().port,
  });
  await assert.rejects(
    environment.store(EAST).create(wanted),
    (error) => isTrustFault(error) && error.code === 'ERR_TLS_CERT_ALTNAME_INVALID',
  );
  await environment.places[EAST].write({ 'database/writer-endpoint': host, 'database/port': port });
  await new Promise((resolve) => way.close(resolve));
  await environment.store(EAST).create(wanted);
});

test('a server without TLS is refused', async () => {
  const plain = net.createServer((client) => client.on('error', () => {}).once('data', () => client.end('N')));
  plain.unref();
  await new Promise((resolve) => plain.listen(0, '127.0.0.1', resolve));
  await environment.places[EAST].write({
    'database/writer-endpoint': '127.0.0.1',
    'database/port': plain.address().port,
  });
  await assert.rejects(environment.store(EAST).create(wanted), /does not support SSL/);
  await environment.places[EAST].write({
    'database/writer-endpoint': environment.writer.host,
    'database/port': environment.writer.port,
  });
  await new Promise((resolve) => plain.close(resolve));
});

test('connections that the server has ended are replaced without a failed read or change', async () => {
  const store = environment.store(EAST);
  const { record } = await store.create(wanted);
  for (let round = 0; round < 3; round++) {
    await store.get(record.id);
    await ended(environment.name);
    assert.equal((await store.get(record.id)).id, record.id);
    await ended(environment.name);
    await store.create({ ...wanted, idempotencyKey: `k-${round}`, requestHash: 'h' });
  }
});

/** Makes the sessions of the environment's user that begin from now on those of a server that only reads, or no longer. */
const readOnly = (on) =>
  environment.sql(`alter role user_${environment.name} ${on ? 'set default_transaction_read_only = on' : 'reset all'}`);

test('a server that only reads refuses a change, and the next one is made on another connection', async () => {
  await readOnly(true);
  const store = environment.store(EAST);
  await assert.rejects(store.create(wanted), (error) => error instanceof Unavailable && error.cause.code === '25006');
  await readOnly(false);
  await store.create(wanted);
});

test('a change that a stale connection refuses is made on another, which leads to the writer', async () => {
  await readOnly(true);
  const { region, path } = environment.places[EAST];
  const actual = createParameters({ client: createClients({ region }).ssm, path, log: { warn() {} } });
  let reads = 0;
  const parameters = {
    // The writer has moved when the store, which has seen that the schema is there, is about to make the change.
    async get() {
      if (++reads === 2) await readOnly(false);
      return actual.get();
    },
  };
  const { record } = await environment.store(EAST, { parameters }).create(wanted);
  assert.equal(record.version, 1);
});

test('an endpoint that moves in the parameters is followed', async () => {
  const door = await openDoor(environment.writer);
  const clock = stillClock();
  const { region, path } = environment.places[EAST];
  const parameters = createParameters({
    client: createClients({ region }).ssm,
    path,
    log: { warn() {} },
    clock,
  });
  const store = environment.store(EAST, { parameters });
  await store.create(wanted);
  await environment.places[EAST].write({ 'database/writer-endpoint': door.host, 'database/port': door.port });
  clock.pass(60_000);
  await store.create(wanted);
  await door.end();
  await assert.rejects(store.create(wanted), Unavailable, 'the writer was not asked through the door');
  await environment.places[EAST].write({
    'database/writer-endpoint': environment.writer.host,
    'database/port': environment.writer.port,
  });
  clock.pass(60_000);
  await store.create(wanted);
});

test('a rotated password is read when a login fails', async () => {
  const store = environment.store(EAST);
  await store.create(wanted);
  await environment.rotate(`rotated '1'`);
  await ended(environment.name);
  await store.create({ ...wanted, idempotencyKey: 'rotated', requestHash: 'h' });
  await eventually('the region says that it writes', async () => (await store.canWrite()).ok || undefined);
});

test('a password that no copy of the secret has makes the region unavailable', async () => {
  await environment.sql(`alter role user_${environment.name} password 'nobody has this'`);
  const store = environment.store(EAST);
  await assert.rejects(store.create(wanted), (error) => error instanceof Unavailable && error.cause.code === '28P01');
  await environment.rotate('everybody has this');
  await new Promise((resolve) => setTimeout(resolve, 1_000)); // A secret that was just read is not read again.
  await store.create(wanted);
});
