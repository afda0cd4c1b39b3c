-- Numbers with check digits, and masks.

CREATE OR REPLACE FUNCTION community.resident_id_valid(number text) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'community_resident_id_valid';
COMMENT ON FUNCTION community.resident_id_valid(text) IS
'Tell whether a text is a resident identity number (GB 11643): 18 characters, a real date of birth between 1800 and 2999, the right check character, X in upper case. Area codes are not looked up, because areas are abolished. NULL for NULL. / 校验公民身份号码(GB 11643):18 位、日期真实、校验码正确;不核对已撤销的行政区划。';

CREATE OR REPLACE FUNCTION community.resident_id_birth(number text) RETURNS date
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'community_resident_id_birth';
COMMENT ON FUNCTION community.resident_id_birth(text) IS
'Return the date of birth in a resident identity number. NULL for NULL and for a number that is not valid. / 取公民身份号码中的出生日期;号码无效时返回空值。';

CREATE OR REPLACE FUNCTION community.resident_id_sex(number text) RETURNS text
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'community_resident_id_sex';
COMMENT ON FUNCTION community.resident_id_sex(text) IS
'Return the sex in a resident identity number: male or female. NULL for NULL and for a number that is not valid. / 取公民身份号码中的性别(male 男、female 女);号码无效时返回空值。';

CREATE OR REPLACE FUNCTION community.resident_id_mask(number text) RETURNS text
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'community_resident_id_mask';
COMMENT ON FUNCTION community.resident_id_mask(text) IS
'Hide a resident identity number except its first three and last four characters; a text of fewer than fourteen characters is hidden whole. NULL for NULL. / 公民身份号码脱敏:只保留前三位和后四位;过短的文本全部隐藏。';

CREATE OR REPLACE FUNCTION community.credit_code_valid(code text) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'community_credit_code_valid';
COMMENT ON FUNCTION community.credit_code_valid(text) IS
'Tell whether a text is a unified social credit code (GB 32100): 18 characters of its alphabet, digits in the area part, the right check character. NULL for NULL. / 校验统一社会信用代码(GB 32100)。';

CREATE OR REPLACE FUNCTION community.luhn_valid(digits text) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'community_luhn_valid';
COMMENT ON FUNCTION community.luhn_valid(text) IS
'Tell whether a text of at least two decimal digits ends in the check digit of the Luhn rule. NULL for NULL; false when it holds anything but digits. / 按 Luhn 算法校验数字串的末位校验码。';

CREATE OR REPLACE FUNCTION community.card_number_valid(number text) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'community_card_number_valid';
COMMENT ON FUNCTION community.card_number_valid(text) IS
'Tell whether a text is a card number (ISO/IEC 7812): 12 to 19 digits with the check digit of the Luhn rule. NULL for NULL. / 校验卡号(ISO/IEC 7812):12 至 19 位数字,末位为 Luhn 校验码。';

CREATE OR REPLACE FUNCTION community.card_number_mask(number text) RETURNS text
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'community_card_number_mask';
COMMENT ON FUNCTION community.card_number_mask(text) IS
'Hide a card number except its last four characters; a text of fewer than eight characters is hidden whole. NULL for NULL. / 卡号脱敏:只保留后四位。';

CREATE OR REPLACE FUNCTION community.phone_mask(phone text) RETURNS text
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'community_phone_mask';
COMMENT ON FUNCTION community.phone_mask(text) IS
'Hide a telephone number except its first three and last two characters; a text of fewer than ten characters is hidden whole. NULL for NULL. / 电话号码脱敏:只保留前三位和后两位。';

CREATE OR REPLACE FUNCTION community.name_mask(name text) RETURNS text
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'community_name_mask';
COMMENT ON FUNCTION community.name_mask(text) IS
'Hide a person''s name except its first character, one asterisk for each other character; a name of one character is hidden whole. NULL for NULL. / 姓名脱敏:只保留首字。';

CREATE DOMAIN community.resident_id AS text
    CONSTRAINT resident_id_check CHECK (community.resident_id_valid(VALUE));
COMMENT ON DOMAIN community.resident_id IS
'Text that is a valid resident identity number (GB 11643); anything else violates resident_id_check (23514). / 有效的公民身份号码。';

CREATE DOMAIN community.credit_code AS text
    CONSTRAINT credit_code_check CHECK (community.credit_code_valid(VALUE));
COMMENT ON DOMAIN community.credit_code IS
'Text that is a valid unified social credit code (GB 32100); anything else violates credit_code_check (23514). / 有效的统一社会信用代码。';
