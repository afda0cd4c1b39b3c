/*
 * weekly.c
 *		Fuzz weekly hours: what is read is written and reads back the same.
 */
#include "fuzz.h"

#include "worktime/worktime.h"

/* Read a text of weekly hours; any error stands within the text. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static week_map map;
	static week_map again;
	static char text[WEEK_TEXT_MAX];
	static week_span spans[WEEK_MAX_SPANS];
	size_t		at = 0;
	size_t		len;

	if (community_week_parse((const char *) data, size, &map, &at) != NULL)
	{
		CHECK(at <= size);
		return 0;
	}
	CHECK(community_week_spans(&map, spans) <= WEEK_MAX_SPANS);
	len = community_week_print(&map, text);
	CHECK(len < WEEK_TEXT_MAX);
	CHECK(community_week_parse(text, len, &again, &at) == NULL);
	CHECK(memcmp(&map, &again, sizeof(map)) == 0);
	return 0;
}
