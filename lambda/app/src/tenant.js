/**
 * The tenant of all rows while no claim of the tokens names one (one-tenant mode), and of those that were made before there were
 * tenants. No token can name it: it begins with a character that a tenant's name does not.
 */
export const DEFAULT_TENANT = '_default';

/**
 * The names of tenants that tokens may have: identifiers of issuers' organisations, such as a UUID or org_a1B2. A name is part of
 * documents' keys in S3, so it has no slash and does not begin with a full stop.
 */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/**
 * Reports whether a claim's value is the name of a tenant.
 *
 * @param {unknown} value
 * @returns {value is string}
 */
export const isTenant = (value) => typeof value === 'string' && NAME.test(value);

/**
 * Returns a tenant as callers, events and the audit trail see it: the default tenant has no name.
 *
 * @param {string} tenant
 */
export const nameOf = (tenant) => (tenant === DEFAULT_TENANT ? undefined : tenant);
