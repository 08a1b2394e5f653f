import { createHmac, randomUUID } from 'node:crypto';

import { CreateLogStreamCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';

/** Timeout of writing a line, in milliseconds. The service answers in tens of milliseconds, and a request waits for it. */
const WRITE_TIMEOUT_MS = 1_000;

/**
 * Who did or tried what. Patients are given in clear and written as keyed hashes.
 *
 * @typedef {object} AuditEntry
 * @property {string} requestId for the caller; callers can choose it.
 * @property {string} [invocationId] Lambda's, which no caller can choose.
 * @property {string} [client] address that the load balancer saw.
 * @property {string} [tenant] of the token; missing if there is one tenant, or if the token was refused.
 * @property {string} [subject] of the token; missing if it was refused.
 * @property {string} [action] the operationId; missing if there is no such operation.
 * @property {string} [recordId]
 * @property {string[]} [recordIds]
 * @property {number} [version] of the record that was read, if it was asked for by its version.
 * @property {string} [patient] whose record it is.
 * @property {string} [movedFrom] whose record it was before the change.
 * @property {string} [searched] whose records were searched for.
 * @property {string} [attempted] whom a refused request named.
 * @property {string} outcome
 */

/** The members of an entry that are hashed. */
const PATIENTS = /** @type {const} */ (['patient', 'movedFrom', 'searched', 'attempted']);

/** @typedef {(entry: AuditEntry) => Promise<void>} Audit never rejects. */

/**
 * Creates the audit trail: a log group of its own, with a retention of its own, to which each line is written before the response is
 * sent. If that fails, the line goes to the function's own log, marked as undelivered: a region whose CloudWatch Logs is impaired
 * serves on. Without a group all lines go to the function's log.
 *
 * @param {object} options
 * @param {Pick<import('@aws-sdk/client-cloudwatch-logs').CloudWatchLogsClient, 'send'>} options.client
 * @param {string} [options.group] name of the log group.
 * @param {string} [options.stream] name of this instance's stream in it.
 * @param {() => Promise<Buffer | undefined>} options.key of the hashes; undefined or an error if the database does not give it now.
 * @param {string} options.region
 * @param {Pick<import('./log.js').Logger, 'audit' | 'error'>} options.log
 * @param {() => Date} [options.now]
 * @returns {Audit}
 */
export function createAudit({ client, group, stream = randomUUID(), key, region, log, now = () => new Date() }) {
  /** @type {Promise<unknown> | undefined} */
  let created; // The stream. A failure is not kept.

  async function ensureStream() {
    created ??= client
      .send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: stream }), {
        abortSignal: AbortSignal.timeout(WRITE_TIMEOUT_MS),
      })
      .catch((error) => {
        if (error.name === 'ResourceAlreadyExistsException') return;
        created = undefined;
        throw error;
      });
    await created;
  }

  /** @param {string} line */
  async function put(line) {
    await ensureStream();
    const { rejectedLogEventsInfo } = await client.send(
      new PutLogEventsCommand({
        logGroupName: group,
        logStreamName: stream,
        logEvents: [{ timestamp: now().getTime(), message: line }],
      }),
      { abortSignal: AbortSignal.timeout(WRITE_TIMEOUT_MS) },
    );
    if (rejectedLogEventsInfo) throw new Error('CloudWatch Logs rejects the line');
  }

  return async (entry) => {
    const fields = await hashPatients(entry, key);
    if (!group) return log.audit(fields);
    try {
      await put(JSON.stringify({ time: now().toISOString(), region, audit: true, ...fields }));
    } catch (error) {
      log.audit({ ...fields, undelivered: true });
      log.error({
        message: 'an audit line is in this log and not in the audit trail',
        requestId: entry.requestId,
        error,
      });
    }
  };
}

/**
 * Replaces the patients by keyed hashes (HMAC-SHA-256 in hexadecimal): whoever has the trail alone can neither read nor guess them, and
 * whoever has the key finds all lines of one patient. Each tenant has a key of its own: equal names of two tenants' patients have different
 * hashes, and whoever has one tenant's key finds nothing of the others.
 *
 * @param {AuditEntry} entry
 * @param {() => Promise<Buffer | undefined>} getKey
 * @returns {Promise<object>} without the patients, and with unhashed: true, if there is no key now.
 */
async function hashPatients(entry, getKey) {
  /** @type {Record<string, unknown>} */
  const fields = { ...entry };
  const named = PATIENTS.filter((name) => entry[name] !== undefined);
  for (const name of PATIENTS) delete fields[name];
  if (named.length === 0) return fields;
  const rootKey = await getKey().catch(() => undefined);
  const key = rootKey && keyOf(rootKey, entry.tenant);
  if (!key) return { ...fields, unhashed: true };
  for (const name of named)
    fields[name] = createHmac('sha256', key)
      .update(entry[name] ?? '')
      .digest('hex');
  return fields;
}

/**
 * Returns the key of a tenant's hashes. Without a tenant it is the database's own, as it was before there were tenants.
 *
 * @param {Buffer} rootKey
 * @param {string} [tenant]
 */
export const keyOf = (rootKey, tenant) =>
  tenant === undefined ? rootKey : createHmac('sha256', rootKey).update(`tenant ${tenant}`).digest();
