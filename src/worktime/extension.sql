-- worktime: weekly hours, and working time with a calendar of exceptions.

CREATE OR REPLACE FUNCTION community.weekly_hours(text) RETURNS int4multirange
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50
AS 'MODULE_PATHNAME', 'community_weekly_hours';
COMMENT ON FUNCTION community.weekly_hours(text) IS
'Weekly hours from the opening_hours grammar of OpenStreetMap, weekdays, PH and times only: Mo-Fr 08:00-17:30; Sa 09:00-12:00; PH off. The value holds minutes from Monday 00:00 (0) to 10,080, then the day that stands for every public holiday (to 11,520). A rule after ";" replaces the days it names, after "," it adds; off with times closes only them; times past midnight run into the next day (a holiday''s into its own morning). Holidays not named take what is open on all seven days. Error 22P02 with the position; NULL for NULL. / 按 OpenStreetMap opening_hours 语法(仅星期、PH 与时刻)读入每周时间;值为自周一零时起的分钟数,第八天代表法定节假日;语法错误报 22P02 并指出位置。';

CREATE OR REPLACE FUNCTION community.weekly_text(int4multirange) RETURNS text
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50
AS 'MODULE_PATHNAME', 'community_weekly_text';
COMMENT ON FUNCTION community.weekly_text(int4multirange) IS
'The text of weekly hours, in one form for one value; weekly_hours() reads it back as the same value. Error 22023 for minutes outside 0 to 11,520; NULL for NULL. / 把每周时间写成唯一的文本形式,可由 weekly_hours() 原样读回;分钟超出 0 至 11520 报 22023。';

CREATE OR REPLACE FUNCTION community.hours_open(p_at timestamptz, p_hours int4multirange, p_tz text,
    p_holidays date[] DEFAULT '{}', p_workdays date[] DEFAULT '{}') RETURNS boolean
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5
AS 'MODULE_PATHNAME', 'community_hours_open';
COMMENT ON FUNCTION community.hours_open(timestamptz, int4multirange, text, date[], date[]) IS
'Whether weekly hours are open at an instant in a time zone. A holiday takes the eighth day''s hours; a shifted working day takes the longest hours of Monday to Friday, or its own when they are no shorter. NULL when any argument is NULL; error 22023 for an unknown zone or a day that is both. / 某时刻在该时区是否处于营业(工作)时间;节假日按第八天,调休上班日按周一至周五中最长一日(本日更长则按本日)。';

CREATE OR REPLACE FUNCTION community.hours_next_open(p_at timestamptz, p_hours int4multirange, p_tz text,
    p_holidays date[] DEFAULT '{}', p_workdays date[] DEFAULT '{}') RETURNS timestamptz
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5
AS 'MODULE_PATHNAME', 'community_hours_next_open';
COMMENT ON FUNCTION community.hours_next_open(timestamptz, int4multirange, text, date[], date[]) IS
'The first open instant at or after an instant, NULL when the hours never open again. Calendar and errors as hours_open(). / 自某时刻起最早的开门时刻,永不再开时为 NULL;历法与错误同 hours_open()。';

CREATE OR REPLACE FUNCTION community.hours_next_close(p_at timestamptz, p_hours int4multirange, p_tz text,
    p_holidays date[] DEFAULT '{}', p_workdays date[] DEFAULT '{}') RETURNS timestamptz
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5
AS 'MODULE_PATHNAME', 'community_hours_next_close';
COMMENT ON FUNCTION community.hours_next_close(timestamptz, int4multirange, text, date[], date[]) IS
'The first closed instant at or after an instant, NULL when the hours never close. Calendar and errors as hours_open(). / 自某时刻起最早的关门时刻,永不关门时为 NULL;历法与错误同 hours_open()。';

CREATE OR REPLACE FUNCTION community.hours_fit(p_from timestamptz, p_upto timestamptz, p_length interval, p_hours int4multirange, p_tz text,
    p_holidays date[] DEFAULT '{}', p_workdays date[] DEFAULT '{}') RETURNS timestamptz
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5
AS 'MODULE_PATHNAME', 'community_hours_fit';
COMMENT ON FUNCTION community.hours_fit(timestamptz, timestamptz, interval, int4multirange, text, date[], date[]) IS
'The first instant from p_from on from which the hours stay open for a length of time that ends by p_upto; NULL when there is none. A day of the length is 24 hours. Calendar and errors as hours_open(); 22023 for a length in months or below zero. NULL when any argument is NULL. / 在 p_from 至 p_upto 之间，自其起营业时间可连续开放指定时长（并于 p_upto 前结束）的最早时刻，无则为空；一日按 24 小时计。';

