/*
 * grid_selfuncs.c
 *		Estimators: shares of rows from the statistics, read as integers.
 *
 * The server's own estimators cannot interpolate within a bin of a type they
 * do not know: they answered 1 row where 1,684 came.
 *
 * The server multiplies the shares of `>=` and `<=` unless both come from its
 * own estimators.  Two rules make the product right here.  A lower bound is
 * estimated under the condition of the upper bounds that stand beside it in
 * the same WHERE.  And of a pair that the planner support function makes of a
 * containment, the lower bound carries the whole share and the upper one is 1.
 */
#include "compat.h"

#include "access/htup_details.h"
#include "catalog/pg_statistic.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "utils/lsyscache.h"
#include "utils/selfuncs.h"

#include "grid/grid.h"

/* Values of the other side that are looked at when a join is estimated. */
#define GRID_JOIN_SAMPLES	200

/* How two values may relate. */
typedef enum GridRelation
{
	GRID_WITHIN,				/* the column lies in the value */
	GRID_AROUND,				/* the column contains the value */
	GRID_OVERLAP,				/* either */
	GRID_UNKNOWN
} GridRelation;

/* The statistics of a column. */
typedef struct GridStats
{
	double		nullfrac;
	double		rest;			/* share of rows that are neither NULL nor common */
	double		distinct;		/* number of distinct values that are not common */
	int			level;			/* a usual level of those */
	AttStatsSlot mcv;
	AttStatsSlot histogram;
} GridStats;

/* Load the statistics of a column; false when there are none to use. */
static bool
stats_open(VariableStatData *vardata, Oid operator, const GridType *type, GridStats *stats)
{
	bool		isdefault;
	double		distinct;

	memset(stats, 0, sizeof(GridStats));
	if (!HeapTupleIsValid(vardata->statsTuple) ||
		!statistic_proc_security_check(vardata, get_opcode(operator)))
		return false;

	stats->nullfrac = ((Form_pg_statistic) GETSTRUCT(vardata->statsTuple))->stanullfrac;
	stats->rest = 1.0 - stats->nullfrac;
	if (get_attstatsslot(&stats->mcv, vardata->statsTuple, STATISTIC_KIND_MCV, InvalidOid,
						 ATTSTATSSLOT_VALUES | ATTSTATSSLOT_NUMBERS))
	{
		for (int i = 0; i < stats->mcv.nnumbers; i++)
			stats->rest -= stats->mcv.numbers[i];
	}
	(void) get_attstatsslot(&stats->histogram, vardata->statsTuple, STATISTIC_KIND_HISTOGRAM,
							InvalidOid, ATTSTATSSLOT_VALUES);
	CLAMP_PROBABILITY(stats->rest);
	distinct = get_variable_numdistinct(vardata, &isdefault) - stats->mcv.nvalues;
	stats->distinct = Max(distinct, 1.0);
	if (stats->histogram.nvalues > 1)
		stats->level = type->level(DatumGetGrid(stats->histogram.values[stats->histogram.nvalues / 2]));
	return stats->mcv.nvalues > 0 || stats->histogram.nvalues > 1;
}

/* Free what stats_open() loaded. */
static void
stats_close(GridStats *stats)
{
	free_attstatsslot(&stats->mcv);
	free_attstatsslot(&stats->histogram);
}

/* Answer the share of the histogram's rows that lie below a number. */
static double
histogram_below(const AttStatsSlot *histogram, int64 number)
{
	int			low = 0;
	int			high = histogram->nvalues - 1;
	int64		a;
	int64		b;

	if (number <= DatumGetGrid(histogram->values[0]))
		return 0.0;
	if (number > DatumGetGrid(histogram->values[high]))
		return 1.0;

	/* find the bin: values[low] < number <= values[high] */
	while (high - low > 1)
	{
		int			middle = (low + high) / 2;

		if (DatumGetGrid(histogram->values[middle]) < number)
			low = middle;
		else
			high = middle;
	}
	a = DatumGetGrid(histogram->values[low]);
	b = DatumGetGrid(histogram->values[high]);
	return (low + (double) (number - a) / (double) (b - a)) / (histogram->nvalues - 1);
}

