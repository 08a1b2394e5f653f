// Events of one record are published in order, so the older ones of a record are looked for. And documents are removed with their
// record: the trigger queues that in the deletion's own transaction, also for the earlier version of the function.
//
// Each region removes the document from its own bucket, and does so three times. An upload that was signed just before the record
// was deleted begins within the 15 minutes of its URL, and 20 minutes later the second time is due. An upload that has begun by then
// goes on as long as it takes, and is caught a day later, as is a replica that comes late.
export default `
create index outbox_of_a_record on outbox (record_id, position);

-- The regions, each of which removes documents from its own bucket.
create table document_regions (
  region text primary key
);

create table document_removals (
  position  bigint generated always as identity primary key,
  record_id uuid not null,
  region    text not null,
  due_at    timestamptz(3) not null
);
create index document_removals_of_a_region on document_removals (region, due_at);

create function queue_document_removals() returns trigger language plpgsql as $$
begin
  insert into document_removals (record_id, region, due_at)
  select old.id, region, now() + delay
  from document_regions, unnest(array['0', '20 minutes', '1 day']::interval[]) delay;
  return old;
end
$$;
create trigger queue_document_removals after delete on records
for each row execute function queue_document_removals();
`;
