/**
 * Deletes rows batch by batch, so that no statement locks many of them, until there is none left or the time is over. The first batch is
 * deleted in any case.
 *
 * @param {number} size rows of a whole batch.
 * @param {() => boolean} isOver
 * @param {() => Promise<import('pg').QueryResult>} deleteBatch deletes at most size rows.
 * @returns {Promise<number>} the number of deleted rows.
 */
export async function deleteInBatches(size, isOver, deleteBatch) {
  let deleted = 0;
  for (;;) {
    const { rowCount } = await deleteBatch();
    deleted += rowCount ?? 0;
    if ((rowCount ?? 0) < size || isOver()) return deleted;
  }
}
