-- Print the reference as Markdown, from the comments of the installed objects:
--   psql -XAtq -f doc/reference.sql > doc/reference.md
\pset format unaligned
\pset tuples_only on
\pset pager off
SET search_path = pg_catalog;
SET client_min_messages = warning;

SELECT E'# Reference\n\nMade from the comments of the installed objects by doc/reference.sql.\n';

-- Who made an object: the extension, or a module of the platform.
CREATE TEMPORARY VIEW home AS
SELECT d.classid, d.objid, 'extension'::text AS module, 0::bigint AS line
  FROM pg_depend d
 WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
   AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'community')
UNION ALL
SELECT a.classid, a.objid, m.module, h.line
  FROM community.module_object m
  JOIN (SELECT module, row_number() OVER () AS line FROM community.modules()) h ON h.module = m.module
  CROSS JOIN LATERAL pg_get_object_address(m.kind, m.names, m.args) a;

CREATE TEMPORARY VIEW chapter AS
SELECT 'pg_type'::regclass::oid AS classid, t.oid AS objid, 1 AS part, 'Types' AS title,
       format_type(t.oid, NULL) AS name, obj_description(t.oid, 'pg_type') AS comment
  FROM pg_type t WHERE t.typtype IN ('b', 'd', 'e', 'r') AND t.typelem = 0
UNION ALL
SELECT 'pg_operator'::regclass, o.oid, 2, 'Operators',
       concat_ws(' ', nullif(format_type(o.oprleft, NULL), '-'), o.oprname, format_type(o.oprright, NULL)),
       obj_description(o.oid, 'pg_operator')
  FROM pg_operator o
UNION ALL
SELECT 'pg_proc'::regclass, p.oid, CASE p.prokind WHEN 'a' THEN 3 WHEN 'p' THEN 5 ELSE 4 END,
       CASE p.prokind WHEN 'a' THEN 'Aggregates' WHEN 'p' THEN 'Procedures' ELSE 'Functions' END,
       p.pronamespace::regnamespace || '.' || p.proname || '(' || pg_get_function_arguments(p.oid) || ')'
       || coalesce(' → ' || pg_get_function_result(p.oid), ''),
       obj_description(p.oid, 'pg_proc')
  FROM pg_proc p
 WHERE p.proname NOT LIKE '\_%' AND p.prorettype <> 'trigger'::regtype
   -- constructors that the server makes for a range explain themselves
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i')
   AND NOT EXISTS (SELECT FROM pg_type t WHERE p.oid IN (t.typinput, t.typoutput, t.typreceive, t.typsend, t.typanalyze))
UNION ALL
SELECT 'pg_class'::regclass, c.oid, CASE c.relkind WHEN 'v' THEN 7 ELSE 6 END,
       CASE c.relkind WHEN 'v' THEN 'Views' ELSE 'Tables' END,
       c.relnamespace::regnamespace || '.' || c.relname,
       obj_description(c.oid, 'pg_class') || coalesce(E'\n' || (
           SELECT string_agg(format('  - `%s` %s: %s', a.attname, format_type(a.atttypid, a.atttypmod),
                             replace(col_description(c.oid, a.attnum), E'\n', ' ')), E'\n' ORDER BY a.attnum)
             FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '')
  FROM pg_class c WHERE c.relkind IN ('r', 'p', 'v');

SELECT string_agg(text, E'\n' ORDER BY line, part, rank, name COLLATE "C")
  FROM (SELECT h.line, 0 AS part, 0 AS rank, h.module AS name, format(E'## %s\n', h.module) AS text
          FROM (SELECT DISTINCT module, line FROM home) h
        UNION ALL
        SELECT DISTINCT h.line, c.part, 0, c.title, format(E'### %s\n', c.title)
          FROM chapter c JOIN home h ON h.classid = c.classid AND h.objid = c.objid
        UNION ALL
        SELECT h.line, c.part, 1, c.name, format(E'- `%s`%s\n', c.name, E'\n  ' || c.comment)
          FROM chapter c JOIN home h ON h.classid = c.classid AND h.objid = c.objid) t;

SELECT E'\n## Refusals\n\nSQLSTATE is PT followed by the status; DETAIL begins with reason=.\n\n'
       || E'| reason | status | module | message | 说明 |\n|---|---|---|---|---|\n'
       || string_agg(format('| %s | %s | %s | %s. %s | %s。%s |', reason, http, module, message_en, hint_en, message_zh, hint_zh),
                     E'\n' ORDER BY reason COLLATE "C")
  FROM community.refusal;
