-- Persons found to be one (名寄せ). A person's rows never move: a link joins two persons for reading, and taking it away
-- puts everything back where it was. A link is told from both its ends, each in its own bucket: `head` from the
-- person that was joined, `branch` from the one joined to. `parted` remembers, from both ends, a time in which two
-- persons were wrongly one. `origin` is `merged`, or `first-seen` for a number that was met while persons were one.
create table person_link (
    bucket bigint not null,
    person bytea not null,
    relation text not null,
    other bytea not null,
    origin text not null,
    since bigint not null,
    until bigint,
    primary key (bucket, person, relation, other, since)
);

-- Whoever joins or parts persons takes this one row first: links change one after the other.
create table person_link_turn (
    id bigint not null primary key,
    taken bigint not null
);
insert into person_link_turn (id, taken) values (1, 0);

create index member_person on member (person);

-- By what a person is found who has no card with them. `hash` is the keyed hash of birth date and sex, `bucket` its
-- first ten bits; name and address lie sealed, once for each way they were ever written.
create table demographic (
    bucket bigint not null,
    hash bytea not null,
    person bytea not null,
    variant bytea not null,
    sealed bytea not null,
    primary key (bucket, hash, person, variant)
);
create index demographic_person on demographic (person);
