/*
 * gridcell_binary.c
 *		Fuzz cells and points as numbers: encoding, lattice, families, disks.
 */
#include "fuzz.h"

#include "grid/gridarea_core.h"

/* Take two integers, two doubles and two small numbers from the input. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct
	{
		int64_t		a,
					b;
		double		lon,
					lat;
		uint8_t		level,
					radius;
	}			in;
	int64_t		cell,
				back;

	if (size < sizeof(in))
		return 0;
	memcpy(&in, data, sizeof(in));
	if (gridcell_encode(in.lon, in.lat, in.level, &cell) == GRIDCELL_OK)
	{
		CHECK(gridcell_valid(cell) && gridcell_level(cell) == in.level);
		in.b = cell;
	}
	in.a = (int64_t) ((uint64_t) in.a % GRIDCELL_COUNT);
	in.b = (int64_t) ((uint64_t) in.b % GRIDCELL_COUNT);
	{
		GridcellIndex index;
		GridcellParts parts;
		char		text[64];
		int			position;
		int			length = community_gridcell_format(in.a, text);

		CHECK(community_gridcell_parse(text, (size_t) length, &back, &position) == GRIDCELL_OK && back == in.a);
		community_gridcell_to_index(in.a, &index);
		community_gridcell_split(in.a, &parts);
		CHECK(parts.level == index.level);
		CHECK(community_gridcell_from_index(index.level, index.x, index.y, &back) && back == in.a);
	}
	{
		GridDisk	disk;
		int64_t		steps,
					n = 0,
					radius = in.radius % 6;

		community_gridcell_disk(in.a, radius, in.level % 2 ? radius : 0, &disk);
		while (community_gridcell_disk_next(&disk, &cell))
		{
			CHECK(community_gridcell_steps(in.a, cell, &steps));
			CHECK(in.level % 2 ? steps == radius : steps <= radius);
			n++;
		}
		CHECK(n <= community_gridcell_disk_size(&disk) + 1);
	}
	{
		GridDescent d;
		int			level = gridcell_level(in.a),
					to = level + in.radius % 3;
		int64_t		last = -1,
					n = 0;

		if (to <= GRIDCELL_LEVELS)
		{
			community_gridcell_descend(in.a, to, &d);
			while (n < 2000 && community_gridcell_descend_next(&d, &cell))
			{
				CHECK(cell > last && gridcell_contains(in.a, cell) && gridcell_level(cell) == to);
				last = cell;
				n++;
			}
		}
	}
	{
		GridLine	line;
		int64_t		n = 0;

		if (community_gridcell_line(in.a, in.b, &line))
		{
			while (n < 100 && community_gridcell_line_next(&line, &cell))
				n++;
			CHECK(n > 0);
		}
	}
	{
		int64_t		cells[64];
		size_t		n = size / 8 < 64 ? size / 8 : 64,
					kept;

		for (size_t i = 0; i < n; i++)
		{
			memcpy(&cells[i], data + 8 * i, 8);
			cells[i] = (int64_t) ((uint64_t) cells[i] % GRIDCELL_COUNT);
		}
		kept = community_gridcell_compact(cells, n);
		CHECK(kept <= n && (kept > 0 || n == 0));
		for (size_t i = 1; i < kept; i++)
			CHECK(cells[i] > gridcell_last(cells[i - 1]));
	}
	CHECK(community_gridcell_distance(in.a, in.b) >= 0);
	CHECK(community_gridcell_area(in.a) > 0);
	return 0;
}
