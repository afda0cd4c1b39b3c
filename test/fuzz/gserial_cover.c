/*
 * gserial_cover.c
 *		Fuzz serialized geometries, well formed or not, and their covers.
 */
#include "fuzz.h"

#include "grid/gridcell_core.h"
#include "grid/gridcover_core.h"

#define MOST	1000

/* Cover one geometry in all modes; a cell contained has its centre covered, and so on. */
static void
cover(const Gserial *g, int level)
{
	Cover		c;
	int64_t		cell,
			   *cells;
	size_t		counts[3] = {0, 0, 0};
	size_t		ncells;

	if (community_cover_open(&c, fuzz_get_host(), g) == COVER_OK &&
		community_cover_estimate(&c, level, COVER_OVERLAP) < MOST)
	{
		for (int mode = COVER_CENTRE; mode <= COVER_CONTAIN; mode++)
		{
			community_cover_begin(&c, level, (CoverMode) mode);
			while (counts[mode] < 10 * MOST && community_cover_next(&c, &cell))
			{
				CHECK(gridcell_valid(cell) && gridcell_level(cell) == level);
				counts[mode]++;
			}
		}
		CHECK(counts[COVER_CONTAIN] <= counts[COVER_OVERLAP]);
		CHECK(counts[COVER_CENTRE] <= counts[COVER_OVERLAP]);
		if (community_cover_mixed(&c, 30, &cells, &ncells) == COVER_OK)
		{
			CHECK(ncells <= 30);
			for (size_t i = 1; i < ncells; i++)
				CHECK(cells[i] > gridcell_last(cells[i - 1]));
			free(cells);
		}
	}
	community_cover_close(&c);
}

/* Read the input as a payload, then as the vertices of a ring. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Gserial		g;
	double		x,
				y;
	int32_t		srid;

	(void) gserial_point(data, size, &srid, &x, &y);
	if (community_gserial_open(data, size, &g) && community_gserial_check(&g))
		cover(&g, 1 + (size > 12 ? data[12] % 10 : 0));
	if (size >= 7 && size < 400)
	{
		/* three bytes a vertex: near the lattice, so that edges and corners meet */
		uint32_t	n = (uint32_t) (size - 1) / 3;
		int			level = 2 + data[0] % 9;
		size_t		bytes = 4 + 16 + ((size_t) n + 1) * 16;
		uint8_t    *payload = calloc(1, bytes);
		uint32_t	words[4] = {GSERIAL_POLYGON, 1, n + 1, 0};

		if (payload == NULL)
			return 0;
		payload[1] = 0x10;
		payload[2] = 0xe6;
		payload[3] = GSERIAL_FLAG_VERSION2;
		memcpy(payload + 4, words, sizeof(words));
		for (uint32_t i = 0; i <= n; i++)
		{
			const uint8_t *v = data + 1 + 3 * (i % n);
			double		w = (double) community_gridcell_width[level] / GRIDCELL_UNITS_PER_DEGREE,
						h = (double) community_gridcell_height[level] / GRIDCELL_UNITS_PER_DEGREE;
			double		xy[2] = {w * ((v[0] & 31) - 16 + (v[2] & 15) / 8.0), h * ((v[1] & 31) - 16 + (v[2] >> 4) / 8.0)};

			if (level == 2)
			{
				xy[0] /= 4;
				xy[1] /= 4;
			}
			memcpy(payload + 20 + 16 * i, xy, 16);
		}
		CHECK(community_gserial_open(payload, bytes, &g) && community_gserial_check(&g));
		cover(&g, level);
		free(payload);
	}
	return 0;
}
