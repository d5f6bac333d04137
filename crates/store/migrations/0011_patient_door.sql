-- Who may act for another person (代理人), and since when, until when. What was checked, and the represented person's
-- name, are free text that people write, so they are kept sealed.
create table proxy (
    bucket bigint not null,
    person bytea not null,
    id bytea not null,
    account text not null,
    name text not null,
    relation text not null,
    represented bytea not null,
    evidence bytea not null,
    institution text,
    registered_by text not null,
    registrar text not null,
    starts_at bigint not null,
    ends_at bigint not null,
    ended_at bigint,
    ended_by text,
    ender text,
    primary key (bucket, person, id)
);
create index proxy_account on proxy (account);
create index proxy_institution on proxy (institution, starts_at);

-- What a patient asked about a look at their record, and the answer. A look is asked about once, and once again.
create table inquiry (
    bucket bigint not null,
    person bytea not null,
    id bytea not null,
    look bytea not null,
    round bigint not null,
    institution text,
    looked_by text not null,
    looker text not null,
    asked_by text not null,
    asker text not null,
    words bytea not null,
    asked_at bigint not null,
    due_at bigint not null,
    answered_at bigint,
    answered_by text,
    answerer text,
    answer bytea,
    primary key (bucket, person, id)
);
create unique index inquiry_look on inquiry (bucket, look, round);
create index inquiry_open on inquiry (institution, answered_at);
