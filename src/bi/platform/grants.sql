SELECT community.register_grant('bi', 'schema', 'community_bi', 'USAGE', 'bi');
SELECT community.register_grant('bi', 'relations_in', 'community_bi', 'SELECT', 'bi');
