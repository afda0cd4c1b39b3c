/*
 * community.c
 *		Module magic, and the settings of the library.
 */
#include "compat.h"

#include "utils/guc.h"

#include "card/keys.h"
#include "community.h"
#include "grid/grid_settings.h"
#include "match/match.h"

PG_MODULE_MAGIC;

void		_PG_init(void);

/* Languages a refusal may speak. */
static const struct config_enum_entry community_lang_options[] = {
	{"en", COMMUNITY_LANG_EN, false},
	{"zh", COMMUNITY_LANG_ZH, false},
	{NULL, 0, false}
};

static int	community_lang = COMMUNITY_LANG_EN;

/* Define the library's settings and let each module define its own. */
void
_PG_init(void)
{
	DefineCustomEnumVariable("community.lang",
							 "Sets the language of the platform's refusals.",
							 "en is English, zh is Chinese.",
							 &community_lang,
							 COMMUNITY_LANG_EN,
							 community_lang_options,
							 PGC_USERSET,
							 0,
							 NULL, NULL, NULL);

	community_keys_init();

	community_grid_settings();
	community_match_settings();
	MarkGUCPrefixReserved("community");
}
