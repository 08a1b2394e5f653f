import net from 'node:net';

/**
 * A way to a server that can be closed: what passes through it then hangs, as with a host that is cut off, or is refused.
 *
 * @param {{host: string, port: number}} target
 * @returns {Promise<{host: string, port: number, hang: () => void, pass: () => void, end: () => Promise<void>}>}
 */
export async function openDoor(target) {
  const pairs = new Set();
  let hanging = false;
  const server = net.createServer((client) => {
    const onward = net.connect(target.port, target.host);
    const pair = [client, onward];
    pairs.add(pair);
    for (const [from, to] of [pair, pair.toReversed()]) {
      from.unref();
      from.on('data', (data) => to.write(data));
      from.on('error', () => {}); // The close that follows says all.
      from.on('close', () => {
        to.destroy();
        pairs.delete(pair);
      });
      if (hanging) from.pause();
    }
  });
  server.unref(); // A test that fails before it ends the door still ends.
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const each = (act) => pairs.forEach((pair) => pair.forEach(act));
  return {
    host: '127.0.0.1',
    port: server.address().port,
    /** Lets nothing through any more, in either direction, on old connections and new ones. */
    hang() {
      hanging = true;
      each((socket) => socket.pause());
    },
    /** Lets through what has waited, and what comes. */
    pass() {
      hanging = false;
      each((socket) => socket.resume());
    },
    /** Ends all connections and takes no more. */
    async end() {
      const closed = new Promise((resolve) => server.close(resolve));
      each((socket) => socket.destroy());
      await closed;
    },
  };
}
