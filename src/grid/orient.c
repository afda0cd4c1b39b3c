/*
 * orient.c
 *		The exact orientation predicate.
 *
 * Doubles decide nearly always; where their rounding could change the sign, the
 * determinant is summed again as an expansion: a list of doubles that do not
 * overlap, whose sum is the exact value.
 */
#include "grid/orient.h"

#include <math.h>

/* Relative error of the plain determinant: (3 + 16 eps) eps with eps = 2^-53. */
#define ERROR_BOUND		3.3306690738754716e-16
#define SPLITTER		134217729.0 /* 2^27 + 1 */

/* Split a double into two halves of 26 bits. */
static void
split(double a, double *high, double *low)
{
	double		c = SPLITTER * a;

	*high = c - (c - a);
	*low = a - *high;
}

/* Write a product as rounded value and exact error. */
static void
two_product(double a, double b, double *product, double *error)
{
	double		ah,
				al,
				bh,
				bl;

	*product = a * b;
	split(a, &ah, &al);
	split(b, &bh, &bl);
	*error = al * bl - (((*product - ah * bh) - al * bh) - ah * bl);
}

/* Write a sum as rounded value and exact error. */
static void
two_sum(double a, double b, double *sum, double *error)
{
	double		bb;

	*sum = a + b;
	bb = *sum - a;
	*error = (a - (*sum - bb)) + (b - bb);
}

/* Add a double to an expansion. */
static int
grow(double *expansion, int n, double b)
{
	double		q = b;
	int			out = 0;

	for (int i = 0; i < n; i++)
	{
		double		sum,
					error;

		two_sum(q, expansion[i], &sum, &error);
		if (error != 0.0)
			expansion[out++] = error;
		q = sum;
	}
	expansion[out++] = q;
	return out;
}

/* Add the product of two differences, each given as value and error. */
static int
add_product(double *expansion, int n, double a, double atail, double b, double btail)
{
	double		product,
				error;

	two_product(a, b, &product, &error);
	n = grow(expansion, n, error);
	n = grow(expansion, n, product);
	two_product(a, btail, &product, &error);
	n = grow(expansion, n, error);
	n = grow(expansion, n, product);
	two_product(atail, b, &product, &error);
	n = grow(expansion, n, error);
	n = grow(expansion, n, product);
	two_product(atail, btail, &product, &error);
	n = grow(expansion, n, error);
	return grow(expansion, n, product);
}

/* Compute the sign with expansions. */
static int
exact(double ax, double ay, double bx, double by, double px, double py)
{
	double		expansion[32];
	double		value[4],
				tail[4];
	int			n = 0;

	two_sum(ax, -px, &value[0], &tail[0]);
	two_sum(by, -py, &value[1], &tail[1]);
	two_sum(ay, -py, &value[2], &tail[2]);
	two_sum(bx, -px, &value[3], &tail[3]);
	n = add_product(expansion, n, value[0], tail[0], value[1], tail[1]);
	n = add_product(expansion, n, -value[2], -tail[2], value[3], tail[3]);
	return (expansion[n - 1] > 0) - (expansion[n - 1] < 0);
}

/* Return 1 when p lies left of the line from a to b, -1 right of it, 0 on it. */
int
community_orient(double ax, double ay, double bx, double by, double px, double py)
{
	double		left = (ax - px) * (by - py);
	double		right = (ay - py) * (bx - px);
	double		det = left - right;

	if (fabs(det) > ERROR_BOUND * (fabs(left) + fabs(right)))
		return det > 0 ? 1 : -1;
	return exact(ax, ay, bx, by, px, py);
}
