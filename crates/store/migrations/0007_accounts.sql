-- Accounts: one human being in one institution and one role (or a patient, or whoever runs the hub). Never shared.
create table account (
    id text not null primary key,
    login text not null unique,
    name text not null,
    role text not null,
    institution text,
    person bytea,
    state text not null,
    proofing text,
    made_by text not null,
    made_at bigint not null,
    ends_at bigint,
    used_at bigint,
    failures bigint not null,
    quiet_until bigint not null,
    excepted_until bigint
);
create index account_of on account (institution, state);

-- What an account proves itself with. `sealed` opens only with the keyring; an ended password stays, so that it is not
-- taken again.
create table factor (
    id text not null primary key,
    account text not null,
    kind text not null,
    label text not null,
    sealed bytea not null,
    step bigint not null,
    made_at bigint not null,
    used_at bigint,
    ended_at bigint
);
create index factor_of on factor (account);

-- Sessions of browsers: only the hash of the cookie is kept.
create table session (
    hash bytea not null primary key,
    id text not null unique,
    account text not null,
    device text,
    address text not null,
    agent text not null,
    factors text not null,
    made_at bigint not null,
    seen_at bigint not null,
    proved_at bigint not null,
    ends_at bigint not null,
    ended_at bigint
);
create index session_of on session (account, ended_at);

-- Leave to set up an account's factors, once: an invitation, or a recovery that an administrator opened.
create table invitation (
    hash bytea not null primary key,
    account text not null,
    made_by text not null,
    made_at bigint not null,
    ends_at bigint not null,
    used_at bigint
);

-- What a sign-in or an enrolment has come to between two requests; taken out when it is used.
create table ceremony (
    hash bytea not null primary key,
    kind text not null,
    account text,
    sealed bytea not null,
    ends_at bigint not null
);
