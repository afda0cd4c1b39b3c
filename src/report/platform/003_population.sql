-- Population at month ends, rounded, for BI tools.
CREATE SEQUENCE community.rollup_population_seq;
COMMENT ON SEQUENCE community.rollup_population_seq IS 'Numbers of rows of rollup_population. / 人口汇总行号序列。';

CREATE TABLE community.rollup_population (
    community_id bigint NOT NULL REFERENCES community.community (community_id),
    population_id bigint NOT NULL DEFAULT nextval('community.rollup_population_seq'),
    day date NOT NULL,
    grid_id bigint NOT NULL DEFAULT 0,
    residence_kind text NOT NULL,
    lives boolean NOT NULL,
    age_band text NOT NULL,
    sex text NOT NULL,
    persons integer NOT NULL,
    CONSTRAINT rollup_population_pkey PRIMARY KEY (community_id, population_id),
    CONSTRAINT rollup_population_cell_key UNIQUE (community_id, day, grid_id, residence_kind, lives, age_band, sex),
    CONSTRAINT rollup_population_persons_check CHECK (persons > 0)
);
COMMENT ON TABLE community.rollup_population IS 'Rounded population of each unit grid at month ends, as population_asof() gave it first. / 各单元网格月末人口（已取整），为首次统计结果。';
COMMENT ON COLUMN community.rollup_population.community_id IS 'Community in which the places lie. / 所在社区。';
COMMENT ON COLUMN community.rollup_population.population_id IS 'Key of the row. / 行键。';
COMMENT ON COLUMN community.rollup_population.day IS 'Last day of a month. / 月末日期。';
COMMENT ON COLUMN community.rollup_population.grid_id IS 'Unit grid version, 0 when the grid is unknown. / 单元网格版本，未知为 0。';
COMMENT ON COLUMN community.rollup_population.residence_kind IS 'registered, floating, overseas or workplace. / 居住类别。';
COMMENT ON COLUMN community.rollup_population.lives IS 'Whether they really live there. / 是否实际居住。';
COMMENT ON COLUMN community.rollup_population.age_band IS 'Years from-to, see age_band(). / 年龄段。';
COMMENT ON COLUMN community.rollup_population.sex IS 'male, female or unknown. / 性别。';
COMMENT ON COLUMN community.rollup_population.persons IS 'Persons, a multiple of the smallest group. / 人数，为最小组的倍数。';
