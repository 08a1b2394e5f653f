/**
 * Runs the function's tests with an embedded AWS of their own that has a global database in both regions. `npm test` is
 * this; arguments that begin with a hyphen are Node.js's own (--test-name-pattern=…), others are the only files to run.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { startEmbeddedAWS } from './embedded.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const flags = process.argv.slice(2).filter((argument) => argument.startsWith('-'));
const named = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const all = readdirSync(path.join(root, 'test'), { recursive: true })
  .filter((file) => file.endsWith('.test.js'))
  .map((file) => path.join('test', file))
  .sort();

// Longer than any test takes on a busy machine: one that hangs fails, and what it ran on is ended.
const PATIENCE_MS = 300_000;

const embedded = await startEmbeddedAWS();
// A terminal's signal reaches the tests too, which end by it; what they ran on ends after them.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {});
try {
  Object.assign(process.env, embedded.env);
  const { buildPlatform } = await import('./platform.js'); // The SDK reads the environment when it is loaded.
  const platform = await buildPlatform();
  // One file after the other: some move the writer, which all share.
  const tests = spawn(
    process.execPath,
    ['--test', '--test-concurrency=1', `--test-timeout=${PATIENCE_MS}`, ...flags, ...(named.length > 0 ? named : all)],
    {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, TEST_PLATFORM: JSON.stringify(platform) },
    },
  );
  const [code] = await once(tests, 'exit');
  process.exitCode = code ?? 1;
} finally {
  await embedded.stop();
}