/* Answer the share of all rows whose value lies in [low, high]. */
static double
range_share(const GridStats *stats, int64 low, int64 high, double least)
{
	double		share = 0.0;

	if (low > high)
		return 0.0;
	for (int i = 0; i < stats->mcv.nvalues; i++)
	{
		int64		value = DatumGetGrid(stats->mcv.values[i]);

		if (value >= low && value <= high)
			share += stats->mcv.numbers[i];
	}
	if (stats->histogram.nvalues > 1 &&
		high >= DatumGetGrid(stats->histogram.values[0]) &&
		low <= DatumGetGrid(stats->histogram.values[stats->histogram.nvalues - 1]))
	{
		double		part = histogram_below(&stats->histogram, high + 1) -
		histogram_below(&stats->histogram, low);

		share += Max(part, least) * stats->rest;
	}
	CLAMP_PROBABILITY(share);
	return share;
}

/* Answer the share of all rows that hold exactly a value. */
static double
value_share(const GridStats *stats, int64 value)
{
	for (int i = 0; i < stats->mcv.nvalues; i++)
		if (DatumGetGrid(stats->mcv.values[i]) == value)
			return stats->mcv.numbers[i];
	if (stats->histogram.nvalues > 1 &&
		value >= DatumGetGrid(stats->histogram.values[0]) &&
		value <= DatumGetGrid(stats->histogram.values[stats->histogram.nvalues - 1]))
		return stats->rest / stats->distinct;
	return 0.0;
}

/*
 * Answer the share of all rows that contain a value.  Most ancestors of a
 * value are not there at all, so those which are no common values count
 * together as one of the others.
 */
static double
around_share(const GridStats *stats, const GridType *type, int64 value, bool proper)
{
	int64		lineage[GRID_MAX_LEVELS];
	int			n = community_grid_lineage(type, value, lineage);
	double		share = 0.0;
	double		other = 0.0;

	if (proper)
		n--;
	for (int i = 0; i < n; i++)
	{
		double		one = value_share(stats, lineage[i]);
		bool		common = false;

		for (int j = 0; j < stats->mcv.nvalues && !common; j++)
			common = DatumGetGrid(stats->mcv.values[j]) == lineage[i];
		if (common)
			share += one;
		else
			other = Max(other, one);
	}
	share += other;
	CLAMP_PROBABILITY(share);
	return share;
}

/* Answer the share of all rows that relate to a value. */
static double
related_share(const GridStats *stats, const GridType *type, GridRelation relation, int64 value)
{
	double		share = 0.0;

	if (relation != GRID_AROUND)
	{
		/* who asks for what lies in a cell expects one value there at least */
		double		least = type->level(value) <= stats->level ? 1.0 / stats->distinct : 0.0;

		share += range_share(stats, value, type->last_descendant(value), least);
	}
	if (relation != GRID_WITHIN)
		share += around_share(stats, type, value, relation == GRID_OVERLAP);
	CLAMP_PROBABILITY(share);
	return share;
}

/* Average the shares over values of another column; false without its values. */
static bool
average_share(const GridStats *stats, const GridStats *others, const GridType *type,
			  GridRelation relation, double *share)
{
	const AttStatsSlot *mcv = &others->mcv;
	const AttStatsSlot *histogram = &others->histogram;
	int			step = Max(mcv->nvalues / GRID_JOIN_SAMPLES, 1);
	double		common = 0.0;
	double		sum = 0.0;

	for (int i = 0; i < mcv->nvalues; i += step)
	{
		sum += mcv->numbers[i] *
			related_share(stats, type, relation, DatumGetGrid(mcv->values[i]));
		common += mcv->numbers[i];
	}

	/* the values that were passed over are like those that were not */
	if (common > 0.0)
		sum *= (1.0 - others->nullfrac - others->rest) / common;

	if (histogram->nvalues > 1)
	{
		double		part = 0.0;
		int			n = 0;

		step = Max(histogram->nvalues / GRID_JOIN_SAMPLES, 1);
		for (int i = 0; i < histogram->nvalues; i += step, n++)
			part += related_share(stats, type, relation, DatumGetGrid(histogram->values[i]));
		sum += others->rest * part / n;
	}
	else if (mcv->nvalues == 0)
		return false;
	CLAMP_PROBABILITY(sum);
	*share = sum;
	return true;
}

