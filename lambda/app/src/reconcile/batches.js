/**
 * Divides a list into batches, by number and size. An element that is larger than the maximum is a batch of its own.
 *
 * @template T
 * @param {T[]} list
 * @param {{count: number, bytes: number}} maximum of a batch.
 * @param {(element: T) => number} sizeOf an element in bytes.
 * @returns {Generator<T[]>}
 */
export function* batchesOf(list, maximum, sizeOf) {
  /** @type {T[]} */
  let batch = [];
  let bytes = 0;
  for (const element of list) {
    const size = sizeOf(element);
    if (batch.length === maximum.count || (batch.length > 0 && bytes + size > maximum.bytes)) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(element);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
