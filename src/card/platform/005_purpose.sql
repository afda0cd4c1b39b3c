-- What a reading of a card may show, by purpose.
CREATE TABLE community.card_purpose (
    purpose text PRIMARY KEY CHECK (purpose ~ '^[a-z][a-z0-9_]{0,31}$'),
    name text NOT NULL CHECK (name <> ''),
    shows text[] NOT NULL CHECK (shows <@ '{holder,person,kind,number,state}'),
    edited boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE community.card_purpose IS 'Purposes for which a shown card may be identified, and what is told for each. / 出示卡身份核验的目的及各目的可返回的内容。';
COMMENT ON COLUMN community.card_purpose.purpose IS 'Key of the purpose, as identify() takes it. / 目的键，供 identify() 使用。';
COMMENT ON COLUMN community.card_purpose.name IS 'Name in both languages. / 中英文名称。';
COMMENT ON COLUMN community.card_purpose.shows IS 'What is told: holder (the pseudonym), person (with the capability person), kind, number (masked), state. / 可返回：假名、人员（另需 person 权限）、类别、掩码卡号、状态。';
COMMENT ON COLUMN community.card_purpose.edited IS 'Changed by the city: seeds leave it alone. / 已由城市修改，种子数据不再覆盖。';
