import { PutEventsCommand } from '@aws-sdk/client-eventbridge';

import { nameOf } from '../tenant.js';
import { classifyErrors } from './awserrors.js';

/** The source of all events about this platform's records. */
export const SOURCE = 'warmstandby.records';
/** The maximum number of entries in one PutEvents call (Amazon EventBridge API Reference, PutEvents). */
export const MAX_ENTRIES = 10;

/** @typedef {'RecordCreated' | 'RecordUpdated' | 'RecordDeleted'} EventKind */

/**
 * A change of a record. An event carries neither content nor a patient. Delivery is at least once, with the same id, and
 * two events of one record may arrive out of order. The version gives their order within a timeline; after a failover that
 * lost changes a version comes again on another timeline. Consumers' rules are in openapi.json (webhooks).
 *
 * @typedef {object} Event
 * @property {string} id a UUID.
 * @property {EventKind} kind
 * @property {string} recordId
 * @property {number} version of the record after the change.
 * @property {string | null} timeline a UUID; null if the event was in the outbox before there were timelines.
 * @property {Date} occurredAt
 * @property {string} region that received the request.
 * @property {string} tenant of the record; consumers get it unless it is the default tenant.
 */

/**
 * The outcome of a call for each of its events.
 *
 * @typedef {object} PublishResult
 * @property {string[]} accepted ids of the events that the bus accepted.
 * @property {string[]} refused ids of the others, each with the reason: "id: reason".
 */

/** @typedef {ReturnType<typeof createEvents>} Events */

/**
 * Creates the publisher of events on this region's bus, which forwards them to the other region.
 *
 * @param {object} options
 * @param {import('@aws-sdk/client-eventbridge').EventBridgeClient} options.client
 * @param {{get: () => Promise<{events: {bus: string}}>}} options.parameters
 */
export function createEvents({ client, parameters }) {
  return {
    /**
     * Puts events on the bus.
     *
     * @param {Event[]} events at most MAX_ENTRIES.
     * @param {{timeoutMs?: number}} [options] timeoutMs: time after which the call is aborted, in milliseconds. The bus may
     *   have accepted the events nevertheless.
     * @returns {Promise<PublishResult>} a call can succeed for some of its events only.
     * @throws {import('../errors.js').Unavailable}
     */
    async publish(events, { timeoutMs } = {}) {
      const abortSignal = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
      const { bus } = (await parameters.get()).events;
      const { Entries = [] } = await classifyErrors(
        `putting ${events.length} events on bus ${bus}`,
        client.send(new PutEventsCommand({ Entries: events.map((event) => toEntry(bus, event)) }), { abortSignal }),
      );
      /** @type {PublishResult} */
      const result = { accepted: [], refused: [] };
      events.forEach(({ id }, i) => {
        if (Entries[i]?.EventId) result.accepted.push(id);
        else result.refused.push(`${id}: ${Entries[i]?.ErrorCode ?? 'no answer'}`);
      });
      return result;
    },
  };
}

/**
 * @param {string} bus
 * @param {Event} event
 */
function toEntry(bus, { id, kind, recordId, version, timeline, occurredAt, region, tenant }) {
  return {
    EventBusName: bus,
    Source: SOURCE,
    DetailType: kind,
    Time: occurredAt,
    Detail: JSON.stringify({
      id,
      tenant: nameOf(tenant),
      recordId,
      version,
      timeline,
      occurredAt: occurredAt.toISOString(),
      region,
    }),
  };
}
