-- Classes of this module's tables and of their columns.
SELECT community.classify_table('organization', 'tenant', 'internal', 'party', NULL);
SELECT community.classify_table('organization_index', 'index', 'internal', 'party', NULL);
