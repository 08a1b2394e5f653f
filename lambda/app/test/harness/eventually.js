/** How long what takes moments may take on a busy machine, in milliseconds, and how often it is looked at. */
const LONGEST = 60_000;
const PAUSE = 50;

/**
 * Asks until the answer is not undefined.
 *
 * @template T
 * @param {string} what is waited for.
 * @param {() => Promise<T | undefined>} ask
 * @returns {Promise<T>}
 */
export async function eventually(what, ask) {
  for (const end = Date.now() + LONGEST; ;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`${what}: not within ${LONGEST} ms`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}
