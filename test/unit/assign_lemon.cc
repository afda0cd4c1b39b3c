/*
 * assign_lemon.cc
 *		Compare the core of assignment with LEMON's network simplex.
 *
 * Usage: assign_lemon KIND N SEED [ours|lemon|dump].  Prints one line: kind, n,
 * edges, milliseconds of both (ours in all, of it the taking of the edges),
 * matched pairs, total cost; fails when cardinality or total cost differ, or
 * the duals do not certify the answer.  With dump it prints the edges instead,
 * as CSV: request, provider, cost, capacity.
 *
 * Kinds: dense (every pair, distances), near (the 20 nearest providers),
 * random (20 providers at random, costs below 10,000), tight (as random, but
 * only 0.9 places a request), ties (as random, costs below 10), capacity (a
 * fifth of the providers, with 1 to 9 places, 20 at random), nearcap (the
 * same with the 20 nearest), slack (as near, with 1.2 providers a request).
 */
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include <lemon/network_simplex.h>
#include <lemon/smart_graph.h>

extern "C"
{
#include "match/assign_core.h"
}

struct Edge
{
	int			row,
				col;
	int			cost;
};

static uint64_t state;

/* Draw a number below a bound. */
static int
draw(int bound)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (int) ((state >> 33) % (uint64_t) bound);
}

static void *
resize(void *, void *p, size_t size)
{
	if (size == 0)
	{
		free(p);
		return NULL;
	}
	return realloc(p, size);
}

