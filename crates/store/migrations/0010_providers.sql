-- Identity providers (OpenID Connect): of an institution for its own people, or of a place that vouches for patients.
-- `sealed` is what the hub proves itself to the provider with, and opens only with the keyring; `terms` is written by
-- `identity`: what the provider must show of a sign-in.
create table provider (
    id text not null primary key,
    kind text not null,
    institution text,
    name text not null,
    issuer text not null,
    client_id text not null,
    sealed bytea not null,
    terms text not null,
    made_by text not null,
    made_at bigint not null,
    ended_at bigint
);

-- One subject, one account: the label of an identity that another vouches for is the hash of provider and subject.
create unique index factor_subject on factor (label) where kind = 'oidc' and ended_at is null;
