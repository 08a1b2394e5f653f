/** How long a condition may take on a busy machine, and the interval between two attempts, in milliseconds. */
const TIMEOUT_MS = 60_000;
const INTERVAL_MS = 50;

/**
 * Repeats an attempt until it succeeds.
 *
 * @template T
 * @param {string} condition what is waited for, for the error message.
 * @param {() => Promise<T | undefined>} attempt returns undefined as long as the condition does not hold.
 * @returns {Promise<T>} the result of the successful attempt.
 * @throws {Error} if the condition does not hold within a minute.
 */
export async function eventually(condition, attempt) {
  for (const deadline = Date.now() + TIMEOUT_MS; ;) {
    const result = await attempt();
    if (result !== undefined) return result;
    if (Date.now() > deadline) throw new Error(`${condition}: not within ${TIMEOUT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
  }
}
