#!/bin/bash
# Datums and numbers agree with the rows of independent implementations.
# database: copy
. "$(dirname "$0")/../lib/check.sh"
vectors=$COMMUNITY_DATA/vectors
[ -d "$vectors" ] || skip "no data in $COMMUNITY_DATA"

psql_q <<'EOF'
CREATE TABLE public.gcj_bd (wgs_lon float8, wgs_lat float8, gcj_lon float8, gcj_lat float8, bd_lon float8, bd_lat float8);
CREATE TABLE public.pair (adcode text, gcj_lon float8, gcj_lat float8, wgs_lon float8, wgs_lat float8);
CREATE TABLE public.number (kind text, number text);
EOF
psql_q -c "COPY public.gcj_bd FROM STDIN (FORMAT csv, HEADER)" <"$vectors/gcj_bd_vectors.csv"
psql_q -c "COPY public.pair FROM STDIN (FORMAT csv, HEADER)" <"$vectors/gcj02_wgs84_pairs.csv"
psql_q -c "COPY public.number FROM STDIN (FORMAT csv, HEADER)" <"$vectors/id_vectors.csv"
at_least 1500 "SELECT count(*) FROM public.gcj_bd" "datum vectors"
at_least 700 "SELECT count(*) FROM public.pair" "boundary vertices"
at_least 300 "SELECT count(*) FROM public.number" "numbers"

psql_q <<'EOF'
SET search_path = community, public;
CREATE TABLE public.shifted AS
SELECT 'gcj_bd' AS source, ST_SetSRID(ST_MakePoint(wgs_lon, wgs_lat), 4326) AS w, ST_SetSRID(ST_MakePoint(gcj_lon, gcj_lat), 4326) AS g,
       ST_SetSRID(ST_MakePoint(bd_lon, bd_lat), 4326) AS b FROM public.gcj_bd
UNION ALL
SELECT 'pair', ST_SetSRID(ST_MakePoint(wgs_lon, wgs_lat), 4326), ST_SetSRID(ST_MakePoint(gcj_lon, gcj_lat), 4326), NULL FROM public.pair;
EOF
far() { # far EXPRESSION TRUTH TITLE: rows further than 1e-8 degree apart
    none "SET search_path = community, public;
        SELECT source, ST_AsText(w), ST_Distance($1, $2) FROM public.shifted WHERE ST_Distance($1, $2) > 1e-8 LIMIT 5" "$3"
}
far "to_gcj02(w)" g "WGS84 to GCJ-02"
far "from_gcj02(g)" w "GCJ-02 to WGS84"
far "from_datum(g, 'gcj02')" w "GCJ-02 by name"
far "to_bd09(w)" b "WGS84 to BD-09"
far "from_bd09(b)" w "BD-09 to WGS84"
far "from_datum(b, 'bd09')" w "BD-09 by name"

none "SELECT kind, number FROM public.number
       WHERE NOT CASE kind WHEN 'resident_id' THEN community.resident_id_valid(number) WHEN 'uscc' THEN community.credit_code_valid(number)
                 WHEN 'luhn' THEN community.luhn_valid(number) ELSE false END" "valid numbers that are refused"
none "SELECT n.kind, v.variant
        FROM public.number n, generate_series(1, length(number)) p, unnest(string_to_array('0123456789X', NULL)) c,
             LATERAL (SELECT overlay(number PLACING c FROM p FOR 1) AS variant) v
       WHERE v.variant <> number
         AND CASE kind WHEN 'resident_id' THEN community.resident_id_valid(variant) WHEN 'uscc' THEN community.credit_code_valid(variant)
                 ELSE community.luhn_valid(variant) END LIMIT 10" "numbers with one wrong digit that are accepted"
none "SELECT number, community.resident_id_birth(number), community.resident_id_sex(number) FROM public.number
       WHERE kind = 'resident_id'
         AND (to_char(community.resident_id_birth(number), 'YYYYMMDD') <> substr(number, 7, 8)
              OR (community.resident_id_sex(number) = 'male') <> (substr(number, 17, 1)::int % 2 = 1))" "birth and sex"
done_checking
