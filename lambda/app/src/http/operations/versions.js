import { parseTag } from '../../database/versions.js';
import { NotFound } from '../../errors.js';
import { readPage } from '../page.js';
import { Problem } from '../problem.js';
import { respondToRead } from '../representation.js';

/**
 * Creates the operations on records' histories, by operationId. They only read: a version comes back as a new one, by an ordinary
 * amendment.
 *
 * @param {object} options
 * @param {import('../server.js').RecordStore} options.store
 * @returns {Record<string, import('../server.js').Operation>}
 */
export function createVersionOperations({ store }) {
  return {
    async listVersions({ request, recordId, tenant }) {
      const {
        versions,
        patient,
        next = null,
      } = await store.of(tenant).listVersions({ id: recordId, ...readPage(request) });
      return { status: 200, body: { versions, next }, accessed: { ...(patient !== undefined && { patient }) } };
    },

    async readVersion({ request, recordId, tag, tenant }) {
      const { response, record } = await respondToRead(request, async () => {
        const version = parseTag(tag);
        if (!version) throw new NotFound();
        const found = await store.of(tenant).getVersion(recordId, version);
        if (!found) throw new Problem('version-removed');
        return found;
      });
      return { ...response, accessed: { patient: record.patient, version: record.version } };
    },
  };
}
