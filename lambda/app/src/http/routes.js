/** The methods of an OpenAPI path item that the API uses. HEAD is served wherever GET is (RFC 9110, section 9.1). */
export const METHODS = /** @type {const} */ (['get', 'put', 'post', 'delete']);

// Ids of records are UUIDs in hexadecimal-and-dash form (RFC 9562, section 4); a path with any other id has no route.
const ID = '([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})';

/**
 * The parts of an OpenAPI document that the function reads.
 *
 * @typedef {object} OpenAPIDocument
 * @property {Record<string, PathItem>} paths
 *
 * @typedef {Partial<Record<typeof METHODS[number], OperationObject>>} PathItem
 *
 * @typedef {object} OperationObject
 * @property {string} operationId
 * @property {{token?: string[]}[]} [security] empty if the operation needs no token; otherwise its first element has the scope.
 * @property {{content: {'application/json': {schema: {$ref: string}}}}} [requestBody]
 */

/**
 * A path of the API.
 *
 * @typedef {object} Route
 * @property {string} template the path as in the OpenAPI document.
 * @property {string | undefined} recordId in lower case.
 * @property {boolean} open whether it is served without a token.
 * @property {string[]} allow the methods, for an Allow header.
 * @property {(method: string) => Operation | undefined} operation
 *
 * @typedef {object} Operation
 * @property {string} id the operationId.
 * @property {string | undefined} scope that the token must have.
 */

/**
 * Creates the router from the OpenAPI document, so that the API and its description cannot differ.
 *
 * @param {OpenAPIDocument} document
 * @returns {(path: string) => Route | undefined} returns the route of a path.
 */
export function createRouter(document) {
  const routes = Object.entries(document.paths).map(([template, item]) => {
    /** @type {Map<string, OperationObject>} */
    const operations = new Map();
    for (const method of METHODS) {
      const operation = item[method];
      if (operation) operations.set(method.toUpperCase(), operation);
    }
    const read = operations.get('GET');
    if (read) operations.set('HEAD', read);
    return {
      template,
      pattern: new RegExp(`^${template.replaceAll('.', '\\.').replaceAll('{id}', ID)}$`),
      open: [...operations.values()].every(({ security }) => security?.length === 0),
      allow: [...operations.keys()].sort(),
      /** @param {string} method */
      operation: (method) => {
        const found = operations.get(method);
        return found && { id: found.operationId, scope: found.security?.[0]?.token?.[0] };
      },
    };
  });
  return (path) => {
    for (const { pattern, ...route } of routes) {
      const match = pattern.exec(path);
      if (match) return { ...route, recordId: match[1]?.toLowerCase() };
    }
    return undefined;
  };
}
