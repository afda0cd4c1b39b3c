/*
 * session_op.c
 *		Who the session is, for checks on hot paths.
 */
#include "compat.h"

#include "access/htup_details.h"
#include "catalog/pg_auth_members.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/catcache.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(community_session_owns);
PG_FUNCTION_INFO_V1(community_session_roles);

/*
 * Tell whether the login role is a superuser or a member of the owner of a
 * relation.
 */
Datum
community_session_owns(PG_FUNCTION_ARGS)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(PG_GETARG_OID(0)));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		PG_RETURN_NULL();
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	PG_RETURN_BOOL(is_member_of_role(GetSessionUserId(), owner));
}

/* Add the roles that a role was granted to a list of roles. */
static List *
add_granted(List *roles, Oid member)
{
	CatCList   *grants = SearchSysCacheList1(AUTHMEMMEMROLE, ObjectIdGetDatum(member));
	int			i;

	for (i = 0; i < grants->n_members; i++)
	{
		HeapTuple	grant = &grants->members[i]->tuple;

		roles = list_append_unique_oid(roles, ((Form_pg_auth_members) GETSTRUCT(grant))->roleid);
	}
	ReleaseSysCacheList(grants);
	return roles;
}

/*
 * Name the login role and the roles that it is a member of.
 */
Datum
community_session_roles(PG_FUNCTION_ARGS)
{
	List	   *roles = list_make1_oid(GetSessionUserId());
	Datum	   *names;
	int			n;

	/* the list grows while it is walked */
	for (n = 0; n < list_length(roles); n++)
	{
		CHECK_FOR_INTERRUPTS();
		roles = add_granted(roles, list_nth_oid(roles, n));
	}
	names = palloc(sizeof(Datum) * n);
	for (n = 0; n < list_length(roles); n++)
	{
		char	   *name = GetUserNameFromId(list_nth_oid(roles, n), false);

		names[n] = DirectFunctionCall1(namein, CStringGetDatum(name));
	}
	PG_RETURN_ARRAYTYPE_P(construct_array(names, n, NAMEOID, NAMEDATALEN, false, TYPALIGN_CHAR));
}
