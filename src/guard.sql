-- Nobody may load this file by hand, and no object may wait in the schema.
\echo Use "CREATE EXTENSION community CASCADE" to load this file. \quit

DO $guard$
DECLARE
    v_found text;
BEGIN
    SELECT pg_catalog.format('%s %s', d.classid::pg_catalog.regclass, d.objid)
      INTO v_found
      FROM pg_catalog.pg_depend d
     WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
       AND d.refobjid = 'community'::pg_catalog.regnamespace
       AND d.classid <> 'pg_catalog.pg_extension'::pg_catalog.regclass
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'schema "community" already contains an object (%)', v_found
            USING ERRCODE = '42710',
                  DETAIL = 'The extension must not adopt objects that others planted beforehand.',
                  HINT = 'Drop or move the objects, or drop the schema, then create the extension again.';
    END IF;
END
$guard$;
