/*
 * gridcell_text.c
 *		Fuzz the text forms of gridcell and gridcode: what parses must print
 *		back to itself.
 */
#include "fuzz.h"

#include "grid/gridcell_core.h"
#include "grid/gridcode_core.h"

/* Parse and print one text. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char		text[64];
	int64_t		cell,
				again;
	int			position,
				length;

	if (community_gridcell_parse((const char *) data, size, &cell, &position) == GRIDCELL_OK)
	{
		CHECK(gridcell_valid(cell));
		length = community_gridcell_format(cell, text);
		CHECK(length == (int) size && memcmp(text, data, size) == 0);
	}
	if (community_gridcode_parse((const char *) data, size, &cell, &position) == GRIDCODE_OK)
	{
		CHECK(community_gridcode_check(cell) == GRIDCODE_OK);
		length = community_gridcode_format(cell, text);
		CHECK(community_gridcode_parse(text, (size_t) length, &again, &position) == GRIDCODE_OK);
		CHECK(again == cell);
	}
	return 0;
}
