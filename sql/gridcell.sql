-- The BeiDou grid location code: text, numbers, places, containment.
SET search_path = community, public;
SET extra_float_digits = 0;
-- refusal(statement): what an error says
CREATE FUNCTION pg_temp.refusal(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_detail text;
    v_hint text;
BEGIN
    EXECUTE statement;
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL, v_hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', SQLSTATE, SQLERRM, NULLIF(v_detail, ''), NULLIF(v_hint, ''));
END $$;
-- the standard's own example, levels 1 to 8, and on to 10
SELECT l AS level, gridcell(116 + 18 / 60.0 + 45.37 / 3600, 39 + 59 / 60.0 + 35.38 / 3600, l) AS cell
  FROM generate_series(1, 10) l;
SELECT c AS code, c::gridcell = c::gridcell::text::gridcell AS same, gridcell_level(c::gridcell) AS level
  FROM unnest('{N50J,N50J47,N50J475,N50J47539,N50J47539B8,N50J47539B82,N50J47539B8255,N50J47539B825534}'::text[]) c;
-- all hemispheres: digits count away from the equator and the prime meridian
SELECT lon, lat, gridcell(lon, lat, 10) AS cell
  FROM (VALUES (116.3, 39.9), (-116.3, 39.9), (116.3, -39.9), (-116.3, -39.9),
               (0, 0), (-1e-12, -1e-12), (180, 0), (-180, 0), (6, 4), (-6, -4), (179.999999999, 87.999999999),
               (-0.0, -0.0), (5.9999999999999991, 3.9999999999999996)) v(lon, lat);
-- an exact corner belongs to the cell that begins there
SELECT bool_and(gridcell(x / 3600.0, y / 3600.0, 5) = gridcell((x + 2) / 3600.0, (y + 2) / 3600.0, 5)) AS corners
  FROM generate_series(0, 72000, 4) x, LATERAL (SELECT (x * 7) % 300000 / 4 * 4 AS y) s;
-- what is no code
SELECT code, pg_temp.refusal(format('SELECT %L::community.gridcell', code)) AS refusal
  FROM unnest(ARRAY['', 'N', 'n50J', 'X50J', 'N5', 'N50', 'N00J', 'N61J', 'N6AJ', 'NA0J', 'N50W', 'N50j', 'N500',
                    'N50J4', 'N50JC0', 'N50J08', 'N50J476', 'N50J475F0', 'N50J4750A', 'N50J47500F0', 'N50J475000F',
                    'N50J47500004', 'N50J475000008', 'N50J4750000080', 'N50J4750000008', 'N50J47500000777777780',
                    'N50J475000007777777', 'N50J47500000777777777', ' N50J', 'N50J ', '北京']) WITH ORDINALITY u(code, n)
 ORDER BY n;
-- what is no place
SELECT place, pg_temp.refusal(format('SELECT community.gridcell(%s)', place)) AS refusal
  FROM unnest(ARRAY['0, 88, 5', '0, -88, 5', '0, 87.99999999999999, 10', '0, 90, 5', '0, 90.1, 5', '0, -91, 5', '180.0000001, 0, 5', '-181, 0, 5',
                    $$'NaN', 0, 5$$, $$0, 'NaN', 5$$, $$'Infinity', 0, 5$$, $$'-Infinity', 0, 5$$,
                    $$0, 'Infinity', 5$$, $$0, '-Infinity', 5$$, '0, 0, 0', '0, 0, 11', '0, 0, -1', '0, 0, 2147483647', '0, 0, -2147483648'])
       WITH ORDINALITY u(place, n) ORDER BY n;
SELECT gridcell(NULL, 0, 5), gridcell(0, NULL, 5), gridcell(0, 0, NULL), gridcell(NULL::geometry, 5);
-- points
SELECT gridcell(st_setsrid(st_makepoint(116.3126, 39.9932), 4326), 5) AS wgs84,
       gridcell(st_setsrid(st_makepoint(116.3126, 39.9932), 4490), 5) AS cgcs2000,
       gridcell(st_setsrid(st_makepoint(116.3126, 39.9932, 7, 8), 4326), 5) AS zm,
       gridcell('SRID=4326;POINT EMPTY', 5) IS NULL AS empty;
SELECT g AS geometry, pg_temp.refusal(format('SELECT community.gridcell(%L::geometry, 5)', g)) AS refusal
  FROM unnest(ARRAY['POINT(116 39)', 'SRID=3857;POINT(116 39)', 'SRID=4326;LINESTRING(116 39,117 40)',
                    'SRID=4326;MULTIPOINT(116 39)', 'SRID=4326;POLYGON EMPTY', 'SRID=4326;POINT(116 89)', 'SRID=4326;POINT(200 39)']) WITH ORDINALITY u(g, n) ORDER BY n;
CREATE TEMP TABLE place AS
SELECT st_setsrid(st_makepoint(i * 0.0178 - 178, i * 0.0087 - 87), 4326) AS geom FROM generate_series(1, 20000) i;
SELECT count(*) FILTER (WHERE gridcell(geom, 7) = gridcell(st_x(geom), st_y(geom), 7)) AS same FROM place;
-- numbers
SELECT 0::bigint::gridcell AS first, 3498803120965872719::gridcell AS last, 'N50J475'::gridcell::bigint AS rank,
       2300875368901::gridcell AS some;
SELECT n, pg_temp.refusal(format('SELECT (%L::bigint)::community.gridcell', n)) AS refusal
  FROM unnest('{-1,3498803120965872720,9223372036854775807,-9223372036854775808}'::text[]) WITH ORDINALITY u(n, o) ORDER BY o;
-- binary form: the number, checked on the way in
SELECT gridcell_send('N50J47539B8') = int8send('N50J47539B8'::gridcell::bigint) AS binary;
CREATE TEMP TABLE wire (cell gridcell);
CREATE FUNCTION pg_temp.receive(bytes text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('COPY wire FROM PROGRAM %L (FORMAT binary)', format(
        E'printf ''PGCOPY\\n\\377\\r\\n\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\1%s\\377\\377''', bytes));
    RETURN (SELECT string_agg(cell::text, ',') FROM wire);
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ': ' || SQLERRM;
END $$;
SELECT pg_temp.receive('\0\0\0\10\0\0\0\0\0\0\0\1') AS good;
SELECT pg_temp.receive('\0\0\0\10\377\377\377\377\377\377\377\377') AS negative;
SELECT pg_temp.receive('\0\0\0\10\177\377\377\377\377\377\377\377') AS beyond;
SELECT pg_temp.receive('\0\0\0\4\0\0\0\1') AS short;
SELECT pg_temp.receive('\0\0\0\11\0\0\0\0\0\0\0\1\1') AS long;
-- levels and parents
SELECT gridcell_parent('N50J47539B8255') AS parent, gridcell_parent('N50J') AS none,
       gridcell_parent('N50J47539B8255', 3) AS above, gridcell_parent('N50J47539B8255', 7) AS itself,
       gridcell_parent('N50J47539B8255', 8) AS finer, gridcell_parent('N50J', 1) AS zone;
SELECT pg_temp.refusal($$SELECT community.gridcell_parent('N50J47'::community.gridcell, 0)$$),
       pg_temp.refusal($$SELECT community.gridcell_parent('N50J47'::community.gridcell, 11)$$);
SELECT gridcell_first('N50J475'), gridcell_last('N50J475'), gridcell_ancestors('N50J47539B8');
-- containment
SELECT a, b, a @> b AS contains, a <@ b AS contained, a && b AS overlaps
  FROM (VALUES ('N50J475'::gridcell, 'N50J47539B8'::gridcell), ('N50J47539B8', 'N50J475'), ('N50J475', 'N50J475'),
               ('N50J475', 'N50J474'), ('N50J475', 'N50J47'), ('N50J', 'S50J47'), ('N50J', 'N50K')) v(a, b);
-- geometry: the very bytes of ST_MakeEnvelope and ST_MakePoint
SELECT st_astext(gridcell_geometry('N50J47539B8'), 9), st_astext(gridcell_centroid('N50J47539B8'), 9),
       st_srid(gridcell_geometry('N50J47539B8')), st_isvalid(gridcell_geometry('S01V'));

-- 200,000 cells of all levels, everywhere, and what must hold for each
CREATE TEMP TABLE cell AS
SELECT i, coalesce(gridcell_parent(c, 1 + i % 10), c) AS c
  FROM (SELECT i, ((hashint8extended(i, 42) & 9223372036854775807) % 3498803120965872720)::gridcell AS c
          FROM generate_series(1, 200000) i) s;
SELECT gridcell_level(c) AS level, count(*) > 1000 AS enough, bool_and(length(c::text) = (ARRAY[4, 6, 7, 9, 11, 12, 14, 16, 18, 20])[gridcell_level(c)]) AS length
  FROM cell GROUP BY 1 ORDER BY 1;
-- there and back
SELECT bool_and(c::text::gridcell = c) AS text, bool_and(c::bigint::gridcell = c) AS number,
       bool_and(gridcell(gridcell_centroid(c), gridcell_level(c)) = c) AS centre FROM cell;
-- the order of values is the byte order of codes
SELECT count(*) FROM (SELECT c, lag(c) OVER (ORDER BY c::text COLLATE "C") AS before FROM cell) s WHERE before > c;
-- parents are prefixes
SELECT count(*) FROM cell
 WHERE gridcell_parent(c)::text IS DISTINCT FROM left(c::text, (ARRAY[NULL, 4, 6, 7, 9, 11, 12, 14, 16, 18])[gridcell_level(c)])
    OR gridcell_ancestors(c) <> (SELECT array_agg(gridcell_parent(c, l) ORDER BY l) FROM generate_series(1, gridcell_level(c)) l);
-- descendants are exactly the range: numbers around both ends of it
CREATE TEMP TABLE pair AS
SELECT c, d::gridcell AS d
  FROM cell, LATERAL (VALUES (c::bigint - 1), (c::bigint), (c::bigint + 1), (gridcell_last(c)::bigint), (gridcell_last(c)::bigint + 1),
       (c::bigint + (hashint8extended(i, 7) & 9223372036854775807) % (gridcell_last(c)::bigint - c::bigint + 1))) v(d)
 WHERE d BETWEEN 0 AND 3498803120965872719;
SELECT count(*) > 1000000 AS enough, count(*) FILTER (WHERE c @> d) > 400000 AS inside, count(*) FILTER (WHERE NOT c @> d) > 400000 AS outside,
       bool_and((c @> d) = (d BETWEEN gridcell_first(c) AND gridcell_last(c))) AS range,
       bool_and((c @> d) = (starts_with(d::text, c::text))) AS prefix,
       bool_and((c @> d) = (d <@ c)) AS contained,
       bool_and((c && d) = (c @> d OR d @> c)) AS overlaps FROM pair;
-- the rectangle is that of PostGIS, byte for byte, and holds the centre
SELECT count(*) FILTER (WHERE g::bytea <> st_makeenvelope(st_xmin(g), st_ymin(g), st_xmax(g), st_ymax(g), 4326)::bytea
                           OR p::bytea <> st_setsrid(st_makepoint(st_x(p), st_y(p)), 4326)::bytea
                           OR NOT st_intersects(g, p) OR NOT g ~ p) AS different,
       count(*) FILTER (WHERE gridcell(st_x(p), st_y(p), 10) <@ c) = count(*) AS inside
  FROM (SELECT c, gridcell_geometry(c) AS g, gridcell_centroid(c) AS p FROM cell WHERE i % 4 = 0) s;
-- children fill their parent
SELECT gridcell_level(p) AS level, count(*) AS children,
       st_area(gridcell_geometry(p))::numeric(20, 9) - sum(st_area(gridcell_geometry(c)))::numeric(20, 9) AS gap,
       st_xmin(gridcell_geometry(p)) = min(st_xmin(gridcell_geometry(c))) AND st_ymax(gridcell_geometry(p)) = max(st_ymax(gridcell_geometry(c))) AS edges
  FROM (VALUES ('N50J'::gridcell), ('S23B47'), ('N12D113'), ('S50J47539'), ('N50J47539B8'), ('N50J47539B82')) v(p)
  CROSS JOIN LATERAL (SELECT span / n AS t, n FROM (SELECT gridcell_last(p)::bigint - p::bigint AS span,
       (ARRAY[96, 6, 150, 225, 4, 64])[gridcell_level(p)] AS n) s) k
  CROSS JOIN LATERAL (SELECT (p::bigint + 1 + i * t)::gridcell AS c FROM generate_series(0, n - 1) i) children
 GROUP BY p ORDER BY 1;
-- binary, 200,000 cells
SELECT current_setting('data_directory') || '/community_regress_gridcell' AS file \gset
COPY (SELECT c FROM cell ORDER BY i) TO :'file' (FORMAT binary);
CREATE TEMP TABLE back (c gridcell, n int GENERATED ALWAYS AS IDENTITY);
COPY back (c) FROM :'file' (FORMAT binary);
COPY (SELECT 1) TO PROGRAM 'rm "$(pwd)/community_regress_gridcell"';
SELECT count(*), bool_and(back.c = cell.c) AS same FROM back JOIN cell ON cell.i = back.n;

-- hashes: no more collisions than chance, on packed neighbours
SELECT count(*) - count(DISTINCT gridcell_hash(c)) < 50 AS hash32, count(*) = count(DISTINCT gridcell_hash_extended(c, 0)) AS hash64,
       count(*) = count(DISTINCT gridcell_hash_extended(c, 8)) AS seeded, bool_and(gridcell_hash_extended(c, 0) <> gridcell_hash_extended(c, 8)) AS other,
       bool_and((gridcell_hash_extended(c, 0) & 4294967295) = (gridcell_hash(c)::bigint & 4294967295)) AS low_half,
       count(DISTINCT gridcell_hash(c) & 1023) AS buckets
  FROM (SELECT gridcell(121 + x * 0.001, 29 + y * 0.001, 8) AS c FROM generate_series(0, 447) x, generate_series(0, 446) y) s;
SELECT count(*) FROM (SELECT c FROM cell GROUP BY c) s;
SELECT count(*) FROM (SELECT DISTINCT c::bigint FROM cell) s;

-- classes: every access method finds the same rows
CREATE TABLE t (c gridcell);
INSERT INTO t SELECT c FROM cell ORDER BY c;
CREATE INDEX t_btree ON t USING btree (c);
CREATE INDEX t_hash ON t USING hash (c);
CREATE INDEX t_brin ON t USING brin (c) WITH (pages_per_range = 4);
VACUUM ANALYZE t;
SELECT amname, opcname, opcdefault FROM pg_opclass JOIN pg_am a ON a.oid = opcmethod
 WHERE opcintype = 'gridcell'::regtype ORDER BY 1, 2;
SELECT opcname, amvalidate(oid) FROM pg_opclass WHERE opcintype = 'gridcell'::regtype ORDER BY 1;
SELECT count(*) FROM (SELECT c, lag(c) OVER (ORDER BY c DESC) AS before FROM t) s WHERE before < c;
SELECT count(*) FROM t WHERE c <@ 'N50J';
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SET enable_indexonlyscan = off;
EXPLAIN (COSTS OFF) SELECT count(*) FROM t WHERE c = 'N50J';
SELECT count(*) FROM t WHERE c <@ 'N50J';
RESET enable_bitmapscan;
DROP INDEX t_btree, t_hash;
EXPLAIN (COSTS OFF) SELECT count(*) FROM t WHERE c <@ 'N50J';
SELECT count(*) FROM t WHERE c <@ 'N50J';
PREPARE brin(gridcell) AS SELECT count(*) FROM t WHERE c <@ $1;
SET plan_cache_mode = force_generic_plan;
EXPLAIN (COSTS OFF) EXECUTE brin('N50J');
EXECUTE brin('N50J');
DROP TABLE t;
-- the comparisons may run below a security barrier
SELECT count(*) FILTER (WHERE NOT proleakproof) AS leaky, count(*) FROM pg_operator o JOIN pg_proc p ON p.oid = o.oprcode
 WHERE oprleft = 'gridcell'::regtype AND oprright = 'gridcell'::regtype;
