/**
 * Returns the condition that a record is as the caller has read it.
 *
 * @param {{tag: string}} record
 */
export const only = ({ tag }) => ({ match: [tag] });
