// A timeline is the time in which one server takes the writes. The first change on another server begins the next timeline, in the
// change's own transaction: a region that takes over cannot know what it lacks of the earlier one. The address of a server is
// that of its network interface; no two servers of one database share it, because the regions' networks are peered. The key
// "predecessor" lets concurrent changes begin one timeline only: the second waits for the first and finds its row.
//
// The default of outbox.timeline makes that so for every event, also for those of the earlier version of the function.
export default `
create table timelines (
  position    bigint generated always as identity primary key,
  id          uuid not null unique,
  server      text not null,
  -- The region of the server; null until its readiness probe has named it.
  region      text,
  predecessor uuid unique nulls not distinct references timelines (id),
  began_at    timestamptz(3) not null default now()
);

create function this_server() returns text language sql stable as $$
  select coalesce(host(inet_server_addr()), 'local') || ':' || coalesce(inet_server_port()::text, '')
$$;

create function current_timeline() returns uuid language plpgsql volatile as $$
declare
  newest timelines;
begin
  loop
    select * into newest from timelines order by position desc limit 1;
    if newest.server = this_server() then
      return newest.id;
    end if;
    insert into timelines (id, server, predecessor) values (gen_random_uuid(), this_server(), newest.id)
    on conflict (predecessor) do nothing;
  end loop;
end
$$;

alter table outbox add column timeline uuid;
alter table outbox alter column timeline set default current_timeline();
`;
