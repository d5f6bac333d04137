-- Registers (台帳) of an institution: rows as they stand. `name` is what a row is called, `folded` what is searched,
-- `due` an ISO date (9999-12-31 where nothing is due or the row is over), `cells` its fields as JSON.
create table register_row (
    institution text not null,
    register text not null,
    id text not null,
    version bigint not null,
    name text not null,
    folded text not null,
    state text not null,
    is_over bigint not null,
    due text not null,
    cells text not null,
    made_at bigint not null,
    made_by text not null,
    made_by_name text not null,
    changed_at bigint not null,
    changed_by text not null,
    changed_by_name text not null,
    primary key (institution, register, id)
);
create index register_row_order on register_row (institution, register, is_over, due, name, id);
create index register_row_name on register_row (institution, register, name);

-- Every version a row ever had: appended to, never changed.
create table register_version (
    institution text not null,
    register text not null,
    id text not null,
    version bigint not null,
    state text not null,
    cells text not null,
    deed text not null,
    note text not null,
    at bigint not null,
    by_id text not null,
    by_name text not null,
    primary key (institution, register, id, version)
);
