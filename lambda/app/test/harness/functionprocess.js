import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { bodyOf } from '../http/conformance.js';
import { RETENTION } from './environment.js';
import { EAST } from './globaldatabase.js';

const script = fileURLToPath(new URL('./functionworker.js', import.meta.url));

/** @typedef {ReturnType<typeof startFunction>} FunctionProcess */

/**
 * Starts the function of a region in a process of its own.
 *
 * @param {import('./environment.js').Environment} environment
 * @param {import('./globaldatabase.js').Region} region
 */
export function startFunction(environment, region) {
  const child = fork(script, {
    env: {
      ...process.env,
      AWS_REGION: region,
      PARAMETER_PATH: environment.regions[region].path,
      DR_ROLE: region === EAST ? 'primary' : 'secondary',
      LOG_LEVEL: 'info',
      VERSION_RETENTION_DAYS: String(RETENTION.days),
      LEGAL_HOLD: String(RETENTION.legalHold),
    },
    execArgv: ['--no-warnings'],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  /** @type {Map<number, {resolve: (response: unknown) => void, reject: (error: Error) => void}>} */
  const pending = new Map(); // Invocations by id.
  /** @type {string[]} */
  const log = [];
  child.stdout?.setEncoding('utf8').on('data', (text) => log.push(text));
  child.on('message', (/** @type {{id: number, response?: unknown, error?: string}} */ { id, response, error }) => {
    const invocation = pending.get(id);
    pending.delete(id);
    if (error === undefined) invocation?.resolve(response);
    else invocation?.reject(new Error(error));
  });
  child.on('exit', (code, signal) => {
    for (const { reject } of pending.values()) reject(new Error(`the function ended: ${code ?? signal}`));
  });
  let lastId = 0;

  /**
   * Invokes the function with an event.
   *
   * @param {object} event
   * @returns {Promise<unknown>}
   */
  const invoke = (event) =>
    new Promise((resolve, reject) => {
      lastId++;
      pending.set(lastId, { resolve, reject });
      child.send({ id: lastId, event });
    });

  return {
    /** Runs the task maintain. */
    maintain: () =>
      /** @type {Promise<import('../../src/database/store.js').MaintenanceResult>} */ (invoke({ task: 'maintain' })),

    /** Runs the task verify. */
    verify: () =>
      /** @type {Promise<import('../../src/database/store.js').VerificationResult>} */ (invoke({ task: 'verify' })),

    /** Returns what the function has logged. */
    log: () => log.join(''),

    /**
     * Sends a request as the load balancer does.
     *
     * @param {string} method
     * @param {string} target path and query string.
     * @param {{body?: object | string, headers?: Record<string, string>, token?: string | null}} [options] body is sent as JSON,
     *   or as it is if it is a string; token is one for reading and writing by default, and null sends none.
     */
    async request(method, target, { body, headers = {}, token } = {}) {
      const { pathname, searchParams } = new URL(target, 'http://load-balancer');
      const authorization = token === null ? {} : { authorization: `Bearer ${token ?? (await environment.token())}` };
      const event = {
        requestContext: {
          elb: { targetGroupArn: `arn:aws:elasticloadbalancing:${region}:000000000000:targetgroup/app/1` },
        },
        httpMethod: method,
        path: pathname,
        // The load balancer passes them on percent-encoded.
        multiValueQueryStringParameters: Object.fromEntries(
          [...searchParams].map(([key, value]) => [key, [encodeURIComponent(value)]]),
        ),
        multiValueHeaders: Object.fromEntries(
          Object.entries({ ...authorization, ...(body && { 'content-type': 'application/json' }), ...headers }).map(
            ([key, value]) => [key, [value]],
          ),
        ),
        body: typeof body === 'object' ? JSON.stringify(body) : (body ?? ''),
        isBase64Encoded: false,
      };
      /** @type {import('../../src/http/response.js').LoadBalancerResponse} */
      const response = Object(await invoke(event));
      const received = Object.entries(response.multiValueHeaders ?? {});
      const text = bodyOf(response);
      return {
        status: response.statusCode,
        headers: Object.fromEntries(received.map(([key, [value]]) => [key.toLowerCase(), value])),
        text,
        body: text ? JSON.parse(text) : undefined,
      };
    },

    /** Ends the process. */
    async end() {
      if (child.exitCode !== null) return;
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}
