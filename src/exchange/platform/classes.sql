SELECT community.classify_table('peer', 'local', 'internal', 'exchange', '30 years');
