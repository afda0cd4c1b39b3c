/*
 * bigrams_core.c
 *		Cut a UTF-8 text into words and the words into character pairs.
 *
 * Nothing here depends on a locale or on the server, so that the answer never
 * changes under an index.
 */
#include "text/bigrams.h"

#include <stdlib.h>

/*
 * Read one code point and its length; return false for broken UTF-8.
 */
static bool
next_char(const unsigned char *p, size_t left, uint32_t *c, size_t *len)
{
	static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
	size_t		n,
				i;

	if (p[0] < 0x80)
	{
		*c = p[0];
		*len = 1;
		return true;
	}
	if ((p[0] & 0xE0) == 0xC0)
		n = 2, *c = p[0] & 0x1F;
	else if ((p[0] & 0xF0) == 0xE0)
		n = 3, *c = p[0] & 0x0F;
	else if ((p[0] & 0xF8) == 0xF0)
		n = 4, *c = p[0] & 0x07;
	else
		return false;
	if (n > left)
		return false;
	for (i = 1; i < n; i++)
	{
		if ((p[i] & 0xC0) != 0x80)
			return false;
		*c = (*c << 6) | (p[i] & 0x3F);
	}
	*len = n;
	return *c >= least[n] && *c <= 0x10FFFF && (*c < 0xD800 || *c > 0xDFFF);
}

/*
 * Fold width and case; return 0 for a character that only separates words.
 */
uint32_t
community_bigram_fold(uint32_t c)
{
	/* full-width forms of ASCII stand 0xFEE0 above it */
	if (c >= 0xFF01 && c <= 0xFF5E)
		c -= 0xFEE0;
	if (c < 0x80)
	{
		if (c >= 'A' && c <= 'Z')
			return c + ('a' - 'A');
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			return c;
		return 0;
	}
	/* capital letters of Latin-1 (not the multiplication sign), Greek, Cyrillic */
	if (c >= 0xC0 && c <= 0xDE && c != 0xD7)
		return c + 0x20;
	if (c >= 0x391 && c <= 0x3A9 && c != 0x3A2)
		return c + 0x20;
	if (c >= 0x410 && c <= 0x42F)
		return c + 0x20;
	if (c >= 0x400 && c <= 0x40F)
		return c + 0x50;
	/* punctuation, spaces, marks without a letter's meaning */
	if (c < 0xC0 || c == 0xD7 || c == 0xF7)
		return (c == 0xAA || c == 0xB5 || c == 0xBA) ? c : 0;
	if (c == 0x1680 || c == 0x180E || (c >= 0x2000 && c <= 0x206F))
		return 0;
	/* arrows, mathematics, boxes and dingbats */
	if (c >= 0x2190 && c <= 0x27BF && !(c >= 0x2460 && c <= 0x24FF))
		return 0;
	/* CJK punctuation except the iteration mark, the closing mark and zero */
	if (c >= 0x3000 && c <= 0x303F && !(c >= 0x3005 && c <= 0x3007))
		return 0;
	/* the katakana middle dot parts the words of foreign names */
	if (c == 0x30FB || c == 0xFF65)
		return 0;
	if ((c >= 0xFE10 && c <= 0xFE1F) || (c >= 0xFE30 && c <= 0xFE6F))
		return 0;
	if (c >= 0xFE00 && c <= 0xFE0F)
		return 0;
	if (c == 0xFEFF || (c >= 0xFF5F && c <= 0xFF64) || (c >= 0xFFE0 && c <= 0xFFFF))
		return 0;
	if (c >= 0xE0100 && c <= 0xE01EF)
		return 0;
	return c;
}

/* Order two pairs by code point, which is the byte order of their UTF-8. */
static int
compare_pairs(const void *a, const void *b)
{
	uint64_t	x = *(const uint64_t *) a;
	uint64_t	y = *(const uint64_t *) b;

	return (x > y) - (x < y);
}

/*
 * Write the sorted, distinct pairs of a text to an array that has room for one
 * pair a byte; return false for broken UTF-8.
 */
bool
community_bigram_core(const unsigned char *text, size_t len,
					  uint64_t *pairs, size_t *npairs)
{
	size_t		at = 0,
				n = 0,
				i,
				out;
	uint32_t	before = 0;
	bool		single = false;

	while (at < len)
	{
		uint32_t	c;
		size_t		clen;

		if (!next_char(text + at, len - at, &c, &clen))
			return false;
		at += clen;
		c = community_bigram_fold(c);
		if (c == 0)
		{
			if (single)
				pairs[n++] = (uint64_t) before << 32;
			single = false;
			before = 0;
			continue;
		}
		if (before != 0)
		{
			pairs[n++] = ((uint64_t) before << 32) | c;
			single = false;
		}
		else
			single = true;
		before = c;
	}
	if (single)
		pairs[n++] = (uint64_t) before << 32;

	if (n > 1)
		qsort(pairs, n, sizeof(uint64_t), compare_pairs);
	for (i = 0, out = 0; i < n; i++)
		if (out == 0 || pairs[out - 1] != pairs[i])
			pairs[out++] = pairs[i];
	*npairs = out;
	return true;
}

/* Write one code point as UTF-8 and return its length. */
static size_t
put_char(uint32_t c, unsigned char *out)
{
	if (c < 0x80)
	{
		out[0] = (unsigned char) c;
		return 1;
	}
	if (c < 0x800)
	{
		out[0] = (unsigned char) (0xC0 | (c >> 6));
		out[1] = (unsigned char) (0x80 | (c & 0x3F));
		return 2;
	}
	if (c < 0x10000)
	{
		out[0] = (unsigned char) (0xE0 | (c >> 12));
		out[1] = (unsigned char) (0x80 | ((c >> 6) & 0x3F));
		out[2] = (unsigned char) (0x80 | (c & 0x3F));
		return 3;
	}
	out[0] = (unsigned char) (0xF0 | (c >> 18));
	out[1] = (unsigned char) (0x80 | ((c >> 12) & 0x3F));
	out[2] = (unsigned char) (0x80 | ((c >> 6) & 0x3F));
	out[3] = (unsigned char) (0x80 | (c & 0x3F));
	return 4;
}

/*
 * Write a pair as UTF-8 (at most BIGRAM_BYTES) and return its length.
 */
size_t
community_bigram_utf8(uint64_t pair, unsigned char *out)
{
	size_t		n = put_char(BIGRAM_FIRST(pair), out);

	if (BIGRAM_SECOND(pair) != 0)
		n += put_char(BIGRAM_SECOND(pair), out + n);
	return n;
}
