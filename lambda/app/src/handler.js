import { createAuthenticator } from './auth/token.js';
import document from '../openapi.json' with { type: 'json' };
import { createServer } from './http/serve.js';
import { isRequest } from './http/request.js';

/**
 * Makes the function's handler of its parts, so that tests can choose them.
 *
 * @param {object} parts
 * @param {object} parts.store of records.
 * @param {object} parts.documents signs URLs.
 * @param {{get: () => Promise<object>, refresh: () => Promise<object>}} parts.parameters
 * @param {import('./log.js').Logger} parts.log
 * @param {string} parts.region this region.
 * @param {string} parts.role primary or secondary.
 * @returns {(event: object) => Promise<object>} of a load balancer's requests, and of {"task": "maintain"}, which the
 *   schedule sends.
 */
export function createHandler({ store, documents, parameters, log, region, role }) {
  const authenticate = createAuthenticator(parameters);
  const serve = createServer({ document, store, documents, authenticate, log, region, role });
  return async (event) => {
    if (isRequest(event)) return serve(event);
    if (event?.task === 'maintain') return maintain(store, log);
    throw new Error('the event is neither a request from a load balancer nor {"task": "maintain"}: see who sends it');
  };
}

// A failure is Lambda's to repeat, and to keep where failures are kept.
async function maintain(store, log) {
  const started = performance.now();
  try {
    const done = await store.maintain();
    log.info({ message: 'maintained', ...done, durationMs: Math.round(performance.now() - started) });
    return done;
  } catch (error) {
    log.error({ message: 'maintenance failed', error });
    throw error;
  }
}
