import assert from 'node:assert/strict';

/**
 * Sends a request with the token of one tenant.
 *
 * @typedef {(method: string, path: string, options?: {body?: object, headers?: Record<string, string>}) =>
 *   Promise<{status: number, headers: Record<string, string>, body: any}>} Call
 */

/**
 * What an operation is tried with: the owner's record and requests of the owner and of another tenant. Their tokens have the same subject.
 *
 * @typedef {object} Trial
 * @property {Call} owner
 * @property {Call} other
 * @property {string} path of the owner's record.
 * @property {string} etag of it.
 * @property {string} patient
 */

const upload = { contentType: 'text/plain', contentLength: 3 };

/**
 * Expects that a record is missing to another tenant, whatever the request says of its version.
 *
 * @param {string} method
 * @param {string} suffix of the record's path.
 * @param {object} [body]
 * @returns {(trial: Trial) => Promise<void>}
 */
const missing =
  (method, suffix = '', body) =>
  async ({ other, path, etag }) => {
    /** @type {Record<string, string>[]} */
    const conditions = [{}, { 'if-match': '*' }, { 'if-match': etag }, { 'if-none-match': '*' }];
    for (const headers of conditions)
      if (method !== 'PUT' || suffix !== '' || 'if-match' in headers) {
        const response = await other(method, `${path}${suffix}`, { body, headers });
        assert.equal(response.status, 404, `${method} with ${JSON.stringify(headers)}`);
      }
  };

/**
 * Expects that an operation says the same to both.
 *
 * @param {string} path
 * @returns {(trial: Trial) => Promise<void>}
 */
const same =
  (path) =>
  async ({ owner, other }) =>
    assert.deepEqual((await other('GET', path)).body, (await owner('GET', path)).body);

/**
 * How each operation is tried across tenants, by operationId.
 *
 * @type {Record<string, (trial: Trial) => Promise<void>>}
 */
export const TRIALS = {
  async createRecord({ owner, other, patient }) {
    const headers = { 'idempotency-key': patient.replaceAll(' ', '-') };
    const ours = await owner('POST', '/records', { body: { patient, content: { ours: true } }, headers });
    const theirs = await other('POST', '/records', { body: { patient, content: { theirs: true } }, headers });
    assert.deepEqual([ours.status, theirs.status], [201, 201], 'one key is one for each tenant');
    assert.notEqual(theirs.body.id, ours.body.id);
    assert.equal(theirs.headers['idempotency-replayed'], undefined);
    const again = await owner('POST', '/records', { body: { patient, content: { ours: true } }, headers });
    assert.deepEqual([again.body, again.headers['idempotency-replayed']], [ours.body, 'true']);
    assert.equal((await owner('DELETE', `/records/${ours.body.id}`)).status, 204);
    const replayed = await other('POST', '/records', { body: { patient, content: { theirs: true } }, headers });
    assert.deepEqual(replayed.body, theirs.body, 'a deletion erases the copies of its own tenant alone');
    assert.equal((await other('DELETE', `/records/${theirs.body.id}`)).status, 204);
  },
  async listRecords({ other }) {
    assert.equal((await other('GET', '/records')).status, 410);
  },
  async searchRecords({ owner, other, patient, path }) {
    const search = (/** @type {Call} */ call, /** @type {object} */ more) =>
      call('POST', '/records/search', { body: { patient, ...more } });
    const second = await owner('POST', '/records', { body: { patient, content: {} } });
    const page = (await search(owner, { limit: 1 })).body;
    assert.deepEqual([page.records.length, typeof page.next], [1, 'string']);
    assert.deepEqual((await search(other, {})).body, { records: [], next: null });
    assert.deepEqual((await search(other, { cursor: page.next })).body, { records: [], next: null });
    const ids = (await search(owner, {})).body.records.map((/** @type {{id: string}} */ { id }) => `/records/${id}`);
    assert.ok(ids.includes(path));
    assert.equal((await owner('DELETE', `/records/${second.body.id}`)).status, 204);
  },
  async readRecord(trial) {
    await missing('GET')(trial);
    await missing('HEAD')(trial);
  },
  updateRecord: missing('PUT', '', { content: { changed: 'by another tenant' } }),
  deleteRecord: missing('DELETE'),
  async listVersions(trial) {
    await missing('GET', '/versions')(trial);
    const { other, path, etag } = trial;
    const page = await other('GET', `${path}/versions?cursor=2${etag.slice(2, -1)}`);
    assert.ok(page.status === 404 || page.body.versions.length === 0, 'a cursor of the owner');
  },
  async readVersion(trial) {
    for (const method of ['GET', 'HEAD']) await missing(method, `/versions/${trial.etag.slice(1, -1)}`)(trial);
  },
  signUpload: missing('PUT', '/document', upload),
  signDownload: missing('GET', '/document'),
  deleteDocument: missing('DELETE', '/document'),
  canRead: same('/healthz'),
  canWrite: same('/readyz'),
  describeAPI: same('/openapi.json'),
};

/**
 * Tries an operation: another tenant gets nothing of the owner's record and changes nothing of it.
 *
 * @param {string} operationId
 * @param {{owner: Call, other: Call}} callers
 */
export async function tryAcross(operationId, { owner, other }) {
  const patient = `patient of ${operationId}`;
  const created = await owner('POST', '/records', { body: { patient, content: { secret: operationId } } });
  assert.equal(created.status, 201);
  const path = `/records/${created.body.id}`;
  const before = await owner('GET', path);
  assert.deepEqual(before.body, created.body, 'the owner reads the record');
  await TRIALS[operationId]({ owner, other, path, etag: created.headers.etag, patient });
  const after = await owner('GET', path);
  assert.deepEqual([after.status, after.body, after.headers.etag], [200, before.body, created.headers.etag]);
}
