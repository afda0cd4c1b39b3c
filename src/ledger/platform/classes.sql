SELECT community.classify_table('currency', 'ref', 'public', 'ledger', NULL);
SELECT community.classify_table('fence', 'ref', 'public', 'ledger', NULL);
SELECT community.classify_table('account', 'tenant', 'personal', 'ledger', '15 years');
SELECT community.classify_table('transfer', 'tenant', 'personal', 'ledger', '15 years');
SELECT community.classify_table('credit_delta', 'tenant', 'internal', 'ledger', '15 years');
SELECT community.classify_table('fee_rule', 'tenant', 'internal', 'ledger', '15 years');
SELECT community.classify_table('bank_order', 'tenant', 'personal', 'ledger', '15 years');
SELECT community.classify_table('merchant_settlement', 'tenant', 'internal', 'ledger', '15 years');
SELECT community.classify_table('rollup_transfer_day', 'tenant', 'internal', 'ledger', '10 years');
