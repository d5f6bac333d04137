-- What was put together for an inspection (検査資料一式), and how far it is: the archive comes last.
create table inspection_pack (
    scope text not null,
    id text not null,
    edition text not null,
    made_by text not null,
    made_by_name text not null,
    made_at bigint not null,
    steps bigint not null,
    done bigint not null,
    state text not null,
    sha256 text,
    archive bytea,
    primary key (scope, id)
);
create index inspection_pack_made on inspection_pack (scope, made_at);

-- Links by which an inspector reads a pack without an account. What is kept of the secret is its hash.
create table inspector_link (
    scope text not null,
    id text not null,
    secret bytea not null,
    pack text not null,
    reader text not null,
    made_by text not null,
    made_by_name text not null,
    made_at bigint not null,
    ends_at bigint not null,
    ended_at bigint,
    looks bigint not null,
    looked_at bigint,
    primary key (scope, id)
);
create unique index inspector_link_secret on inspector_link (secret);
create index inspector_link_of on inspector_link (scope, pack);

-- Acts of safety management are few among all: the extract of a pack does not go through the whole record.
create index event_safety on event (institution, at) where act = 'safety';
