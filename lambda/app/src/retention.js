/** @typedef {import('./database/versions.js').Retention} Retention */

/** A hundred years, as in the settings of the stacks (longestDays in shared/settings). */
const MAX_DAYS = 36_500;

/**
 * Reads how long versions of records are kept from the environment variables VERSION_RETENTION_DAYS and LEGAL_HOLD. Nothing stands for a
 * missing or wrong value: too short a retention would delete what has to be kept.
 *
 * @param {Record<string, string | undefined>} env
 * @returns {Retention}
 * @throws {Error} naming the variable.
 */
export function readRetention({ VERSION_RETENTION_DAYS: days = '', LEGAL_HOLD: hold = '' }) {
  if (!/^[1-9][0-9]{0,4}$/.test(days) || Number(days) > MAX_DAYS)
    throw new Error(`VERSION_RETENTION_DAYS is not a number of days from 1 to ${MAX_DAYS}: deploy the region's stack`);
  if (hold !== 'true' && hold !== 'false')
    throw new Error("LEGAL_HOLD is neither true nor false: deploy the region's stack");
  return { days: Number(days), legalHold: hold === 'true' };
}
