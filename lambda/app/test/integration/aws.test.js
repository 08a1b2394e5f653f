import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';

import { createClients } from '../../src/aws/clients.js';
import { EXPIRY_SECONDS, createDocuments, keyOf } from '../../src/aws/documents.js';
import { createEvents } from '../../src/aws/events.js';
import { createParameters } from '../../src/aws/parameters.js';
import { createSecret } from '../../src/aws/secret.js';
import { Unavailable } from '../../src/errors.js';
import { eventually } from '../harness/await.js';
import { stillClock } from '../harness/clock.js';
import { openDoor } from '../harness/door.js';
import { buildEnvironment } from '../harness/environment.js';
import { EAST, WEST } from '../harness/platform.js';

const clients = createClients({ region: EAST });
const endpoint = new URL(process.env.AWS_ENDPOINT_URL ?? 'http://127.0.0.1:1');
let environment, place;
before(async () => {
  environment = await buildEnvironment('aws');
  place = environment.places[EAST];
});
after(() => environment.end());

/** Parameters behind a door, with a clock and a log of the test's own. */
async function watched() {
  const door = await openDoor({ host: endpoint.hostname, port: Number(endpoint.port) });
  const client = new SSMClient({
    region: EAST,
    endpoint: `http://${door.host}:${door.port}`,
    maxAttempts: 1,
    requestHandler: { requestTimeout: 500, throwOnRequestTimeout: true },
  });
  let calls = 0;
  client.middlewareStack.add((next) => (args) => (calls++, next(args)), { step: 'initialize' });
  const watch = { door, clock: stillClock(), warnings: [], calls: () => calls };
  watch.parameters = createParameters({
    client,
    path: place.path,
    log: { warn: (fields) => watch.warnings.push(fields) },
    clock: watch.clock,
  });
  return watch;
}

test('parameters are read whole, over pages, each in its type', async () => {
  const features = Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`features/switch-${n}`, n % 2 === 0]));
  await place.write(features);
  const configuration = await createParameters({ client: clients.ssm, path: place.path, log: {} }).get();
  assert.deepEqual(configuration.database, {
    name: 'aws',
    secretName: 'secret-aws',
    writerEndpoint: environment.writer.host,
    port: environment.writer.port,
    clusterEndpoint: environment.clusters[EAST].host,
    readerEndpoint: environment.clusters[EAST].host,
    clusterPort: environment.clusters[EAST].port,
  });
  assert.deepEqual([configuration.documents, configuration.events], [{ bucket: place.bucket }, { bus: place.bus }]);
  assert.deepEqual([configuration.auth.audience, configuration.auth.keys.keys.length], ['aws', 1]);
  assert.equal(Object.keys(configuration.features).length, 12);
  assert.deepEqual([configuration.features['switch-0'], configuration.features['switch-1']], [true, false]);
});

test('many who ask at once are one read, which is good for a minute', async () => {
  const watch = await watched();
  await Promise.all(Array.from({ length: 5 }, () => watch.parameters.get()));
  const reading = watch.calls();
  watch.clock.pass(59_999);
  await watch.parameters.get();
  assert.equal(watch.calls(), reading);
  watch.clock.pass(1);
  await watch.parameters.get();
  assert.equal(watch.calls(), 2 * reading);
  await watch.door.end();
});

test('stale values are used when Parameter Store hangs or is gone, with a warning, and it is not asked at once again', async () => {
  const watch = await watched();
  const first = await watch.parameters.get();
  watch.clock.pass(60_000);
  watch.door.hang();
  assert.equal(await watch.parameters.get(), first);
  assert.equal(watch.warnings.length, 1);
  const calls = watch.calls();
  watch.clock.pass(9_999);
  assert.equal(await watch.parameters.get(), first);
  assert.equal(watch.calls(), calls);
  await watch.door.end();
  watch.clock.pass(1);
  assert.equal(await watch.parameters.get(), first);
  assert.equal(watch.warnings.length, 2);
});

