import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import fc from 'fast-check';

/** @typedef {import('../harness/environment.js').TestStore} Store */
/** @typedef {import('../../src/database/records.js').PatientRecord} PatientRecord */

/**
 * A change that a client asks for. target chooses one of the records that the client knows; a retry repeats the request of an
 * earlier creation, whose answer the client has not had.
 *
 * @typedef {{kind: 'create' | 'update' | 'remove' | 'retry', target: number, keyed: boolean}} Operation
 */

const SUBJECT = 'dr-jones';

/**
 * Returns arbitrary operations.
 *
 * @param {Operation['kind'][]} kinds
 * @param {number} maxLength
 * @returns {fc.Arbitrary<Operation[]>}
 */
const arbitrary = (kinds, maxLength) =>
  fc.array(fc.record({ kind: fc.constantFrom(...kinds), target: fc.nat(30), keyed: fc.boolean() }), { maxLength });

/** Arbitrary operations. */
export const operations = arbitrary(['create', 'create', 'update', 'update', 'remove'], 8);

/** Arbitrary operations after a failover, when clients also repeat what was not answered. */
export const laterOperations = arbitrary(['create', 'update', 'update', 'remove', 'retry'], 6);

/**
 * A version that was acknowledged to a client; content is null and tag empty of a removal.
 *
 * @typedef {{version: number, kind: string, tag: string, content: string | null}} AcknowledgedVersion
 */

/**
 * The history of one database as its clients know it: what was acknowledged to them.
 *
 * @typedef {object} Acknowledged
 * @property {Map<string, PatientRecord>} records by id; a deleted record is missing.
 * @property {{id: string, recordId: string}[]} events one of each change.
 * @property {Map<string, {key: string, recordId: string}>} keys idempotency keys by the key.
 * @property {Map<string, AcknowledgedVersion[]>} versions of each record by its id, the oldest first.
 */

/** @returns {Acknowledged} */
export const nothing = () => ({ records: new Map(), events: [], keys: new Map(), versions: new Map() });

/**
 * Returns a history that goes on from another one.
 *
 * @param {Acknowledged} from
 * @returns {Acknowledged}
 */
export const continued = ({ records, keys, versions }) => ({
  records: new Map(records),
  events: [],
  keys: new Map(keys),
  versions: new Map([...versions].map(([id, list]) => [id, [...list]])),
});

/**
 * Notes a version that a store has acknowledged.
 *
 * @param {Acknowledged} history
 * @param {PatientRecord} record
 */
function noteVersion({ versions }, { id, version, tag, content }) {
  const kind = version === 1 ? 'created' : 'amended';
  versions.set(id, [...(versions.get(id) ?? []), { version, kind, tag, content }]);
}

/** A bus that accepts no event, so that each stays in the outbox. */
export const refusingBus = {
  async publish() {
    return { accepted: [], refused: [] };
  },
};

/**
 * Makes changes, and notes what the store acknowledges and the events in the outbox, one of each change.
 *
 * @param {Store} store
 * @param {import('./environment.js').History['sql']} sql of the same database.
 * @param {Acknowledged} history
 * @param {Operation[]} list
 * @param {Acknowledged} [unanswered] the history whose creations are repeated.
 */
export async function make(store, sql, history, list, unanswered) {
  const earlier = (await sql('select id from outbox')).map(({ id }) => id);
  const changes = await change(store, history, list, unanswered);
  const rows = await sql('select id, record_id from outbox where id <> all($1::uuid[])', [earlier]);
  assert.equal(rows.length, changes, 'each acknowledged change has an event');
  history.events.push(...rows.map(({ id, record_id: recordId }) => ({ id, recordId })));
}

/**
 * Makes changes, and returns the number of those that the store acknowledges.
 *
 * @param {Store} store
 * @param {Acknowledged} history
 * @param {Operation[]} list
 * @param {Acknowledged} [unanswered]
 */
async function change(store, history, list, unanswered) {
  let changes = 0;
  for (const { kind, target, keyed } of list) {
    const ids = [...history.records.keys()].slice(-8); // The last ones, so that both histories change the same.
    const id = ids[target % Math.max(ids.length, 1)];
    if (kind === 'create' || (kind === 'retry' && unanswered)) {
      const repeated = kind === 'retry' && [...(unanswered?.keys.keys() ?? [])].at(-1 - (target % 3));
      const key = repeated || randomUUID();
      const withKey = keyed || repeated ? { idempotencyKey: key, requestHash: key } : {};
      const { record, replayed } = await store
        .create({ patient: 'p', content: JSON.stringify({ text: `"of" ${key}` }), subject: SUBJECT, ...withKey })
        .catch((error) => {
          if (error.name === 'IdempotencyConflict') return { record: undefined, replayed: true };
          throw error;
        });
      if (record && !replayed) {
        changes++;
        history.records.set(record.id, record);
        noteVersion(history, record);
        if (keyed || repeated) history.keys.set(key, { key, recordId: record.id });
      }
    } else if (id !== undefined) {
      const { tag, version } = /** @type {PatientRecord} */ (history.records.get(id));
      changes++;
      if (kind === 'update') {
        const content = `{ "b" : 1.00e2,\t"a": "\\u00e4 ${randomUUID()}" , "a": [ ] }`;
        const updated = await store.update(id, { match: [tag] }, { content });
        history.records.set(id, updated);
        noteVersion(history, updated);
      } else {
        await store.remove(id, { match: [tag] });
        history.records.delete(id);
        const removal = { version: version + 1, kind: 'removed', tag: '', content: null };
        history.versions.set(id, [...(history.versions.get(id) ?? []), removal]);
      }
    }
  }
  return changes;
}
