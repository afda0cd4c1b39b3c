/*
 * grid_support.c
 *		Planner support: containment becomes conditions on an index.
 *
 *		col <@ x, x @> col		col >= first(x) AND col <= last(x)
 *		col @> x, x <@ col		col = ANY (ancestors(x))
 *
 * x may be a constant, a parameter or a column of another relation.  The
 * functions stay in the condition instead of being folded: they cost nothing
 * beside the look-up, EXPLAIN shows what happens, and the estimators recognise
 * the pair as one containment (grid_selfuncs.c).
 */
#include "compat.h"

#include "access/amapi.h"
#include "access/stratnum.h"
#include "catalog/pg_am.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pathnodes.h"
#include "nodes/supportnodes.h"
#include "optimizer/optimizer.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "grid/grid.h"

PG_FUNCTION_INFO_V1(community_gridcell_support);
PG_FUNCTION_INFO_V1(community_gridcode_support);

/*
 * Find the helper `<type>_<suffix>(type)` beside the function that is planned;
 * they stand in one schema, whatever its name.
 */
static Oid
helper_function(Oid funcid, Oid argtype, const GridType *type, const char *suffix)
{
	Oid			schema = get_func_namespace(funcid);
	char	   *name = psprintf("%s_%s", type->name, suffix);
	oidvector  *args = buildoidvector(&argtype, 1);

	return GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid,
						   CStringGetDatum(name),
						   PointerGetDatum(args),
						   ObjectIdGetDatum(schema));
}

/* Make the condition `column <op> helper(value)`. */
static Expr *
bound_condition(Oid operator, Node *column, Oid helper, Oid type, Node *value)
{
	FuncExpr   *bound = makeFuncExpr(helper, type, list_make1(copyObject(value)),
									 InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL);

	return make_opclause(operator, BOOLOID, false, (Expr *) copyObject(column),
						 (Expr *) bound, InvalidOid, InvalidOid);
}

/* Make the conditions for a column that lies in a value. */
static List *
within_conditions(SupportRequestIndexCondition *req, const GridType *type,
				  Node *column, Node *value)
{
	Oid			typid = exprType(column);
	Oid			ge = get_opfamily_member(req->opfamily, typid, typid, BTGreaterEqualStrategyNumber);
	Oid			le = get_opfamily_member(req->opfamily, typid, typid, BTLessEqualStrategyNumber);
	Oid			first = helper_function(req->funcid, typid, type, "first");
	Oid			last = helper_function(req->funcid, typid, type, "last");

	if (!OidIsValid(ge) || !OidIsValid(le) || !OidIsValid(first) || !OidIsValid(last))
		return NIL;
	return list_make2(bound_condition(ge, column, first, typid, value),
					  bound_condition(le, column, last, typid, value));
}

/* Make the condition for a column that contains a value. */
static List *
around_conditions(SupportRequestIndexCondition *req, const GridType *type,
				  Node *column, Node *value)
{
	Oid			typid = exprType(column);
	Oid			eq = get_opfamily_member(req->opfamily, typid, typid, BTEqualStrategyNumber);
	Oid			arraytype = get_array_type(typid);
	Oid			ancestors = helper_function(req->funcid, typid, type, "ancestors");
	ScalarArrayOpExpr *any;

	/*
	 * An array on a later column would break the order of the index's rows,
	 * and the planner looks for it in the original clause only.
	 */
	if (!OidIsValid(eq) || !OidIsValid(arraytype) || !OidIsValid(ancestors) ||
		!req->index->amsearcharray || req->indexcol != 0)
		return NIL;
	any = makeNode(ScalarArrayOpExpr);
	any->opno = eq;
	any->opfuncid = get_opcode(eq);
	any->useOr = true;
	any->args = list_make2(copyObject(column),
						   makeFuncExpr(ancestors, arraytype, list_make1(copyObject(value)),
										InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL));
	any->location = -1;
	return list_make1(any);
}

/* Serve the planner's requests about containment. */
static Node *
grid_support(Node *rawreq, const GridType *type)
{
	SupportRequestIndexCondition *req = (SupportRequestIndexCondition *) rawreq;
	List	   *args;
	Node	   *left;
	Node	   *right;
	Node	   *column;
	Node	   *value;
	char	   *name;
	bool		within;
	List	   *conditions;

	if (!IsA(rawreq, SupportRequestIndexCondition))
		return NULL;

	/* the strategies of a btree are those of a BRIN minmax class */
	if (req->index->relam != BTREE_AM_OID && req->index->relam != BRIN_AM_OID)
		return NULL;

	if (is_opclause(req->node))
		args = ((OpExpr *) req->node)->args;
	else if (is_funcclause(req->node))
		args = ((FuncExpr *) req->node)->args;
	else
		return NULL;
	if (list_length(args) != 2)
		return NULL;
	left = linitial(args);
	right = lsecond(args);

	/* which side is the container? */
	name = get_func_name(req->funcid);
	if (name == NULL)
		return NULL;
	name += strlen(type->name) + 1;
	if (strcmp(name, "contained") == 0)
		within = req->indexarg == 0;
	else if (strcmp(name, "contains") == 0)
		within = req->indexarg == 1;
	else
		return NULL;
	column = req->indexarg == 0 ? left : right;
	value = req->indexarg == 0 ? right : left;

	/* the other side must stay the same during a scan */
	if (!is_pseudo_constant_for_index(req->root, value, req->index))
		return NULL;

	conditions = within ?
		within_conditions(req, type, column, value) :
		around_conditions(req, type, column, value);
	if (conditions == NIL)
		return NULL;
	req->lossy = false;
	return (Node *) conditions;
}

/* Serve the planner's requests about gridcell. */
Datum
community_gridcell_support(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(grid_support((Node *) PG_GETARG_POINTER(0), &community_gridcell_type));
}

/* Serve the planner's requests about gridcode. */
Datum
community_gridcode_support(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(grid_support((Node *) PG_GETARG_POINTER(0), &community_gridcode_type));
}
