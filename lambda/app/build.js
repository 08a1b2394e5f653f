/**
 * Bundles the function into one file, dist/index.mjs, with its source map beside it, and says how large it is.
 * The same input gives the same bytes in whatever folder it stands: the map names its sources relative to itself.
 */
import { stat } from 'node:fs/promises';
import process from 'node:process';

import { build } from 'esbuild';

// A cold start reads and compiles the whole file, while the caller waits.
const MAX_BYTES = 1_500_000;

const OUTFILE = 'dist/index.mjs';

await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: ['src/index.js'],
  outfile: OUTFILE,
  bundle: true,
  platform: 'node',
  format: 'esm',
  // The function runs on Lambda's Node.js 22, and in the embedded AWS on the machine's own, which may be 20.
  target: 'node20',
  mainFields: ['module', 'main'],
  minify: true,
  sourcemap: 'linked',
  // Stack traces need names and places; the sources themselves are in the repository.
  sourcesContent: false,
  // The database driver asks for its native twin in case it is installed. It is not.
  external: ['pg-native'],
  // Node prints the line in which an uncaught error arose: it must not be the whole file.
  lineLimit: 500,
  // Packages in CommonJS require Node's own modules, and an ES module has no require of its own. Names of one or two letters
  // are the minifier's.
  banner: { js: "import{createRequire as requireOf}from'node:module';const require=requireOf(import.meta.url);" },
  logLevel: 'warning',
});

const { size } = await stat(new URL(OUTFILE, import.meta.url));
console.log(`${OUTFILE}: ${Math.ceil(size / 1000)} kB`);
if (size > MAX_BYTES) {
  console.error(
    `${OUTFILE} has ${size} bytes, at most ${MAX_BYTES} are allowed: esbuild --analyze says what takes them`,
  );
  process.exitCode = 1;
}