/* Milliseconds of processor time. */
static double
now()
{
	struct timespec t;

	/* of this process, so that a busy machine does not disturb the ratio */
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

/* The k nearest of p points to each of n points on a square of 10 km. */
static void
nearest(std::vector<Edge> &edges, int n, int p, int k)
{
	std::vector<int> px(p), py(p);
	int			side = std::max(1, (int) std::sqrt(p / 4.0));
	double		width = 10000.0 / side;
	std::vector<std::vector<int>> bucket(side * side);

	for (int j = 0; j < p; j++)
	{
		px[j] = draw(1000000);
		py[j] = draw(1000000);
		bucket[std::min(side - 1, (int) (px[j] / 100.0 / width)) * side +
			   std::min(side - 1, (int) (py[j] / 100.0 / width))].push_back(j);
	}
	for (int i = 0; i < n; i++)
	{
		int			x = draw(1000000),
					y = draw(1000000);
		int			bx = std::min(side - 1, (int) (x / 100.0 / width)),
					by = std::min(side - 1, (int) (y / 100.0 / width));
		std::vector<std::pair<int, int>> found;

		for (int ring = 2;; ring *= 2)
		{
			found.clear();
			for (int u = std::max(0, bx - ring); u <= std::min(side - 1, bx + ring); u++)
				for (int v = std::max(0, by - ring); v <= std::min(side - 1, by + ring); v++)
					for (int j : bucket[u * side + v])
						found.emplace_back((int) (std::hypot(px[j] - x, py[j] - y)), j);
			if ((int) found.size() >= 2 * k || ring > side)
				break;
		}
		int			take = std::min<int>(k, found.size());

		std::partial_sort(found.begin(), found.begin() + take, found.end());
		std::sort(found.begin(), found.begin() + take,
				  [](auto &a, auto &b) { return a.second < b.second; });
		for (int e = 0; e < take; e++)
			edges.push_back({i, found[e].second, found[e].first});
	}
}

/*
 * Do the duals certify the answer: feasible on every edge, tight on the pairs,
 * zero where a place is free, and adding up to the total cost?
 */
static const char *
certify(const AssignState *st, const std::vector<Edge> &edges, const std::vector<int> &cap)
{
	int			n = st->request.n,
				p = st->provider.n;
	const int64_t *u = st->u64;
	const int64_t *v = st->u64 + n;
	std::vector<int> row(edges.back().row + 1, -1);
	std::vector<int> col(cap.size(), -1);
	std::vector<int> used(p);
	std::vector<char> matched(n);
	__int128	total = 0,
				bound = 0;

	for (int i = 0; i < n; i++)
		row[st->request.key[i]] = i;
	for (int j = 0; j < p; j++)
		col[st->provider.key[j]] = j;
	for (const Edge &e : edges)
		if (community_assign_scaled(st, e.cost) < u[row[e.row]] + v[col[e.col]])
			return "an edge costs less than its duals";
	for (size_t k = 0; k < st->n_pair; k++)
	{
		int			i = row[st->pair[k].request];
		int			j = col[st->pair[k].provider];
		int64_t		cost = community_assign_scaled(st, st->pair[k].cost);

		if (cost != u[i] + v[j])
			return "a pair costs more than its duals";
		if (matched[i]++)
			return "a request is matched twice";
		used[j]++;
		total += cost;
	}
	for (int i = 0; i < n; i++)
	{
		if (u[i] > st->big64 || (!matched[i] && u[i] != st->big64))
			return "the dual of a request is not that of staying over";
		total += matched[i] ? 0 : st->big64;
		bound += u[i];
	}
	for (int j = 0; j < p; j++)
	{
		int			places = cap[st->provider.key[j]];

		if (v[j] > 0 || used[j] > places || (v[j] < 0 && used[j] < places))
			return "a provider has a price and a free place";
		bound += (__int128) v[j] * places;
	}
	return total == bound ? NULL : "the duals do not add up to the cost";
}

int
main(int argc, char **argv)
{
	std::string kind = argc > 1 ? argv[1] : "near";
	int			n = argc > 2 ? atoi(argv[2]) : 10000;
	std::string only = argc > 4 ? argv[4] : "";
	int			p = n;
	std::vector<Edge> edges;

	state = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
	for (int i = 0; i < 10; i++)
		draw(2);
	if (kind == "slack")
		p = n * 12 / 10;
	if (kind == "tight")
		p = n * 9 / 10;
	if (kind == "capacity" || kind == "nearcap")
		p = n / 5;

	std::vector<int> cap(p, 1);
	if (kind == "capacity" || kind == "nearcap")
		for (int &c : cap)
			c = 1 + draw(9);
	if (kind == "dense")
		nearest(edges, n, p, p);
	else if (kind == "near" || kind == "nearcap" || kind == "slack")
		nearest(edges, n, p, 20);
	else
		for (int i = 0; i < n; i++)
		{
			std::vector<int> cols;

			while ((int) cols.size() < std::min(20, p))
			{
				int			j = draw(p);

				if (std::find(cols.begin(), cols.end(), j) == cols.end())
					cols.push_back(j);
			}
			std::sort(cols.begin(), cols.end());
			for (int j : cols)
				edges.push_back({i, j, draw(kind == "ties" ? 10 : 10000)});
		}

	if (only == "dump")
	{
		for (const Edge &e : edges)
			printf("%d,%d,%d,%d\n", e.row, e.col, e.cost, cap[e.col]);
		return 0;
	}

	size_t		ours_n = 0,
				peer_n = 0;
	double		ours_cost = 0;
	long long	peer_cost = 0;
	double		ours_ms = 0,
				feed_ms = 0,
				peer_ms = 0;

	if (only != "lemon")
	{
		double		t = now();
		AssignHost	host = {NULL, resize, NULL, SIZE_MAX};
		AssignState st;

		community_assign_init(&st, &host, false, false);
		for (const Edge &e : edges)
			if (!community_assign_add(&st, e.row, e.col, e.cost, cap[e.col], 1, 0))
				return 1;
		feed_ms = now() - t;
		if (!community_assign_solve(&st))
			return 1;
		ours_ms = now() - t;
		ours_n = st.n_pair;
		for (size_t k = 0; k < st.n_pair; k++)
			ours_cost += st.pair[k].cost;

		const char *wrong = certify(&st, edges, cap);

		if (wrong)
		{
			fprintf(stderr, "FAILED: %s\n", wrong);
			return 1;
		}
	}
	if (only != "ours")
	{
		typedef lemon::SmartDigraph Graph;
		double		t = now();
		Graph		g;

		g.reserveNode(n + p + 1);
		g.reserveArc(edges.size() + n + p);
		for (int i = 0; i < n + p + 1; i++)
			g.addNode();

		Graph::ArcMap<int> upper(g);
		Graph::ArcMap<long long> cost(g);
		Graph::NodeMap<int> supply(g);
		Graph::Node sink = g.nodeFromId(n + p);
		long long	leave = 1;

		for (const Edge &e : edges)
			leave = std::max(leave, (long long) e.cost);
		leave *= 2LL * (n + 1);
		for (const Edge &e : edges)
		{
			Graph::Arc a = g.addArc(g.nodeFromId(e.row), g.nodeFromId(n + e.col));

			upper[a] = 1;
			cost[a] = e.cost;
		}
		for (int j = 0; j < p; j++)
		{
			Graph::Arc a = g.addArc(g.nodeFromId(n + j), sink);

			upper[a] = cap[j];
			cost[a] = 0;
		}
		/* a way out for requests, only where some have to stay over */
		if (only == "" && (int) ours_n < n)
			for (int i = 0; i < n; i++)
			{
				Graph::Arc a = g.addArc(g.nodeFromId(i), sink);

				upper[a] = 1;
				cost[a] = leave;
			}
		for (int i = 0; i < n; i++)
			supply[g.nodeFromId(i)] = 1;
		supply[sink] = -n;

		lemon::NetworkSimplex<Graph, int, long long> ns(g);

		ns.upperMap(upper).costMap(cost).supplyMap(supply);
		if (ns.run() != lemon::NetworkSimplex<Graph, int, long long>::OPTIMAL)
			return 1;
		peer_ms = now() - t;
		for (size_t e = 0; e < edges.size(); e++)
			if (ns.flow(g.arcFromId(e)))
			{
				peer_n++;
				peer_cost += edges[e].cost;
			}
	}
	printf("%s %d %zu ours %.1f lemon %.1f feed %.1f matched %zu cost %.0f\n",
		   kind.c_str(), n, edges.size(), ours_ms, peer_ms, feed_ms,
		   only == "lemon" ? peer_n : ours_n,
		   only == "lemon" ? (double) peer_cost : ours_cost);
	if (only == "" && (ours_n != peer_n || ours_cost != (double) peer_cost))
	{
		fprintf(stderr, "FAILED: LEMON has %zu pairs at %lld\n", peer_n, peer_cost);
		return 1;
	}
	return 0;
}
