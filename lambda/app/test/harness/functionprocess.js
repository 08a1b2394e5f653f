import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { EAST } from './platform.js';

const script = fileURLToPath(new URL('./function.js', import.meta.url));

/**
 * Starts the function of a region.
 *
 * @param {Awaited<ReturnType<typeof import('./environment.js').buildEnvironment>>} environment
 * @param {string} region
 */
export function startFunction(environment, region) {
  const child = fork(script, {
    env: {
      ...process.env,
      AWS_REGION: region,
      PARAMETER_PATH: environment.places[region].path,
      DR_ROLE: region === EAST ? 'primary' : 'secondary',
      LOG_LEVEL: 'info',
    },
    execArgv: ['--no-warnings'],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const waiting = new Map();
  const log = [];
  child.stdout.setEncoding('utf8').on('data', (text) => log.push(text));
  child.on('message', ({ id, answer, error }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) resolve(answer);
    else reject(new Error(error));
  });
  child.on('exit', (code, signal) => {
    for (const { reject } of waiting.values()) reject(new Error(`the function ended: ${code ?? signal}`));
  });
  let last = 0;
  const invoke = (event) =>
    new Promise((resolve, reject) => {
      waiting.set(++last, { resolve, reject });
      child.send({ id: last, event });
    });

  return {
    invoke,

    /** What it has logged. */
    log: () => log.join(''),

    /**
     * Sends a request as the load balancer does.
     *
     * @param {string} method
     * @param {string} target path and query.
     * @param {{body?: object | string, headers?: Record<string, string>, token?: string | null}} [request] a body that is text is sent as it is; token is one for reading
     *   and writing; null sends none.
     * @returns {Promise<{status: number, headers: Record<string, string>, body: any}>}
     */
    async request(method, target, { body, headers = {}, token } = {}) {
      const { pathname, searchParams } = new URL(target, 'http://load-balancer');
      const authorization = token === null ? {} : { authorization: `Bearer ${token ?? (await environment.token())}` };
      const answer = await invoke({
        requestContext: {
          elb: { targetGroupArn: `arn:aws:elasticloadbalancing:${region}:000000000000:targetgroup/app/1` },
        },
        httpMethod: method,
        path: pathname,
        // As the load balancer hands them over: still encoded.
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
      });
      const received = answer.multiValueHeaders ?? {};
      return {
        status: answer.statusCode,
        headers: Object.fromEntries(Object.entries(received).map(([key, [value]]) => [key.toLowerCase(), value])),
        body: answer.body ? JSON.parse(answer.body) : undefined,
      };
    },

    /** Ends it. */
    async end() {
      if (child.exitCode !== null) return;
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}
