-- Institutions as the destination look-up needs them: folded copies of what people search by, and the days between
-- which each uses the service. Days are ISO dates, so that they compare as text.
alter table institution add column kana text not null default '';
alter table institution add column phone text not null default '';
alter table institution add column postcode text not null default '';
alter table institution add column address text not null default '';
alter table institution add column departments text not null default '';
alter table institution add column vendor text;
alter table institution add column uses_from text;
alter table institution add column uses_until text;
alter table institution add column ended_on text;
alter table institution add column successor text;
alter table institution add column folded_name text not null default '';
alter table institution add column folded_kana text not null default '';
alter table institution add column phone_digits text not null default '';
alter table institution add column postcode_digits text not null default '';
alter table institution add column folded_address text not null default '';

-- Whoever took part before there was a master uses the service.
update institution set uses_from = '0001-01-01', folded_name = name;

-- Versions of the masters: code tables, the table of lab items, the institutions.
create table master_version (
    kind text not null,
    version text not null,
    valid_from text not null,
    imported_at bigint not null,
    imported_by text not null,
    digest bytea not null,
    columns text not null,
    count_of_rows bigint not null,
    primary key (kind, version)
);

-- The rows of a version, in the order of the file. `cells` holds all of the file's columns as a JSON array.
create table master_row (
    kind text not null,
    version text not null,
    place bigint not null,
    code text not null,
    display text not null,
    valid_from text,
    valid_to text,
    cells text not null,
    primary key (kind, version, place)
);
create index master_row_code on master_row (kind, version, code);

-- How far the judging of stored units by a version of a master has come, so that it can go on after a stop.
create table revalidation (
    kind text not null,
    version text not null,
    state text not null,
    primary key (kind, version)
);
