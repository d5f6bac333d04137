-- The life of units, and referrals on their way.

-- The key row is a unit's life: whether it is sent along with a referral, whether only what was extracted is left of
-- it, and when it must be looked at for disposal. Columns after a body would cost SQLite a walk over its pages.
alter table unit_data_key add column part_of bytea;
alter table unit_data_key add column is_reduced bigint not null default 0;
alter table unit_data_key add column review_at bigint not null default 253402207200000000;
create index unit_data_key_review on unit_data_key (review_at);
create index unit_data_key_part on unit_data_key (bucket, part_of);

-- A referral (診療情報提供書) on its way from its sender to its destination. The row outlives the document, so that the
-- sender can see how it ended; it holds nothing clinical.
create table referral (
    bucket bigint not null,
    person bytea not null,
    unit bytea not null,
    sender text not null,
    destination text not null,
    identifier text not null,
    state text not null,
    consent text,
    registered_at bigint not null,
    moved_at bigint not null,
    ends_at bigint not null,
    primary key (bucket, unit)
);
create index referral_person on referral (bucket, person);
create index referral_sender on referral (sender, moved_at);
create index referral_destination on referral (destination, moved_at);

-- Certificates of disposal: which unit's key was destroyed, when and why. The digest lets whoever has the document
-- show that it was this one.
create table disposal (
    bucket bigint not null,
    unit bytea not null,
    event bytea not null,
    kind text not null,
    institution text not null,
    digest bytea not null,
    reason text not null,
    at bigint not null,
    primary key (bucket, unit, event)
);
create index disposal_at on disposal (at);