CREATE OR REPLACE FUNCTION community.due_at(p_start timestamptz, p_limit interval, p_clock text,
    p_hours int4multirange, p_tz text,
    p_holidays date[] DEFAULT '{}', p_workdays date[] DEFAULT '{}') RETURNS timestamptz
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5
AS 'MODULE_PATHNAME', 'community_due_at';
COMMENT ON FUNCTION community.due_at(timestamptz, interval, text, int4multirange, text, date[], date[]) IS
'When a limit that starts at an instant runs out: the earliest such instant. Clock work: days are working days (a start outside the hours counts from the next opening, and a whole day then ends at closing), hours are working time; calendar: days keep the local time of day, hours elapse; urgent: everything elapses round the clock. Errors: 22023 for months, a negative limit, an unknown clock or zone; 22008 when the limit never runs out. NULL when any argument is NULL. / 自某时刻起算的时限何时届满(最早时刻)。work 按工作日与工作时间,calendar 按自然日,urgent 全天候计时;负时限或含月份报 22023,永不届满报 22008。';

CREATE OR REPLACE FUNCTION community.due_back(p_upto timestamptz, p_limit interval,
    p_hours int4multirange, p_tz text,
    p_holidays date[] DEFAULT '{}', p_workdays date[] DEFAULT '{}') RETURNS timestamptz
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
AS 'MODULE_PATHNAME', 'community_due_back';
COMMENT ON FUNCTION community.due_back(timestamptz, interval, int4multirange, text, date[], date[]) IS
'The latest instant from which a limit in hours of working time runs out at an instant: due_at() of the clock work backwards, worked_between() of the two gives the limit. Errors: 22023 for months, days or a negative limit, an unknown zone; 22008 when there never was so much working time. NULL when any argument is NULL. / 工作时限恰于某时刻届满的最晚起点,即 work 计时 due_at() 的反向;含月、日或负值报 22023,工作时间不足报 22008。';

CREATE OR REPLACE FUNCTION community.worked_between(p_from timestamptz, p_upto timestamptz, p_clock text,
    p_hours int4multirange, p_tz text,
    p_holidays date[] DEFAULT '{}', p_workdays date[] DEFAULT '{}') RETURNS interval
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5
AS 'MODULE_PATHNAME', 'community_worked_between';
COMMENT ON FUNCTION community.worked_between(timestamptz, timestamptz, text, int4multirange, text, date[], date[]) IS
'How much of a limit runs between two instants, the inverse of due_at(): hours of working time (work), local days and hours (calendar), hours (urgent). Negative when the second is earlier; NULL when any argument is NULL. / 两时刻之间消耗的时限,为 due_at() 的逆运算;后者较早时为负。';

CREATE OR REPLACE FUNCTION community.worked_days(p_from timestamptz, p_upto timestamptz,
    p_hours int4multirange, p_tz text,
    p_holidays date[] DEFAULT '{}', p_workdays date[] DEFAULT '{}') RETURNS bigint
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5
AS 'MODULE_PATHNAME', 'community_worked_days';
COMMENT ON FUNCTION community.worked_days(timestamptz, timestamptz, int4multirange, text, date[], date[]) IS
'The most whole working days which, counted from the first instant by due_at(), are over by the second; the inverse of due_at() for limits in days on the clock work. Negative when the second is earlier; NULL when any argument is NULL. / 自前一时刻按 due_at() 计、到后一时刻已满的整工作日数;后者较早时为负。';

CREATE OR REPLACE FUNCTION community.tz_offsets(p_tz text, p_from timestamptz, p_upto timestamptz)
RETURNS TABLE (starts timestamptz, utc_offset integer)
LANGUAGE C STABLE STRICT PARALLEL SAFE ROWS 4
AS 'MODULE_PATHNAME', 'community_tz_offsets';
COMMENT ON FUNCTION community.tz_offsets(text, timestamptz, timestamptz) IS
'Offsets from UTC in seconds that a time zone has between two instants, the second excluded: the first row starts at p_from, each further one where the offset changes. No row when any argument is NULL or p_upto is not later. Errors: 22023 for an unknown zone, 22008 for instants out of range. / 某时区在两时刻之间(不含后者)相对 UTC 的偏移秒数:首行始于 p_from,此后每次变化一行;任一参数为 NULL 或 p_upto 不晚于 p_from 时无行;未知时区报 22023,时刻超范围报 22008。';
