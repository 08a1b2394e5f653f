import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createLogger, describeError } from '../../src/log.js';

test('a level keeps what is below it out, and never an audit', () => {
  const cases = {
    debug: ['debug', 'info', 'warn', 'error', 'info'],
    info: ['info', 'warn', 'error', 'info'],
    warn: ['warn', 'error', 'info'],
    error: ['error', 'info'],
    nonsense: ['info', 'warn', 'error', 'info'],
  };
  for (const [level, expected] of Object.entries(cases)) {
    const lines = [];
    const log = createLogger({ level, write: (line) => lines.push(line) });
    for (const name of ['debug', 'info', 'warn', 'error']) log[name]({ message: 'm' });
    log.audit({ subject: 's' });
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).level),
      expected,
      level,
    );
  }
});

test('an entry is one line, whatever it holds', () => {
  const lines = [];
  const now = () => new Date('2026-01-01T00:00:00Z');
  createLogger({ region: 'us-west-2', now, write: (line) => lines.push(line) }).info({ message: 'a\nb\u2028' });
  assert.deepEqual(lines, [
    '{"level":"info","time":"2026-01-01T00:00:00.000Z","region":"us-west-2","message":"a\\nb\u2028"}\n',
  ]);
});

test('an error is described without what it may quote', () => {
  const database = Object.assign(new Error('invalid input: "private"\n    at private'), {
    severity: 'ERROR',
    code: '22P02',
  });
  let syntax;
  try {
    JSON.parse('private');
  } catch (error) {
    syntax = error;
  }
  for (const error of [database, syntax]) {
    const described = describeError(new Error('reading', { cause: error }));
    assert.equal(described.message, 'reading');
    assert.equal(described.cause.name, error.name);
    assert.equal(described.cause.code, error.code);
    assert.ok(described.cause.stack.length > 0);
    assert.equal('message' in described.cause, false);
  }
  assert.doesNotMatch(JSON.stringify(describeError(syntax)), /private/);
  assert.deepEqual(describeError('private'), { name: 'string' });
});

test('causes are described until they repeat too often', () => {
  const error = new Error('round');
  error.cause = error;
  let depth = 0;
  for (let described = describeError(error); described; described = described.cause) depth++;
  assert.equal(depth, 4);
});
