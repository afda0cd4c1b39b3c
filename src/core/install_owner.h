/*
 * install_owner.h
 *		The role that owns the platform, and the objects that it owns.
 */
#ifndef COMMUNITY_INSTALL_OWNER_H
#define COMMUNITY_INSTALL_OWNER_H

#include "postgres.h"

#include "nodes/pg_list.h"
#include "utils/array.h"

/* What community_owner_become() changed, for community_owner_leave(). */
typedef struct OwnerState
{
	Oid			user;
	int			context;
	int			nestlevel;
} OwnerState;

extern Oid	community_platform_owner(void);
extern Oid	community_owner_choose(const char *name, bool dry_run);
extern Oid	community_owner_installed(void);
extern void community_owner_become(Oid owner, OwnerState *state);
extern void community_owner_leave(OwnerState *state);
extern void community_objects_record(const char *module, List *needs);
extern List *community_names_read(ArrayType *array);

#endif							/* COMMUNITY_INSTALL_OWNER_H */
