-- What the hub keeps. One text for SQLite, PostgreSQL and Citus: only bigint, text and bytea, no triggers, no
-- generated values. Every table that holds a patient's data begins with `bucket`, its keys hold it, and every
-- statement names it, so that the table can later be spread over servers without a change.

-- Facts about this database: the check value that ties it to its keyring.
create table meta (
    name text not null primary key,
    value bytea not null
);

-- Institutions and insurers that take part.
create table institution (
    number text not null primary key,
    name text not null,
    kind text not null
);

-- Credentials: only the hash of a token is kept.
create table token (
    id text not null primary key,
    hash bytea not null unique,
    name text not null,
    role text not null,
    institution text,
    person bytea,
    created_at bigint not null,
    ends_at bigint not null,
    revoked_at bigint
);

-- Insured numbers, each an attribute of a person for a period. Found by a keyed hash, kept sealed.
create table member (
    hash bytea not null primary key,
    person bytea not null,
    sealed bytea not null
);

-- A report unit (報告単位): one bundle, replaced as a whole by its key. `items` and `body` are sealed under the
-- unit's own data key.
create table unit (
    bucket bigint not null,
    person bytea not null,
    id bytea not null,
    member bytea not null,
    identifier_system text not null,
    identifier text not null,
    kind text not null,
    institution text not null,
    received_at bigint not null,
    event bytea not null,
    digest bytea not null,
    size bigint not null,
    dictionary bigint not null,
    items bytea not null,
    body bytea not null,
    primary key (bucket, person, id)
);
create unique index unit_key on unit (bucket, person, member, identifier_system, identifier);
create index unit_id on unit (bucket, id);

-- Wrapped data keys, apart from what they open: deleting the row disposes of the unit.
create table unit_data_key (
    bucket bigint not null,
    unit bytea not null,
    keyring_key bigint not null,
    wrapped bytea not null,
    primary key (bucket, unit)
);

-- Viewing grants: a patient lets an institution see groups of information for a time.
create table viewing_grant (
    bucket bigint not null,
    person bytea not null,
    id bytea not null,
    institution text not null,
    groups text not null,
    source text not null,
    starts_at bigint not null,
    ends_at bigint not null,
    revoked_at bigint,
    primary key (bucket, person, id)
);

-- The record of acts. `person` is null for acts that concern nobody.
create table event (
    bucket bigint not null,
    id bytea not null,
    person bytea,
    at bigint not null,
    act text not null,
    outcome text not null,
    institution text,
    body text not null,
    primary key (bucket, id)
);
create index event_person on event (bucket, person, at);
create index event_at on event (at);

-- Notices to send after the act is durable. `lease_until` is compare-and-set by the worker that takes one.
create table outbox (
    bucket bigint not null,
    id bytea not null,
    topic text not null,
    institution text not null,
    person bytea not null,
    unit bytea not null,
    created_at bigint not null,
    due_at bigint not null,
    attempts bigint not null,
    primary key (bucket, id)
);
create index outbox_due on outbox (due_at);
