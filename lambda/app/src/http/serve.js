import { encodeAnswer } from './answer.js';
import { createBodyReaders } from './body.js';
import { createDocumentOperations } from './documents.js';
import { createHealthOperations } from './health.js';
import { Problem, problemOf } from './problem.js';
import { createRecordOperations } from './records.js';
import { decodeRequest } from './request.js';
import { createRoutes } from './routes.js';

// What an audit line says of an answer.
const OUTCOMES = {
  403: 'denied',
  404: 'not found',
  409: 'conflict',
  412: 'conflict',
  500: 'failed',
  503: 'unavailable',
};

/**
 * @callback Operate
 * @param {{request: import('./request.js').Request, recordId?: string, subject?: string}} call
 * @returns {Promise<import('./answer.js').Answer & {accessed?: {recordId: string} | {recordIds: string[]}, reason?: string}>}
 *   accessed: what was touched, where the address names no record; reason: for the log alone.
 */

/**
 * Makes the server of the API. It answers every request of a load balancer and never rejects.
 *
 * @param {object} parts
 * @param {object} parts.document OpenAPI.
 * @param {object} parts.store of records.
 * @param {object} parts.documents signs URLs.
 * @param {(authorization?: string) => Promise<{subject: string, scopes: Set<string>}>} parts.authenticate
 * @param {import('../log.js').Logger} parts.log
 * @param {string} parts.region this region.
 * @param {string} parts.role primary or secondary.
 * @param {() => number} [parts.now] milliseconds, for durations.
 * @returns {(event: object) => Promise<object>}
 */
export function createServer({
  document,
  store,
  documents,
  authenticate,
  log,
  region,
  role,
  now = () => performance.now(),
}) {
  const routeOf = createRoutes(document);
  const readBody = createBodyReaders(document);
  const operations = {
    ...createHealthOperations({ store, region, role }),
    ...createRecordOperations({ store, readBody }),
    ...createDocumentOperations({ store, documents, readBody }),
    describeAPI: async () => ({ status: 200, body: document }),
  };

  // Fills in `seen` as it goes, so that a refusal is logged with what was known by then.
  async function operate(request, seen) {
    const route = routeOf(request.path);
    seen.route = route?.template;
    if (!route?.open) {
      const { subject, scopes } = await authenticate(request.header('authorization'));
      seen.subject = subject;
      seen.scopes = scopes;
    }
    if (!route) throw new Problem('not-found');
    const operation = route.operation(request.method);
    if (!operation) throw new Problem('method-not-allowed', { headers: { allow: route.allow.join(', ') } });
    seen.operation = operation;
    seen.recordId = route.recordId;
    if (operation.scope && !seen.scopes.has(operation.scope)) throw insufficientScope(operation.scope);
    return operations[operation.id]({ request, recordId: route.recordId, subject: seen.subject });
  }

  return async (event) => {
    const started = now();
    const request = decodeRequest(event);
    const seen = {};
    let answer;
    try {
      answer = await operate(request, seen);
    } catch (error) {
      const problem = problemOf(error);
      const about = { requestId: request.id, route: seen.route, error };
      if (problem.status === 500) log.error({ message: 'request failed', ...about });
      if (problem.status === 503) log.warn({ message: 'request refused', ...about });
      answer = { status: problem.status, headers: problem.headers, body: problem.body(request.id) };
    }
    const { status, accessed, reason } = answer;
    if (seen.operation?.scope) {
      const record = accessed ?? { recordId: seen.recordId };
      log.audit({
        requestId: request.id,
        subject: seen.subject,
        action: seen.operation.id,
        ...record,
        outcome: outcomeOf(status),
      });
    }
    log.info({
      message: 'request',
      requestId: request.id,
      method: request.method,
      route: seen.route,
      status,
      reason,
      durationMs: Math.round(now() - started),
    });
    return encodeAnswer(answer, request);
  };
}

// RFC 6750 section 3.1.
function insufficientScope(scope) {
  return new Problem('insufficient-scope', {
    headers: { 'www-authenticate': `Bearer realm="records", error="insufficient_scope", scope="${scope}"` },
  });
}

function outcomeOf(status) {
  return status < 400 ? 'done' : (OUTCOMES[status] ?? 'refused');
}
