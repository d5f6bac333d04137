-- What an institution's own system (SCIM) calls an account: each institution has names of its own.
create table external_name (
    account text not null primary key,
    institution text not null,
    external_id text not null
);
create index external_name_of on external_name (institution, external_id);

-- Approved exceptions: until when an account may do with a password alone, and why. The one in force also stands with
-- its account, as `excepted_until`.
create table password_exception (
    id text not null primary key,
    account text not null,
    reason text not null,
    made_by text not null,
    made_by_name text not null,
    made_at bigint not null,
    ends_at bigint not null
);
create index password_exception_of on password_exception (account, made_at);
