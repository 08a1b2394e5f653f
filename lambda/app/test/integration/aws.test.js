// The modules that call AWS, against the local AWS emulator.
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import { CreateLogGroupCommand, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DeleteParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';

import { createAudit } from '../../src/audit.js';
import { createClients } from '../../src/aws/clients.js';
import { EXPIRY_SECONDS, createDocuments, objectKey } from '../../src/aws/documents.js';
import { createEvents } from '../../src/aws/events.js';
import { MAX_AUTH_AGE_MS, createParameters } from '../../src/aws/parameters.js';
import { createSecret } from '../../src/aws/secret.js';
import { DEFAULT_TENANT } from '../../src/tenant.js';
import { assertFails, assertUnavailable } from '../harness/assertions.js';
import { buildEnvironment } from '../harness/environment.js';
import { eventually } from '../harness/eventually.js';
import { createFakeClock } from '../harness/fakeclock.js';
import { startFaultProxy } from '../harness/faultproxy.js';
import { EAST, WEST } from '../harness/globaldatabase.js';

const clients = createClients({ region: EAST });
const endpoint = new URL(process.env.AWS_ENDPOINT_URL ?? 'http://127.0.0.1:1');
const silentLog = { warn() {} };

/** @type {import('../harness/environment.js').Environment} */
let environment;
/** @type {import('../harness/regionfixture.js').RegionFixture} */
let fixture;
before(async () => {
  environment = await buildEnvironment('aws');
  fixture = environment.regions[EAST];
});
after(() => environment.end());

const startAWSProxy = () => startFaultProxy({ host: endpoint.hostname, port: Number(endpoint.port) });

/** Creates parameters with a fake clock and a recorded log, and a fault proxy in front of Parameter Store. */
async function createObservedParameters() {
  const proxy = await startAWSProxy();
  const client = new SSMClient({
    region: EAST,
    endpoint: `http://${proxy.host}:${proxy.port}`,
    maxAttempts: 1,
    requestHandler: { requestTimeout: 500, throwOnRequestTimeout: true },
  });
  let calls = 0;
  client.middlewareStack.add((next) => (args) => (calls++, next(args)), { step: 'initialize' });
  const clock = createFakeClock();
  /** @type {object[]} */
  const warnings = [];
  const log = { warn: (/** @type {object} */ fields) => warnings.push(fields) };
  const parameters = createParameters({ client, path: fixture.path, log, clock });
  return { proxy, clock, warnings, parameters, calls: () => calls };
}

test('the configuration is read over several pages, and each value is decoded to its type', async () => {
  const features = Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`features/switch-${n}`, n % 2 === 0]));
  await fixture.writeParameters(features);
  const configuration = await createParameters({ client: clients.ssm, path: fixture.path, log: silentLog }).get();
  assert.deepEqual(configuration.database, {
    name: 'aws',
    secretName: 'secret-aws',
    writerEndpoint: environment.writer.host,
    port: environment.writer.port,
    clusterEndpoint: environment.clusters[EAST].host,
    peerClusterEndpoint: environment.clusters[WEST].host,
    readerEndpoint: environment.clusters[EAST].host,
    clusterPort: environment.clusters[EAST].port,
  });
  assert.deepEqual([configuration.documents, configuration.events], [{ bucket: fixture.bucket }, { bus: fixture.bus }]);
  assert.deepEqual([configuration.auth?.audience, configuration.auth?.keys.keys.length], ['aws', 1]);
  assert.equal(Object.keys(configuration.features).length, 12);
  assert.deepEqual([configuration.features['switch-0'], configuration.features['switch-1']], [true, false]);
});

test('concurrent callers share one read of the configuration, which is cached for a minute', async () => {
  const observed = await createObservedParameters();
  await Promise.all(Array.from({ length: 5 }, () => observed.parameters.get()));
  const callsPerRead = observed.calls();
  observed.clock.advance(59_999);
  await observed.parameters.get();
  assert.equal(observed.calls(), callsPerRead);
  observed.clock.advance(1);
  await observed.parameters.get();
  assert.equal(observed.calls(), 2 * callsPerRead);
  await observed.proxy.close();
});

test('the expired configuration is used with a warning if Parameter Store hangs or refuses, and the next read waits 10 s', async () => {
  const observed = await createObservedParameters();
  const first = await observed.parameters.get();
  observed.clock.advance(60_000);
  observed.proxy.hang();
  assert.equal(await observed.parameters.get(), first);
  assert.equal(observed.warnings.length, 1);
  const calls = observed.calls();
  observed.clock.advance(9_999);
  assert.equal(await observed.parameters.get(), first);
  assert.equal(observed.calls(), calls);
  await observed.proxy.close();
  observed.clock.advance(1);
  assert.equal(await observed.parameters.get(), first);
  assert.equal(observed.warnings.length, 2);
});

