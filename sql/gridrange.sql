-- Ranges and multiranges of cells and codes, and areas of cells.
SET search_path = community, public;
-- the canonical form is closed
SELECT r AS written, r::gridcellrange AS range, isempty(r::gridcellrange) AS empty
  FROM unnest('{"[N50J,N50J47]","(N50J,N50J47)","[N50J,N50J)","(N50J,N50J00)","[N01A,N01A]","[N01A,N01A)","(,N50J)","[N50J,)",
               "(S60VB75E9EE377777777,)","[S60VB75E9EE377777777,S60VB75E9EE377777777]","[,]",empty}'::text[]) WITH ORDINALITY u(r, n) ORDER BY n;
SELECT r AS written, r::gridcoderange AS range
  FROM unnest('{"[33,3302]","(33,3302)","[3302,3303)","(3302,3303)","(330203001001,330203001002)","(3302,3302)","(999999999999999,)","(,10)"}'::text[]) WITH ORDINALITY u(r, n) ORDER BY n;
SELECT '(N50J47,N50J]'::gridcellrange;
SELECT '[N50J47,N50J]'::gridcellrange;
SELECT gridcell_range('N50J475'), gridcell_range('S60VB75E9EE377777777'), gridcode_range('330203'), gridcode_range('441900003');
-- neighbours join, since nothing lies between
SELECT multirange(gridcell_range('N50J470')) + multirange(gridcell_range('N50J471')) AS joined,
       multirange(gridcode_range('330203')) + multirange(gridcode_range('330204')) AS codes,
       multirange(gridcode_range('330203001001999')) + multirange(gridcode_range('330203001002')) AS carried,
       gridcell_range('N50J470') -|- gridcell_range('N50J471') AS adjacent,
       gridcell_range('N50J470') -|- gridcell_range('N50J472') AS apart;
