// The bundle, which is the file that is deployed.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, readdir, rename, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { build } from 'esbuild';
import fc from 'fast-check';

import { generateValidators } from '../../src/http/schemas.js';
import { validators } from '../../src/http/validators.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
/** @type {{packages: Record<string, {dev?: boolean, resolved?: string}>}} */
const lock = await readJSON(join(root, 'package-lock.json'));

const temporary = await mkdtemp(join(tmpdir(), 'bundle-'));
after(() => rm(temporary, { recursive: true }));

/** @param {string} file */
async function readJSON(file) {
  return JSON.parse(await readFile(file, 'utf8'));
}

/**
 * Copies the sources, and the packages that the bundle contains, to a folder.
 *
 * @param {string} folder
 */
async function copyTo(folder) {
  const packages = Object.entries(lock.packages)
    .filter(([path, { dev }]) => path && !dev)
    .map(([path]) => path);
  for (const part of ['src', 'build.js', 'openapi.json', 'package.json', ...packages]) {
    await cp(join(root, part), join(folder, part), { recursive: true });
  }
  for (const tool of ['esbuild', '@esbuild']) {
    await symlink(join(root, 'node_modules', tool), join(folder, 'node_modules', tool));
  }
}

/**
 * Builds the bundle in a folder and returns its files.
 *
 * @param {string} folder
 */
async function buildIn(folder) {
  await run(process.execPath, ['build.js'], { cwd: folder });
  const names = (await readdir(join(folder, 'dist'))).sort();
  return Promise.all(names.map(async (name) => ({ name, bytes: await readFile(join(folder, 'dist', name)) })));
}

const [firstFolder, secondFolder] = [join(temporary, 'first'), join(temporary, 'a', 'longer', 'path')];
await copyTo(firstFolder);
const built = await buildIn(firstFolder);
await mkdir(dirname(secondFolder), { recursive: true });
await rename(firstFolder, secondFolder);
await rm(join(secondFolder, 'dist'), { recursive: true });
const rebuilt = await buildIn(secondFolder);
const bundle = join(secondFolder, 'dist', 'index.mjs');

test('the build is reproducible in any folder', () => {
  assert.deepEqual(
    built.map(({ name }) => name),
    ['index.mjs', 'index.mjs.map'],
  );
  assert.equal(rebuilt.length, built.length);
  for (const [i, { name, bytes }] of built.entries()) assert.ok(bytes.equals(rebuilt[i].bytes), name);
});

test('the bundle has at most 1.5 MB, and no path of the folder in which it was built', async () => {
  assert.ok((await stat(bundle)).size <= 1_500_000);
  /** @type {{sources: string[]}} */
  const map = await readJSON(`${bundle}.map`);
  assert.ok(map.sources.includes('../src/index.js'));
  assert.ok(map.sources.every((source) => source.startsWith('../')));
  assert.ok(!(await readFile(bundle, 'utf8')).includes(temporary));
});

test('the bundle runs, and responds with 503 and 401 while AWS is unreachable', async () => {
  const script = `
    const { handler } = await import(${JSON.stringify(pathToFileURL(bundle).href)});
    const responses = [];
    for (const path of ['/healthz', '/readyz', '/records']) {
      responses.push(await handler({ requestContext: { elb: {} }, httpMethod: 'GET', path, headers: {} }));
    }
    process.stderr.write('\\n' + JSON.stringify(responses));
    process.exit();`;
  // Nothing listens on the loopback's discard port, so AWS is unreachable.
  const env = {
    AWS_REGION: 'us-west-2',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    PARAMETER_PATH: '/warmstandby/test',
    VERSION_RETENTION_DAYS: '1',
    LEGAL_HOLD: 'false',
    DR_ROLE: 'secondary',
  };
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '--eval', script], { env });
  /** @type {{statusDescription: string, body: string}[]} */
  const responses = JSON.parse(stderr.split('\n').at(-1) ?? '');
  assert.deepEqual(
    responses.map(({ statusDescription }) => statusDescription),
    ['503 Service Unavailable', '503 Service Unavailable', '401 Unauthorized'],
  );
  assert.deepEqual(JSON.parse(responses[0].body), { status: 'unavailable', region: 'us-west-2', role: 'secondary' });
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.ok(
    lines.some(({ route, status, region }) => route === '/healthz' && status === 503 && region === 'us-west-2'),
  );
});

test('the bundle fails to load with the name of a missing environment variable', async () => {
  const script = `await import(${JSON.stringify(pathToFileURL(bundle).href)});`;
  const env = { AWS_REGION: 'us-west-2', DR_ROLE: 'secondary' };
  await assert.rejects(
    run(process.execPath, ['--input-type=module', '--eval', script], { env }),
    /the environment has no PARAMETER_PATH/,
  );
});

test('the validators in the bundle say the same of every body as those of the sources', async () => {
  const folder = await mkdtemp(join(temporary, 'validators-'));
  const outfile = join(folder, 'validators.mjs');
  const stdin = { contents: generateValidators(await readJSON(join(root, 'openapi.json'))), resolveDir: root };
  const banner = {
    js: "import{createRequire as requireOf}from'node:module';const require=requireOf(import.meta.url);",
  };
  await build({ stdin, outfile, bundle: true, platform: 'node', format: 'esm', banner });
  const generated = (await import(pathToFileURL(outfile).href)).validators;
  assert.deepEqual(Object.keys(generated).sort(), Object.keys(validators).sort());
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('', 'p-1', 'text/plain', '\u0000', 'x'.repeat(300)),
  );
  const value = fc.oneof(
    text,
    fc.integer(),
    fc.double(),
    fc.constant(null),
    fc.object({ maxDepth: 2 }),
    fc.array(fc.anything()),
  );
  const body = fc.record(
    Object.fromEntries(
      ['patient', 'content', 'limit', 'cursor', 'contentType', 'contentLength', 'sha256', 'other'].map((name) => [
        name,
        value,
      ]),
    ),
    { requiredKeys: [] },
  );
  const usual = fc.constantFrom(
    { patient: 'p-1', content: {} },
    { content: { a: 1 } },
    { patient: 'p-1', limit: 10 },
    { contentType: 'text/plain', contentLength: 3 },
  );
  const nearly = fc.tuple(usual, fc.oneof(fc.constant({}), body)).map(([right, odd]) => ({ ...odd, ...right }));
  let valid = 0;
  for (const [operationId, validate] of Object.entries(validators)) {
    fc.assert(
      fc.property(fc.oneof(nearly, body, value), (sent) => {
        const expected = validate(sent);
        if (expected) valid++;
        assert.equal(generated[operationId](sent), expected);
        assert.deepEqual(generated[operationId].errors, validate.errors);
      }),
      { numRuns: 2000 },
    );
  }
  assert.ok(valid > 0, 'no body was valid');
  assert.ok(!(await readFile(bundle, 'utf8')).includes('ajv implementation error'), 'the bundle has the compiler');
});

test('the lock file contains no registry URL, and every dependency has an exact version', async () => {
  assert.ok(Object.values(lock.packages).every(({ resolved }) => resolved === undefined));
  const { dependencies, devDependencies } = await readJSON(join(root, 'package.json'));
  for (const version of Object.values({ ...dependencies, ...devDependencies }))
    assert.match(version, /^\d+\.\d+\.\d+$/);
});
