/*
 * grid_support.c
 *		Planner support: containment becomes conditions on an index.
 *
 *		col <@ constant			col >= constant AND col <= its last descendant
 *		col <@ x, x @> col		col >= first(x) AND col <= last(x)
 *		col @> x, x <@ col		col = ANY (ancestors(x))
 *
 * The first is a rewriting of the query: it prunes partitions too, and leaves
 * no filter behind the index.  The others are made for an index when x is a
 * parameter or a column of another relation.  The estimators recognise both
 * pairs as one containment (grid_selfuncs.c).
 */
#include "compat.h"

#include "access/amapi.h"
#include "access/stratnum.h"
#include "catalog/pg_am.h"
#include "catalog/pg_proc.h"
#include "commands/defrem.h"
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

/* Make the condition `column <operator> bound`. */
static Expr *
bound_condition(Oid operator, Node *column, Node *bound)
{
	OpExpr	   *condition = (OpExpr *) make_opclause(operator, BOOLOID, false,
													 (Expr *) copyObject(column), (Expr *) bound,
													 InvalidOid, InvalidOid);

	set_opfuncid(condition);
	return (Expr *) condition;
}

/* Make the call `helper(value)`. */
static Node *
helper_call(Oid helper, Oid result, Node *value)
{
	return (Node *) makeFuncExpr(helper, result, list_make1(copyObject(value)),
								 InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL);
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
	return list_make2(bound_condition(ge, column, helper_call(first, typid, value)),
					  bound_condition(le, column, helper_call(last, typid, value)));
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
	any->args = list_make2(copyObject(column), helper_call(ancestors, arraytype, value));
	any->location = -1;
	return list_make1(any);
}

/* Make a constant that is one bound of a containment. */
static Node *
bound_constant(Const *like, int64 value)
{
	Const	   *bound = copyObject(like);

	bound->constvalue = GridGetDatum(value);
	bound->location = GRID_BOUND_LOCATION;
	return (Node *) bound;
}

/*
 * Rewrite `column <@ constant` as a range.  Only for a plain column: anything
 * else would be computed twice.
 */
static Node *
simplify_containment(SupportRequestSimplify *req, const GridType *type, bool contained)
{
	FuncExpr   *call = req->fcall;
	Node	   *column;
	Const	   *value;
	Oid			typid;
	Oid			opclass;
	Oid			opfamily;
	Oid			ge;
	Oid			le;
	int64		low;
	int64		high;

	if (list_length(call->args) != 2)
		return NULL;
	column = contained ? linitial(call->args) : lsecond(call->args);
	value = contained ? lsecond(call->args) : linitial(call->args);
	if (!IsA(column, Var) || !IsA(value, Const) || value->constisnull ||
		exprType(column) != value->consttype)
		return NULL;

	typid = value->consttype;
	opclass = GetDefaultOpClass(typid, BTREE_AM_OID);
	if (!OidIsValid(opclass))
		return NULL;
	opfamily = get_opclass_family(opclass);
	ge = get_opfamily_member(opfamily, typid, typid, BTGreaterEqualStrategyNumber);
	le = get_opfamily_member(opfamily, typid, typid, BTLessEqualStrategyNumber);
	if (!OidIsValid(ge) || !OidIsValid(le))
		return NULL;
	low = DatumGetGrid(value->constvalue);
	high = type->last_descendant(low);
	return (Node *) make_andclause(list_make2(bound_condition(ge, column, bound_constant(value, low)),
											  bound_condition(le, column, bound_constant(value, high))));
}

/* Make the conditions with which an index serves a containment. */
static Node *
index_containment(SupportRequestIndexCondition *req, const GridType *type, bool contained)
{
	List	   *args;
	Node	   *column;
	Node	   *value;
	List	   *conditions;

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
	column = req->indexarg == 0 ? linitial(args) : lsecond(args);
	value = req->indexarg == 0 ? lsecond(args) : linitial(args);

	/* the other side must stay the same during a scan */
	if (!is_pseudo_constant_for_index(req->root, value, req->index))
		return NULL;

	if (contained == (req->indexarg == 0))
		conditions = within_conditions(req, type, column, value);
	else
		conditions = around_conditions(req, type, column, value);
	if (conditions == NIL)
		return NULL;
	req->lossy = false;
	return (Node *) conditions;
}

/* Serve the planner's requests about containment. */
static Node *
grid_support(Node *request, const GridType *type)
{
	Oid			funcid;
	char	   *name;
	bool		contained;

	if (IsA(request, SupportRequestSimplify))
		funcid = ((SupportRequestSimplify *) request)->fcall->funcid;
	else if (IsA(request, SupportRequestIndexCondition))
		funcid = ((SupportRequestIndexCondition *) request)->funcid;
	else
		return NULL;

	/* which side is the container? */
	name = get_func_name(funcid);
	if (name == NULL || strlen(name) <= strlen(type->name))
		return NULL;
	contained = strcmp(name + strlen(type->name), "_contained") == 0;
	if (!contained && strcmp(name + strlen(type->name), "_contains") != 0)
		return NULL;

	if (IsA(request, SupportRequestSimplify))
		return simplify_containment((SupportRequestSimplify *) request, type, contained);
	return index_containment((SupportRequestIndexCondition *) request, type, contained);
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
