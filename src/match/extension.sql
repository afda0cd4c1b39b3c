-- match: assignment and stable matching as aggregates over candidate edges.

CREATE TYPE community.assignment AS (
    request bigint,
    provider bigint,
    cost float8
);
COMMENT ON TYPE community.assignment IS
'One pair of an assignment: request, provider, and the cost, score or rank of their edge as it was given. / 一个匹配结果:请求、提供者,以及该候选边原样的成本、得分或名次。';

CREATE TYPE community.assignment_dual AS (
    provider boolean,
    key bigint,
    big integer,
    dual float8
);
COMMENT ON TYPE community.assignment_dual IS
'One dual variable of an assignment: whose it is, its key, how many unmatched units it counts, and its value in units of cost. / 匹配的一个对偶变量:属于哪一方、键、含几个未匹配单位,以及以成本计的值。';

CREATE OR REPLACE FUNCTION community.assign_min_add(internal, bigint, bigint, float8) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'community_assign_min_add';
COMMENT ON FUNCTION community.assign_min_add(internal, bigint, bigint, float8) IS
'Take one edge of assign_min_cost; an edge with a NULL request, provider or cost is passed over. / assign_min_cost 的累加步骤;请求、提供者或成本为空的边被跳过。';

CREATE OR REPLACE FUNCTION community.assign_min_add(internal, bigint, bigint, float8, integer) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'community_assign_min_add';
COMMENT ON FUNCTION community.assign_min_add(internal, bigint, bigint, float8, integer) IS
'Take one edge of assign_min_cost; an edge with a NULL request, provider or cost is passed over. The capacity is the one of the provider. / assign_min_cost 的累加步骤;请求、提供者或成本为空的边被跳过。容量为提供者的容量。';

CREATE OR REPLACE FUNCTION community.assign_min_add(internal, bigint, bigint, float8, integer, integer) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'community_assign_min_add';
COMMENT ON FUNCTION community.assign_min_add(internal, bigint, bigint, float8, integer, integer) IS
'Take one edge of assign_min_cost; an edge with a NULL request, provider or cost is passed over. The capacities are those of the provider and the request. / assign_min_cost 的累加步骤;请求、提供者或成本为空的边被跳过。两个容量依次为提供者与请求的容量。';

CREATE OR REPLACE FUNCTION community.assign_max_add(internal, bigint, bigint, float8) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'community_assign_max_add';
COMMENT ON FUNCTION community.assign_max_add(internal, bigint, bigint, float8) IS
'Take one edge of assign_max_score; an edge with a NULL request, provider or score is passed over. / assign_max_score 的累加步骤;请求、提供者或得分为空的边被跳过。';

CREATE OR REPLACE FUNCTION community.assign_max_add(internal, bigint, bigint, float8, integer) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'community_assign_max_add';
COMMENT ON FUNCTION community.assign_max_add(internal, bigint, bigint, float8, integer) IS
'Take one edge of assign_max_score; an edge with a NULL request, provider or score is passed over. The capacity is the one of the provider. / assign_max_score 的累加步骤;请求、提供者或得分为空的边被跳过。容量为提供者的容量。';

CREATE OR REPLACE FUNCTION community.assign_max_add(internal, bigint, bigint, float8, integer, integer) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'community_assign_max_add';
COMMENT ON FUNCTION community.assign_max_add(internal, bigint, bigint, float8, integer, integer) IS
'Take one edge of assign_max_score; an edge with a NULL request, provider or score is passed over. The capacities are those of the provider and the request. / assign_max_score 的累加步骤;请求、提供者或得分为空的边被跳过。两个容量依次为提供者与请求的容量。';

CREATE OR REPLACE FUNCTION community.assign_optional_add(internal, bigint, bigint, float8, float8) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'community_assign_optional_add';
COMMENT ON FUNCTION community.assign_optional_add(internal, bigint, bigint, float8, float8) IS
'Take one edge of assign_min_cost_optional; an edge with a NULL request, provider or cost is passed over. / assign_min_cost_optional 的累加步骤;请求、提供者或成本为空的边被跳过。';

