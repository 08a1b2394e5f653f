/**
 * The operations on records' documents: a document passes between its caller and S3, by a URL that is signed here.
 *
 * @param {{store: object, documents: object, readBody: Map<string, (request: import('./request.js').Request) => object>}} parts
 * @returns {Record<string, import('./serve.js').Operate>}
 */
export function createDocumentOperations({ store, documents, readBody }) {
  return {
    async signUpload({ request, recordId }) {
      const { contentType, contentLength } = readBody.get('signUpload')(request);
      await store.get(recordId);
      return { status: 200, body: await documents.uploadURL(recordId, { contentType, contentLength }) };
    },

    async signDownload({ recordId }) {
      await store.get(recordId);
      return { status: 200, body: await documents.downloadURL(recordId) };
    },
  };
}
