/*
 * gridarea_core.c
 *		Neighbourhood, measures and sets of cells.
 *
 * Neighbours are found in the signed lattice of a level, never by walking
 * digits: columns wrap around the world, rows end at 88 degrees.
 */
#include "grid/gridarea_core.h"

#include <math.h>
#include <stdlib.h>

#ifndef M_PI
#define M_PI 3.14159265358979323846
#endif

/* The ellipsoid of WGS84. */
#define WGS84_A		6378137.0
#define WGS84_F		(1.0 / 298.257223563)
#define WGS84_B		(WGS84_A * (1.0 - WGS84_F))
#define WGS84_E2	(WGS84_F * (2.0 - WGS84_F))
#define MEAN_RADIUS	6371008.8

#define RADIANS		(M_PI / 180.0)

/* Return the number of columns around the world. */
static int64_t
circle(int level)
{
	return 2 * (int64_t) (GRIDCELL_LON_UNITS / community_gridcell_width[level]);
}

/* Return the number of rows of one hemisphere. */
static int64_t
hemisphere(int level)
{
	return GRIDCELL_LAT_UNITS / community_gridcell_height[level];
}

/* Return the shortest way from one column to another. */
static int64_t
columns_between(int level, int64_t from, int64_t to)
{
	int64_t		all = circle(level);
	int64_t		d = (to - from) % all;

	if (d >= all / 2)
		d -= all;
	if (d < -all / 2)
		d += all;
	return d;
}

/*
 * Begin the disk of a radius in steps, without the cells closer than hollow.
 * Rows beyond 88 degrees are left out; a disk wider than the world counts each
 * column once.
 */
void
community_gridcell_disk(int64_t centre, int64_t radius, int64_t hollow, GridDisk *disk)
{
	GridcellIndex index;
	int64_t		rows;

	community_gridcell_to_index(centre, &index);
	rows = hemisphere(index.level);
	disk->level = index.level;
	disk->cx = index.x;
	disk->cy = index.y;
	disk->hollow = hollow;
	disk->x0 = index.x - radius;
	disk->x1 = index.x + radius;
	if (2 * radius + 1 > circle(index.level))
	{
		disk->x0 = index.x - circle(index.level) / 2;
		disk->x1 = disk->x0 + circle(index.level) - 1;
	}
	disk->y0 = index.y - radius < -rows ? -rows : index.y - radius;
	disk->y1 = index.y + radius >= rows ? rows - 1 : index.y + radius;
	disk->x = disk->x0;
	disk->y = disk->y0;
	disk->row_shift = 0;
	disk->tabled = disk->x1 - disk->x0 < GRIDDISK_TABLE;
	for (int64_t x = disk->x0; disk->tabled && x <= disk->x1; x++)
		(void) community_gridcell_from_index(disk->level, x, disk->y0, &disk->columns[x - disk->x0]);
}

/*
 * Begin the next row.  A rank is the sum of a part that depends on the column
 * and one that depends on the row, so that one shift serves the whole row.
 */
static void
next_row(GridDisk *d)
{
	int64_t		cell;

	d->x = d->x0;
	d->y++;
	if (d->tabled && d->y <= d->y1)
	{
		(void) community_gridcell_from_index(d->level, d->x0, d->y, &cell);
		d->row_shift = cell - d->columns[0];
	}
}

/* Return an upper bound of the number of cells in a disk or ring. */
double
community_gridcell_disk_size(const GridDisk *d)
{
	double		width = (double) (d->x1 - d->x0 + 1),
				height = (double) (d->y1 - d->y0 + 1);

	return d->hollow > 0 ? 2 * (width + height) : width * height;
}

/* Answer the next cell of a disk. */
bool
community_gridcell_disk_next(GridDisk *d, int64_t *cell)
{
	if (d->hollow > 0 && llabs(d->y - d->cy) < d->hollow && llabs(d->x - d->cx) < d->hollow)
	{
		/* jump over the hollow; the row may end in it */
		d->x = d->cx + d->hollow;
		if (d->x > d->x1)
		{
			next_row(d);
			while (d->y <= d->y1 && llabs(d->y - d->cy) < d->hollow &&
				   llabs(d->x - d->cx) < d->hollow)
				next_row(d);
		}
	}
	if (d->y > d->y1)
		return false;
	if (d->tabled)
		*cell = d->columns[d->x - d->x0] + d->row_shift;
	else
		(void) community_gridcell_from_index(d->level, d->x, d->y, cell);
	if (++d->x > d->x1)
		next_row(d);
	return true;
}

/* Count the steps between two cells of one level, diagonals included. */
bool
community_gridcell_steps(int64_t a, int64_t b, int64_t *steps)
{
	GridcellIndex p,
				q;
	int64_t		dx,
				dy;

	community_gridcell_to_index(a, &p);
	community_gridcell_to_index(b, &q);
	if (p.level != q.level)
		return false;
	dx = llabs(columns_between(p.level, p.x, q.x));
	dy = llabs((int64_t) q.y - p.y);
	*steps = dx > dy ? dx : dy;
	return true;
}

