// Tenants: whose records a token's requests see.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';

import { keyOf } from '../../src/audit.js';
import { TRIALS, tryAcross } from '../harness/crosstenant.js';
import { document } from './conformance.js';
import { AUDIT_KEY, createService, sign } from './testservice.js';

/** @typedef {import('./testservice.js').Service} Service */

/**
 * Creates the function with tenants, and requests of a tenant.
 *
 * @param {{defaultTenant?: string}} [options]
 */
async function createTenants({ defaultTenant } = {}) {
  const service = await createService();
  Object.assign(service.parameters.current.auth, { tenantClaim: 'org_id', defaultTenant });
  /**
   * @param {object} claims
   * @returns {Promise<import('../harness/crosstenant.js').Call>}
   */
  const callerWith = async (claims) => {
    const token = await sign(service.key, { ...claims });
    return (method, path, options) => service.call(method, path, { token, ...options });
  };
  return { ...service, callerWith, callerOf: (/** @type {unknown} */ tenant) => callerWith({ org_id: tenant }) };
}

const operationIds = Object.values(document.paths).flatMap((item) =>
  Object.values(item).flatMap(({ operationId }) => (operationId ? [operationId] : [])),
);

test('every operation of the document is tried across tenants', () =>
  assert.deepEqual(Object.keys(TRIALS).sort(), [...operationIds].sort(), 'an operation has no row in TRIALS'));

for (const operationId of operationIds) {
  test(`${operationId} gives another tenant nothing and changes nothing`, async () => {
    const { callerOf } = await createTenants();
    await tryAcross(operationId, { owner: await callerOf('clinic-a'), other: await callerOf('clinic-b') });
  });
}

test('a token that names no tenant gets 401 and the reason', async (t) => {
  const { callerOf, callerWith } = await createTenants();
  /** @type {Record<string, unknown>} */
  const values = {
    'an empty name': '',
    'a number': 7,
    'an array': ['clinic-a'],
    'an object': { id: 'clinic-a' },
    null: null,
    'the default tenant': '_default',
    'a folder': 'clinic-a/x',
    'a parent folder': '..',
    'a space': 'clinic a',
    'a line break at the end': 'clinic-a\n',
    'a letter that is not ASCII': 'klinik-ä',
    '65 characters': 'a'.repeat(65),
  };
  for (const [name, value] of Object.entries(values)) {
    await t.test(name, async () => {
      const { status, body, headers } = await (
        await callerOf(value)
      )('POST', '/records/search', { body: { patient: 'p' } });
      assert.deepEqual([status, body.type], [401, 'urn:warmstandby:problem:unauthenticated']);
      assert.match(body.detail, /^The claim org_id of the token, which names its tenant, is not /);
      assert.match(headers['www-authenticate'], /error="invalid_token"/);
    });
  }
  for (const claims of [{}, { tenant: 'clinic-a' }]) {
    const { status, body } = await (await callerWith(claims))('GET', '/records/6f3f0d7e-0000-4000-8000-000000000000');
    assert.deepEqual(
      [status, body.detail],
      [401, 'The claim org_id of the token, which names its tenant, is missing.'],
    );
  }
});

test('names of organisations of usual issuers are tenants', async () => {
  const { callerOf } = await createTenants();
  for (const tenant of [
    'a',
    'org_aB3dE5fG7hI9jK1l',
    '72f988bf-86f1-41af-91ab-2d7cd011db47',
    'clinic.example',
    'a'.repeat(64),
  ])
    assert.equal(
      (await (await callerOf(tenant))('POST', '/records/search', { body: { patient: 'p' } })).status,
      200,
      tenant,
    );
});

test('without a claim in the configuration there is one tenant, whatever tokens say', async () => {
  const service = await createService();
  const { id } = await service.create();
  for (const org of ['clinic-a', 'clinic-b', 7]) {
    const token = await sign(service.key, { org_id: org });
    assert.equal((await service.call('GET', `/records/${id}`, { token })).status, 200);
  }
  assert.ok(service.lines.every((line) => !('tenant' in line)));
});

test("the records from before there were tenants are the configured default tenant's, and no other's", async () => {
  const { callerOf, create, parameters } = await createTenants({ defaultTenant: 'clinic-a' });
  parameters.current.auth.tenantClaim = '';
  const { id } = await create();
  parameters.current.auth.tenantClaim = 'org_id';
  assert.equal((await (await callerOf('clinic-a'))('GET', `/records/${id}`)).status, 200);
  assert.equal((await (await callerOf('clinic-b'))('GET', `/records/${id}`)).status, 404);
});

test('an audit line names the tenant, and equal patients of two tenants have different hashes', async () => {
  const { callerOf, lines } = await createTenants();
  for (const tenant of ['clinic-a', 'clinic-b']) {
    await (
      await callerOf(tenant)
    )('POST', '/records/search', { body: { patient: 'p-1' } });
    const line = lines.filter(({ audit }) => audit).at(-1);
    const searched = createHmac('sha256', keyOf(AUDIT_KEY, tenant)).update('p-1').digest('hex');
    assert.deepEqual([line?.tenant, line?.searched], [tenant, searched]);
  }
  assert.notDeepEqual(keyOf(AUDIT_KEY, 'clinic-a'), keyOf(AUDIT_KEY, 'clinic-b'));
  await (
    await callerOf(undefined)
  )('GET', '/records/6f3f0d7e-0000-4000-8000-000000000000');
  const refused = lines.filter(({ audit }) => audit).at(-1);
  assert.deepEqual([refused?.tenant, refused?.outcome], [undefined, 'unauthenticated']);
});