/* Tell how the column on a side of an operator relates to the other side. */
static GridRelation
operator_relation(Oid operator, const GridType *type, bool varonleft)
{
	char	   *name = get_func_name(get_opcode(operator));

	if (name == NULL || strlen(name) <= strlen(type->name) + 1)
		return GRID_UNKNOWN;
	name += strlen(type->name) + 1;
	if (strcmp(name, "contained") == 0)
		return varonleft ? GRID_WITHIN : GRID_AROUND;
	if (strcmp(name, "contains") == 0)
		return varonleft ? GRID_AROUND : GRID_WITHIN;
	if (strcmp(name, "overlaps") == 0)
		return GRID_OVERLAP;
	return GRID_UNKNOWN;
}

/* Estimate a relation to a value that is only known when the query runs. */
static double
unknown_share(VariableStatData *vardata, GridRelation relation)
{
	bool		isdefault;

	if (relation == GRID_AROUND)
		return 1.0 / Max(get_variable_numdistinct(vardata, &isdefault), 1.0);
	return DEFAULT_RANGE_INEQ_SEL;
}

/* Estimate a relation between a column and an expression. */
static double
relation_share(PlannerInfo *root, VariableStatData *vardata, Oid operator,
			   const GridType *type, GridRelation relation, Node *other)
{
	GridStats	stats;
	double		share;

	if (IsA(other, Const) && ((Const *) other)->constisnull)
		return 0.0;
	if (!stats_open(vardata, operator, type, &stats))
		share = unknown_share(vardata, relation);
	else if (IsA(other, Const))
		share = related_share(&stats, type, relation, DatumGetGrid(((Const *) other)->constvalue));
	else
	{
		/* a column of another relation, as in a parameterised index scan */
		VariableStatData otherdata;
		GridStats	others;

		examine_variable(root, other, 0, &otherdata);
		if (otherdata.vartype != vardata->vartype ||
			!stats_open(&otherdata, operator, type, &others) ||
			!average_share(&stats, &others, type, relation, &share))
			share = unknown_share(vardata, relation);
		else
			share /= Max(1.0 - others.nullfrac, 0.000001);
		if (HeapTupleIsValid(otherdata.statsTuple))
			stats_close(&others);
		ReleaseVariableStats(otherdata);
	}
	stats_close(&stats);
	CLAMP_PROBABILITY(share);
	return share;
}

/* Answer the argument when a node is a call of the helper `<type>_<suffix>`. */
static Node *
helper_argument(Node *node, const GridType *type, const char *suffix, Oid operator)
{
	FuncExpr   *call = (FuncExpr *) node;
	char	   *name;

	if (!IsA(node, FuncExpr) || list_length(call->args) != 1 ||
		get_func_namespace(call->funcid) != get_func_namespace(get_opcode(operator)))
		return NULL;
	name = get_func_name(call->funcid);
	if (name == NULL || strcmp(name, psprintf("%s_%s", type->name, suffix)) != 0)
		return NULL;
	return linitial(call->args);
}

/* Tell whether a clause was written by the user about one relation. */
static bool
stands_in_where(RelOptInfo *rel, List *args)
{
	ListCell   *lc;

	if (rel == NULL)
		return false;
	foreach(lc, rel->baserestrictinfo)
	{
		Expr	   *clause = lfirst_node(RestrictInfo, lc)->clause;

		if (is_opclause(clause) && ((OpExpr *) clause)->args == args)
			return true;
	}
	return false;
}

