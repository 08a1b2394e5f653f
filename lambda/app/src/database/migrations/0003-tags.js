// A record's entity tag is its version and a random revision, because after a failover that loses changes a version has a second
// content. The trigger renews the revision, so that the earlier version of the function need not know of it. Existing rows get
// the same one, without a rewrite of the table: they have different ids, and it is random for each run of the migration, so
// two regions that both write and both migrate differ in it. gen_random_uuid() is of the server's strong random source.
export default `
create function new_revision() returns text language sql volatile as $$
  select replace(gen_random_uuid()::text, '-', '')
$$;
do $$
begin
  execute format('alter table records add column revision text not null default %L', new_revision());
end
$$;
alter table records alter column revision set default new_revision();

create function renew_revision() returns trigger language plpgsql as $$
begin
  new.revision := new_revision();
  return new;
end
$$;
create trigger renew_revision before update on records for each row execute function renew_revision();
`;
