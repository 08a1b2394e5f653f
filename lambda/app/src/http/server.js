import { nameOf } from '../tenant.js';
import { readBody } from './body.js';
import { createDocumentOperations } from './operations/documents.js';
import { createHealthOperations } from './operations/health.js';
import { createRecordOperations } from './operations/records.js';
import { createVersionOperations } from './operations/versions.js';
import { Problem, toProblem } from './problem.js';
import { decodeRequest } from './request.js';
import { encodeResponse } from './response.js';
import { createRouter } from './routes.js';

/** The outcome in an audit line, by the status of the response. Other errors are "refused". */
const OUTCOMES = new Map([
  [401, 'unauthenticated'],
  [403, 'denied'],
  [404, 'not found'],
  [409, 'conflict'],
  [412, 'conflict'],
  [500, 'failed'],
  [503, 'unavailable'],
]);

const UNAUTHENTICATED = 401;

/**
 * The store's methods that serve requests.
 *
 * @typedef {Pick<import('../database/store.js').Store, 'of' | 'canRead' | 'canWrite'>} RecordStore
 */

/**
 * A call of an operation.
 *
 * @typedef {object} Call
 * @property {import('./request.js').Request} request
 * @property {string} recordId from the path; empty if the path has none.
 * @property {string} tag of a version, from the path; empty if the path has none.
 * @property {string} subject of the token; empty if the operation needs none.
 * @property {string} tenant of the token; empty, which is no tenant, if the operation needs none.
 */

/**
 * What an operation returns besides the response.
 *
 * @typedef {object} Result
 * @property {Pick<import('../audit.js').AuditEntry, 'recordId' | 'recordIds' | 'patient' | 'movedFrom' | 'searched' | 'version'>} [accessed] what
 *   was accessed, for the audit trail: the patients, and the records if the path has no id.
 * @property {string} [reason] for the request log only.
 */

/**
 * An operation of the API.
 *
 * @callback Operation
 * @param {Call} call
 * @returns {Promise<import('./response.js').Response & Result>}
 */

/**
 * What is known of a request when it is logged. It is filled in step by step, so that a refused request is logged with what
 * was known until then.
 *
 * @typedef {object} RequestContext
 * @property {string} [route]
 * @property {string} [subject]
 * @property {string} [tenant]
 * @property {Set<string>} [scopes]
 * @property {import('./routes.js').Operation} [operation]
 * @property {string} [recordId]
 */

/**
 * Creates the HTTP server of the API behind a load balancer. It responds to every request and never rejects.
 *
 * @param {object} options
 * @param {import('./routes.js').OpenAPIDocument} options.document
 * @param {RecordStore} options.store
 * @param {import('../aws/documents.js').Documents} options.documents
 * @param {import('../auth/token.js').Authenticate} options.authenticate
 * @param {import('../log.js').Logger} options.log
 * @param {import('../audit.js').Audit} options.audit
 * @param {string} options.region this region.
 * @param {string} options.role primary or secondary.
 * @param {() => number} [options.now] a monotonic clock in milliseconds, for durations.
 * @returns {(event: import('./request.js').LoadBalancerEvent, invocationId?: string) => Promise<import('./response.js').LoadBalancerResponse>}
 *   serves a request; invocationId is Lambda's, for the audit trail.
 */
export function createServer({
  document,
  store,
  documents,
  authenticate,
  log,
  audit,
  region,
  role,
  now = () => performance.now(),
}) {
  const findRoute = createRouter(document);
  /** @type {Map<string, Operation>} */
  const operations = new Map(
    Object.entries({
      ...createHealthOperations({ store, region, role }),
      ...createRecordOperations({ store, readBody }),
      ...createVersionOperations({ store }),
      ...createDocumentOperations({ store, documents, readBody }),
      describeAPI: async () => ({ status: 200, body: document }),
    }),
  );

  /**
   * Authenticates, authorizes and executes a request.
   *
   * @param {import('./request.js').Request} request
   * @param {RequestContext} context
   */
  async function dispatch(request, context) {
    const route = findRoute(request.path);
    context.route = route?.template;
    const operation = route?.operation(request.method);
    context.operation = operation;
    context.recordId = route?.recordId;
    if (!route?.open) {
      const { subject, scopes, tenant } = await authenticate(request.header('authorization'));
      context.subject = subject;
      context.tenant = tenant;
      context.scopes = scopes;
    }
    if (!route) throw new Problem('not-found');
    if (!operation) throw new Problem('method-not-allowed', { headers: { allow: route.allow.join(', ') } });
    if (operation.scope && !context.scopes?.has(operation.scope)) throw insufficientScope(operation.scope);
    const execute = operations.get(operation.id);
    if (!execute) throw new Error(`openapi.json has the operation ${operation.id}, which is not implemented`);
    return execute({
      request,
      recordId: route.recordId ?? '',
      tag: route.tag ?? '',
      subject: context.subject ?? '',
      tenant: context.tenant ?? '',
    });
  }

  /**
   * Converts an error to a response, and logs it if it is the service's own.
   *
   * @param {unknown} error
   * @param {import('./request.js').Request} request
   * @param {RequestContext} context
   * @returns {import('./response.js').Response & Result}
   */
  function toErrorResponse(error, request, { route }) {
    const problem = toProblem(error);
    const fields = { requestId: request.id, route, error };
    if (problem.status === 500) log.error({ message: 'request failed', ...fields });
    if (problem.status === 503) log.warn({ message: 'request refused', ...fields });
    return { status: problem.status, headers: problem.headers, body: problem.body(request.id) };
  }

  return async (event, invocationId) => {
    const started = now();
    const request = decodeRequest(event);
    /** @type {RequestContext} */
    const context = {};
    const response = await dispatch(request, context).catch((error) => toErrorResponse(error, request, context));
    const { status, accessed, reason } = response;
    // Requests without a valid token are in the trail wherever they went.
    if (context.operation?.scope || status === UNAUTHENTICATED) {
      await audit({
        requestId: request.id,
        invocationId,
        client: request.client,
        tenant: context.tenant && nameOf(context.tenant),
        subject: context.subject,
        action: context.operation?.id,
        recordId: context.recordId,
        ...(accessed ?? (context.subject && attemptedOf(request))),
        outcome: outcomeOf(status),
      });
    }
    log.info({
      message: 'request',
      requestId: request.id,
      method: request.method,
      route: context.route,
      status,
      reason,
      durationMs: Math.round(now() - started),
    });
    return encodeResponse(response, request);
  };
}

/**
 * Returns the problem with its challenge (RFC 6750, section 3.1).
 *
 * @param {string} scope that the token lacks.
 */
function insufficientScope(scope) {
  return new Problem('insufficient-scope', {
    headers: { 'www-authenticate': `Bearer realm="records", error="insufficient_scope", scope="${scope}"` },
  });
}

/**
 * Returns the patient whom a request names that was not served, if there is one.
 *
 * @param {import('./request.js').Request} request
 * @returns {{attempted?: string}}
 */
function attemptedOf(request) {
  try {
    const { patient } = JSON.parse(request.body().toString());
    return typeof patient === 'string' ? { attempted: patient } : {};
  } catch {
    return {}; // The body is none, or too large, or no JSON: it names nobody that the service would understand.
  }
}

/** @param {number} status */
function outcomeOf(status) {
  return status < 400 ? 'done' : (OUTCOMES.get(status) ?? 'refused');
}
