/**
 * Bundles the function into one file, dist/index.mjs, writes its source map next to it, and prints its size. The build is
 * reproducible in any folder: the map has relative paths.
 */
import { stat } from 'node:fs/promises';
import process from 'node:process';

import { build } from 'esbuild';

import document from './openapi.json' with { type: 'json' };
import { generateValidators } from './src/http/schemas.js';

// Limit of the bundle's size: a cold start reads and compiles the whole file while the caller waits.
const MAX_BYTES = 1_500_000;

const OUTFILE = 'dist/index.mjs';

/**
 * Replaces src/http/validators.js by the code of the validators, which the bundle then need not compile.
 *
 * @type {import('esbuild').Plugin}
 */
const validators = {
  name: 'validators',
  setup({ onLoad }) {
    onLoad({ filter: /[/\\]src[/\\]http[/\\]validators\.js$/ }, () => ({
      contents: generateValidators(document),
      resolveDir: import.meta.dirname,
    }));
  },
};

await build({
  plugins: [validators],
  absWorkingDir: import.meta.dirname,
  entryPoints: ['src/index.js'],
  outfile: OUTFILE,
  bundle: true,
  platform: 'node',
  format: 'esm',
  // The function runs on Lambda's Node.js 22, and in the local AWS emulator on the machine's own, which may be 20.
  target: 'node20',
  mainFields: ['module', 'main'],
  minify: true,
  sourcemap: 'linked',
  // Stack traces need names and positions only; the sources are in the repository.
  sourcesContent: false,
  // The database driver uses pg-native if it is installed. It is not.
  external: ['pg-native'],
  // Node.js prints the line that throws an uncaught error: it must not be the whole file.
  lineLimit: 500,
  // CommonJS packages call require for Node.js's own modules, and an ES module has no require. The minifier uses names of one
  // or two letters, so longer ones cannot collide.
  banner: { js: "import{createRequire as requireOf}from'node:module';const require=requireOf(import.meta.url);" },
  logLevel: 'warning',
});

const { size } = await stat(new URL(OUTFILE, import.meta.url));
console.log(`${OUTFILE}: ${Math.ceil(size / 1000)} kB`);
if (size > MAX_BYTES) {
  console.error(
    `${OUTFILE} has ${size} bytes, at most ${MAX_BYTES} are allowed: esbuild --analyze lists the largest inputs`,
  );
  process.exitCode = 1;
}
