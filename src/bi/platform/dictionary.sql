-- What the comments say, for tools that cannot show comments.

CREATE OR REPLACE VIEW community_bi.data_dictionary AS
SELECT c.relname::text AS view_name,
       a.attnum::integer AS ordinal,
       a.attname::text AS column_name,
       format_type(a.atttypid, a.atttypmod) AS data_type,
       split_part(col_description(c.oid, a.attnum), ' / ', 1) AS comment_en,
       split_part(col_description(c.oid, a.attnum), ' / ', 2) AS comment_zh,
       split_part(obj_description(c.oid, 'pg_class'), ' / ', 1) AS view_comment_en,
       split_part(obj_description(c.oid, 'pg_class'), ' / ', 2) AS view_comment_zh
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid
 WHERE n.nspname = 'community_bi' AND c.relkind = 'v' AND a.attnum > 0 AND NOT a.attisdropped;
COMMENT ON VIEW community_bi.data_dictionary IS 'Columns of the views of this schema with their meaning. / 本模式各视图的列及含义。';
COMMENT ON COLUMN community_bi.data_dictionary.view_name IS 'View the column belongs to. / 所属视图。';
COMMENT ON COLUMN community_bi.data_dictionary.ordinal IS 'Place of the column in its view. / 列序。';
COMMENT ON COLUMN community_bi.data_dictionary.column_name IS 'Name of the described column. / 列名。';
COMMENT ON COLUMN community_bi.data_dictionary.data_type IS 'Type in SQL. / 数据类型。';
COMMENT ON COLUMN community_bi.data_dictionary.comment_en IS 'Meaning of the column in English. / 列含义（英文）。';
COMMENT ON COLUMN community_bi.data_dictionary.comment_zh IS 'Meaning of the column in Chinese. / 列含义（中文）。';
COMMENT ON COLUMN community_bi.data_dictionary.view_comment_en IS 'Meaning of the view in English. / 视图含义（英文）。';
COMMENT ON COLUMN community_bi.data_dictionary.view_comment_zh IS 'Meaning of the view in Chinese. / 视图含义（中文）。';
