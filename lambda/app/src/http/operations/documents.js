/**
 * Creates the operations on records' documents, by operationId. The caller transfers the document to or from S3 with the
 * presigned URL in the response.
 *
 * @param {object} options
 * @param {Pick<import('../server.js').RecordStore, 'get'>} options.store
 * @param {import('../../aws/documents.js').Documents} options.documents
 * @param {import('../body.js').ReadBody} options.readBody
 * @returns {Record<string, import('../server.js').Operation>}
 */
export function createDocumentOperations({ store, documents, readBody }) {
  return {
    async signUpload({ request, recordId }) {
      const body = readBody('signUpload', request);
      const { patient } = await store.get(recordId); // Rejects if the record does not exist.
      return { status: 200, body: await documents.uploadURL(recordId, body), accessed: { patient } };
    },

    // It needs no writer: S3 replicates the removal to the other region.
    async deleteDocument({ recordId }) {
      const { patient } = await store.get(recordId); // Rejects if the record does not exist.
      await documents.remove(recordId);
      return { status: 204, accessed: { patient } };
    },

    async signDownload({ recordId }) {
      const { patient } = await store.get(recordId); // Rejects if the record does not exist.
      return { status: 200, body: await documents.downloadURL(recordId), accessed: { patient } };
    },
  };
}
