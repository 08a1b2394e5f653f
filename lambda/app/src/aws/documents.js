import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

import { nameOf } from '../tenant.js';
import { classifyErrors } from './awserrors.js';

/** Lifetime of a presigned URL, in seconds. Callers use it at once; it is short so that a leaked URL is soon worthless. */
export const EXPIRY_SECONDS = 15 * 60;

/**
 * Returns the S3 object key of a record's document. A tenant's documents have a prefix of their own; the default tenant's are where
 * they were before there were tenants.
 *
 * @param {string} tenant
 * @param {string} recordId
 */
export const objectKey = (tenant, recordId) =>
  ['records', nameOf(tenant), recordId, 'document'].filter((part) => part !== undefined).join('/');

/**
 * A presigned request to S3, which the caller sends without credentials of its own.
 *
 * @typedef {{url: string, method: 'GET' | 'PUT', headers: Record<string, string>, expiresAt: string}} SignedRequest
 */

const CHECKSUM_HEADER = 'x-amz-checksum-sha256';

/** @typedef {ReturnType<typeof createDocuments>} Documents */

/**
 * Creates the signer of requests for the records' documents: documents go between the caller and S3, not through the
 * function, which removes them only. A URL that is signed with a role's temporary credentials also ends with their session, which may
 * be earlier than expiresAt.
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
      // The signer would make a parameter of the URL of it, which S3 does not compare with the body.
      unhoistableHeaders: new Set([CHECKSUM_HEADER]),
    });
    return { url, method, headers, expiresAt: new Date(signedAt + EXPIRY_SECONDS * 1_000).toISOString() };
  }

  /**
   * @param {string} tenant
   * @param {string} recordId
   */
  const objectLocation = async (tenant, recordId) => ({
    Bucket: (await parameters.get()).documents.bucket,
    Key: objectKey(tenant, recordId),
  });

  return {
    /**
     * Signs an upload. S3 accepts only a body of this media type, of this length and, if sha256 is given, with this digest.
     *
     * @param {string} tenant
     * @param {string} recordId
     * @param {{contentType: string, contentLength: number, sha256?: string}} body contentLength in bytes; sha256 in base64.
     * @returns {Promise<SignedRequest>} headers are those that the caller must send.
     */
    async uploadURL(tenant, recordId, { contentType, contentLength, sha256 }) {
      const headers = {
        'content-type': contentType,
        'content-length': String(contentLength),
        ...(sha256 !== undefined && { [CHECKSUM_HEADER]: sha256 }),
      };
      const command = new PutObjectCommand({
        ...(await objectLocation(tenant, recordId)),
        ContentType: contentType,
        ContentLength: contentLength,
        ChecksumSHA256: sha256,
      });
      return sign('PUT', command, headers);
    },

    /**
     * Signs a download. Whether the document exists is not checked: S3 answers 404 if it does not. Browsers save the document and
     * do not show it, because it may be HTML or SVG with a script.
     *
     * @param {string} tenant
     * @param {string} recordId
     * @returns {Promise<SignedRequest>}
     */
    async downloadURL(tenant, recordId) {
      const command = new GetObjectCommand({
        ...(await objectLocation(tenant, recordId)),
        ResponseContentDisposition: 'attachment',
      });
      return sign('GET', command, {});
    },

    /**
     * Removes a document, if there is one. The bucket has versions, so a delete marker hides it, which S3 replicates to the other
     * region's bucket; the lifecycle deletes the version behind it. First it is looked for: each removal of what is not there would
     * leave a delete marker, too.
     *
     * @param {string} tenant
     * @param {string} recordId
     * @returns {Promise<boolean>} whether there was one.
     * @throws {import('../errors.js').Unavailable}
     */
    async remove(tenant, recordId) {
      const { Bucket, Key } = await objectLocation(tenant, recordId);
      const action = `removing ${Key} from bucket ${Bucket}`;
      const listing = new ListObjectsV2Command({ Bucket, Prefix: Key, MaxKeys: 1 });
      const { Contents = [] } = await classifyErrors(action, client.send(listing));
      if (!Contents.some((found) => found.Key === Key)) return false;
      await classifyErrors(action, client.send(new DeleteObjectCommand({ Bucket, Key })));
      return true;
    },
  };
}