/* Begin the straight way between two cells of one level, the short way around. */
bool
community_gridcell_line(int64_t a, int64_t b, GridLine *line)
{
	GridcellIndex p,
				q;

	community_gridcell_to_index(a, &p);
	community_gridcell_to_index(b, &q);
	if (p.level != q.level)
		return false;
	line->level = p.level;
	line->x = p.x;
	line->y = p.y;
	line->dx = columns_between(p.level, p.x, q.x);
	line->dy = (int64_t) q.y - p.y;
	line->n = llabs(line->dx) > llabs(line->dy) ? llabs(line->dx) : llabs(line->dy);
	line->i = 0;
	return true;
}

/* Divide and round to the nearest, halves away from zero. */
static int64_t
divide_round(int64_t a, int64_t b)
{
	return a >= 0 ? (2 * a + b) / (2 * b) : -((-2 * a + b) / (2 * b));
}

/* Answer the next cell of a line, both ends included. */
bool
community_gridcell_line_next(GridLine *l, int64_t *cell)
{
	int64_t		x = l->x,
				y = l->y;

	if (l->i > l->n)
		return false;
	if (l->n > 0)
	{
		x += divide_round(l->dx * l->i, l->n);
		y += divide_round(l->dy * l->i, l->n);
	}
	l->i++;
	return community_gridcell_from_index(l->level, x, y, cell);
}

/* Count the descendants of a cell of one level at another one. */
double
community_gridcell_descendants(int from, int to)
{
	double		n = 1;

	for (int level = from; level < to; level++)
		n *= (double) community_gridcell_columns[level] * community_gridcell_rows[level];
	return n;
}

/* Begin the descendants of a cell at a level that is not above its own. */
void
community_gridcell_descend(int64_t cell, int level, GridDescent *d)
{
	d->from = gridcell_level(cell);
	d->to = level;
	d->done = false;
	/* the first descendant: one rank further at each level */
	d->cell = cell + (level - d->from);
	for (int l = d->from + 1; l <= level; l++)
		d->left[l] = (int64_t) community_gridcell_columns[l - 1] * community_gridcell_rows[l - 1] - 1;
}

/* Answer the next descendant. */
bool
community_gridcell_descend_next(GridDescent *d, int64_t *cell)
{
	int			level = d->to;

	if (d->done)
		return false;
	*cell = d->cell;
	/* up to the first ancestor that has a sibling to come, then down again */
	while (level > d->from && d->left[level] == 0)
		level--;
	if (level == d->from)
	{
		d->done = true;
		return true;
	}
	d->left[level]--;
	d->cell += community_gridcell_span[d->to] + (d->to - level);
	for (int l = level + 1; l <= d->to; l++)
		d->left[l] = (int64_t) community_gridcell_columns[l - 1] * community_gridcell_rows[l - 1] - 1;
	return true;
}

/* Order cells. */
static int
compare_ids(const void *a, const void *b)
{
	int64_t		x = *(const int64_t *) a,
				y = *(const int64_t *) b;

	return (x > y) - (x < y);
}

/*
 * Replace complete families by their parents, drop repeats and what an ancestor
 * contains, in place; returns how many cells are left, in order.
 */
size_t
community_gridcell_compact(int64_t *cells, size_t n)
{
	size_t		kept = 0;
	int64_t		last = -1;

	if (n > 1)
		qsort(cells, n, sizeof(int64_t), compare_ids);
	/* an ancestor stands before its descendants */
	for (size_t i = 0; i < n; i++)
	{
		if (cells[i] <= last)
			continue;
		last = gridcell_last(cells[i]);
		cells[kept++] = cells[i];
	}
	for (int level = GRIDCELL_LEVELS; level > 1; level--)
	{
		size_t		family = (size_t) community_gridcell_columns[level - 1] *
			community_gridcell_rows[level - 1];

		n = kept;
		kept = 0;
		for (size_t i = 0; i < n;)
		{
			int64_t		parent = -1;

			/* a first child stands one rank behind its parent */
			if (n - i >= family && gridcell_level(cells[i]) == level)
			{
				parent = community_gridcell_up(cells[i]);
				if (cells[i] != parent + 1 ||
					cells[i + family - 1] != cells[i] + (int64_t) (family - 1) * community_gridcell_span[level])
					parent = -1;
				for (size_t k = 1; k < family && parent >= 0; k++)
				{
					if (cells[i + k] != cells[i] + (int64_t) k * community_gridcell_span[level])
						parent = -1;
				}
			}
			if (parent >= 0)
			{
				cells[kept++] = parent;
				i += family;
			}
			else
				cells[kept++] = cells[i++];
		}
	}
	return kept;
}

