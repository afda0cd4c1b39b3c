-- What the demo keeps for itself, in a schema of its own: the facts it loads,
-- the streams it replays, how far it came, and what was refused or corrected.
-- Ordinary logged tables: after a crash the replay goes on where it stood.

CREATE SCHEMA demo;

CREATE TABLE demo.division (
    code text PRIMARY KEY,
    level int NOT NULL,
    name text NOT NULL,
    parent text
);

CREATE TABLE demo.place (
    kind text NOT NULL,
    code text NOT NULL,
    lon float8 NOT NULL,
    lat float8 NOT NULL,
    ord serial PRIMARY KEY
);

-- The cities of the report, in its order.
CREATE TABLE demo.city (
    source text PRIMARY KEY,
    ord int NOT NULL,
    code text NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    tz text NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    inset float8[],
    inset_name text,
    attribution text NOT NULL
);

-- One row to an event, in the order in which they are taken in.  Lanes of a
-- source share no community, so sessions may take them in side by side and the
-- case numbers come out the same.
CREATE TABLE demo.stream (
    source text NOT NULL,
    lane int NOT NULL DEFAULT 0,
    pos bigint NOT NULL,
    event_id text NOT NULL,
    again boolean NOT NULL DEFAULT false,   -- delivered before, word for word
    at timestamptz NOT NULL,
    case_ref text NOT NULL,
    event text NOT NULL,
    case_type text,
    lon float8,
    lat float8,
    channel text,
    into_ref text,
    description text,
    doc jsonb NOT NULL,
    PRIMARY KEY (source, lane, pos)
);

-- Which case a reference of the stream became.
CREATE TABLE demo.case_ref (
    source text NOT NULL,
    case_ref text NOT NULL,
    community_id bigint NOT NULL,
    case_id bigint NOT NULL,
    PRIMARY KEY (source, case_ref)
);
CREATE INDEX case_ref_case ON demo.case_ref (community_id, case_id);

-- Committed together with the events it counts.
CREATE TABLE demo.progress (
    source text NOT NULL,
    lane int NOT NULL,
    pos bigint NOT NULL DEFAULT 0,
    reports bigint NOT NULL DEFAULT 0,
    events bigint NOT NULL DEFAULT 0,
    repeated bigint NOT NULL DEFAULT 0,
    seconds numeric NOT NULL DEFAULT 0,
    PRIMARY KEY (source, lane)
);

-- What was not taken in, and why; by the platform or by a rule of the import.
CREATE TABLE demo.refused (
    source text NOT NULL,
    ref text NOT NULL,
    event text NOT NULL,
    reason text NOT NULL,
    message text NOT NULL,
    PRIMARY KEY (source, ref)
);

-- What was taken in after a correction, or with a remark; one row to a case and rule.
CREATE TABLE demo.noted (
    source text NOT NULL,
    ref text NOT NULL,
    rule text NOT NULL,
    detail text NOT NULL,
    PRIMARY KEY (source, ref, rule)
);

CREATE TABLE demo.rule (
    rule text PRIMARY KEY,
    text_en text NOT NULL,
    text_zh text NOT NULL
);

-- English names of case types whose own name is Chinese.
CREATE TABLE demo.type_name (
    name text PRIMARY KEY,
    name_en text NOT NULL
);
