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
 * @returns {(event: object) => Promise<object>} of a load balancer's requests, of {"task": "maintain"}, which the
 *   schedule sends, and of {"task": "verify"}, by which the failover controller asks whether this region could take over.
 */
export function createHandler({ store, documents, parameters, log, region, role }) {
  const authenticate = createAuthenticator(parameters);
  const serve = createServer({ document, store, documents, authenticate, log, region, role });
  return async (event) => {
    if (isRequest(event)) return serve(event);
    const task = tasks[event?.task];
    if (!task) {
      const known = Object.keys(tasks).join(' or ');
      throw new Error(`the event is neither a request from a load balancer nor {"task": ${known}}: see who sends it`);
    }
    return perform(event.task, task, store, log);
  };
}

/** What the function does besides answering requests. */
const tasks = {
  __proto__: null, // No task is called toString.
  maintain: (store) => store.maintain(),
  verify: (store) => store.verify(),
};

// A failure is Lambda's to repeat or to tell, and to keep where failures are kept.
async function perform(name, task, store, log) {
  const started = performance.now();
  try {
    const done = await task(store);
    log.info({ message: 'task done', task: name, ...done, durationMs: Math.round(performance.now() - started) });
    return done;
  } catch (error) {
    log.error({ message: 'task failed', task: name, error });
    throw error;
  }
}
