/**
 * The function in a process of its own, as Lambda runs it: its environment is a region's, and it answers one event after
 * the other. Messages are {id, event} and {id, answer} or {id, error}.
 */
import { handler } from '../../src/index.js';

process.on('message', async ({ id, event }) => {
  try {
    process.send({ id, answer: await handler(event) });
  } catch (error) {
    process.send({ id, error: error.message });
  }
});
process.on('disconnect', () => process.exit());
