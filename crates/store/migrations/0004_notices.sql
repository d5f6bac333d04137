-- Notices: whom they are for, more than one by an act, and not always of a unit. A worker turns each into
-- deliveries and removes it in one transaction; whoever removes it first has done it.
create table notice (
    bucket bigint not null,
    event bytea not null,
    topic text not null,
    sender text not null,
    recipients text not null,
    person bytea not null,
    unit bytea,
    created_at bigint not null,
    primary key (bucket, event, topic)
);
create index notice_created on notice (created_at);
insert into notice (bucket, event, topic, sender, recipients, person, unit, created_at)
    select bucket, id, topic, institution, '', person, unit, created_at from outbox;
drop table outbox;

-- Who asked to be told of what, and where. `interest` is a code of rules/topics.toml; the secret that signs is
-- wrapped by the keyring. `quiet_until` is when the endpoint may be tried again after it failed.
create table subscription (
    id bytea not null primary key,
    institution text,
    interest text not null,
    endpoint text not null,
    has_payload bigint not null,
    reason text not null,
    state text not null,
    error text,
    secret bytea not null,
    made_by text not null,
    made_at bigint not null,
    ends_at bigint,
    failures bigint not null,
    quiet_until bigint not null
);

-- What is sent to one endpoint: tried until it arrives or is given up. `due_at` is compare-and-set by the worker
-- that takes one.
create table delivery (
    bucket bigint not null,
    event bytea not null,
    topic text not null,
    subscription bytea not null,
    person bytea not null,
    unit bytea,
    created_at bigint not null,
    state text not null,
    due_at bigint not null,
    attempts bigint not null,
    answer text,
    settled_at bigint,
    primary key (bucket, event, topic, subscription)
);
create index delivery_due on delivery (subscription, state, due_at);
create index delivery_created on delivery (subscription, created_at);
