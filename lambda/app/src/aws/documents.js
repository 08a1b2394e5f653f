import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

/** Lifetime of a presigned URL, in seconds. Callers use it at once; it is short so that a leaked URL is soon worthless. */
export const EXPIRY_SECONDS = 15 * 60;

/**
 * Returns the S3 object key of a record's document.
 *
 * @param {string} recordId
 */
export const objectKey = (recordId) => `records/${recordId}/document`;

/**
 * A presigned request to S3, which the caller sends without credentials of its own.
 *
 * @typedef {{url: string, method: 'GET' | 'PUT', headers: Record<string, string>, expiresAt: string}} SignedRequest
 */

/** @typedef {ReturnType<typeof createDocuments>} Documents */

/**
 * Creates the signer of requests for the records' documents: documents go between the caller and S3, not through the
 * function. A URL that is signed with a role's temporary credentials also ends with their session, which may be earlier than
 * expiresAt.
 *
 * @param {object} options
 * @param {import('@aws-sdk/client-s3').S3Client} options.client
 * @param {{get: () => Promise<{documents: {bucket: string}}>}} options.parameters
 * @param {() => number} [options.now] the current time in milliseconds.
 */
export function createDocuments({ client, parameters, now = Date.now }) {
  /**
   * @param {'GET' | 'PUT'} method
   * @param {GetObjectCommand | PutObjectCommand} command
   * @param {Record<string, string>} headers that the caller must send.
   * @returns {Promise<SignedRequest>}
   */
  async function sign(method, command, headers) {
    const signedAt = now();
    const url = await getSignedUrl(client, command, {
      expiresIn: EXPIRY_SECONDS,
      signingDate: new Date(signedAt),
      // A header that is not listed here is not signed, and the caller could send any value.
      signableHeaders: new Set(Object.keys(headers)),
    });
    return { url, method, headers, expiresAt: new Date(signedAt + EXPIRY_SECONDS * 1_000).toISOString() };
  }

  /** @param {string} recordId */
  const objectLocation = async (recordId) => ({
    Bucket: (await parameters.get()).documents.bucket,
    Key: objectKey(recordId),
  });

  return {
    /**
     * Signs an upload. S3 accepts only a body of this media type and, if contentLength is given, of this length.
     *
     * @param {string} recordId
     * @param {{contentType: string, contentLength?: number}} body contentLength in bytes.
     * @returns {Promise<SignedRequest>} headers are those that the caller must send.
     */
    async uploadURL(recordId, { contentType, contentLength }) {
      /** @type {Record<string, string>} */
      const headers = { 'content-type': contentType };
      if (contentLength !== undefined) headers['content-length'] = String(contentLength);
      const command = new PutObjectCommand({
        ...(await objectLocation(recordId)),
        ContentType: contentType,
        ContentLength: contentLength,
      });
      return sign('PUT', command, headers);
    },

    /**
     * Signs a download. Whether the document exists is not checked: S3 answers 404 if it does not.
     *
     * @param {string} recordId
     * @returns {Promise<SignedRequest>}
     */
    async downloadURL(recordId) {
      return sign('GET', new GetObjectCommand(await objectLocation(recordId)), {});
    },
  };
}
