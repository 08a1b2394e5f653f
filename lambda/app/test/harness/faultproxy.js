import net from 'node:net';

/** @typedef {{host: string, port: number}} Address */

/** @typedef {Awaited<ReturnType<typeof startFaultProxy>>} FaultProxy */

/**
 * Starts a TCP proxy in front of a server. The test can make it hang, as if the host were partitioned off, or close it, so that
 * connections are refused.
 *
 * @param {Address} target
 */
export async function startFaultProxy(target) {
  /** @type {Set<net.Socket[]>} */
  const pairs = new Set();
  let hanging = false;
  const server = net.createServer((client) => {
    const upstream = net.connect(target.port, target.host);
    const pair = [client, upstream];
    pairs.add(pair);
    for (const [from, to] of [pair, pair.toReversed()]) {
      from.unref();
      from.on('data', (data) => to.write(data));
      from.on('error', () => {}); // The close event that follows does the rest.
      from.on('close', () => {
        to.destroy();
        pairs.delete(pair);
      });
      if (hanging) from.pause();
    }
  });
  server.unref(); // A test that fails before it closes the proxy must not keep the process alive.
  const { port } = await listen(server, '127.0.0.1');
  /** @param {(socket: net.Socket) => void} action */
  const forEachSocket = (action) => pairs.forEach((pair) => pair.forEach((socket) => action(socket)));
  return {
    host: '127.0.0.1',
    port,

    /** Stops forwarding in both directions, on existing and on new connections. */
    hang() {
      hanging = true;
      forEachSocket((socket) => socket.pause());
    },

    /** Resumes forwarding, beginning with the data that has waited. */
    resume() {
      hanging = false;
      forEachSocket((socket) => socket.resume());
    },

    /** Closes all connections; new ones are refused. */
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      forEachSocket((socket) => socket.destroy());
      await closed;
    },
  };
}

/**
 * Lets a server listen on a free port, and returns its address.
 *
 * @param {net.Server} server
 * @param {string} host
 * @returns {Promise<Address>}
 */
export async function listen(server, host) {
  await new Promise((resolve) => server.listen(0, host, () => resolve(undefined)));
  const { port } = /** @type {net.AddressInfo} */ (server.address());
  return { host, port };
}
