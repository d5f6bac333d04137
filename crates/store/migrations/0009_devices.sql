-- Terminals that an institution knows: its own, and its people's (BYOD). `key` is what a terminal proves itself with: the
-- hash of its secret, or of its client certificate. `code` lets a terminal take its secret, once.
create table device (
    id text not null primary key,
    institution text not null,
    label text not null,
    kind text not null,
    owner text,
    key bytea unique,
    code bytea unique,
    code_ends_at bigint,
    conditions bigint,
    asked_at bigint not null,
    asked_by text not null,
    approved_at bigint,
    approved_by text,
    ends_at bigint,
    ended_at bigint
);
create index device_of on device (institution);
create index device_owner on device (owner);

-- Sign-ins and sessions on terminals that nobody knows, until somebody has looked at them.
create table device_finding (
    id text not null primary key,
    kind text not null,
    institution text,
    account text not null,
    address text not null,
    agent text not null,
    network text not null,
    times bigint not null,
    first_at bigint not null,
    last_at bigint not null,
    resolved_at bigint,
    resolved_by text
);
create index device_finding_of on device_finding (institution, resolved_at);
create index device_finding_account on device_finding (account, resolved_at);

-- What an institution does with terminals it does not know; the usual where it says nothing.
create table unregistered_devices (
    institution text not null primary key,
    choice text not null
);

-- The kind of network that a session began in.
alter table session add column network text not null default 'open';