/* Return the south edge and the height of a cell in radians, mirrored to the north. */
static void
latitudes(int64_t cell, double *south, double *height, double *width)
{
	GridcellParts parts;

	community_gridcell_split(cell, &parts);
	*south = (double) parts.lat / GRIDCELL_UNITS_PER_DEGREE * RADIANS;
	*height = (double) community_gridcell_height[parts.level] / GRIDCELL_UNITS_PER_DEGREE * RADIANS;
	*width = (double) community_gridcell_width[parts.level] / GRIDCELL_UNITS_PER_DEGREE * RADIANS;
}

/* Return the area of one radian of longitude per radian of latitude, in square metres. */
static double
area_density(double phi)
{
	double		s = sin(phi);
	double		q = 1.0 - WGS84_E2 * s * s;

	return WGS84_A * WGS84_A * (1.0 - WGS84_E2) * cos(phi) / (q * q);
}

/*
 * Return the area of a cell on the ellipsoid in square metres.  The closed form
 * loses all digits in a small cell; Simpson's rule over eight strips keeps them
 * and is exact to 1e-11 in the largest one.
 */
double
community_gridcell_area(int64_t cell)
{
	double		south,
				height,
				width;
	double		sum = 0;

	latitudes(cell, &south, &height, &width);
	for (int i = 0; i <= 16; i++)
		sum += area_density(south + height * i / 16.0) * (i == 0 || i == 16 ? 1 : i % 2 ? 4 : 2);
	return width * sum * (height / 16.0) / 3.0;
}

/* Return the centre of a cell in radians. */
static void
centre(int64_t cell, double *lon, double *lat)
{
	GridcellParts parts;

	community_gridcell_split(cell, &parts);
	*lon = (parts.lon + 0.5 * community_gridcell_width[parts.level]) / GRIDCELL_UNITS_PER_DEGREE * RADIANS;
	*lat = (parts.lat + 0.5 * community_gridcell_height[parts.level]) / GRIDCELL_UNITS_PER_DEGREE * RADIANS;
	if (parts.west)
		*lon = -*lon;
	if (parts.south)
		*lat = -*lat;
}

/* Return the great-circle distance on the mean sphere. */
static double
sphere(double lon1, double lat1, double lon2, double lat2)
{
	double		a = sin((lat2 - lat1) / 2),
				b = sin((lon2 - lon1) / 2);
	double		h = a * a + cos(lat1) * cos(lat2) * b * b;

	return 2 * MEAN_RADIUS * asin(sqrt(h < 1 ? h : 1));
}

/*
 * Return the metres between the centres of two cells on the ellipsoid, by
 * Vincenty's iteration, which does not converge for nearly opposite points:
 * there the sphere answers, within half a percent.
 */
double
community_gridcell_distance(int64_t a, int64_t b)
{
	double		lon1,
				lat1,
				lon2,
				lat2,
				difference,
				lambda;
	double		su1,
				cu1,
				su2,
				cu2;

	if (a == b)
		return 0;
	centre(a, &lon1, &lat1);
	centre(b, &lon2, &lat2);
	if (lon1 == lon2 && lat1 == lat2)
		return 0;
	difference = remainder(lon2 - lon1, 2 * M_PI);
	lambda = difference;
	su1 = sin(atan((1 - WGS84_F) * tan(lat1)));
	cu1 = sqrt(1 - su1 * su1);
	su2 = sin(atan((1 - WGS84_F) * tan(lat2)));
	cu2 = sqrt(1 - su2 * su2);
	for (int i = 0; i < 50; i++)
	{
		double		sl = sin(lambda),
					cl = cos(lambda);
		double		p = cu2 * sl,
					q = cu1 * su2 - su1 * cu2 * cl;
		double		ss = sqrt(p * p + q * q),
					cs = su1 * su2 + cu1 * cu2 * cl;
		double		sigma = atan2(ss, cs);
		double		sa = ss > 0 ? cu1 * cu2 * sl / ss : 0;
		double		c2a = 1 - sa * sa;
		double		c2m = c2a > 1e-12 ? cs - 2 * su1 * su2 / c2a : 0;
		double		k = WGS84_F / 16 * c2a * (4 + WGS84_F * (4 - 3 * c2a));
		double		next = difference + (1 - k) * WGS84_F * sa *
			(sigma + k * ss * (c2m + k * cs * (2 * c2m * c2m - 1)));

		if (fabs(next) > M_PI)
			break;
		if (fabs(next - lambda) < 1e-13)
		{
			double		u2 = c2a * (WGS84_A * WGS84_A - WGS84_B * WGS84_B) / (WGS84_B * WGS84_B);
			double		big_a = 1 + u2 / 16384 * (4096 + u2 * (-768 + u2 * (320 - 175 * u2)));
			double		big_b = u2 / 1024 * (256 + u2 * (-128 + u2 * (74 - 47 * u2)));
			double		ds = big_b * ss * (c2m + big_b / 4 *
										   (cs * (2 * c2m * c2m - 1) -
											big_b / 6 * c2m * (4 * ss * ss - 3) * (4 * c2m * c2m - 3)));

			return WGS84_B * big_a * (sigma - ds);
		}
		lambda = next;
	}
	return sphere(lon1, lat1, lon2, lat2);
}
