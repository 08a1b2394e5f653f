// A record's amendments and its removal keep what was before. A trigger of records copies the former row to record_versions, in the
// change's own statement: it costs no round trip, and neither the earlier version of the function nor SQL by hand can leave it out. The
// present version stays in records alone, so a creation writes nothing more, and the history of a record that is there already begins with
// what it is now, without a copy of the table.
//
// A version's retention begins when it ceases to be in effect (ended_at), so a version that is in effect has no end of its retention. A
// version is named by its number and its revision, which are its entity tag: what a reconciliation brings back a second time is there
// already. Of a removal there is a row without content.
//
// Rows are only added. Grants refuse anything else, and a trigger does so for the owner and the master user, too: it lets a row be deleted
// when its retention is over in both regions and no region has a legal hold. version_retention has each region's settings, so that the
// regions cannot undo each other's hold while one of them is deployed or lost.
//
// changed_by is the subject of the token, from the transaction's setting; null if a task, SQL by hand or an earlier version made the change.
// Adding a column and setting its default afterwards rewrites no table.
import { DEFAULT_TENANT } from '../../tenant.js';

export default `
create table record_versions (
  record_id  uuid not null,
  version    integer not null,
  revision   text not null,
  kind       text not null check (kind in ('created', 'amended', 'removed')),
  patient    text not null,
  -- Null of a removal.
  content    json check ((content is null) = (kind = 'removed')),
  -- Of the record, and of this version.
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  changed_by text,
  ended_at   timestamptz(3) not null,
  tenant     text not null default '${DEFAULT_TENANT}',
  primary key (record_id, version, revision)
);
create index record_versions_by_age on record_versions (ended_at);
alter table record_versions enable row level security;
alter table record_versions force row level security;

create table version_retention (
  region     text primary key,
  days       integer not null check (days > 0),
  legal_hold boolean not null,
  set_at     timestamptz(3) not null default now()
);

-- The time before which versions must have ended to be deleted; null if none may be.
create function versions_expire_before() returns timestamptz language sql stable as $$
  select case when bool_or(legal_hold) then null else now() - make_interval(days => max(days)) end from version_retention
$$;

create function refuse_loss_of_versions() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    if old.ended_at < versions_expire_before() then
      return old;
    end if;
  end if;
  raise exception 'versions of records are only added, and deleted when their retention is over and there is no legal hold'
    using errcode = 'restrict_violation';
end
$$;
create trigger append_only before update or delete on record_versions
for each row execute function refuse_loss_of_versions();
create trigger append_only_table before truncate on record_versions
for each statement execute function refuse_loss_of_versions();

alter table records add column changed_by text;
alter table records alter column changed_by set default nullif(current_setting('app.subject', true), '');

create or replace function renew_revision() returns trigger language plpgsql as $$
begin
  if current_setting('warmstandby.keep_revision', true) = 'on' then
    return new;
  end if;
  new.revision := new_revision();
  new.changed_by := nullif(current_setting('app.subject', true), '');
  return new;
end
$$;

create function keep_version() returns trigger language plpgsql as $$
begin
  insert into record_versions
    (record_id, version, revision, kind, patient, content, created_at, updated_at, changed_by, ended_at, tenant)
  values
    (old.id, old.version, old.revision, case old.version when 1 then 'created' else 'amended' end, old.patient, old.content,
     old.created_at, old.updated_at, old.changed_by, now(), old.tenant)
  on conflict do nothing;
  if tg_op = 'UPDATE' then
    return null;
  end if;
  -- A reconciliation has brought the removal's own row before.
  if current_setting('warmstandby.keep_revision', true) = 'on' and exists (
    select from record_versions where record_id = old.id and kind = 'removed' and version > old.version
  ) then
    return null;
  end if;
  insert into record_versions
    (record_id, version, revision, kind, patient, created_at, updated_at, changed_by, ended_at, tenant)
  values
    (old.id, old.version + 1, new_revision(), 'removed', old.patient, old.created_at, now(),
     nullif(current_setting('app.subject', true), ''), now(), old.tenant);
  return null;
end
$$;
create trigger keep_version after update or delete on records for each row execute function keep_version();
`;
