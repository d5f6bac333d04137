-- Why somebody may see a record that is not theirs (a consent at the card reader, an emergency, a disaster), and what
-- the patient wishes. Reasons and notes are free text that people write, so they are kept sealed.

alter table viewing_grant add column basis text not null default 'card-reader';
alter table viewing_grant add column purpose text not null default 'TREAT';
alter table viewing_grant add column given_at bigint not null default 0;
-- Whoever may use an emergency's or a disaster's grant, and for which disaster.
alter table viewing_grant add column credential text;
alter table viewing_grant add column viewer text;
alter table viewing_grant add column disaster text;
alter table viewing_grant add column reason bytea;
-- The review afterwards, null until there is one.
alter table viewing_grant add column reviewed_at bigint;
alter table viewing_grant add column reviewed_by text;
alter table viewing_grant add column reviewer text;
alter table viewing_grant add column finding text;
alter table viewing_grant add column note bytea;
create index viewing_grant_institution on viewing_grant (institution, ends_at);
create index viewing_grant_holder on viewing_grant (credential, ends_at);
create index viewing_grant_id on viewing_grant (bucket, id);
create index viewing_grant_basis on viewing_grant (basis, institution);

-- What a patient wishes, one row per expression, never changed: the newest of a scope counts. `institution` is null
-- where the wish is for all.
create table wish (
    bucket bigint not null,
    person bytea not null,
    id bytea not null,
    institution text,
    groups text not null,
    stance text not null,
    source text not null,
    expressed_at bigint not null,
    primary key (bucket, person, id)
);

-- Disasters that an authority declared. `prefectures` are the first two digits of institution numbers.
create table disaster (
    id text not null primary key,
    name text not null,
    authority text not null,
    prefectures text not null,
    starts_at bigint not null,
    ends_at bigint not null,
    declared_at bigint not null,
    ended_at bigint
);
