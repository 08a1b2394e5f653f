import { decodeCursor } from './cursor.js';
import { DEFAULT_LIMIT } from './page.js';
import { Problem } from './problem.js';

/**
 * Reads a search for a patient's records. A query string is refused: load balancers log it, and it might name the patient.
 *
 * @param {import('./request.js').Request} request
 * @param {import('./body.js').ReadBody} readBody
 * @returns {{patient: string, limit: number, after?: import('../database/records.js').Position}}
 * @throws {Problem} that quotes nothing of the request.
 */
export function readSearch(request, readBody) {
  if (request.hasQuery) {
    throw new Problem('malformed-request', {
      detail: 'The search is in the body: a query string is not accepted, because load balancers log it.',
    });
  }
  const { patient, limit = DEFAULT_LIMIT, cursor } = readBody('searchRecords', request);
  if (cursor === undefined) return { patient, limit };
  const after = decodeCursor(cursor);
  if (!after) {
    throw new Problem('invalid-body', {
      errors: [{ pointer: '/cursor', detail: 'must be the next of an earlier page' }],
    });
  }
  return { patient, limit, after };
}