CREATE OR REPLACE FUNCTION community.assign_optional_add(internal, bigint, bigint, float8, float8, integer) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'community_assign_optional_add';
COMMENT ON FUNCTION community.assign_optional_add(internal, bigint, bigint, float8, float8, integer) IS
'Take one edge of assign_min_cost_optional; an edge with a NULL request, provider or cost is passed over. The capacity is the one of the provider. / assign_min_cost_optional 的累加步骤;请求、提供者或成本为空的边被跳过。容量为提供者的容量。';

CREATE OR REPLACE FUNCTION community.assign_optional_add(internal, bigint, bigint, float8, float8, integer, integer) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'community_assign_optional_add';
COMMENT ON FUNCTION community.assign_optional_add(internal, bigint, bigint, float8, float8, integer, integer) IS
'Take one edge of assign_min_cost_optional; an edge with a NULL request, provider or cost is passed over. The capacities are those of the provider and the request. / assign_min_cost_optional 的累加步骤;请求、提供者或成本为空的边被跳过。两个容量依次为提供者与请求的容量。';

CREATE OR REPLACE FUNCTION community.stable_add(internal, bigint, bigint, float8, float8) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'community_stable_add';
COMMENT ON FUNCTION community.stable_add(internal, bigint, bigint, float8, float8) IS
'Take one pair of stable_match; a pair with a NULL key or rank is passed over. / stable_match 的累加步骤;键或名次为空的对被跳过。';

CREATE OR REPLACE FUNCTION community.stable_add(internal, bigint, bigint, float8, float8, integer) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'community_stable_add';
COMMENT ON FUNCTION community.stable_add(internal, bigint, bigint, float8, float8, integer) IS
'Take one pair of stable_match; a pair with a NULL key or rank is passed over. The capacity is the one of the provider. / stable_match 的累加步骤;键或名次为空的对被跳过。容量为提供者的容量。';

CREATE OR REPLACE FUNCTION community.stable_add(internal, bigint, bigint, float8, float8, integer, integer) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'community_stable_add';
COMMENT ON FUNCTION community.stable_add(internal, bigint, bigint, float8, float8, integer, integer) IS
'Take one pair of stable_match; a pair with a NULL key or rank is passed over. The capacities are those of the provider and the request. / stable_match 的累加步骤;键或名次为空的对被跳过。两个容量依次为提供者与请求的容量。';

CREATE OR REPLACE FUNCTION community.assign_final(internal) RETURNS community.assignment[]
    LANGUAGE C IMMUTABLE PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'community_assign_final';
COMMENT ON FUNCTION community.assign_final(internal) IS
'Solve an assignment and give its pairs in order of keys; an empty array when there are no edges. / 求解匹配并按键的顺序给出各对;没有候选边时为空数组。';

CREATE OR REPLACE FUNCTION community.assign_duals_final(internal) RETURNS community.assignment_dual[]
    LANGUAGE C IMMUTABLE PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'community_assign_duals_final';
COMMENT ON FUNCTION community.assign_duals_final(internal) IS
'Solve an assignment and give its dual variables, requests first, each side in order of keys. / 求解匹配并给出对偶变量:先请求,后提供者,各按键的顺序。';

CREATE OR REPLACE FUNCTION community.stable_final(internal) RETURNS community.assignment[]
    LANGUAGE C IMMUTABLE PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'community_stable_final';
COMMENT ON FUNCTION community.stable_final(internal) IS
'Find the stable matching and give its pairs in order of keys; an empty array when there are none. / 求稳定匹配并按键的顺序给出各对;没有时为空数组。';

