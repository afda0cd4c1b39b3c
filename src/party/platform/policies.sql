-- Row policies: a row is seen by those whose membership covers its community.
DO $$
DECLARE
    v_table text;
BEGIN
    FOREACH v_table IN ARRAY ARRAY['organization', 'person', 'person_key', 'residence', 'household', 'household_member', 'care_tag', 'guardian', 'proxy_act',
                                   'consent', 'person_merge', 'access_ticket', 'access_log', 'import_batch', 'import_error'] LOOP
        EXECUTE format('ALTER TABLE community.%I ENABLE ROW LEVEL SECURITY', v_table);
        EXECUTE format('DROP POLICY IF EXISTS %I ON community.%I', v_table || '_scope', v_table);
        EXECUTE format('CREATE POLICY %I ON community.%I TO PUBLIC USING (community_id = ANY ((SELECT community.my_communities())::bigint[]))',
                       v_table || '_scope', v_table);
    END LOOP;
END
$$;
