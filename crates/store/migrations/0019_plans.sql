-- Incidents (インシデント): what was opened, and the timeline. A row is written once and never changed or taken out; what
-- an incident has come to follows from its entries. `event` is the event that an entry is on record with.
create table incident (
    institution text not null,
    id text not null,
    title text not null,
    is_drill bigint not null,
    seen_at bigint not null,
    opened_at bigint not null,
    opened_by text not null,
    opened_by_name text not null,
    primary key (institution, id)
);
create index incident_newest on incident (institution, opened_at);
create table incident_entry (
    institution text not null,
    incident text not null,
    seq bigint not null,
    event bytea not null,
    kind text not null,
    about text not null,
    said text not null,
    who text not null,
    due text,
    happened_at bigint not null,
    at bigint not null,
    by_id text not null,
    by_name text not null,
    primary key (institution, incident, seq)
);

-- The plan for going on (BCP): every text a chapter ever had, and every version that somebody approved, as it was then.
create table plan_chapter (
    institution text not null,
    chapter text not null,
    version bigint not null,
    words text not null,
    at bigint not null,
    by_id text not null,
    by_name text not null,
    primary key (institution, chapter, version)
);
create table plan_approval (
    institution text not null,
    version bigint not null,
    chapters text not null,
    review_on text not null,
    at bigint not null,
    by_id text not null,
    by_name text not null,
    primary key (institution, version)
);
