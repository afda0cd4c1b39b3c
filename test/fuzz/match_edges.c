/*
 * match_edges.c
 *		Fuzz assignment and stable matching: both solvers give the same pairs,
 *		in any order of the edges.
 */
#include "fuzz.h"

#include "match/assign_core.h"

/* Blocks of one state, freed at once. */
static void *blocks[512];
static size_t n_block;

/* Lend memory to a state. */
static void *
lend(void *arg, void *p, size_t size)
{
	size_t		at = 0;

	(void) arg;
	while (p && blocks[at] != p)
		at++;
	if (size == 0)
	{
		blocks[at] = blocks[--n_block];
		free(p);
		return NULL;
	}
	if (!p)
	{
		CHECK(n_block < sizeof(blocks) / sizeof(blocks[0]));
		at = n_block++;
	}
	return blocks[at] = fuzz_enlarge(p, size);
}

/* Take the memory of a state back. */
static void
take_back(void)
{
	while (n_block > 0)
		free(blocks[--n_block]);
}

/* Solve the edges that the bytes describe; return the state's end. */
static AssignStatus
solve(const uint8_t *data, size_t n, int flags, bool backward, bool wide,
	  int patience, AssignPair *out, size_t *n_out)
{
	AssignHost	host = {NULL, lend, NULL, (size_t) 1 << 28};
	AssignState st;
	bool		optional = (flags & 3) == 1;
	bool		ok = true;
	AssignStatus status;

	community_assign_init(&st, &host, (flags & 3) == 2, optional);
	for (size_t k = 0; ok && k < n; k++)
	{
		const uint8_t *e = data + 4 * (backward ? n - 1 - k : k);
		int64_t		request = e[0] % 16;
		int64_t		provider = e[1] % 16;
		int32_t		capacity = (flags & 4) ? (int32_t) (provider % 4) : 1;
		int32_t		units = (flags & 8) ? (int32_t) (request % 3) : 1;
		double		cost = (double) ((int8_t) e[2]);

		if (flags & 16)
			cost = cost * (1 + e[3]) / 7;
		if (flags & 32)
			cost *= 1152921504606846976.0 / 256;
		if ((flags & 3) == 3)
			ok = community_assign_add_ranks(&st, request, provider, cost, e[3],
											capacity, units);
		else
			ok = community_assign_add(&st, request, provider, cost, capacity,
									  units, (double) (request * 3) - 9);
	}
	st.wide |= wide;
	st.patience = patience;
	if (ok)
		ok = (flags & 3) == 3 ? community_stable_solve(&st) :
			community_assign_solve(&st);
	status = st.status;
	CHECK(ok == (status == ASSIGN_OK));
	*n_out = ok ? st.n_pair : 0;
	CHECK(*n_out <= n);
	if (*n_out > 0)
		memcpy(out, st.pair, *n_out * sizeof(AssignPair));
	take_back();
	return status;
}

/* Compare all ways to the answer. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AssignPair	want[256],
				got[256];
	size_t		n_want,
				n_got;
	size_t		n;
	AssignStatus status;

	if (size < 1)
		return 0;
	n = (size - 1) / 4;
	if (n > 256)
		n = 256;
	status = solve(data + 1, n, data[0], false, false, 1, want, &n_want);
	for (int way = 0; way < 3; way++)
	{
		CHECK(solve(data + 1, n, data[0], way != 1, way == 1, way == 2 ? 0 : 1,
					got, &n_got) == status);
		CHECK(n_got == n_want);
		for (size_t k = 0; k < n_want; k++)
			CHECK(got[k].request == want[k].request &&
				  got[k].provider == want[k].provider && got[k].cost == want[k].cost);
	}
	return 0;
}
