// After a failover that loses data, reconciliation must know which changes the lost history has and the new one lacks. The table
// "changes" keeps a row of each change under the id of its event, also of a deletion, which leaves no record. A trigger of the
// outbox writes it, in the change's own statement, so that the earlier version of the function need not know of it.
//
// "reconciled_changes" is the report, one row for each lost change. "conflicts" keeps both versions of a record that was changed
// in both histories, until a person has decided. A record that comes back keeps its revision, because its tag names the content
// that clients have seen: the trigger of migration 3 lets it pass.
export default `
create table changes (
  id          uuid primary key,
  kind        text not null,
  record_id   uuid not null,
  version     integer not null,
  timeline    uuid,
  occurred_at timestamptz(3) not null,
  region      text not null
);
create index changes_by_age on changes (occurred_at, id);
create index changes_of_a_record on changes (record_id);

create function log_change() returns trigger language plpgsql as $$
begin
  insert into changes (id, kind, record_id, version, timeline, occurred_at, region)
  values (new.id, new.kind, new.record_id, new.version, new.timeline, new.occurred_at, new.region)
  on conflict (id) do nothing;
  return null;
end
$$;
create trigger log_change after insert on outbox for each row execute function log_change();

create table reconciled_changes (
  position    bigint generated always as identity primary key,
  id          uuid not null unique,
  source      text not null,
  kind        text not null,
  record_id   uuid not null,
  version     integer not null,
  occurred_at timestamptz(3) not null,
  outcome     text not null check (outcome in ('returned', 'conflict')),
  -- Of a conflict: why the change was not written back.
  reason      text check ((reason is null) = (outcome = 'returned')),
  found_at    timestamptz(3) not null default now()
);
create index reconciled_changes_of_a_source on reconciled_changes (source, position);

create table conflicts (
  record_id uuid not null,
  source    text not null,
  reason    text not null,
  -- The record in the lost history and in this one; null where it was deleted or never existed.
  lost      json,
  current   json,
  found_at  timestamptz(3) not null default now(),
  primary key (record_id, source)
);

create or replace function renew_revision() returns trigger language plpgsql as $$
begin
  if current_setting('warmstandby.keep_revision', true) = 'on' then
    return new;
  end if;
  new.revision := new_revision();
  return new;
end
$$;
`;
