-- What looked odd in the record of acts (警告). The bucket is that of whoever acted, so that what one account did lies
-- together; `about` is the person who was looked up, where the alert is about one.
create table alert (
    bucket bigint not null,
    id text not null,
    rule text not null,
    severity text not null,
    subject text not null,
    subject_name text not null,
    subject_role text not null,
    institution text,
    about bytea,
    raised_at bigint not null,
    closed_at bigint,
    closed_by text,
    closed_by_name text,
    note text,
    primary key (bucket, id)
);
create unique index alert_id on alert (id);
create index alert_open on alert (bucket, subject, rule, closed_at);

-- The acts that an alert rests on: each act counts once for a rule.
create table alert_look (
    bucket bigint not null,
    rule text not null,
    event bytea not null,
    alert text not null,
    at bigint not null,
    act text not null,
    person bytea,
    institution text,
    primary key (bucket, rule, event)
);
create index alert_look_of on alert_look (bucket, alert);

-- Persons whose every look-up is told (VIP), by one institution or (an empty number) the whole hub.
create table watched_person (
    bucket bigint not null,
    person bytea not null,
    institution text not null,
    made_by text not null,
    made_at bigint not null,
    primary key (bucket, person, institution)
);

-- Which patient the holder of an account is, where that is known: for looks at oneself and at colleagues.
create table staff_person (
    bucket bigint not null,
    person bytea not null,
    account text not null,
    made_by text not null,
    made_at bigint not null,
    primary key (bucket, person, account)
);
create unique index staff_person_of on staff_person (account);

-- From how many on an institution wants to be told.
create table alert_threshold (
    institution text not null,
    rule text not null,
    threshold bigint not null,
    primary key (institution, rule)
);

-- How far the record was watched.
create table alert_position (
    id bigint not null primary key,
    at bigint not null
);
