import { isTenant } from '../tenant.js';

/**
 * The configuration of one region, as Parameter Store holds it.
 *
 * @typedef {object} Configuration
 * @property {Database} database
 * @property {{bucket: string}} documents
 * @property {{bucket: string}} assets
 * @property {{bus: string}} events
 * @property {Auth | undefined} auth undefined if the authentication settings are wrong or too old: then nobody is admitted.
 * @property {Record<string, boolean>} features feature flags by name.
 *
 * @typedef {object} Database
 * @property {string} name of the database.
 * @property {string} secretName name of the master secret, the same in every region.
 * @property {string} writerEndpoint host of the global writer endpoint, which follows the writer between the regions.
 * @property {number} port of the writer endpoint.
 * @property {string} clusterEndpoint host of this region's cluster endpoint. The cluster accepts writes only while it is the
 *   primary cluster.
 * @property {string} peerClusterEndpoint host of the other region's cluster endpoint, whose name the certificate of the writer may
 *   have; empty if a deployment of an earlier version has written the parameters.
 * @property {string} readerEndpoint host of this region's reader endpoint.
 * @property {number} clusterPort port of the cluster endpoint and of the reader endpoint.
 *
 * @typedef {object} Auth
 * @property {string} issuer accepted issuer of tokens; empty if none is configured, and then every token is refused.
 * @property {string} audience accepted audience of tokens; with audienceClaim client_id the accepted clients, separated by commas.
 * @property {'aud' | 'client_id'} [audienceClaim] the claim that names the audience: aud by default.
 * @property {string} [tenantClaim] the claim that names the tenant; empty by default, and then there is one tenant.
 * @property {string} [defaultTenant] the tenant whose records are those from before there were tenants; empty by default.
 * @property {string} [scopePrefix] what the issuer puts before the scopes of this API; empty by default.
 * @property {import('jose').JSONWebKeySet} keys public keys of the issuer.
 */

const MAX_PORT = 65_535;

const AUTH_KEYS = ['issuer', 'audience', 'keys'];

/** The parameters were read, and some are missing or invalid. */
export class InvalidConfiguration extends Error {
  /**
   * @param {string} message
   * @param {Configuration} configuration whose auth is to be used nevertheless.
   * @param {boolean} onlyAuth whether all the rest is valid.
   */
  constructor(message, configuration, onlyAuth) {
    super(message);
    this.name = 'InvalidConfiguration';
    this.configuration = configuration;
    this.onlyAuth = onlyAuth;
  }
}

/**
 * Decodes the configuration.
 *
 * @param {Map<string, string>} values values of the parameters by their key, which is the name without the path.
 * @param {string} path of the environment's parameters, for messages.
 * @returns {Configuration}
 * @throws {InvalidConfiguration} listing every missing and every invalid parameter by its full name, and no value.
 */
export function decodeConfiguration(values, path) {
  /** @type {string[]} */
  const missing = [];
  /** @type {string[]} */
  const invalid = [];
  /** @param {string} key */
  const text = (key) => values.get(key) ?? (missing.push(`${path}/${key}`), '');
  /** @param {string} key */
  const port = (key) => {
    const value = text(key);
    const number = Number(value);
    if (value !== '' && !(Number.isInteger(number) && number > 0 && number <= MAX_PORT))
      invalid.push(`${path}/${key} (must be a port)`);
    return number;
  };
  /** @returns {Auth} */
  const auth = () => {
    // The authentication settings are configured as a whole or not at all.
    if (!AUTH_KEYS.some((key) => values.has(`auth/${key}`))) return { issuer: '', audience: '', keys: { keys: [] } };
    const [issuer, audience] = [text('auth/issuer'), text('auth/audience')];
    const keys = parseKeySet(text('auth/keys'));
    const claim = values.get('auth/audience-claim') ?? 'aud';
    const audienceClaim = claim === 'client_id' ? 'client_id' : 'aud';
    if (claim !== audienceClaim) invalid.push(`${path}/auth/audience-claim (must be aud or client_id)`);
    if (!keys) invalid.push(`${path}/auth/keys (must be a JSON Web Key Set)`);
    const [tenantClaim, defaultTenant] = [
      values.get('auth/tenant-claim') ?? '',
      values.get('auth/default-tenant') ?? '',
    ];
    if (defaultTenant !== '' && !isTenant(defaultTenant))
      invalid.push(`${path}/auth/default-tenant (must be a tenant's name)`);
    return {
      issuer,
      audience,
      keys: keys ?? { keys: [] },
      audienceClaim,
      tenantClaim,
      defaultTenant,
      scopePrefix: values.get('auth/scope-prefix') ?? '',
    };
  };
  /** @type {Configuration} */
  const configuration = {
    database: {
      name: text('database/name'),
      secretName: text('database/secret-name'),
      writerEndpoint: text('database/writer-endpoint'),
      port: port('database/port'),
      clusterEndpoint: text('database/cluster-endpoint'),
      peerClusterEndpoint: values.get('database/peer-cluster-endpoint') ?? '',
      readerEndpoint: text('database/reader-endpoint'),
      clusterPort: port('database/cluster-port'),
    },
    documents: { bucket: text('documents/bucket') },
    assets: { bucket: text('assets/bucket') },
    events: { bus: text('events/bus') },
    auth: undefined,
    features: {},
  };
  for (const [key, value] of values) {
    if (!key.startsWith('features/')) continue;
    if (value !== 'true' && value !== 'false') invalid.push(`${path}/${key} (must be true or false)`);
    configuration.features[key.slice('features/'.length)] = value === 'true';
  }
  const others = missing.length + invalid.length;
  const decodedAuth = auth();
  if (missing.length + invalid.length === others) configuration.auth = decodedAuth;
  const errors = [
    ...(missing.length > 0 ? [`missing parameters: ${missing.join(', ')}`] : []),
    ...(invalid.length > 0 ? [`invalid parameters: ${invalid.join(', ')}`] : []),
  ];
  if (errors.length > 0)
    throw new InvalidConfiguration(
      `${errors.join('; ')}: deploy data-global, which writes them`,
      configuration,
      others === 0,
    );
  return configuration;
}

/**
 * Parses a JSON Web Key Set (RFC 7517, section 5).
 *
 * @param {string} json empty if the parameter is missing.
 * @returns {import('jose').JSONWebKeySet | undefined} undefined if it is not a key set.
 */
function parseKeySet(json) {
  if (json === '') return { keys: [] };
  try {
    const set = JSON.parse(json);
    return Array.isArray(set?.keys) ? set : undefined;
  } catch {
    return undefined;
  }
}