test('while Parameter Store hangs a caller waits 250 ms at most, if there is an expired configuration', async () => {
  const observed = await createObservedParameters();
  const first = await observed.parameters.get();
  observed.clock.advance(60_000);
  observed.proxy.hang();
  const pending = observed.parameters.get();
  observed.clock.advance(250);
  assert.equal(await pending, first);
  assert.equal(observed.warnings.length, 0, 'the read had ended already, so the test proves nothing');
  observed.proxy.resume();
  await fixture.writeParameters({ 'features/late': true });
  await eventually(
    'the configuration is read again',
    async () => (await observed.parameters.refresh()).features.late || undefined,
  );
  await observed.proxy.close();
});

test('a region whose Parameter Store is unreachable is unavailable if there is no configuration yet', async () => {
  const observed = await createObservedParameters();
  await observed.proxy.close();
  await assertUnavailable(observed.parameters.get());
});

test('settings of authentication that were read and are wrong admit nobody at once, and the rest stays in use', async () => {
  const observed = await createObservedParameters();
  const { auth, ...rest } = await observed.parameters.get();
  const keys = JSON.stringify(auth?.keys);
  const name = `${fixture.path}/auth/keys`;
  for (const broken of ['{"keys":"hidden"}', 'no JSON', null]) {
    if (broken === null) await clients.ssm.send(new DeleteParameterCommand({ Name: name }));
    else await fixture.writeParameters({ 'auth/keys': broken });
    observed.clock.advance(60_000);
    assert.deepEqual(await readAgain(observed), { ...rest, auth: undefined });
    const { parameters: cold } = await createObservedParameters();
    assert.deepEqual(await cold.get(), { ...rest, auth: undefined }, 'a new instance cannot serve health checks');
    await fixture.writeParameters({ 'auth/keys': keys });
    observed.clock.advance(60_000);
    assert.deepEqual(await readAgain(observed), { ...rest, auth });
  }
  // What else is wrong does not keep a revoked key in use.
  await fixture.writeParameters({ 'features/broken': 'perhaps', 'auth/keys': '{"keys":[]}' });
  observed.clock.advance(60_000);
  assert.deepEqual(await readAgain(observed), { ...rest, auth: { ...auth, keys: { keys: [] } } });
  assert.equal(observed.parameters.ageMs(), 60_000);
  await fixture.writeParameters({ 'features/broken': false, 'auth/keys': keys });
  await observed.proxy.close();
});

/**
 * Returns the configuration after a read, however long Parameter Store takes for it.
 *
 * @param {Awaited<ReturnType<typeof createObservedParameters>>} observed
 */
async function readAgain({ parameters }) {
  await parameters.refresh();
  return parameters.get();
}

test('while Parameter Store does not answer, a key is accepted for 15 minutes at most', async () => {
  const observed = await createObservedParameters();
  const { auth, ...rest } = await observed.parameters.get();
  await observed.proxy.close();
  for (let minute = 1; minute <= 14; minute++) {
    observed.clock.advance(60_000);
    assert.deepEqual(await readAgain(observed), { ...rest, auth });
  }
  observed.clock.advance(59_999);
  assert.deepEqual(await readAgain(observed), { ...rest, auth });
  observed.clock.advance(1);
  assert.deepEqual(await observed.parameters.get(), { ...rest, auth: undefined });
  assert.equal(observed.parameters.ageMs(), MAX_AUTH_AGE_MS);
});

test('a refresh reads the configuration again, at most once in ten seconds', async () => {
  const observed = await createObservedParameters();
  await observed.parameters.get();
  await fixture.writeParameters({ 'features/refreshed': true });
  assert.equal((await observed.parameters.refresh()).features.refreshed, true);
  const calls = observed.calls();
  observed.clock.advance(9_999);
  await Promise.all(Array.from({ length: 5 }, () => observed.parameters.refresh()));
  assert.equal(observed.calls(), calls);
  observed.clock.advance(1);
  await observed.parameters.refresh();
  assert.ok(observed.calls() > calls);
  await observed.proxy.close();
});

