// The logger: levels, one line per entry, errors without data.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { METRIC_NAMESPACE, createLogger, describeError } from '../../src/log.js';

test('a logger drops entries under its level, and never an audit entry', () => {
  const cases = {
    debug: ['debug', 'info', 'warn', 'error', 'info'],
    info: ['info', 'warn', 'error', 'info'],
    warn: ['warn', 'error', 'info'],
    error: ['error', 'info'],
    nonsense: ['info', 'warn', 'error', 'info'],
  };
  for (const [level, expected] of Object.entries(cases)) {
    /** @type {string[]} */
    const lines = [];
    const log = createLogger({ level, write: (line) => lines.push(line) });
    for (const write of [log.debug, log.info, log.warn, log.error]) write({ message: 'm' });
    log.audit({ subject: 's' });
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).level),
      expected,
      level,
    );
  }
});

test('metrics are one line in the form from which CloudWatch makes them', () => {
  /** @type {string[]} */
  const lines = [];
  const now = () => new Date('2026-01-01T00:00:00Z');
  createLogger({ region: 'r', functionName: 'f', write: (line) => lines.push(line), now }).metrics({
    events: 2,
    eventsAge: 1.5,
  });
  assert.deepEqual(JSON.parse(lines[0]), {
    level: 'info',
    time: '2026-01-01T00:00:00.000Z',
    region: 'r',
    message: 'metrics',
    _aws: {
      Timestamp: now().getTime(),
      CloudWatchMetrics: [
        {
          Namespace: METRIC_NAMESPACE,
          Dimensions: [['FunctionName']],
          Metrics: [
            { Name: 'Events', Unit: 'Count' },
            { Name: 'EventsAge', Unit: 'Seconds' },
          ],
        },
      ],
    },
    Events: 2,
    EventsAge: 1.5,
    FunctionName: 'f',
  });
});

test('an entry is one line, whatever it contains', () => {
  /** @type {string[]} */
  const lines = [];
  const now = () => new Date('2026-01-01T00:00:00Z');
  createLogger({ region: 'us-west-2', now, write: (line) => lines.push(line) }).info({ message: 'a\nb\u2028' });
  assert.deepEqual(lines, [
    '{"level":"info","time":"2026-01-01T00:00:00.000Z","region":"us-west-2","message":"a\\nb\u2028"}\n',
  ]);
});

test('the message of an error that may quote data is not logged', () => {
  const databaseError = Object.assign(new Error('invalid input: "private"\n    at private'), {
    severity: 'ERROR',
    code: '22P02',
  });
  const syntaxError = catchError(() => JSON.parse('private'));
  for (const error of [databaseError, syntaxError]) {
    const { message, cause } = describeError(new Error('reading', { cause: error }));
    assert.equal(message, 'reading');
    assert.equal(cause?.name, error.name);
    assert.equal(cause?.code, error.code);
    assert.ok(cause?.stack && cause.stack.length > 0);
    assert.equal('message' in cause, false);
  }
  assert.doesNotMatch(JSON.stringify(describeError(syntaxError)), /private/);
  assert.deepEqual(describeError('private'), { name: 'string' });
});

/**
 * @param {() => void} action
 * @returns {Error & {code?: string}}
 */
function catchError(action) {
  try {
    action();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('the action throws no error');
}

test('causes are described up to a maximum depth', () => {
  const error = new Error('round');
  error.cause = error;
  let depth = 0;
  /** @type {import('../../src/log.js').ErrorDescription | undefined} */
  let description = describeError(error);
  for (; description; description = description.cause) depth++;
  assert.equal(depth, 4);
});