/* Answer the lowest upper bound that stands beside a lower bound. */
static int64
upper_bound_beside(PlannerInfo *root, VariableStatData *vardata, Oid lower, int64 none)
{
	int64		bound = none;
	ListCell   *lc;

	if (vardata->rel == NULL)
		return none;
	foreach(lc, vardata->rel->baserestrictinfo)
	{
		OpExpr	   *clause = (OpExpr *) lfirst_node(RestrictInfo, lc)->clause;
		Node	   *left;
		Node	   *right;
		Oid			op;
		int64		value;

		if (!is_opclause(clause) || list_length(clause->args) != 2)
			continue;
		left = strip_implicit_coercions(linitial(clause->args));
		right = strip_implicit_coercions(lsecond(clause->args));
		op = clause->opno;
		if (equal(right, vardata->var))
		{
			Node	   *swap = left;

			left = right;
			right = swap;
			op = get_commutator(op);
		}
		if (!equal(left, vardata->var))
			continue;

		/* of >= these two are <= and <, of > they are < and <= */
		if (op != get_commutator(lower) && op != get_negator(lower))
			continue;
		right = estimate_expression_value(root, right);
		if (!IsA(right, Const) || ((Const *) right)->constisnull)
			continue;
		value = DatumGetGrid(((Const *) right)->constvalue);
		if (strcmp(strrchr(get_func_name(get_opcode(op)), '_'), "_lt") == 0)
			value--;
		bound = Min(bound, value);
	}
	return bound;
}

/* Estimate a comparison, given as an upper or a lower bound of the column. */
static double
comparison_share(PlannerInfo *root, Oid operator, List *args, int varRelid,
				 const GridType *type, bool isless, bool isequal)
{
	VariableStatData vardata;
	GridStats	stats;
	Node	   *other;
	bool		varonleft;
	double		share = DEFAULT_INEQ_SEL;

	if (!get_restriction_variable(root, args, varRelid, &vardata, &other, &varonleft))
		return DEFAULT_INEQ_SEL;

	/* half of a containment that the planner support function made? */
	if (varonleft && isequal)
	{
		Node	   *bound = lsecond(args);

		if (IsA(bound, Const) && ((Const *) bound)->location == GRID_BOUND_LOCATION)
			bound = (Node *) other;
		else if (!stands_in_where(vardata.rel, args))
			bound = helper_argument(bound, type, isless ? "last" : "first", operator);
		else
			bound = NULL;
		if (bound != NULL)
		{
			share = isless ? 1.0 :
				relation_share(root, &vardata, operator, type, GRID_WITHIN,
							   estimate_expression_value(root, bound));
			ReleaseVariableStats(vardata);
			return share;
		}
	}

	if (!varonleft)
	{
		isless = !isless;
		operator = get_commutator(operator);
		if (!OidIsValid(operator))
		{
			ReleaseVariableStats(vardata);
			return DEFAULT_INEQ_SEL;
		}
	}

	if (IsA(other, Const) && ((Const *) other)->constisnull)
		share = 0.0;
	else if (IsA(other, Const))
	{
		int64		value = DatumGetGrid(((Const *) other)->constvalue);

		if (stats_open(&vardata, operator, type, &stats))
		{
			if (isless)
				share = range_share(&stats, type->first, isequal ? value : value - 1, 0.0);
			else
			{
				int64		upper = upper_bound_beside(root, &vardata, operator, type->last);
				double		below = range_share(&stats, type->first, upper, 0.0);

				share = range_share(&stats, isequal ? value : value + 1, upper, 0.0);
				if (below > 0.0 && upper < type->last)
					share /= below;
			}
		}
		stats_close(&stats);
	}
	ReleaseVariableStats(vardata);
	CLAMP_PROBABILITY(share);
	return share;
}

/* Estimate a containment or an overlap with a value. */
static double
containment_share(PlannerInfo *root, Oid operator, List *args, int varRelid,
				  const GridType *type)
{
	VariableStatData vardata;
	Node	   *other;
	bool		varonleft;
	GridRelation relation;
	double		share;

	if (!get_restriction_variable(root, args, varRelid, &vardata, &other, &varonleft))
		return DEFAULT_RANGE_INEQ_SEL;
	relation = operator_relation(operator, type, varonleft);
	if (relation == GRID_UNKNOWN)
		share = DEFAULT_RANGE_INEQ_SEL;
	else
		share = relation_share(root, &vardata, operator, type, relation, other);
	ReleaseVariableStats(vardata);
	return share;
}

