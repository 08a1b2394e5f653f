import { SignJWT, exportJWK, generateKeyPair } from 'jose';

/**
 * Builds a token issuer with a key of its own.
 *
 * @param {string} name
 * @returns {Promise<{parameters: Record<string, string>, token: (scope?: string, claims?: object) => Promise<string>}>} parameters
 *   configure the function to accept the issuer; token signs a token with a scope, by default for reading and writing, and with
 *   further claims.
 */
export async function buildIssuer(name) {
  const issuer = `https://issuer.example/${name}`;
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const key = { ...(await exportJWK(publicKey)), kid: name, alg: 'ES256', use: 'sig' };
  return {
    parameters: { 'auth/issuer': issuer, 'auth/audience': name, 'auth/keys': JSON.stringify({ keys: [key] }) },
    token: (scope = 'records:read records:write', claims = {}) =>
      new SignJWT({ scope, sub: 'dr-jones', ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: name })
        .setIssuer(issuer)
        .setAudience(name)
        .setExpirationTime('1h')
        .sign(privateKey),
  };
}
