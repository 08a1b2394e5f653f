import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

const repository = fileURLToPath(new URL('../../../..', import.meta.url));
const local = path.join(repository, '.state/make/local');

/**
 * Starts a local AWS emulator with its state in a temporary folder, on a free port.
 *
 * @returns {Promise<{env: Record<string, string>, administratorPassword: () => Promise<string>, stop: () => Promise<void>}>} env
 *   configures the SDK's clients, and the TLS trust of database connections, for the emulator. administratorPassword returns the
 *   password of the database servers' superuser; it exists when a DB cluster does.
 */
export async function startEmulator() {
  await run('make', ['-C', repository, local]);
  const state = await mkdtemp(path.join(os.tmpdir(), 'warmstandby-app-'));
  const stop = async () => {
    await run(local, ['down', '--state', state]);
    await rm(state, { recursive: true, force: true });
  };
  try {
    await run(local, ['up', '--state', state, '--port', '0']);
    const { stdout } = await run(local, ['status', '--json', '--state', state]);
    const status = JSON.parse(stdout);
    const administratorPassword = async () =>
      JSON.parse(await readFile(path.join(state, 'aurora', 'clusters.json'), 'utf8')).Password;
    return { env: environmentVariables(status.run.endpoint, status.ca), administratorPassword, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * @param {string} endpoint URL of the emulator.
 * @param {string} ca file of its certificate authority, in PEM.
 */
function environmentVariables(endpoint, ca) {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_EC2_METADATA_DISABLED: 'true',
    NODE_EXTRA_CA_CERTS: ca,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', // Otherwise the SDK warns when an older Node.js starts.
  };
}
