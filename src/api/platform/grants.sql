SELECT community.register_grant('app', 'schema', 'community_api', 'USAGE', 'api');
SELECT community.register_grant('app', 'routines_in', 'community_api', 'EXECUTE', 'api');
