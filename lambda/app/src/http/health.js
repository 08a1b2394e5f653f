/**
 * What the load balancer and Route 53 ask. Both answer from probes that the store keeps for some seconds, within the two
 * seconds that Route 53 waits (Amazon Route 53 developer guide, "How Route 53 determines whether an endpoint is healthy").
 *
 * @param {{store: object, region: string, role: string}} parts
 * @returns {Record<string, import('./serve.js').Operate>}
 */
export function createHealthOperations({ store, region, role }) {
  const say = ({ ok, reason }) => ({
    status: ok ? 200 : 503,
    body: { status: ok ? 'ok' : 'unavailable', region, role },
    reason: ok ? undefined : reason,
  });
  return {
    canRead: async () => say(await store.canRead()),
    canWrite: async () => say(await store.canWrite()),
  };
}
