import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

const repository = fileURLToPath(new URL('../../../..', import.meta.url));
const local = path.join(repository, '.state/make/local');

/**
 * Starts an embedded AWS in a folder of its own, at a free port.
 *
 * @returns {Promise<{env: Record<string, string>, stop: () => Promise<void>}>} env leads the SDK's clients, and whoever
 *   trusts the databases, to it.
 */
export async function startEmbeddedAWS() {
  await run('make', ['-C', repository, local]);
  const state = await mkdtemp(path.join(os.tmpdir(), 'warmstandby-app-'));
  const stop = async () => {
    await run(local, ['down', '--state', state]);
    await rm(state, { recursive: true, force: true });
  };
  try {
    await run(local, ['up', '--state', state, '--port', '0']);
    const { stdout } = await run(local, ['status', '--json', '--state', state]);
    const { run: running, ca } = JSON.parse(stdout);
    return { env: environment(running.endpoint, ca), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function environment(endpoint, ca) {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_EC2_METADATA_DISABLED: 'true',
    NODE_EXTRA_CA_CERTS: ca,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', // The SDK warns on each start of an older Node.js.
  };
}
