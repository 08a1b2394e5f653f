/**
 * The methods that the API knows. HEAD is answered wherever GET is (RFC 9110, section 9.1).
 */
const METHODS = ['get', 'put', 'post', 'delete'];

// Records' ids are UUIDs in their usual form (RFC 9562, section 4): no other address can have a record.
const ID = '([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})';

/**
 * What can be done at an address.
 * @typedef {object} Route
 * @property {string} template the path as the OpenAPI document has it.
 * @property {string | undefined} recordId in lower case.
 * @property {boolean} open it is answered without a token.
 * @property {string[]} allow the methods for an Allow header.
 * @property {(method: string) => Operation | undefined} operation
 *
 * @typedef {object} Operation
 * @property {string} id of the OpenAPI document's operation.
 * @property {string | undefined} scope that a token must have.
 */

/**
 * Reads the routes from the OpenAPI document, so that what is served and what is described are one.
 *
 * @param {object} document
 * @returns {(path: string) => Route | undefined} the route of a path.
 */
export function createRoutes(document) {
  const routes = Object.entries(document.paths).map(([template, item]) => {
    const operations = new Map(
      METHODS.filter((method) => item[method]).map((method) => [method.toUpperCase(), item[method]]),
    );
    if (operations.has('GET')) operations.set('HEAD', operations.get('GET'));
    return {
      template,
      pattern: new RegExp(`^${template.replaceAll('.', '\\.').replaceAll('{id}', ID)}$`),
      open: [...operations.values()].every(({ security }) => security?.length === 0),
      allow: [...operations.keys()].sort(),
      operation: (method) => {
        const found = operations.get(method);
        return found && { id: found.operationId, scope: found.security?.[0]?.token[0] };
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
