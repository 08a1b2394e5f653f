/**
 * Runs the function's tests (`npm test`) on a local AWS emulator of their own, with a global database in both regions.
 * Arguments that begin with a hyphen are passed to Node.js (--test-name-pattern=…); other arguments are the only files to run.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { startEmulator } from './emulator.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const flags = process.argv.slice(2).filter((argument) => argument.startsWith('-'));
const selectedFiles = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const allFiles = readdirSync(path.join(root, 'test'), { encoding: 'utf8', recursive: true })
  .filter((file) => file.endsWith('.test.js'))
  .map((file) => path.join('test', file))
  .sort();

// Timeout of a test, in milliseconds: longer than any takes on a busy machine. A test that hangs fails, and the emulator stops.
const TEST_TIMEOUT_MS = 300_000;

const emulator = await startEmulator();
// Ctrl-C reaches the tests as well and ends them; this process goes on and stops the emulator.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {});
try {
  Object.assign(process.env, emulator.env);
  // Imported late, because the SDK reads the environment variables when it is loaded.
  const { buildGlobalDatabase } = await import('./globaldatabase.js');
  const database = {
    ...(await buildGlobalDatabase()),
    administrator: { username: 'rdsadmin', password: await emulator.administratorPassword() },
  };
  const tests = spawn(
    process.execPath,
    [
      '--test',
      '--test-concurrency=1', // The files share the writer, which some of them move.
      `--test-timeout=${TEST_TIMEOUT_MS}`,
      ...flags,
      ...(selectedFiles.length > 0 ? selectedFiles : allFiles),
    ],
    {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, TEST_GLOBAL_DATABASE: JSON.stringify(database) },
    },
  );
  const [code] = await once(tests, 'exit');
  process.exitCode = code ?? 1;
} finally {
  await emulator.stop();
}
