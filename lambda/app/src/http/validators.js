// The build replaces this module by the validators' generated code (build.js): compiling them takes 80 ms of a cold start's processor
// time, and the compiler is 120 kB of the bundle (decision 50). Here they are compiled when the module is loaded, for tests.
import document from '../../openapi.json' with { type: 'json' };
import { compileBodies } from './schemas.js';

const { ajv, references } = compileBodies(document);

/**
 * The validators of the request bodies, by operationId.
 *
 * @type {Record<string, import('./schemas.js').Validate>}
 */
export const validators = Object.fromEntries(
  Object.entries(references).map(([operationId, reference]) => [
    operationId,
    /** @type {import('./schemas.js').Validate} */ (ajv.getSchema(reference)),
  ]),
);
