import { decodeCursor } from './cursor.js';
import { Problem } from './problem.js';

// Records per page.
const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;

// The same as the pattern of a record's patient in the OpenAPI document.
const PATIENT = /^[^\p{Cc}\p{Cs}]{1,128}$/u;

const LIMIT = /^[1-9][0-9]{0,2}$/;

const PARAMETERS = ['patient', 'limit', 'cursor'];

/**
 * Parses the query string of listRecords.
 *
 * @param {Map<string, string[]>} query
 * @returns {{patient: string, limit: number, after?: import('../database/records.js').Position}}
 * @throws {Problem} listing each parameter that is missing, invalid, repeated or unknown, without quoting values.
 */
export function parseListQuery(query) {
  /** @type {import('./problem.js').ProblemError[]} */
  const errors = [];
  /**
   * @param {string} parameter
   * @param {string} detail
   */
  const addError = (parameter, detail) => errors.push({ parameter, detail });
  /** @param {string} name */
  const single = (name) => {
    const values = query.get(name) ?? [];
    if (values.length > 1) addError(name, 'must be given once');
    return values.length > 0 ? values[0] : undefined;
  };

  const patient = single('patient') ?? '';
  if (!PATIENT.test(patient)) addError('patient', 'must be 1 to 128 characters, none a control character');

  const limit = single('limit') ?? String(DEFAULT_LIMIT);
  if (!LIMIT.test(limit) || Number(limit) > MAX_LIMIT) addError('limit', `must be an integer from 1 to ${MAX_LIMIT}`);

  const cursor = single('cursor');
  const after = cursor === undefined ? undefined : decodeCursor(cursor);
  if (cursor !== undefined && !after) addError('cursor', 'must be the next of an earlier page');

  if ([...query.keys()].some((name) => !PARAMETERS.includes(name))) {
    errors.push({ detail: 'the parameters are patient, limit and cursor: there is another' });
  }
  if (errors.length > 0) throw new Problem('malformed-request', { errors });
  return { patient, limit: Number(limit), ...(after && { after }) };
}
