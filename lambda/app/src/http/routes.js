import { TAG_PATTERN } from '../database/tags.js';

/** The methods of an OpenAPI path item that the API uses. HEAD is served wherever GET is (RFC 9110, section 9.1). */
export const METHODS = /** @type {const} */ (['get', 'put', 'post', 'delete']);

// What stands for the parameters of a path; a path with anything else has no route. Ids of records are UUIDs in hexadecimal-and-dash form
// (RFC 9562, section 4), and a version is named by its tag.
const PARAMETERS = {
  '{id}': '(?<id>[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})',
  '{tag}': `(?<tag>${TAG_PATTERN})`,
};

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
 * @property {string | undefined} tag of a version.
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
      pattern: patternOf(template),
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
      if (match) return { ...route, recordId: match.groups?.id?.toLowerCase(), tag: match.groups?.tag };
    }
    return undefined;
  };
}

/**
 * Returns the pattern of the paths of a template.
 *
 * @param {string} template
 */
function patternOf(template) {
  let pattern = template.replaceAll('.', '\\.');
  for (const [parameter, values] of Object.entries(PARAMETERS)) pattern = pattern.replace(parameter, values);
  return new RegExp(`^${pattern}$`);
}
