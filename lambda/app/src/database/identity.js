import { checkServerIdentity } from 'node:tls';

/**
 * Returns the check of a server's certificate against the names that it may have: the endpoint that is connected to, or one of the
 * members that the endpoint leads to. An authority of Amazon RDS has issued the certificate in any case (ca.js).
 *
 * Which names the certificate behind a global writer endpoint has is not documented: only that it identifies the DB instance (Amazon
 * Aurora User Guide, "Using SSL/TLS to encrypt a connection to a DB cluster"). The endpoint leads to the cluster endpoint of either
 * region, and no server but these has a certificate with their names: Amazon RDS gives the name of a cluster to nobody else. A name
 * that DNS returns would prove nothing, because everybody can have a database, and a certificate, of some name of Amazon RDS.
 *
 * @param {string[]} members hosts of the endpoints of the members that the endpoint may lead to; empty ones name nothing.
 * @returns {typeof checkServerIdentity} the error is that of the endpoint's own name.
 */
export function identityOf(members) {
  return (host, certificate) => {
    const error = checkServerIdentity(host, certificate);
    if (!error) return undefined;
    return members.some((member) => member !== '' && !checkServerIdentity(member, certificate)) ? undefined : error;
  };
}
