#!/bin/bash
# The grid types on real data: the oracle's 2,772 codes, the division list of
# Ningbo, and row estimates on the events of Boston.
# database: copy
. "$(dirname "$0")/../lib/check.sh"

[ -f "$COMMUNITY_DATA/vectors/beidou_vectors.csv" ] || skip "no data in $COMMUNITY_DATA"
export PGOPTIONS="-c search_path=community,public"

psql_q -c "CREATE TABLE public.vector (lon float8, lat float8, level int, code text)" \
    -c "\\copy public.vector FROM '$COMMUNITY_DATA/vectors/beidou_vectors.csv' (FORMAT csv, HEADER)"
at_least 2772 "SELECT count(*) FROM public.vector" "codes of the oracle"
none "SELECT lon, lat, level, code, gridcell(lon, lat, level) FROM public.vector
       WHERE gridcell(lon, lat, level)::text <> code
          OR code::gridcell <> gridcell(lon, lat, level)
          OR gridcell_level(code::gridcell) <> level LIMIT 20" "the oracle disagrees"
none "SELECT lon, lat, level, code FROM public.vector
       WHERE gridcell(st_setsrid(st_makepoint(lon, lat), 4326), level)::text <> code LIMIT 20" \
    "the oracle disagrees with points"
none "SELECT code, up FROM public.vector, LATERAL (SELECT gridcell_parent(code::gridcell)::text AS up) s
       WHERE level > 1 AND up <> gridcell(lon, lat, level - 1)::text LIMIT 20" "a parent is not the cell above"

psql_q -c "CREATE TABLE public.ningbo (code text, level int, name text, parent text)" \
    -c "\\copy public.ningbo FROM '$COMMUNITY_DATA/divisions/ningbo_3302.csv' (FORMAT csv, HEADER)"
at_least 3000 "SELECT count(*) FROM public.ningbo" "divisions of Ningbo"
none "SELECT code, name FROM public.ningbo n, LATERAL (SELECT code::gridcode AS c) s
       WHERE gridcode_level(c) <> level OR rpad(c::text, 12, '0') <> code
          OR gridcode_parent(c)::bigint IS DISTINCT FROM (parent || '000')::bigint
          OR (level = 5 AND gridcode_community(c) <> code::bigint) LIMIT 20" "the division list disagrees"
none "SELECT code, name, kind FROM public.ningbo, LATERAL (SELECT gridcode_kind(code::gridcode) AS kind) s
       WHERE level = 4 AND (name LIKE '%街道' AND kind <> 'street' OR name LIKE '%镇' AND kind <> 'town'
          OR name LIKE '%乡' AND kind <> 'township')
          OR level = 5 AND (name LIKE '%村委会' AND kind = 'residential' OR name LIKE '%社区居委会' AND kind = 'village')" \
    "the kind disagrees with the name"

psql_q >/dev/null <<SQL
CREATE TABLE public.raw (c1 text, c2 text, c3 text, c4 text, c5 text, c6 text, c7 text, c8 text, c9 text, c10 text, c11 text,
    c12 text, c13 text, c14 text, c15 text, c16 text, c17 text, c18 text, lat float8, lon float8, c21 text);
\\copy public.raw FROM PROGRAM 'gzip -dc "$COMMUNITY_DATA/events/boston311_2015_h1.csv.gz"' (FORMAT csv, HEADER)
CREATE TABLE public.event AS SELECT row_number() OVER () AS id, gridcell(lon, lat, 8) AS cell FROM public.raw WHERE lat IS NOT NULL;
CREATE INDEX ON public.event (cell);
CREATE TABLE public.beat AS
SELECT cell FROM (SELECT DISTINCT gridcell_parent(cell, 5) AS cell FROM public.event) s WHERE gridcell_hash(cell) % 5 = 0;
CREATE INDEX ON public.beat (cell);
ANALYZE public.event, public.beat;
CREATE FUNCTION public.off(query text, factor float8) RETURNS text LANGUAGE plpgsql AS \$\$
DECLARE
    v_plan json;
    v_rows float8;
    v_count bigint;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO v_plan;
    EXECUTE format('SELECT count(*) FROM (%s) s', query) INTO v_count;
    v_rows := greatest((v_plan -> 0 -> 'Plan' ->> 'Plan Rows')::float8, 1);
    IF v_rows / greatest(v_count, 1) NOT BETWEEN 1 / factor AND factor THEN
        RETURN format('%s rows, %s expected', v_count, v_rows);
    END IF;
    RETURN NULL;
END \$\$;
-- A bin of the histogram holds about 450 rows, with 1,000 bins 45: a range of
-- fewer than three bins cannot be told better than its bins are even.
CREATE TABLE public.estimate AS
SELECT 100 AS bins, level, cell, n, public.off(format('SELECT FROM public.event WHERE cell <@ %L', cell), 2) AS off
  FROM (SELECT level, gridcell_parent(cell, level) AS cell, count(*) AS n FROM public.event, generate_series(1, 5) level
         GROUP BY 1, 2 HAVING count(*) >= 1600) s;
ALTER TABLE public.event ALTER cell SET STATISTICS 1000;
ANALYZE public.event;
INSERT INTO public.estimate
SELECT 1000, level, cell, n, public.off(format('SELECT FROM public.event WHERE cell <@ %L', cell), 2) AS off
  FROM (SELECT level, gridcell_parent(cell, level) AS cell, count(*) AS n FROM public.event, generate_series(1, 6) level
         GROUP BY 1, 2 HAVING count(*) >= 160) s;
ALTER TABLE public.event ALTER cell SET STATISTICS -1;
ANALYZE public.event;
SQL
at_least 50000 "SELECT count(*) FROM public.event" "events of Boston"
at_least 9 "SELECT count(*) FROM public.estimate WHERE bins = 100" "restrictions to estimate"
at_least 60 "SELECT count(*) FROM public.estimate WHERE bins = 1000" "restrictions to estimate"
none "SELECT bins, level, cell, n, off FROM public.estimate WHERE off IS NOT NULL" "restriction off by more than 2"
for query in "public.beat b JOIN public.event e ON e.cell <@ b.cell" "public.beat b JOIN public.event e ON b.cell @> e.cell" \
    "public.beat b JOIN public.event e ON b.cell && e.cell"; do
    none "SELECT off FROM public.off('SELECT FROM $query', 10) AS off
           WHERE off IS NOT NULL" "join off by more than 10: $query"
done
none "SELECT p FROM (SELECT b.cell, count(*) AS n FROM public.beat b JOIN public.event e ON e.cell <@ b.cell GROUP BY 1) a
        FULL JOIN (SELECT gridcell_parent(e.cell, 5) AS cell, count(*) AS p FROM event e GROUP BY 1) s ON s.cell = a.cell
       WHERE a.cell IS NOT NULL AND a.n IS DISTINCT FROM s.p" "the join finds other rows than the parents"
done_checking
