-- Pages of the record of acts that were closed: each holds the digest of its events and, keyed, of the page before it,
-- so that an event altered, taken out or put in later is found. The key is in the keyring, not in the database.
create table event_seal (
    seq bigint not null primary key,
    at bigint not null,
    newest bigint not null,
    events bigint not null,
    digest bytea not null,
    mac bytea not null
);
create table event_sealed (
    bucket bigint not null,
    event bytea not null,
    seal bigint not null,
    primary key (bucket, event)
);
create index event_sealed_of on event_sealed (seal);

-- What proved a control of the guideline, and for how long it holds. Append-only but for the mark of the newest of its
-- source. The scope is an institution, or 'hub' for what the hub proves of itself.
create table evidence (
    scope text not null,
    id bytea not null,
    control text not null,
    source text not null,
    kind text not null,
    verdict text not null,
    measured text not null,
    true_at bigint not null,
    received_at bigint not null,
    holds_until bigint not null,
    person text,
    person_name text,
    is_newest bigint not null,
    primary key (scope, id)
);
create index evidence_newest on evidence (scope, is_newest, control);
create index evidence_control on evidence (scope, control, received_at);

-- What a person answered to an item of the guideline: each answer a version, none is written over.
create table guideline_answer (
    scope text not null,
    item text not null,
    version bigint not null,
    answer text not null,
    target text,
    reason text,
    person text not null,
    person_name text not null,
    at bigint not null,
    is_newest bigint not null,
    primary key (scope, item, version)
);
create index guideline_answer_newest on guideline_answer (scope, is_newest);
