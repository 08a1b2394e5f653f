import { purgeOldChanges } from '../reconcile/changelog.js';
import { measureBacklog } from './backlog.js';
import { purgeExpiredKeys } from './idempotency.js';
import { publishPending } from './outbox.js';
import { removeDueDocuments } from './removals.js';
import { measureVersions, purgeVersions } from './versions.js';

/** @typedef {import('pg').ClientBase} Client */

/** Time that maintenance takes for its work if the caller says none, in milliseconds; its last statements come after it. */
export const MAINTENANCE_BUDGET_MS = 8_000;

/** The parts of the time after which each work ends, if it has not ended before. */
const ENDS = { keys: 0.2, versions: 0.3, documents: 0.45, events: 1 };

/**
 * What maintenance has done besides migrating.
 *
 * @typedef {object} Housekeeping
 * @property {number} published number of events published from the outbox.
 * @property {number} purged number of deleted idempotency keys.
 * @property {number} purgedVersions number of deleted versions of records.
 * @property {number} removed number of documents that were removed after their records.
 */

/**
 * Deletes expired idempotency keys and versions of records whose retention is over, removes documents of deleted records, publishes stale
 * events of the outbox, and deletes the oldest part of the log of changes. Each has a part of the time and goes on until nothing is left,
 * so it keeps up with whatever the database takes. Then it publishes as metrics what is left.
 *
 * @param {object} options
 * @param {<T>(work: (client: Client) => Promise<T>, idempotent?: boolean) => Promise<T>} options.run runs work on the writer, for all
 *   tenants; work is idempotent by default.
 * @param {(part: number) => boolean} options.isOver whether a part of the time is over.
 * @param {Pick<import('../aws/events.js').Events, 'publish'>} options.events
 * @param {Pick<import('../aws/documents.js').Documents, 'remove'>} options.documents
 * @param {string} options.region
 * @param {import('./versions.js').Retention | undefined} options.retention undefined if the schema has no versions.
 * @param {import('../clock.js').Clock} options.clock
 * @param {number} [options.staleAfterSeconds]
 * @param {(refused: string[]) => void} options.logRefused
 * @param {(values: object) => void} options.publishMetrics
 * @returns {Promise<Housekeeping>}
 */
export async function keepHouse(options) {
  const { run, isOver, events, documents, region, retention, clock, staleAfterSeconds } = options;
  const purged = await run((client) => purgeExpiredKeys(client, () => isOver(ENDS.keys)));
  const purgedVersions = retention
    ? await run((client) => purgeVersions(client, { region, retention, isOver: () => isOver(ENDS.versions) }), false)
    : 0;
  const documentsResult = await run(
    (client) => removeDueDocuments(client, documents, region, () => isOver(ENDS.documents)),
    false,
  );
  const eventsResult = await run(
    (client) => publishPending(client, events, { staleAfterSeconds, clock, isOver: () => isOver(ENDS.events) }),
    false,
  );
  options.logRefused(eventsResult.refused);
  await run((client) => purgeOldChanges(client, () => isOver(ENDS.events)));
  const backlog = await run((client) => measureBacklog(client, region));
  options.publishMetrics({ ...backlog, ...(retention && (await run(measureVersions))) });
  const failure = documentsResult.error ?? eventsResult.error;
  if (failure !== undefined) throw failure;
  return { published: eventsResult.published, purged, purgedVersions, removed: documentsResult.removed };
}
