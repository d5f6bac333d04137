-- Machines and products that report what they measured (報告元), each by a key of its own. A key is taken once and never
-- again. Of what a machine reported the newest stands here; what that proved is in the table of evidence. A report is
-- kept only if it was made after the one before, so that none is taken twice.
create table reporter (
    id text not null primary key,
    institution text not null,
    name text not null,
    device text,
    thumbprint text not null,
    jwk text not null,
    ports text,
    administrators text,
    made_at bigint not null,
    made_by text not null,
    made_by_name text not null,
    ended_at bigint,
    jti text,
    reported_at bigint,
    received_at bigint,
    measured text
);
create unique index reporter_key on reporter (thumbprint);
create index reporter_of on reporter (institution, name);
