/*
 * gridmap_bytes.c
 *		Fuzz gridmap: the stored bytes, damaged at will, must be refused or
 *		answer without reading outside; the wire form must come back.
 */
#include "fuzz.h"

#include "grid/gridmap_core.h"

/* Ask a map at many points. */
static void
ask(const Gridmap *map)
{
	const GridmapHead *h = map->head;

	for (int i = 0; i < 64; i++)
	{
		double		x = h->x0 + (h->x1 - h->x0) * (i % 8) / 7.0,
					y = h->y0 + (h->y1 - h->y0) * (i / 8) / 7.0;
		int64_t		code = 0,
					first = 0;
		uint64_t	cursor = 0;
		bool		found = gridmap_lookup(map, x, y, &code);
		int			n = 0;

		while (n < 1000 && community_gridmap_next(map, x, y, &cursor, &first))
		{
			if (n++ == 0)
				CHECK(found && first == code);
		}
		CHECK(found == (n > 0));
	}
	for (uint32_t v = 0; v < h->nvertices && v < 64; v++)
	{
		int64_t		code;

		(void) gridmap_lookup(map, map->xy[2 * v], map->xy[2 * v + 1], &code);
	}
}

/* A small map to damage: squares that share edges, with a hole. */
static void *
sample(size_t *size)
{
	GridmapInput in;
	void	   *value;
	size_t		bad;

	community_gridmap_input_init(&in, fuzz_get_host());
	for (int i = 0; i < 4; i++)
	{
		static const double square[10] = {0, 0, 1, 0, 1, 1, 0, 1, 0, 0};
		double	   *xy;

		CHECK(community_gridmap_input_area(&in, 100000000000000 + i) == GRIDMAP_OK);
		for (int hole = 0; hole <= i % 2; hole++)
		{
			CHECK(community_gridmap_input_ring(&in, hole == 0, 5, &xy) == GRIDMAP_OK);
			for (int k = 0; k < 10; k++)
				xy[k] = square[k] * (hole ? 0.5 : 1) + (hole ? 0.25 : 0) + (k % 2 ? i / 2 : i % 2);
		}
	}
	CHECK(community_gridmap_input_check(&in, &bad) == GRIDMAP_OK);
	CHECK(community_gridmap_build(&in, &value, size) == GRIDMAP_OK);
	community_gridmap_input_free(&in);
	return value;
}

/* Fuzz the wire form, then the stored form with the input as damage. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	GridmapInput in;
	Gridmap		map;
	static void *whole = NULL;
	static size_t whole_size;
	uint8_t    *damaged;
	size_t		cut,
				bad;

	community_gridmap_input_init(&in, fuzz_get_host());
	if (community_gridmap_wire_read(data, size, &in) == GRIDMAP_OK &&
		community_gridmap_input_check(&in, &bad) == GRIDMAP_OK)
	{
		void	   *value,
				   *again;
		size_t		value_size,
					again_size;
		uint8_t    *wire;
		GridmapInput second;

		CHECK(community_gridmap_build(&in, &value, &value_size) == GRIDMAP_OK);
		memset(value, 0, 4);
		CHECK(community_gridmap_open(value, value_size, &map));
		ask(&map);
		wire = malloc(community_gridmap_wire_size(&map) + 1);
		community_gridmap_wire_write(&map, wire);
		community_gridmap_input_init(&second, fuzz_get_host());
		CHECK(community_gridmap_wire_read(wire, community_gridmap_wire_size(&map), &second) == GRIDMAP_OK);
		CHECK(community_gridmap_build(&second, &again, &again_size) == GRIDMAP_OK);
		CHECK(again_size == value_size && memcmp(again, value, value_size) == 0);
		community_gridmap_input_free(&second);
		free(wire);
		free(value);
		free(again);
	}
	community_gridmap_input_free(&in);

	/* pairs of place and byte, after a cut */
	if (whole == NULL)
		whole = sample(&whole_size);
	if (size < 4)
		return 0;
	cut = data[0] == 0 ? whole_size - data[1] % 64 : whole_size;
	damaged = malloc(cut);
	memcpy(damaged, whole, cut);
	for (size_t i = 2; i + 2 < size; i += 3)
	{
		size_t		place = ((size_t) data[i] << 8 | data[i + 1]) % whole_size;

		if (data[1] & 1)
			place %= 1024;
		if (place < cut)
			damaged[place] = data[i + 2];
	}
	if (community_gridmap_open(damaged, cut, &map))
	{
		const GridmapHead *h = map.head;

		for (int i = 0; i < 64; i++)
		{
			int64_t		code = 0;
			uint64_t	cursor = 0;
			double		x = h->x0 + (h->x1 - h->x0) * (i % 8) / 7.0,
						y = h->y0 + (h->y1 - h->y0) * (i / 8) / 7.0;

			(void) gridmap_lookup(&map, x, y, &code);
			for (int n = 0; n < 100 && community_gridmap_next(&map, x, y, &cursor, &code);)
				n++;
		}
	}
	free(damaged);
	return 0;
}
