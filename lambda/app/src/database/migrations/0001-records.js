// Timestamps have milliseconds, the precision of JavaScript's: a cursor made from one is exact, so that no page skips or
// repeats a record. Content is json because jsonb reorders members and refuses some valid JSON; content must come back as it
// was sent, and no query searches it.
export default `
create table records (
  id         uuid primary key,
  patient    text not null,
  content    json not null,
  version    integer not null default 1 check (version > 0),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);
create index records_of_a_patient on records (patient, created_at, id);

create table idempotency_keys (
  subject      text not null,
  key          text not null,
  request_hash text not null,
  record_id    uuid not null,
  -- The record as it was answered; null when it has been deleted since, with its content.
  answer       json,
  created_at   timestamptz(3) not null default now(),
  primary key (subject, key)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);
create index idempotency_keys_of_a_record on idempotency_keys (record_id);

create table outbox (
  position    bigint generated always as identity primary key,
  id          uuid not null unique,
  kind        text not null,
  record_id   uuid not null,
  version     integer not null,
  occurred_at timestamptz(3) not null default now(),
  region      text not null
);

-- One row a region, written by the question whether that region's cluster takes writes.
create table write_probe (
  region     text primary key,
  written_at timestamptz(3) not null
);
`;
