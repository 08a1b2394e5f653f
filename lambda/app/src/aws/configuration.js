/**
 * What Parameter Store holds for one region.
 *
 * @typedef {object} Configuration
 * @property {Database} database
 * @property {{bucket: string}} documents
 * @property {{bucket: string}} assets
 * @property {{bus: string}} events
 * @property {{issuer: string, audience: string, keys: {keys: object[]}}} auth keys is a JSON Web Key Set; when none is
 *   configured it is empty, and nobody is admitted.
 * @property {Record<string, boolean>} features
 *
 * @typedef {object} Database
 * @property {string} name of the database.
 * @property {string} secretName of its master secret, in every region.
 * @property {string} writerEndpoint of the global writer, wherever it is, and its port.
 * @property {number} port
 * @property {string} clusterEndpoint of this region's cluster: it takes writes only where the region is the primary.
 * @property {string} readerEndpoint of this region's cluster.
 * @property {number} clusterPort of both local endpoints.
 */

const LAST_PORT = 65_535;

/**
 * Makes the configuration of parameters by their path below the environment's own.
 *
 * @param {Map<string, string>} values
 * @param {string} path the environment's own, for messages.
 * @returns {Configuration}
 * @throws {Error} naming every parameter that is missing or wrong, by its full path. Values are in no message.
 */
export function decode(values, path) {
  const missing = [];
  const wrong = [];
  const text = (key) => values.get(key) ?? (missing.push(`${path}/${key}`), '');
  const port = (key) => {
    const value = text(key);
    const number = Number(value);
    if (value !== '' && !(Number.isInteger(number) && number > 0 && number <= LAST_PORT))
      wrong.push(`${path}/${key} (a port)`);
    return number;
  };
  const configuration = {
    database: {
      name: text('database/name'),
      secretName: text('database/secret-name'),
      writerEndpoint: text('database/writer-endpoint'),
      port: port('database/port'),
      clusterEndpoint: text('database/cluster-endpoint'),
      readerEndpoint: text('database/reader-endpoint'),
      clusterPort: port('database/cluster-port'),
    },
    documents: { bucket: text('documents/bucket') },
    assets: { bucket: text('assets/bucket') },
    events: { bus: text('events/bus') },
    auth: { issuer: '', audience: '', keys: { keys: [] } },
    features: {},
  };
  // Whom to admit is configured whole or not at all.
  if (['issuer', 'audience', 'keys'].some((key) => values.has(`auth/${key}`))) {
    configuration.auth = {
      issuer: text('auth/issuer'),
      audience: text('auth/audience'),
      keys: keySet(text('auth/keys')),
    };
    if (!configuration.auth.keys) wrong.push(`${path}/auth/keys (a JSON Web Key Set)`);
  }
  for (const [key, value] of values) {
    if (!key.startsWith('features/')) continue;
    if (value !== 'true' && value !== 'false') wrong.push(`${path}/${key} (true or false)`);
    configuration.features[key.slice('features/'.length)] = value === 'true';
  }
  const faults = [
    ...(missing.length > 0 ? [`missing: ${missing.join(', ')}`] : []),
    ...(wrong.length > 0 ? [`wrong: ${wrong.join(', ')}`] : []),
  ];
  if (faults.length > 0) throw new Error(`${faults.join('; ')}: deploy data-global, which writes them`);
  return configuration;
}

/** Returns a JSON Web Key Set (RFC 7517, section 5), or undefined. A missing one is empty. */
function keySet(json) {
  if (json === '') return { keys: [] };
  try {
    const set = JSON.parse(json);
    return Array.isArray(set?.keys) ? set : undefined;
  } catch {
    return undefined;
  }
}