-- GiST on ranges
CREATE TABLE zone AS
SELECT i AS id, gridcell_range(gridcell(121 + i % 100 * 0.01, 29 + i / 100 * 0.01, 5)) AS area FROM generate_series(0, 9999) i;
CREATE INDEX ON zone USING gist (area);
ANALYZE zone;
SET enable_seqscan = off;
EXPLAIN (COSTS OFF) SELECT id FROM zone WHERE area @> gridcell(121.555, 29.555, 10);
SELECT id FROM zone WHERE area @> gridcell(121.5503, 29.5503, 10);
SELECT count(*) FROM zone WHERE area <@ gridcell_range('N51H33');
RESET enable_seqscan;
SELECT count(*) FROM zone WHERE lower(area) <@ 'N51H33'::gridcell;
-- no two ranges of one holder may meet
CREATE TABLE duty (holder int, area gridcellrange, EXCLUDE USING gist (holder WITH =, area WITH &&));
INSERT INTO duty VALUES (1, gridcell_range('N51H33')), (2, gridcell_range('N51H3344233')), (1, gridcell_range('N51H34'));
INSERT INTO duty VALUES (1, gridcell_range('N51H3344233'));
-- the canonical form of an open range finds the next and the last code: no valid code lies between
WITH bound AS (SELECT c, lower(gridcoderange(c, NULL, '()')) AS next, upper(gridcoderange(NULL, c, '()')) AS before
                 FROM unnest('{33,3302,330203,330203001,330203001001,330203001001001,330203001001999,330203001999999,330203999999999,
                              330299999999999,339999999999999,441900003,441900003999999,441900999999999}'::gridcode[]) c)
SELECT c, before, next FROM bound ORDER BY c;

-- areas. children(c): all cells one level down
CREATE FUNCTION pg_temp.children(p gridcell) RETURNS gridcellmultirange LANGUAGE sql IMMUTABLE AS $$
    SELECT range_agg(gridcell_range((p::bigint + 1 + i * t)::gridcell))
      FROM (SELECT (gridcell_last(p)::bigint - p::bigint) / n AS t, n
              FROM (SELECT (ARRAY[96, 6, 150, 225, 4, 64, 64, 64, 64])[gridcell_level(p)] AS n) s) s,
           generate_series(0, n - 1) i $$;
-- all children together are the parent, at every level; by ranks alone they are not
SELECT gridcell_level(p) AS level, gridcell_area_set(pg_temp.children(p)) = multirange(gridcell_range(p)) AS set,
       gridcell_area_equals(pg_temp.children(p), multirange(gridcell_range(p))) AS equals,
       pg_temp.children(p) = multirange(gridcell_range(p)) AS ranks, p <@ gridcell_area_set(pg_temp.children(p)) AS contained
  FROM unnest('{N50J,S23B47,N12D113,S50J47539,N50J47539B8,N50J47539B82,N50J47539B8255,N50J47539B825534,N50J47539B82553461}'::gridcell[]) p ORDER BY 1;
-- a parent minus one child: neither the child nor the parent is left
SELECT gridcell_level(p) AS level, area, p <@ area AS parent, child <@ area AS child,
       gridcell_area_union(area, multirange(gridcell_range(child))) = multirange(gridcell_range(p)) AS together,
       gridcell_area_intersection(area, multirange(gridcell_range(child))) = '{}' AS apart
  FROM (SELECT p, child, gridcell_area_difference(multirange(gridcell_range(p)), multirange(gridcell_range(child))) AS area
          FROM (VALUES ('N50J47539'::gridcell, 'N50J4753977'::gridcell), ('N50J47539B8', 'N50J47539B80'), ('N50J47539B8', 'N50J47539B83')) v(p, child)) s;
-- two neighbours of different parents: neither parent
SELECT gridcell_area_union(multirange(gridcell_range('N50J47539B83')), multirange(gridcell_range('N50J47539B90')));
-- a parent's rank alone is no area; unbounded ranges end with the world
SELECT gridcell_area_set('{[N50J,N50J]}'), gridcell_area_set('{[N50J,N50J00]}'), gridcell_area_set('{}'),
       gridcell_area_set('{(,)}') = '{[N01A,S60VB75E9EE377777777]}' AS world, gridcell_area_set(NULL);
SELECT gridcell_area_difference('{(,)}', multirange(gridcell_range('N01A'))) AS without_first;
-- against PostGIS: random areas of mixed levels around a city, 300 pairs
CREATE FUNCTION pg_temp.area(seed int) RETURNS gridcellmultirange LANGUAGE sql IMMUTABLE AS $$
    SELECT gridcell_area_set(range_agg(gridcell_range(gridcell_parent(c, 4 + (hashint8extended(i, seed + 9) & 3)::int))))
      FROM generate_series(1, 3 + seed % 10) i,
           LATERAL (SELECT gridcell(121.5 + (hashint8extended(i, seed) & 1023) / 20000.0, 29.8 + (hashint8extended(i, seed + 5) & 1023) / 20000.0, 7)) s(c) $$;
-- the outline of an area whose ranges hold whole cells: the coarsest cells in it
CREATE FUNCTION pg_temp.outline(area gridcellmultirange) RETURNS geometry LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    v_cells gridcell[] := '{}';
    v_range gridcellrange;
    v_cell gridcell;
BEGIN
    FOR v_range IN SELECT unnest(area) LOOP
        v_cell := lower(v_range);
        LOOP
            v_cells := v_cells || v_cell;
            EXIT WHEN gridcell_last(v_cell) = upper(v_range);
            v_cell := (gridcell_last(v_cell)::bigint + 1)::gridcell;
        END LOOP;
    END LOOP;
    RETURN (SELECT st_unaryunion(st_collect(gridcell_geometry(c))) FROM unnest(v_cells) c);
END $$;
CREATE FUNCTION pg_temp.differs(a geometry, b geometry) RETURNS boolean LANGUAGE sql IMMUTABLE AS
$$ SELECT abs(coalesce(st_area(a), 0) - coalesce(st_area(b), 0)) > 1e-10
       OR coalesce(st_area(st_symdifference(a, b)), 0) > 1e-10 $$;
WITH pair AS (SELECT pg_temp.area(i) AS a, pg_temp.area(i + 1000) AS b FROM generate_series(1, 300) i),
     shape AS (SELECT *, pg_temp.outline(a) AS ga, pg_temp.outline(b) AS gb FROM pair)
SELECT count(*) FILTER (WHERE gridcell_area_intersection(a, b) <> '{}') > 100 AS meeting,
       count(*) FILTER (WHERE pg_temp.differs(pg_temp.outline(gridcell_area_union(a, b)), st_union(ga, gb))) AS "union",
       count(*) FILTER (WHERE pg_temp.differs(pg_temp.outline(gridcell_area_intersection(a, b)), st_intersection(ga, gb))) AS intersection,
       count(*) FILTER (WHERE pg_temp.differs(pg_temp.outline(gridcell_area_difference(a, b)), st_difference(ga, gb))) AS difference,
       count(*) FILTER (WHERE gridcell_area_equals(a, b) <> (abs(st_area(st_symdifference(ga, gb))) < 1e-10)) AS equals
  FROM shape;
-- laws
WITH pair AS (SELECT pg_temp.area(i) AS a, pg_temp.area(i + 1) AS b, pg_temp.area(i + 2) AS c FROM generate_series(1, 500) i)
SELECT bool_and(gridcell_area_set(a) = a) AS normal,
       bool_and(gridcell_area_union(a, b) = gridcell_area_union(b, a)) AS commutes,
       bool_and(gridcell_area_union(gridcell_area_difference(a, b), gridcell_area_intersection(a, b)) = a) AS parts,
       bool_and(gridcell_area_intersection(a, gridcell_area_union(b, c))
                = gridcell_area_union(gridcell_area_intersection(a, b), gridcell_area_intersection(a, c))) AS distributes,
       bool_and(gridcell_area_intersection(gridcell_area_difference(a, b), b) = '{}') AS apart,
       bool_and(gridcell_area_difference(a, b) = gridcell_area_set(a - b)) AS raw_difference
  FROM pair;
DROP TABLE zone, duty;
