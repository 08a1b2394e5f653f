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
      const { contentType, contentLength } = readBody('signUpload', request);
      const { patient } = await store.get(recordId); // Rejects if the record does not exist.
      const body = await documents.uploadURL(recordId, { contentType, contentLength });
      return { status: 200, body, accessed: { patient } };
    },

    async signDownload({ recordId }) {
      const { patient } = await store.get(recordId); // Rejects if the record does not exist.
      return { status: 200, body: await documents.downloadURL(recordId), accessed: { patient } };
    },
  };
}
