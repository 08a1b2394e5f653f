/**
 * Creates the operations on records' documents, by operationId. The caller transfers the document to or from S3 with the
 * presigned URL in the response.
 *
 * @param {object} options
 * @param {Pick<import('../server.js').RecordStore, 'of'>} options.store
 * @param {import('../../aws/documents.js').Documents} options.documents
 * @param {import('../body.js').ReadBody} options.readBody
 * @returns {Record<string, import('../server.js').Operation>}
 */
export function createDocumentOperations({ store, documents, readBody }) {
  return {
    async signUpload({ request, recordId, tenant }) {
      const body = readBody('signUpload', request);
      const { patient } = await store.of(tenant).get(recordId); // Rejects if the record does not exist.
      return { status: 200, body: await documents.uploadURL(tenant, recordId, body), accessed: { patient } };
    },

    // It needs no writer: S3 replicates the removal to the other region.
    async deleteDocument({ recordId, tenant }) {
      const { patient } = await store.of(tenant).get(recordId); // Rejects if the record does not exist.
      await documents.remove(tenant, recordId);
      return { status: 204, accessed: { patient } };
    },

    async signDownload({ recordId, tenant }) {
      const { patient } = await store.of(tenant).get(recordId); // Rejects if the record does not exist.
      return { status: 200, body: await documents.downloadURL(tenant, recordId), accessed: { patient } };
    },
  };
}