test('while Parameter Store hangs nobody waits for it for long who has values', async () => {
  const watch = await watched();
  const first = await watch.parameters.get();
  watch.clock.pass(60_000);
  watch.door.hang();
  const asked = watch.parameters.get();
  watch.clock.pass(250);
  assert.equal(await asked, first);
  assert.equal(watch.warnings.length, 0, 'the read had ended: this shows nothing');
  watch.door.pass();
  await place.write({ 'features/late': true });
  await eventually('the values are new', async () => (await watch.parameters.refresh()).features.late);
  await watch.door.end();
});

test('without any values a region whose Parameter Store is gone is unavailable', async () => {
  const watch = await watched();
  await watch.door.end();
  await assert.rejects(watch.parameters.get(), Unavailable);
});

test('a refresh reads what is there now, at most once in ten seconds', async () => {
  const watch = await watched();
  await watch.parameters.get();
  await place.write({ 'features/refreshed': true });
  assert.equal((await watch.parameters.refresh()).features.refreshed, true);
  const calls = watch.calls();
  watch.clock.pass(9_999);
  await Promise.all(Array.from({ length: 5 }, () => watch.parameters.refresh()));
  assert.equal(watch.calls(), calls);
  watch.clock.pass(1);
  await watch.parameters.refresh();
  assert.ok(watch.calls() > calls);
  await watch.door.end();
});

test('each missing or wrong parameter is named by its path, and no value is', async () => {
  const bare = { ...place, path: `/warmstandby/bare-${randomUUID()}` };
  const get = () => createParameters({ client: clients.ssm, path: bare.path, log: {} }).get();
  await assert.rejects(get(), (error) => {
    for (const key of [
      'database/name',
      'database/cluster-endpoint',
      'database/cluster-port',
      'documents/bucket',
      'events/bus',
    ]) {
      assert.ok(error.message.includes(`${bare.path}/${key}`), `${error.message} does not name ${key}`);
    }
    return !error.message.includes('auth/') && !(error instanceof Unavailable);
  });
  const values = {
    'database/port': '65536',
    'auth/issuer': 'i',
    'auth/keys': '{"keys":"hidden"}',
    'features/x': 'hidden',
  };
  await writeAt(bare.path, values);
  await assert.rejects(get(), (error) => {
    for (const key of ['database/port (', 'auth/audience', 'auth/keys (', 'features/x ('])
      assert.ok(error.message.includes(key), error.message);
    return !error.message.includes('hidden');
  });
});

async function writeAt(path, values) {
  for (const [key, Value] of Object.entries(values))
    await clients.ssm.send(new PutParameterCommand({ Name: `${path}/${key}`, Value, Type: 'String' }));
}

test('the secret is the same in both regions, by one name, and is read once until a login fails', async () => {
  const Name = `login-${randomUUID()}`;
  const put = (password) => JSON.stringify({ username: 'u', password, engine: 'aurora-postgresql' });
  await clients.secrets.send(
    new CreateSecretCommand({ Name, SecretString: put('one'), AddReplicaRegions: [{ Region: WEST }] }),
  );
  let time = 0;
  const west = createSecret({ client: new SecretsManagerClient({ region: WEST }), now: () => time });
  const first = await west.get(Name);
  assert.deepEqual(first, { username: 'u', password: 'one' });
  await clients.secrets.send(new PutSecretValueCommand({ SecretId: Name, SecretString: put('two') }));
  assert.equal(await west.get(Name), first);
  const [second, same] = await Promise.all([west.renew(Name, first), west.renew(Name, first)]);
  assert.deepEqual([second.password, same], ['two', second]);
  assert.equal(await west.renew(Name, first), second, 'the refusal of an old login has the new one read again');
  await clients.secrets.send(new PutSecretValueCommand({ SecretId: Name, SecretString: put('three') }));
  assert.equal(await west.renew(Name, second), second, 'it is read again twice in a second');
  time += 1_000;
  assert.equal((await west.renew(Name, second)).password, 'three');
});

