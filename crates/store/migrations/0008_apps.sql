-- Apps: programs of vendors that institutions let in. A `backend` acts for its institution by itself, an `app` for
-- whoever opened it. `jwks` holds public keys only; redirect addresses and scopes are parted by spaces.
create table app (
    id text not null primary key,
    name text not null,
    institution text,
    kind text not null,
    jwks text,
    redirect_uris text not null,
    scopes text not null,
    made_by text not null,
    made_at bigint not null,
    ends_at bigint not null,
    ended_at bigint
);

-- What somebody let an app do, until the app has fetched its token: the hash of the code, once.
create table app_code (
    hash bytea not null primary key,
    app text not null,
    holder text not null,
    name text not null,
    role text not null,
    institution text,
    person bytea,
    patient bytea,
    scopes text not null,
    challenge text not null,
    redirect_uri text not null,
    ends_at bigint not null,
    used_at bigint
);
create index app_code_ends on app_code (ends_at);

-- Signed assertions that were taken, until they are past anyway: each is good once.
create table assertion_seen (
    hash bytea not null primary key,
    ends_at bigint not null
);
create index assertion_seen_ends on assertion_seen (ends_at);

-- Tokens lent to an app: which app, for whom, how far, and by which code. The others stay without.
alter table token add column app text;
alter table token add column holder text;
alter table token add column scopes text;
alter table token add column patient bytea;
alter table token add column code bytea;
create index token_code on token (code);
create index token_ends on token (ends_at);
