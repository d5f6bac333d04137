-- Notices: whom they are for, more than one by an act, and not always of a unit.
create table notice (
    bucket bigint not null,
    event bytea not null,
    topic text not null,
    sender text not null,
    recipients text not null,
    person bytea not null,
    unit bytea,
    created_at bigint not null,
    due_at bigint not null,
    attempts bigint not null,
    primary key (bucket, event, topic)
);
create index notice_due on notice (due_at);
insert into notice (bucket, event, topic, sender, recipients, person, unit, created_at, due_at, attempts)
    select bucket, id, topic, institution, '', person, unit, created_at, due_at, attempts from outbox;
drop table outbox;
