/**
 * Creates the health checks of the load balancer and of Route 53, by operationId. The probes' results are cached for seconds
 * and come within the two seconds that Route 53 waits (Amazon Route 53 Developer Guide, "How Amazon Route 53 determines whether
 * a health check is healthy").
 *
 * @param {object} options
 * @param {Pick<import('../server.js').RecordStore, 'canRead' | 'canWrite'>} options.store
 * @param {string} options.region
 * @param {string} options.role
 * @returns {Record<string, import('../server.js').Operation>}
 */
export function createHealthOperations({ store, region, role }) {
  /**
   * @param {import('../../database/probe.js').ProbeResult} result
   * @param {{reason?: import('../../database/probe.js').WriteFailure}} [details] part of the body of a 503.
   */
  const toResponse = ({ ok, reason }, details = {}) => ({
    status: ok ? 200 : 503,
    body: { status: ok ? 'ok' : 'unavailable', region, role, ...(ok ? {} : details) },
    reason: ok ? undefined : reason,
  });
  return {
    canRead: async () => toResponse(await store.canRead()),
    canWrite: async () => {
      const result = await store.canWrite();
      return toResponse(result, { reason: result.failure ?? 'other' });
    },
  };
}
