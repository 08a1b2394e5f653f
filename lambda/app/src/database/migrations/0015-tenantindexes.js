// What callers choose, a patient and an idempotency key, is a tenant's own: its indexes begin with the tenant. Both are built while others
// write, and then take the places of those before. Earlier versions of the function find their rows by them, too: for their roles a
// policy adds the tenant to each condition.
//
// Ids of records, changes and events are made here and random, so they are unique over all tenants; their keys stay as they are. So do
// the indexes of housekeeping, which goes by age over all tenants.

/** @type {{name: string, sql: string, builds?: string, awaits?: string}[]} */
export default [
  {
    name: 'index-of-a-tenants-patients',
    builds: 'records_of_a_tenants_patient',
    sql: 'create index concurrently records_of_a_tenants_patient on records (tenant, patient, created_at, id)',
  },
  {
    name: 'index-of-a-tenants-idempotency-keys',
    builds: 'idempotency_keys_of_a_tenant',
    sql: 'create unique index concurrently idempotency_keys_of_a_tenant on idempotency_keys (tenant, subject, key)',
  },
  // The index becomes the key without a scan: it is built, and its columns are not null.
  {
    name: 'idempotency-keys-of-a-tenant',
    awaits: 'idempotency_keys_of_a_tenant',
    sql: `
alter table idempotency_keys
  drop constraint idempotency_keys_pkey,
  add constraint idempotency_keys_pkey primary key using index idempotency_keys_of_a_tenant;
`,
  },
  {
    name: 'drop-index-of-patients',
    awaits: 'records_of_a_tenants_patient',
    sql: 'drop index if exists records_of_a_patient',
  },
];