/* Estimate a join by containment or overlap. */
static double
containment_join_share(PlannerInfo *root, Oid operator, List *args,
					   SpecialJoinInfo *sjinfo, const GridType *type)
{
	VariableStatData left;
	VariableStatData right;
	GridStats	lstats;
	GridStats	rstats;
	bool		reversed;
	bool		haveleft;
	bool		haveright;
	GridRelation relation = operator_relation(operator, type, true);
	double		share = DEFAULT_RANGE_INEQ_SEL;

	get_join_variables(root, args, sjinfo, &left, &right, &reversed);
	haveleft = stats_open(&left, operator, type, &lstats);
	haveright = stats_open(&right, operator, type, &rstats);
	if (haveleft && haveright && relation != GRID_UNKNOWN)
	{
		/* the containers are few and the contained many: sample the containers */
		if (relation == GRID_AROUND)
			(void) average_share(&rstats, &lstats, type, GRID_WITHIN, &share);
		else
			(void) average_share(&lstats, &rstats, type, relation, &share);
	}
	stats_close(&lstats);
	stats_close(&rstats);

	/* a semi join asks for the rows of one side that find a partner */
	if (sjinfo->jointype == JOIN_SEMI || sjinfo->jointype == JOIN_ANTI)
	{
		RelOptInfo *inner = reversed ? left.rel : right.rel;

		share *= inner ? Max(inner->rows, 1.0) : 1.0 / DEFAULT_RANGE_INEQ_SEL;
	}
	ReleaseVariableStats(left);
	ReleaseVariableStats(right);
	CLAMP_PROBABILITY(share);
	return share;
}

/* Define the five estimators and the join estimator of a type. */
#define GRID_COMPARISON(type, name, isless, isequal) \
PG_FUNCTION_INFO_V1(community_##type##_##name); \
Datum \
community_##type##_##name(PG_FUNCTION_ARGS) \
{ \
	PG_RETURN_FLOAT8(comparison_share((PlannerInfo *) PG_GETARG_POINTER(0), \
									  PG_GETARG_OID(1), \
									  (List *) PG_GETARG_POINTER(2), \
									  PG_GETARG_INT32(3), \
									  &community_##type##_type, isless, isequal)); \
}

#define GRID_CONTAINMENT(type) \
PG_FUNCTION_INFO_V1(community_##type##_containsel); \
Datum \
community_##type##_containsel(PG_FUNCTION_ARGS) \
{ \
	PG_RETURN_FLOAT8(containment_share((PlannerInfo *) PG_GETARG_POINTER(0), \
									   PG_GETARG_OID(1), \
									   (List *) PG_GETARG_POINTER(2), \
									   PG_GETARG_INT32(3), \
									   &community_##type##_type)); \
} \
PG_FUNCTION_INFO_V1(community_##type##_containjoinsel); \
Datum \
community_##type##_containjoinsel(PG_FUNCTION_ARGS) \
{ \
	PG_RETURN_FLOAT8(containment_join_share((PlannerInfo *) PG_GETARG_POINTER(0), \
											PG_GETARG_OID(1), \
											(List *) PG_GETARG_POINTER(2), \
											(SpecialJoinInfo *) PG_GETARG_POINTER(4), \
											&community_##type##_type)); \
}

/* Estimate comparisons and containments of cells. */
GRID_COMPARISON(gridcell, ltsel, true, false)
GRID_COMPARISON(gridcell, lesel, true, true)
GRID_COMPARISON(gridcell, gtsel, false, false)
GRID_COMPARISON(gridcell, gesel, false, true)
GRID_CONTAINMENT(gridcell)

/* Estimate comparisons and containments of codes. */
GRID_COMPARISON(gridcode, ltsel, true, false)
GRID_COMPARISON(gridcode, lesel, true, true)
GRID_COMPARISON(gridcode, gtsel, false, false)
GRID_COMPARISON(gridcode, gesel, false, true)
GRID_CONTAINMENT(gridcode)
