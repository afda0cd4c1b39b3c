-- Classes of this module's tables and of their columns.
SELECT community.classify_table('facility_class', 'ref', 'public', 'facility', NULL);
SELECT community.classify_table('life_circle_standard', 'ref', 'public', 'facility', NULL);
SELECT community.classify_table('component_class', 'ref', 'public', 'facility', NULL);
SELECT community.classify_table('facility', 'tenant', 'public', 'facility', NULL);
SELECT community.classify_table('facility_exception', 'tenant', 'public', 'facility', NULL);
SELECT community.classify_table('component', 'tenant', 'internal', 'facility', NULL);
SELECT community.classify_table('component_index', 'index', 'internal', 'facility', NULL);
SELECT community.classify_table('population_point', 'tenant', 'internal', 'facility', NULL);
SELECT community.classify_columns('population_point', '{care}', 'sensitive', 'care', NULL);
SELECT community.classify_table('walk_node', 'ref', 'public', 'facility', NULL);
SELECT community.classify_table('walk_edge', 'ref', 'public', 'facility', NULL);
SELECT community.classify_table('component_counter', 'index', 'internal', 'facility', NULL);
