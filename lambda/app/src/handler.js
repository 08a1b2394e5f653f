import document from '../openapi.json' with { type: 'json' };
import { createAuthenticator } from './auth/token.js';
import { isLoadBalancerRequest } from './http/request.js';
import { createServer } from './http/server.js';
import { parseDocuments, parseReconcile, parseReport } from './reconcile/requests.js';

/** @typedef {Pick<import('./database/store.js').Store, 'maintain' | 'verify' | 'reconcile' | 'reportReconciled' | 'documentRecords'>} TaskStore */

/**
 * Part of the time that an invocation has left which maintenance may use for its work. The rest is for what it has begun, and keeps
 * its duration below the alarm's (shared/components/application/alarmtable.go, function-duration).
 */
const MAINTENANCE_FRACTION = 0.5;

/**
 * Handles an event that Lambda passes to the function.
 *
 * @callback Handler
 * @param {unknown} event
 * @param {{awsRequestId?: string, getRemainingTimeInMillis?: () => number}} [context] Lambda's, of the invocation.
 * @returns {Promise<object>}
 */

/**
 * Creates the function's handler. Its dependencies are arguments, so that tests can replace them.
 *
 * It handles requests of a load balancer and tasks: {"task": "maintain"}, which the schedule sends every minute; {"task": "verify"},
 * by which the failover controller checks whether this region could take over; and "reconcile", "report" and "documents", by which an
 * operator brings back what a failover has lost (see reconcile/requests.js).
 *
 * @param {object} options
 * @param {import('./http/server.js').RecordStore & TaskStore} options.store
 * @param {import('./aws/documents.js').Documents} options.documents
 * @param {import('./auth/keys.js').AuthSource} options.parameters
 * @param {import('./log.js').Logger} options.log
 * @param {import('./audit.js').Audit} options.audit
 * @param {string} options.region this region.
 * @param {string} options.role primary or secondary.
 * @returns {Handler}
 */
export function createHandler({ store, documents, parameters, log, audit, region, role }) {
  const authenticate = createAuthenticator(parameters);
  const serve = createServer({ document, store, documents, authenticate, log, audit, region, role });
  return async (event, context) => {
    if (isLoadBalancerRequest(event)) return serve(event, context?.awsRequestId);
    const name = /** @type {{task?: string} | null | undefined} */ (event)?.task ?? '';
    const task = tasks.get(name);
    if (!task) {
      const known = [...tasks.keys()].join(' or ');
      throw new Error(`the event is neither a request from a load balancer nor {"task": ${known}}: see who sends it`);
    }
    return runTask(name, () => task(store, event, context?.getRemainingTimeInMillis?.()), log);
  };
}

/**
 * The tasks of the function besides serving requests, by name.
 *
 * @type {Map<string, (store: TaskStore, event: unknown, remainingMs?: number) => Promise<object>>}
 */
const tasks = new Map(
  Object.entries({
    maintain: (store, _, remainingMs) =>
      store.maintain(remainingMs === undefined ? undefined : remainingMs * MAINTENANCE_FRACTION),
    verify: (store) => store.verify(),
    reconcile: (store, event) => store.reconcile(parseReconcile(event)),
    report: (store, event) => store.reportReconciled(parseReport(event)),
    documents: (store, event) => store.documentRecords(parseDocuments(event)),
  }),
);

/**
 * Runs a task and logs its outcome. An error is thrown on, so that Lambda retries the event or sends it to the dead-letter queue.
 *
 * @param {string} name
 * @param {() => Promise<object>} task
 * @param {import('./log.js').Logger} log
 */
async function runTask(name, task, log) {
  const started = performance.now();
  try {
    const result = await task();
    log.info({
      message: 'task done',
      task: name,
      ...withoutLists(result),
      durationMs: Math.round(performance.now() - started),
    });
    return result;
  } catch (error) {
    log.error({ message: 'task failed', task: name, error });
    throw error;
  }
}

/**
 * Returns a task's result without its lists, which are for the caller and may be long.
 *
 * @param {object} result
 */
const withoutLists = (result) =>
  Object.fromEntries(Object.entries(result).filter(([, value]) => !Array.isArray(value)));
