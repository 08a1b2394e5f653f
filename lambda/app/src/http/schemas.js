import { Ajv2020 } from 'ajv/dist/2020.js';
import standaloneCode from 'ajv/dist/standalone/index.js';

import { METHODS } from './routes.js';

/** @typedef {import('ajv').ValidateFunction} Validate */

/**
 * Returns the code of a module with the validators of validators.js, which needs no compiler.
 *
 * @param {import('./routes.js').OpenAPIDocument} document
 */
export function generateValidators(document) {
  const { ajv, references } = compileBodies(document, { code: { source: true, esm: true } });
  const names = Object.keys(references).join(', ');
  return `${standaloneCode(ajv, references)}\nexport const validators = { ${names} };`;
}

/**
 * Compiles the schemas of the request bodies in the OpenAPI document.
 *
 * @param {import('./routes.js').OpenAPIDocument} document
 * @param {import('ajv').Options} [options] of the compiler, besides those that the messages depend on.
 * @returns {{ajv: Ajv2020, references: Record<string, string>}} the compiler, and the schema's reference of each operation with a body,
 *   by operationId.
 */
export function compileBodies(document, options = {}) {
  const ajv = new Ajv2020({ allErrors: true, ...options });
  // The schemas refer to each other by JSON pointers into the document, so the whole document is added. Its top-level members
  // are no schema keywords, so they are declared.
  ajv.addVocabulary(Object.keys(document)).addSchema(document, 'openapi');
  /** @type {Record<string, string>} */
  const references = {};
  for (const item of Object.values(document.paths)) {
    for (const method of METHODS) {
      const { operationId, requestBody } = item[method] ?? {};
      if (operationId && requestBody)
        references[operationId] = `openapi${requestBody.content['application/json'].schema.$ref}`;
    }
  }
  for (const [operationId, reference] of Object.entries(references))
    if (!ajv.getSchema(reference)) throw new Error(`openapi.json has no schema for the body of ${operationId}`);
  return { ajv, references };
}
