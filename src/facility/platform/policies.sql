-- Row policies: a row is seen by those whose membership covers its community.
DO $policies$
DECLARE
    v_table text;
BEGIN
    FOREACH v_table IN ARRAY ARRAY['facility', 'facility_exception', 'component', 'population_point'] LOOP
        EXECUTE format('ALTER TABLE community.%I ENABLE ROW LEVEL SECURITY', v_table);
        EXECUTE format('DROP POLICY IF EXISTS %I ON community.%I', v_table || '_scope', v_table);
        EXECUTE format('CREATE POLICY %I ON community.%I TO PUBLIC USING (community_id = ANY ((SELECT community.my_communities())::bigint[]))', v_table || '_scope', v_table);
    END LOOP;
END
$policies$;
