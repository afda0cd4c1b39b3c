/*
 * assign_beasley.c
 *		Solve instances in the formats of OR-Library.
 *
 * Usage: assign_beasley FILE prints the optimum of an assignment (the number
 * n, then n rows of n costs); assign_beasley -g FILE OPTIMUM... relaxes
 * generalised assignment to an assignment with capacities (each agent takes
 * as many jobs as its smallest ones allow) and checks that the relaxation is
 * at most the optimum.
 */
#include "match/assign_core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *
resize(void *arg, void *p, size_t size)
{
	(void) arg;
	if (size == 0)
	{
		free(p);
		return NULL;
	}
	return realloc(p, size);
}

static int
number(FILE *f)
{
	int			n;

	if (fscanf(f, "%d", &n) != 1)
	{
		fprintf(stderr, "the file ends early\n");
		exit(1);
	}
	return n;
}

static int
compare(const void *a, const void *b)
{
	return *(const int *) a - *(const int *) b;
}

/* Solve and return the total cost; fail unless all requests are matched. */
static double
total(AssignState *st)
{
	double		sum = 0;

	if (!community_assign_solve(st) || st->n_pair != (size_t) st->request.n)
	{
		fprintf(stderr, "not all requests are matched\n");
		exit(1);
	}
	for (size_t k = 0; k < st->n_pair; k++)
		sum += st->pair[k].cost;
	return sum;
}

int
main(int argc, char **argv)
{
	AssignHost	host = {NULL, resize, NULL, SIZE_MAX};
	AssignState st;
	int			gap = argc > 1 && strcmp(argv[1], "-g") == 0;
	FILE	   *f = argc > 1 + gap ? fopen(argv[1 + gap], "r") : NULL;
	int			n;

	if (f == NULL)
	{
		fprintf(stderr, "cannot open the file\n");
		return 1;
	}
	n = number(f);
	if (!gap)
	{
		community_assign_init(&st, &host, false, false);
		for (int i = 0; i < n; i++)
			for (int j = 0; j < n; j++)
				if (!community_assign_add(&st, i, j, number(f), 1, 1, 0))
					return 1;
		printf("%.0f\n", total(&st));
		return 0;
	}
	if (argc != 3 + n)
	{
		fprintf(stderr, "%d optima are needed\n", n);
		return 1;
	}
	for (int k = 0; k < n; k++)
	{
		int			agents = number(f),
					jobs = number(f);
		int		   *cost = malloc(sizeof(int) * agents * jobs);
		int		   *need = malloc(sizeof(int) * agents * jobs);
		int			optimum = atoi(argv[3 + k]);
		double		bound;

		community_assign_init(&st, &host, false, false);
		for (int e = 0; e < agents * jobs; e++)
			cost[e] = number(f);
		for (int e = 0; e < agents * jobs; e++)
			need[e] = number(f);
		for (int a = 0; a < agents; a++)
		{
			int			left = number(f);
			int			capacity = 0;
			int		   *sorted = malloc(sizeof(int) * jobs);

			memcpy(sorted, need + a * jobs, sizeof(int) * jobs);
			qsort(sorted, jobs, sizeof(int), compare);
			while (capacity < jobs && sorted[capacity] <= left)
				left -= sorted[capacity++];
			for (int j = 0; j < jobs; j++)
				if (!community_assign_add(&st, j, a, cost[a * jobs + j], capacity, 1, 0))
					return 1;
			free(sorted);
		}
		bound = total(&st);
		printf("gapa %d: relaxation %.0f, optimum %d\n", k + 1, bound, optimum);
		if (bound > optimum)
		{
			fprintf(stderr, "the relaxation exceeds the optimum\n");
			return 1;
		}
		free(cost);
		free(need);
	}
	return 0;
}
