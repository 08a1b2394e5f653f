import { PutEventsCommand } from '@aws-sdk/client-eventbridge';

import { asked } from './outage.js';

/** Source of all events of this platform's records. */
export const SOURCE = 'warmstandby.records';
/** The most entries that one call takes (Amazon EventBridge API, PutEvents). */
export const MOST_ENTRIES = 10;

/**
 * What happened to a record: no content, and nobody's name. An event may come twice, with the same id, and two of one
 * record may come in the wrong order, which the version tells.
 *
 * @typedef {object} Event
 * @property {string} id a UUID.
 * @property {'RecordCreated' | 'RecordUpdated' | 'RecordDeleted'} kind
 * @property {string} recordId
 * @property {number} version of the record after it.
 * @property {Date} occurredAt
 * @property {string} region in which the change was asked for.
 */

/**
 * Puts events on this region's bus, from which the other region's gets them.
 *
 * @param {object} parts
 * @param {import('@aws-sdk/client-eventbridge').EventBridgeClient} parts.client
 * @param {{get: () => Promise<{events: {bus: string}}>}} parts.parameters
 */
export function createEvents({ client, parameters }) {
  return {
    /**
     * Puts events on the bus.
     *
     * @param {Event[]} events at most ten.
     * @param {{patience?: number}} [limits] patience: milliseconds after which the call is given up. The bus may have taken
     *   the events all the same.
     * @returns {Promise<{accepted: string[], refused: string[]}>} the ids of the events that the bus has taken, and of the
     *   others with the reason: a call may succeed for some of its entries only.
     */
    async publish(events, { patience } = {}) {
      const abortSignal = patience === undefined ? undefined : AbortSignal.timeout(patience);
      const { bus } = (await parameters.get()).events;
      const { Entries = [] } = await asked(
        `putting ${events.length} events on bus ${bus}`,
        client.send(new PutEventsCommand({ Entries: events.map((event) => entry(bus, event)) }), { abortSignal }),
      );
      const accepted = [];
      const refused = [];
      events.forEach(({ id }, i) => {
        if (Entries[i]?.EventId) accepted.push(id);
        else refused.push(`${id}: ${Entries[i]?.ErrorCode ?? 'no answer'}`);
      });
      return { accepted, refused };
    },
  };
}

function entry(bus, { id, kind, recordId, version, occurredAt, region }) {
  return {
    EventBusName: bus,
    Source: SOURCE,
    DetailType: kind,
    Time: occurredAt,
    Detail: JSON.stringify({ id, recordId, version, occurredAt: occurredAt.toISOString(), region }),
  };
}
