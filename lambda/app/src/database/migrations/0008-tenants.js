// Each row has its tenant, and PostgreSQL compares it with the tenant of the transaction (row-level security, also for the tables'
// owner). The policies name roles, whose names depend on the master user's; so they are made with the grants, in the transaction of each
// of these migrations (../roles.js).
//
// The default is that of earlier versions of the function, which name no tenant. It is a constant, so no table is rewritten. One
// table a transaction: its lock is held for milliseconds, and locks on two could meet a request that holds the one and waits for the
// other.
import { DEFAULT_TENANT } from '../../tenant.js';

/** @param {string} table */
const ofTable = (table) => `
alter table ${table} add column tenant text not null default '${DEFAULT_TENANT}';
alter table ${table} enable row level security;
alter table ${table} force row level security;
`;

/** @type {{name: string, sql: string}[]} */
export default [
  { name: 'tenants-of-records', sql: ofTable('records') },
  { name: 'tenants-of-idempotency-keys', sql: ofTable('idempotency_keys') },
  { name: 'tenants-of-outbox', sql: ofTable('outbox') },
  {
    name: 'tenants-of-changes',
    sql: `${ofTable('changes')}
create or replace function log_change() returns trigger language plpgsql as $$
begin
  insert into changes (id, kind, record_id, version, timeline, occurred_at, region, tenant)
  values (new.id, new.kind, new.record_id, new.version, new.timeline, new.occurred_at, new.region, new.tenant)
  on conflict (id) do nothing;
  return null;
end
$$;
`,
  },
  {
    name: 'tenants-of-document-removals',
    sql: `${ofTable('document_removals')}
create or replace function queue_document_removals() returns trigger language plpgsql as $$
begin
  insert into document_removals (record_id, region, due_at, tenant)
  select old.id, region, now() + delay, old.tenant
  from document_regions, unnest(array['0', '20 minutes', '1 day']::interval[]) delay;
  return old;
end
$$;
`,
  },
  { name: 'tenants-of-reconciled-changes', sql: ofTable('reconciled_changes') },
  { name: 'tenants-of-conflicts', sql: ofTable('conflicts') },
];