test('a secret that is no login is refused without its text', async () => {
  for (const SecretString of ['hidden', '{"username":"hidden"}', 'null', '{"username":1,"password":"hidden"}']) {
    const Name = `wrong-${randomUUID()}`;
    await clients.secrets.send(new CreateSecretCommand({ Name, SecretString }));
    await assert.rejects(
      createSecret({ client: clients.secrets }).get(Name),
      (error) => error.message.includes(Name) && !error.message.includes('hidden'),
    );
  }
  await assert.rejects(
    createSecret({ client: clients.secrets }).get('not-there'),
    (error) => !(error instanceof Unavailable),
  );
});

test('an upload is bound to its type and length, a download to nothing, each to a quarter of an hour', async () => {
  const now = Date.parse('2030-01-02T03:04:05.678Z');
  const documents = createDocuments({
    client: clients.s3,
    parameters: { get: async () => ({ documents: { bucket: place.bucket } }) },
    now: () => now,
  });
  const upload = await documents.uploadURL('an-id', { contentType: 'image/png', contentLength: 3 });
  const query = new URL(upload.url).searchParams;
  assert.deepEqual([upload.method, upload.headers], ['PUT', { 'content-type': 'image/png', 'content-length': '3' }]);
  assert.equal(query.get('X-Amz-SignedHeaders'), 'content-length;content-type;host');
  assert.deepEqual([query.get('X-Amz-Expires'), query.get('X-Amz-Date')], ['900', '20300102T030405Z']);
  assert.deepEqual([EXPIRY_SECONDS, upload.expiresAt], [900, '2030-01-02T03:19:05.678Z']);
  assert.ok(![...query.keys()].some((key) => /checksum/i.test(key)), 'the URL is bound to the checksum of no body');
  assert.ok(new URL(upload.url).pathname.endsWith(`/${keyOf('an-id')}`));
  assert.equal(keyOf('an-id'), 'records/an-id/document');
  const anyLength = new URL((await documents.uploadURL('an-id', { contentType: 'image/png' })).url).searchParams;
  assert.equal(anyLength.get('X-Amz-SignedHeaders'), 'content-type;host');
  const download = await documents.downloadURL('an-id');
  assert.deepEqual(
    [download.method, download.headers, new URL(download.url).searchParams.get('X-Amz-SignedHeaders')],
    ['GET', {}, 'host'],
  );
});

test('of a call that the bus takes in part, each event is known to be taken or refused', async () => {
  const ids = [randomUUID(), randomUUID(), randomUUID()];
  // What the real one says cannot be had of the emulated bus, which takes all: the answer is EventBridge's own form.
  const client = new EventBridgeClient({ region: EAST });
  client.middlewareStack.add(
    () => async () => ({
      output: {
        FailedEntryCount: 1,
        Entries: [{ EventId: 'a' }, { ErrorCode: 'ThrottlingException' }, { EventId: 'b' }],
      },
    }),
    { step: 'initialize' },
  );
  const events = createEvents({ client, parameters: { get: async () => ({ events: { bus: 'bus' } }) } });
  const batch = ids.map((id) => ({
    id,
    kind: 'RecordCreated',
    recordId: randomUUID(),
    version: 1,
    occurredAt: new Date(),
    region: EAST,
  }));
  assert.deepEqual(await events.publish(batch), {
    accepted: [ids[0], ids[2]],
    refused: [`${ids[1]}: ThrottlingException`],
  });
});

test('a bus that hangs is given up after the patience of whoever puts events on it', async () => {
  const door = await openDoor({ host: endpoint.hostname, port: Number(endpoint.port) });
  door.hang();
  const client = new EventBridgeClient({ region: EAST, endpoint: `http://${door.host}:${door.port}` });
  const events = createEvents({ client, parameters: { get: async () => ({ events: { bus: place.bus } }) } });
  const event = {
    id: randomUUID(),
    kind: 'RecordCreated',
    recordId: randomUUID(),
    version: 1,
    occurredAt: new Date(),
    region: EAST,
  };
  // The client itself has no limit: that there is an end shows the patience.
  await assert.rejects(events.publish([event], { patience: 10 }), Unavailable);
  await door.end();
});