test('an error lists each missing or invalid parameter by its full name, and no value', async () => {
  const path = `/warmstandby/bare-${randomUUID()}`;
  const get = () => createParameters({ client: clients.ssm, path, log: silentLog }).get();
  const { message: missing } = await assertFails(get());
  for (const key of [
    'database/name',
    'database/cluster-endpoint',
    'database/cluster-port',
    'documents/bucket',
    'events/bus',
  ]) {
    assert.ok(missing.includes(`${path}/${key}`), `${missing} does not contain ${key}`);
  }
  assert.ok(!missing.includes('auth/'), missing);
  await putParameters(path, {
    'database/port': '65536',
    'auth/issuer': 'i',
    'auth/keys': '{"keys":"hidden"}',
    'auth/audience-claim': 'azp',
    'features/x': 'hidden',
  });
  const { message: invalid } = await assertFails(get());
  for (const key of ['database/port (', 'auth/audience', 'auth/keys (', 'auth/audience-claim (', 'features/x ('])
    assert.ok(invalid.includes(key), invalid);
  assert.ok(!invalid.includes('hidden'), invalid);
});

/**
 * @param {string} path
 * @param {Record<string, string>} values
 */
async function putParameters(path, values) {
  for (const [key, Value] of Object.entries(values))
    await clients.ssm.send(new PutParameterCommand({ Name: `${path}/${key}`, Value, Type: 'String' }));
}

test('the secret has the same name in both regions, is cached, and is read again at most once a second after failed logins', async () => {
  const Name = `login-${randomUUID()}`;
  /** @param {string} password */
  const secretString = (password) => JSON.stringify({ username: 'u', password, engine: 'aurora-postgresql' });
  await clients.secrets.send(
    new CreateSecretCommand({ Name, SecretString: secretString('one'), AddReplicaRegions: [{ Region: WEST }] }),
  );
  /** @param {string} password */
  const put = (password) =>
    clients.secrets.send(new PutSecretValueCommand({ SecretId: Name, SecretString: secretString(password) }));
  let time = 0;
  const west = createSecret({ client: new SecretsManagerClient({ region: WEST }), now: () => time });
  const first = await west.get(Name);
  assert.deepEqual([first.username, first.password], ['u', 'one']);
  assert.ok(first.setAt && Math.abs(Date.now() - first.setAt.getTime()) < 3_600_000, 'the secret has no time');
  assert.equal(await west.previous(Name), undefined);
  await put('two');
  assert.equal(await west.get(Name), first);
  const [second, same] = await Promise.all([west.refresh(Name, first), west.refresh(Name, first)]);
  assert.deepEqual([second.password, same], ['two', second]);
  assert.equal(await west.refresh(Name, first), second, 'the secret is read again because old credentials failed');
  await put('three');
  assert.equal(await west.refresh(Name, second), second, 'the secret is read twice within a second');
  time += 1_000;
  assert.equal((await west.refresh(Name, second)).password, 'three');
  assert.equal((await west.previous(Name))?.password, 'two');
});

test('a version before the current one that has no credentials is none', async () => {
  for (const before of [undefined, '{"username":"u"}', 'not JSON']) {
    const Name = `first-${randomUUID()}`;
    await clients.secrets.send(new CreateSecretCommand({ Name, SecretString: before }));
    const SecretString = '{"username":"u","password":"p"}';
    await clients.secrets.send(new PutSecretValueCommand({ SecretId: Name, SecretString }));
    const secret = createSecret({ client: clients.secrets });
    assert.equal((await secret.get(Name)).password, 'p');
    assert.equal(await secret.previous(Name), undefined);
  }
});

test('a secret without credentials is an error that does not quote it', async () => {
  for (const SecretString of ['hidden', '{"username":"hidden"}', 'null', '{"username":1,"password":"hidden"}']) {
    const Name = `wrong-${randomUUID()}`;
    await clients.secrets.send(new CreateSecretCommand({ Name, SecretString }));
    await assert.rejects(
      createSecret({ client: clients.secrets }).get(Name),
      (/** @type {Error} */ { message }) => message.includes(Name) && !message.includes('hidden'),
    );
  }
  await assertFails(createSecret({ client: clients.secrets }).get('not-there'));
});

