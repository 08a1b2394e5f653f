import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

/** How long a URL is good for, in seconds: a document is sent or fetched at once, and whoever sees the URL later has nothing. */
export const EXPIRY_SECONDS = 15 * 60;

/**
 * Where a record's document is in the bucket.
 *
 * @param {string} id the record's.
 */
export const keyOf = (id) => `records/${id}/document`;

/**
 * A request that a caller makes at S3 with no credentials of its own.
 *
 * @typedef {{url: string, method: 'GET' | 'PUT', headers: Record<string, string>, expiresAt: string}} Signed
 */

/**
 * Signs requests for the records' documents, which do not pass through the function. A role's URL ends with the role's
 * session, too, which may be sooner than it says.
 *
 * @param {object} parts
 * @param {import('@aws-sdk/client-s3').S3Client} parts.client
 * @param {{get: () => Promise<{documents: {bucket: string}}>}} parts.parameters
 * @param {() => number} [parts.now] milliseconds.
 */
export function createDocuments({ client, parameters, now = Date.now }) {
  async function sign(method, command, headers) {
    const signed = now();
    const url = await getSignedUrl(client, command, {
      expiresIn: EXPIRY_SECONDS,
      signingDate: new Date(signed),
      // Without this a header of the request is left unsigned: the caller could send what it likes.
      signableHeaders: new Set(Object.keys(headers)),
    });
    return { url, method, headers, expiresAt: new Date(signed + EXPIRY_SECONDS * 1_000).toISOString() };
  }

  const place = async (id) => ({ Bucket: (await parameters.get()).documents.bucket, Key: keyOf(id) });

  return {
    /**
     * Signs an upload. The URL takes a body of this type only and, where its length is given, of this length.
     *
     * @param {string} id the record's.
     * @param {{contentType: string, contentLength?: number}} body
     * @returns {Promise<Signed>} with the headers that the caller must send.
     */
    async uploadURL(id, { contentType, contentLength }) {
      const headers = { 'content-type': contentType };
      if (contentLength !== undefined) headers['content-length'] = String(contentLength);
      const command = new PutObjectCommand({
        ...(await place(id)),
        ContentType: contentType,
        ContentLength: contentLength,
      });
      return sign('PUT', command, headers);
    },

    /**
     * Signs a download. Whether there is a document S3 says.
     *
     * @param {string} id the record's.
     * @returns {Promise<Signed>}
     */
    async downloadURL(id) {
      return sign('GET', new GetObjectCommand(await place(id)), {});
    },
  };
}
