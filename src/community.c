/*
 * community.c
 *		Module magic, and the settings of the library.
 */
#include "compat.h"

#include "utils/guc.h"

#include "community.h"

PG_MODULE_MAGIC;

void		_PG_init(void);

/* Define the library's settings and let each module define its own. */
void
_PG_init(void)
{
	MarkGUCPrefixReserved("community");
}
