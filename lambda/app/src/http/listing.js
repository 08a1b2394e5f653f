import { decodeCursor } from './cursor.js';
import { Problem } from './problem.js';

// A page holds 20 records unless the caller asks for fewer or more, up to 100.
const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;

// As the OpenAPI document has a record's patient.
const PATIENT = /^[^\p{Cc}\p{Cs}]{1,128}$/u;

const LIMIT = /^[1-9][0-9]{0,2}$/;

/**
 * Reads the query of a listing.
 *
 * @param {Map<string, string[]>} query
 * @returns {{patient: string, limit: number, after?: {createdAt: string, id: string}}}
 * @throws {Problem} naming each parameter that is missing, wrong, repeated or unknown; it quotes no value.
 */
export function listQuery(query) {
  const errors = [];
  const fault = (parameter, detail) => errors.push({ parameter, detail });
  const one = (name) => {
    const values = query.get(name) ?? [];
    if (values.length > 1) fault(name, 'must be given once');
    return values[0];
  };

  const patient = one('patient');
  if (patient === undefined || !PATIENT.test(patient))
    fault('patient', 'must be 1 to 128 characters, none a control character');

  const limit = one('limit') ?? String(DEFAULT_LIMIT);
  if (!LIMIT.test(limit) || Number(limit) > MAX_LIMIT) fault('limit', `must be an integer from 1 to ${MAX_LIMIT}`);

  const cursor = one('cursor');
  const after = cursor === undefined ? undefined : decodeCursor(cursor);
  if (cursor !== undefined && !after) fault('cursor', 'must be the next of an earlier page');

  if ([...query.keys()].some((name) => !['patient', 'limit', 'cursor'].includes(name))) {
    errors.push({ detail: 'the parameters are patient, limit and cursor: there is another' });
  }
  if (errors.length > 0) throw new Problem('malformed-request', { errors });
  return { patient, limit: Number(limit), ...(after && { after }) };
}
