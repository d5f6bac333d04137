-- Campaigns in which every right is confirmed or withdrawn (権利の棚卸し). No institution: the hub's own accounts.
create table access_review (
    id text not null primary key,
    name text not null,
    institution text,
    opened_by text not null,
    opened_by_name text not null,
    opened_at bigint not null,
    due text not null,
    ends_at bigint not null,
    closed_at bigint
);
create index access_review_of on access_review (institution, closed_at);

-- The rights as they stood when the campaign was opened, and what came of each.
create table access_review_right (
    review text not null,
    account text not null,
    login text not null,
    name text not null,
    role text not null,
    factors text not null,
    used_at bigint,
    state text not null,
    answered_by text,
    answered_by_name text,
    answered_at bigint,
    reason text,
    primary key (review, account)
);
