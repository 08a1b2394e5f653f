/**
 * Runs the function in a process of its own, as Lambda does, with the environment variables of one region. It receives
 * messages {id, event} and answers each with {id, response} or {id, error}.
 */
import { handler } from '../../src/index.js';

process.on('message', async (/** @type {{id: number, event: unknown}} */ { id, event }) => {
  try {
    process.send?.({ id, response: await handler(event) });
  } catch (error) {
    process.send?.({ id, error: error instanceof Error ? error.message : String(error) });
  }
});
process.on('disconnect', () => process.exit());
