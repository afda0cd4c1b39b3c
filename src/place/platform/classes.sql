-- Classes of this module's tables and of their columns.
SELECT community.classify_table('division', 'ref', 'public', 'place', NULL);
SELECT community.classify_table('division_stage', 'local', 'public', 'place', NULL);
SELECT community.classify_table('division_edition', 'ref', 'public', 'place', NULL);
SELECT community.classify_table('division_change', 'ref', 'public', 'place', NULL);
SELECT community.classify_table('grid', 'tenant', 'public', 'place', NULL);
SELECT community.classify_table('grid_lineage', 'tenant', 'internal', 'place', NULL);
SELECT community.classify_table('grid_part', 'tenant', 'public', 'place', NULL);
SELECT community.classify_table('community_code', 'index', 'public', 'place', NULL);
SELECT community.classify_table('virtual_member', 'tenant', 'public', 'place', NULL);
SELECT community.classify_table('address', 'tenant', 'internal', 'place', NULL);
SELECT community.classify_table('grid_map', 'ref', 'public', 'place', NULL);
SELECT community.classify_table('grid_map_dirty', 'local', 'public', 'place', NULL);