test('an upload URL is bound to media type, length and digest, a download URL to none of them, and both expire after 15 minutes', async () => {
  const now = Date.parse('2030-01-02T03:04:05.678Z');
  const documents = createDocuments({
    client: clients.s3,
    parameters: { get: async () => ({ documents: { bucket: fixture.bucket } }) },
    now: () => now,
  });
  const upload = await documents.uploadURL(DEFAULT_TENANT, 'an-id', { contentType: 'image/png', contentLength: 3 });
  const query = new URL(upload.url).searchParams;
  assert.deepEqual([upload.method, upload.headers], ['PUT', { 'content-type': 'image/png', 'content-length': '3' }]);
  assert.equal(query.get('X-Amz-SignedHeaders'), 'content-length;content-type;host');
  assert.deepEqual([query.get('X-Amz-Expires'), query.get('X-Amz-Date')], ['900', '20300102T030405Z']);
  assert.deepEqual([EXPIRY_SECONDS, upload.expiresAt], [900, '2030-01-02T03:19:05.678Z']);
  assert.ok(![...query.keys()].some((key) => /checksum/i.test(key)), 'the URL is bound to the checksum of no body');
  assert.ok(new URL(upload.url).pathname.endsWith(`/${objectKey(DEFAULT_TENANT, 'an-id')}`));
  assert.equal(objectKey(DEFAULT_TENANT, 'an-id'), 'records/an-id/document');
  assert.equal(objectKey('clinic-a', 'an-id'), 'records/clinic-a/an-id/document');
  const sha256 = createHash('sha256').update('abc').digest('base64');
  const checked = await documents.uploadURL(DEFAULT_TENANT, 'an-id', {
    contentType: 'image/png',
    contentLength: 3,
    sha256,
  });
  assert.equal(checked.headers['x-amz-checksum-sha256'], sha256);
  assert.equal(
    new URL(checked.url).searchParams.get('X-Amz-SignedHeaders'),
    'content-length;content-type;host;x-amz-checksum-sha256',
  );
  const download = await documents.downloadURL(DEFAULT_TENANT, 'an-id');
  assert.equal(new URL(download.url).searchParams.get('response-content-disposition'), 'attachment');
  assert.deepEqual(
    [download.method, download.headers, new URL(download.url).searchParams.get('X-Amz-SignedHeaders')],
    ['GET', {}, 'host'],
  );
});

/** @returns {import('../../src/aws/events.js').Event} */
const newEvent = () => ({
  id: randomUUID(),
  kind: 'RecordCreated',
  recordId: randomUUID(),
  version: 1,
  timeline: randomUUID(),
  occurredAt: new Date(),
  region: EAST,
  tenant: DEFAULT_TENANT,
});

test('if the bus accepts only some events of a call, each event is reported as accepted or refused', async () => {
  // The emulator's bus accepts every event, so the response is a stub, in the form of EventBridge's.
  const client = new EventBridgeClient({ region: EAST });
  client.middlewareStack.add(
    () => async () => ({
      response: {},
      output: {
        $metadata: {},
        FailedEntryCount: 1,
        Entries: [{ EventId: 'a' }, { ErrorCode: 'ThrottlingException' }, { EventId: 'b' }],
      },
    }),
    { step: 'initialize' },
  );
  const events = createEvents({ client, parameters: { get: async () => ({ events: { bus: 'bus' } }) } });
  const batch = [newEvent(), newEvent(), newEvent()];
  assert.deepEqual(await events.publish(batch), {
    accepted: [batch[0].id, batch[2].id],
    refused: [`${batch[1].id}: ThrottlingException`],
  });
});

test('publishing to a bus that hangs is aborted after the timeout', async () => {
  const proxy = await startAWSProxy();
  proxy.hang();
  const client = new EventBridgeClient({ region: EAST, endpoint: `http://${proxy.host}:${proxy.port}` });
  const events = createEvents({ client, parameters: { get: async () => ({ events: { bus: fixture.bus } }) } });
  // The client has no timeout of its own, so the call can only end by this one.
  await assertUnavailable(events.publish([newEvent()], { timeoutMs: 10 }));
  await proxy.close();
});

test('an audit line arrives in the log group, and only there', async () => {
  const logGroupName = `audit-${randomUUID()}`;
  await clients.logs.send(new CreateLogGroupCommand({ logGroupName }));
  const log = {
    audit: () => assert.fail('the line is in the own log'),
    error: (/** @type {object} */ fields) => assert.fail(String(fields)),
  };
  const audit = createAudit({
    client: clients.logs,
    group: logGroupName,
    key: async () => Buffer.from('k'),
    region: EAST,
    log,
  });
  for (const requestId of ['r-1', 'r-2']) await audit({ requestId, patient: 'p', outcome: 'done' });
  const { events = [] } = await clients.logs.send(new FilterLogEventsCommand({ logGroupName }));
  assert.deepEqual(events.map(({ message = '' }) => JSON.parse(message).requestId).sort(), ['r-1', 'r-2']);
});

test('a secret that was created without a value has no previous credentials after its first value', async () => {
  const { secrets } = createClients({ region: EAST });
  const Name = 'secret-created-without-a-value';
  await secrets.send(new CreateSecretCommand({ Name }));
  await assert.rejects(createSecret({ client: secrets }).get(Name), /find the specified secret value/);
  await secrets.send(
    new PutSecretValueCommand({ SecretId: Name, SecretString: JSON.stringify({ username: 'u', password: 'p' }) }),
  );
  const secret = createSecret({ client: secrets });
  assert.equal((await secret.get(Name)).username, 'u');
  assert.equal(await secret.previous(Name), undefined);
});