CREATE AGGREGATE community.assign_min_cost(request bigint, provider bigint, cost float8) (
    SFUNC = community.assign_min_add,
    STYPE = internal,
    SSPACE = 1000000,
    FINALFUNC = community.assign_final,
    FINALFUNC_MODIFY = READ_WRITE,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE community.assign_min_cost(bigint, bigint, float8) IS
'Assign as many requests as possible, then at the least total cost; each provider takes one request. Ties go to the lower keys, so the order of the edges does not matter. Infinite cost forbids a pair, the cheaper of equal pairs counts, NULL is passed over; NaN and differing capacities are refused (22023), |cost| * (requests + 1) >= 2^62 is refused (22003), too many edges for community.match_memory (54000). / 先使匹配的请求数最多,再使总成本最小;每个提供者接一个请求。相同优劣按键小者优先,与输入次序无关。无穷大成本表示禁止,重复边取较小成本,空值跳过;NaN 与不一致的容量被拒绝。';

CREATE AGGREGATE community.assign_min_cost(request bigint, provider bigint, cost float8, capacity integer) (
    SFUNC = community.assign_min_add,
    STYPE = internal,
    SSPACE = 1000000,
    FINALFUNC = community.assign_final,
    FINALFUNC_MODIFY = READ_WRITE,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE community.assign_min_cost(bigint, bigint, float8, integer) IS
'Assign as many requests as possible, then at the least total cost; each provider takes one request. Ties go to the lower keys, so the order of the edges does not matter. Infinite cost forbids a pair, the cheaper of equal pairs counts, NULL is passed over; NaN and differing capacities are refused (22023), |cost| * (requests + 1) >= 2^62 is refused (22003), too many edges for community.match_memory (54000). The capacity is how many requests the provider takes. / 先使匹配的请求数最多,再使总成本最小;每个提供者接一个请求。相同优劣按键小者优先,与输入次序无关。无穷大成本表示禁止,重复边取较小成本,空值跳过;NaN 与不一致的容量被拒绝。容量为提供者可接的请求数。';

CREATE AGGREGATE community.assign_min_cost(request bigint, provider bigint, cost float8, capacity integer, request_capacity integer) (
    SFUNC = community.assign_min_add,
    STYPE = internal,
    SSPACE = 1000000,
    FINALFUNC = community.assign_final,
    FINALFUNC_MODIFY = READ_WRITE,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE community.assign_min_cost(bigint, bigint, float8, integer, integer) IS
'Assign as many requests as possible, then at the least total cost; each provider takes one request. Ties go to the lower keys, so the order of the edges does not matter. Infinite cost forbids a pair, the cheaper of equal pairs counts, NULL is passed over; NaN and differing capacities are refused (22023), |cost| * (requests + 1) >= 2^62 is refused (22003), too many edges for community.match_memory (54000). The capacities are how many requests the provider takes and how many providers the request wants, each once. / 先使匹配的请求数最多,再使总成本最小;每个提供者接一个请求。相同优劣按键小者优先,与输入次序无关。无穷大成本表示禁止,重复边取较小成本,空值跳过;NaN 与不一致的容量被拒绝。两个容量依次为提供者可接的请求数、请求所需的提供者数(各至多一次)。';

CREATE AGGREGATE community.assign_max_score(request bigint, provider bigint, score float8) (
    SFUNC = community.assign_max_add,
    STYPE = internal,
    SSPACE = 1000000,
    FINALFUNC = community.assign_final,
    FINALFUNC_MODIFY = READ_WRITE,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE community.assign_max_score(bigint, bigint, float8) IS
'Assign as many requests as possible, then at the greatest total score; the rules are those of assign_min_cost, minus infinity forbids a pair, the better of equal pairs counts. / 先使匹配的请求数最多,再使总得分最大;规则同 assign_min_cost,负无穷表示禁止,重复边取较高得分。';

CREATE AGGREGATE community.assign_max_score(request bigint, provider bigint, score float8, capacity integer) (
    SFUNC = community.assign_max_add,
    STYPE = internal,
    SSPACE = 1000000,
    FINALFUNC = community.assign_final,
    FINALFUNC_MODIFY = READ_WRITE,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE community.assign_max_score(bigint, bigint, float8, integer) IS
'Assign as many requests as possible, then at the greatest total score; the rules are those of assign_min_cost, minus infinity forbids a pair, the better of equal pairs counts. The capacity is how many requests the provider takes. / 先使匹配的请求数最多,再使总得分最大;规则同 assign_min_cost,负无穷表示禁止,重复边取较高得分。容量为提供者可接的请求数。';

CREATE AGGREGATE community.assign_max_score(request bigint, provider bigint, score float8, capacity integer, request_capacity integer) (
    SFUNC = community.assign_max_add,
    STYPE = internal,
    SSPACE = 1000000,
    FINALFUNC = community.assign_final,
    FINALFUNC_MODIFY = READ_WRITE,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE community.assign_max_score(bigint, bigint, float8, integer, integer) IS
'Assign as many requests as possible, then at the greatest total score; the rules are those of assign_min_cost, minus infinity forbids a pair, the better of equal pairs counts. The capacities are how many requests the provider takes and how many providers the request wants, each once. / 先使匹配的请求数最多,再使总得分最大;规则同 assign_min_cost,负无穷表示禁止,重复边取较高得分。两个容量依次为提供者可接的请求数、请求所需的提供者数(各至多一次)。';

CREATE AGGREGATE community.assign_min_cost_optional(request bigint, provider bigint, cost float8, unmatched float8) (
    SFUNC = community.assign_optional_add,
    STYPE = internal,
    SSPACE = 1000000,
    FINALFUNC = community.assign_final,
    FINALFUNC_MODIFY = READ_WRITE,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE community.assign_min_cost_optional(bigint, bigint, float8, float8) IS
'Assign at the least total cost where leaving a request unmatched costs what its edges say, the same on all of them (else 22023); at equal cost a request is matched. The other rules are those of assign_min_cost. / 允许请求不匹配:每个请求给出不匹配的成本(其各边须一致),使总成本最小;成本相等时取匹配。其余规则同 assign_min_cost。';

CREATE AGGREGATE community.assign_min_cost_optional(request bigint, provider bigint, cost float8, unmatched float8, capacity integer) (
    SFUNC = community.assign_optional_add,
    STYPE = internal,
    SSPACE = 1000000,
    FINALFUNC = community.assign_final,
    FINALFUNC_MODIFY = READ_WRITE,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE community.assign_min_cost_optional(bigint, bigint, float8, float8, integer) IS
'Assign at the least total cost where leaving a request unmatched costs what its edges say, the same on all of them (else 22023); at equal cost a request is matched. The other rules are those of assign_min_cost. The capacity is how many requests the provider takes. / 允许请求不匹配:每个请求给出不匹配的成本(其各边须一致),使总成本最小;成本相等时取匹配。其余规则同 assign_min_cost。容量为提供者可接的请求数。';

CREATE AGGREGATE community.assign_min_cost_optional(request bigint, provider bigint, cost float8, unmatched float8, capacity integer, request_capacity integer) (
    SFUNC = community.assign_optional_add,
    STYPE = internal,
    SSPACE = 1000000,
    FINALFUNC = community.assign_final,
    FINALFUNC_MODIFY = READ_WRITE,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE community.assign_min_cost_optional(bigint, bigint, float8, float8, integer, integer) IS
'Assign at the least total cost where leaving a request unmatched costs what its edges say, the same on all of them (else 22023); at equal cost a request is matched. The other rules are those of assign_min_cost. The capacities are how many requests the provider takes and how many providers the request wants, each once. / 允许请求不匹配:每个请求给出不匹配的成本(其各边须一致),使总成本最小;成本相等时取匹配。其余规则同 assign_min_cost。两个容量依次为提供者可接的请求数、请求所需的提供者数(各至多一次)。';

CREATE AGGREGATE community.stable_match(request bigint, provider bigint, request_rank float8, provider_rank float8) (
    SFUNC = community.stable_add,
    STYPE = internal,
    SSPACE = 1000000,
    FINALFUNC = community.stable_final,
    FINALFUNC_MODIFY = READ_WRITE,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE community.stable_match(bigint, bigint, float8, float8) IS
'Match requests and providers that rank each other, lower ranks first, so that no two would rather have each other; of all stable matchings the best for every request. Equal ranks are told apart by key; an infinite rank refuses the other side; NaN is refused (22023). The cost of a pair is the rank that the request gave. / 双方互相排名(名次小者优先)的稳定匹配,且对每个请求都是最好的稳定匹配。名次相同按键区分;无穷大名次表示不接受;NaN 被拒绝。结果中的 cost 为请求方的名次。';

CREATE AGGREGATE community.stable_match(request bigint, provider bigint, request_rank float8, provider_rank float8, capacity integer) (
    SFUNC = community.stable_add,
    STYPE = internal,
    SSPACE = 1000000,
    FINALFUNC = community.stable_final,
    FINALFUNC_MODIFY = READ_WRITE,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE community.stable_match(bigint, bigint, float8, float8, integer) IS
'Match requests and providers that rank each other, lower ranks first, so that no two would rather have each other; of all stable matchings the best for every request. Equal ranks are told apart by key; an infinite rank refuses the other side; NaN is refused (22023). The cost of a pair is the rank that the request gave. The capacity is how many requests the provider takes. / 双方互相排名(名次小者优先)的稳定匹配,且对每个请求都是最好的稳定匹配。名次相同按键区分;无穷大名次表示不接受;NaN 被拒绝。结果中的 cost 为请求方的名次。容量为提供者可接的请求数。';

CREATE AGGREGATE community.stable_match(request bigint, provider bigint, request_rank float8, provider_rank float8, capacity integer, request_capacity integer) (
    SFUNC = community.stable_add,
    STYPE = internal,
    SSPACE = 1000000,
    FINALFUNC = community.stable_final,
    FINALFUNC_MODIFY = READ_WRITE,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE community.stable_match(bigint, bigint, float8, float8, integer, integer) IS
'Match requests and providers that rank each other, lower ranks first, so that no two would rather have each other; of all stable matchings the best for every request. Equal ranks are told apart by key; an infinite rank refuses the other side; NaN is refused (22023). The cost of a pair is the rank that the request gave. The capacities are how many requests the provider takes and how many providers the request wants, each once. / 双方互相排名(名次小者优先)的稳定匹配,且对每个请求都是最好的稳定匹配。名次相同按键区分;无穷大名次表示不接受;NaN 被拒绝。结果中的 cost 为请求方的名次。两个容量依次为提供者可接的请求数、请求所需的提供者数(各至多一次)。';

CREATE AGGREGATE community.assign_duals(request bigint, provider bigint, cost float8) (
    SFUNC = community.assign_min_add,
    STYPE = internal,
    SSPACE = 1000000,
    FINALFUNC = community.assign_duals_final,
    FINALFUNC_MODIFY = READ_WRITE,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE community.assign_duals(bigint, bigint, float8) IS
'Give the dual variables of assign_min_cost: they certify that its answer is the optimum, since on every edge request and provider add up, big first, to no more than the cost, and exactly to it where the pair was taken. / 给出 assign_min_cost 的对偶变量,用以证明最优:每条边上请求与提供者的对偶之和(先比 big)不超过成本,选中的边恰好相等。';

CREATE AGGREGATE community.assign_duals(request bigint, provider bigint, cost float8, capacity integer) (
    SFUNC = community.assign_min_add,
    STYPE = internal,
    SSPACE = 1000000,
    FINALFUNC = community.assign_duals_final,
    FINALFUNC_MODIFY = READ_WRITE,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE community.assign_duals(bigint, bigint, float8, integer) IS
'Give the dual variables of assign_min_cost: they certify that its answer is the optimum, since on every edge request and provider add up, big first, to no more than the cost, and exactly to it where the pair was taken. The capacity is how many requests the provider takes. / 给出 assign_min_cost 的对偶变量,用以证明最优:每条边上请求与提供者的对偶之和(先比 big)不超过成本,选中的边恰好相等。容量为提供者可接的请求数。';

CREATE AGGREGATE community.assign_duals(request bigint, provider bigint, cost float8, capacity integer, request_capacity integer) (
    SFUNC = community.assign_min_add,
    STYPE = internal,
    SSPACE = 1000000,
    FINALFUNC = community.assign_duals_final,
    FINALFUNC_MODIFY = READ_WRITE,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE community.assign_duals(bigint, bigint, float8, integer, integer) IS
'Give the dual variables of assign_min_cost: they certify that its answer is the optimum, since on every edge request and provider add up, big first, to no more than the cost, and exactly to it where the pair was taken. The capacities are how many requests the provider takes and how many providers the request wants, each once. / 给出 assign_min_cost 的对偶变量,用以证明最优:每条边上请求与提供者的对偶之和(先比 big)不超过成本,选中的边恰好相等。两个容量依次为提供者可接的请求数、请求所需的提供者数(各至多一次)。';
