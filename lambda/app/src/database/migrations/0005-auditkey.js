// The key of the hashes by which the audit trail names patients. It is as old as the database and moves with it into the other region
// and into its backups, because the hashes of six years must match. Whoever can read it can read the patients themselves. 244 random
// bits of the server's strong random source, which gen_random_uuid() uses.
export default `
create table audit_key (
  only_row   boolean primary key default true check (only_row),
  key        bytea not null,
  created_at timestamptz(3) not null default now()
);
insert into audit_key (key)
values (decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));
`;
