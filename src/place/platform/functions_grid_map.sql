-- Maps of grids: marked by a trigger, rebuilt by a job.

CREATE OR REPLACE FUNCTION community._grid_map_mark()
RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO community.grid_map_dirty (holder_id, kind) VALUES (NEW.community_id, NEW.kind);
    ELSE
        INSERT INTO community.grid_map_dirty (holder_id, kind) VALUES (OLD.community_id, OLD.kind);
        IF TG_OP = 'UPDATE' AND (NEW.community_id, NEW.kind) <> (OLD.community_id, OLD.kind) THEN
            INSERT INTO community.grid_map_dirty (holder_id, kind) VALUES (NEW.community_id, NEW.kind);
        END IF;
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION community._grid_map_mark() IS 'Trigger: mark that the maps holding a changed grid are out of date. / 触发器：标记含变化网格的网格图已过期。';

CREATE OR REPLACE TRIGGER grid_map_mark AFTER INSERT OR UPDATE OR DELETE ON community.grid
FOR EACH ROW EXECUTE FUNCTION community._grid_map_mark();

CREATE OR REPLACE FUNCTION community._grid_map_move()
RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    -- Communities below may change their district: all maps are made anew.
    INSERT INTO community.grid_map_dirty (holder_id, kind)
    SELECT m.holder_id, m.kind FROM community.grid_map m;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION community._grid_map_move() IS 'Trigger: mark all maps when a community gets another parent. / 触发器：社区改隶时标记全部网格图。';

CREATE OR REPLACE TRIGGER grid_map_move AFTER UPDATE OF parent_id ON community.community
FOR EACH ROW WHEN (OLD.parent_id IS DISTINCT FROM NEW.parent_id) EXECUTE FUNCTION community._grid_map_move();

CREATE OR REPLACE FUNCTION community._grid_map_communities(p_root bigint)
RETURNS bigint[] LANGUAGE sql STABLE
RETURN ARRAY(
    WITH RECURSIVE down AS (
        SELECT p_root AS id
        UNION
        SELECT c.community_id FROM down d JOIN community.community c ON c.parent_id = d.id
    )
    SELECT d.id FROM down d);
COMMENT ON FUNCTION community._grid_map_communities(bigint) IS 'List a community and all below it. / 列出社区及其全部下级。';

CREATE OR REPLACE FUNCTION community._grid_map_build(p_holder bigint, p_kind text, p_communities bigint[], p_root boolean, p_day date)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_from date;
    v_until date;
BEGIN
    SELECT max(b.day) FILTER (WHERE b.day <= p_day), min(b.day) FILTER (WHERE b.day > p_day) INTO v_from, v_until
      FROM (SELECT lower(g.valid) AS day FROM community.grid g WHERE g.community_id = ANY (p_communities) AND g.kind = p_kind
            UNION ALL
            SELECT upper(g.valid) FROM community.grid g WHERE g.community_id = ANY (p_communities) AND g.kind = p_kind) b;
    DELETE FROM community.grid_map m WHERE m.holder_id = p_holder AND m.kind = p_kind;
    INSERT INTO community.grid_map (holder_id, kind, root, map, extent, grids, valid)
    SELECT p_holder, p_kind, p_root, b.map, b.extent, b.grids, daterange(v_from, v_until)
      FROM community._grid_map_value(p_communities, p_kind, p_day) b
     WHERE b.map IS NOT NULL;
END
$$;
COMMENT ON FUNCTION community._grid_map_build(bigint, text, bigint[], boolean, date) IS 'Build the map of a holder from the grids of some communities that are in force on a day; none when there are no grids. / 由某日有效的网格生成网格图，无网格则不生成。';

CREATE OR REPLACE FUNCTION community.grid_map_refresh(p_now timestamptz DEFAULT now())
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp
SET jit = off AS $$
DECLARE
    v_day date := community.local_day(p_now, 'Asia/Shanghai');
    v_count bigint := 0;
    v record;
BEGIN
    -- One at a time; readers go on.
    LOCK TABLE community.grid_map IN SHARE ROW EXCLUSIVE MODE;
    WITH gone AS (
        DELETE FROM community.grid_map_dirty d RETURNING d.holder_id, d.kind
    ), changed AS (
        SELECT DISTINCT g.holder_id, g.kind FROM gone g
        UNION
        SELECT m.holder_id, m.kind FROM community.grid_map m WHERE NOT m.valid @> v_day
    ), holder AS (
        SELECT DISTINCT c.holder_id AS id, c.kind FROM changed c
        UNION
        SELECT community._district_of(c.holder_id), c.kind FROM changed c
    )
    SELECT array_agg(h.id ORDER BY h.id, h.kind) AS ids, array_agg(h.kind ORDER BY h.id, h.kind) AS kinds INTO v FROM holder h WHERE h.id IS NOT NULL;
    IF v.ids IS NULL THEN
        RETURN 0;
    END IF;
    -- A statement of its own: it sees all that the marks it took stand for.
    FOR v IN SELECT u.id, u.kind, community._district_of(u.id) AS district FROM unnest(v.ids, v.kinds) AS u(id, kind) LOOP
        PERFORM community._grid_map_build(v.id, v.kind,
                                          CASE WHEN v.district IS NULL OR v.district = v.id THEN CASE WHEN v.district IS NULL THEN ARRAY[v.id] ELSE community._grid_map_communities(v.id) END ELSE ARRAY[v.id] END,
                                          v.district IS NULL OR v.district = v.id, v_day);
        v_count := v_count + 1;
    END LOOP;
    RETURN v_count;
END
$$;
COMMENT ON FUNCTION community.grid_map_refresh(timestamptz) IS 'Rebuild the maps whose grids changed or whose day has passed; returns how many. The job place.grid_map calls it. / 重建已过期的网格图，返回数量；由作业 place.grid_map 调用。';
