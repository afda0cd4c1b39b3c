/*
 * status_core.c
 *		Signed status bitmaps and their deltas.
 */
#include "card/status.h"

#include <string.h>

static void
put32(unsigned char *out, uint32_t value)
{
	out[0] = (unsigned char) (value >> 24);
	out[1] = (unsigned char) (value >> 16);
	out[2] = (unsigned char) (value >> 8);
	out[3] = (unsigned char) value;
}

static uint32_t
get32(const unsigned char *in)
{
	return (uint32_t) in[0] << 24 | (uint32_t) in[1] << 16 | (uint32_t) in[2] << 8 | in[3];
}

/* Read the fields that bitmaps and deltas share. */
static bool
read_head(const unsigned char *data, size_t len, unsigned char magic, size_t least,
		  status_head *head)
{
	if (len < least + RING_SIGNATURE || data[0] != magic)
		return false;
	head->suite = data[1];
	if (ring_publisher(head->suite) == 0)
		return false;
	head->key_id = (uint16_t) (data[2] << 8 | data[3]);
	head->issuer = get32(data + 4);
	head->epoch = get32(data + 8);
	head->published = get32(data + 12);
	head->ncards = get32(data + 16);
	head->body = len - RING_SIGNATURE;
	return head->issuer > 0 && head->issuer <= INT32_MAX && head->epoch <= INT32_MAX &&
		head->ncards <= STATUS_MAX_CARDS;
}

/*
 * Read the head of a bitmap; false when the form is not right.  Bits beyond the
 * last card are zero.
 */
bool
community_status_read(const unsigned char *data, size_t len, status_head *head)
{
	if (!read_head(data, len, STATUS_MAGIC, STATUS_HEADER, head) ||
		head->body != STATUS_HEADER + ((size_t) head->ncards + 7) / 8)
		return false;
	head->from_epoch = 0;
	return head->ncards % 8 == 0 || data[head->body - 1] >> (head->ncards % 8) == 0;
}

/*
 * Write the head of a bitmap without revoked cards; return the length of its
 * body.
 */
size_t
community_status_begin(const status_head *head, unsigned char *out)
{
	size_t		bytes = ((size_t) head->ncards + 7) / 8;

	out[0] = STATUS_MAGIC;
	out[1] = head->suite;
	out[2] = (unsigned char) (head->key_id >> 8);
	out[3] = (unsigned char) head->key_id;
	put32(out + 4, head->issuer);
	put32(out + 8, head->epoch);
	put32(out + 12, head->published);
	put32(out + 16, head->ncards);
	memset(out + STATUS_HEADER, 0, bytes);
	return STATUS_HEADER + bytes;
}

/*
 * Append the signature to a bitmap that names the key, one for what is published.
 */
bool
community_status_sign(const ring_key *key, unsigned char *data, size_t *len)
{
	if (key->use != ring_publisher(data[1]) || key->id != (data[2] << 8 | data[3]))
		return false;
	if (!community_ring_sign(key, data, *len, data + *len))
		return false;
	*len += RING_SIGNATURE;
	return true;
}

/*
 * Verify form and signature of a bitmap.
 */
bool
community_status_verify(const card_ring *ring, const unsigned char *data, size_t len)
{
	status_head head;
	const ring_key *key;

	if (!community_status_read(data, len, &head))
		return false;
	key = community_ring_find(ring, head.key_id);
	return key != NULL && key->use == ring_publisher(head.suite) &&
		community_ring_verify(key, data, head.body, data + head.body);
}

/*
 * Tell whether a card is revoked: 1 or 0, -1 when the bitmap does not cover it.
 */
int
community_status_revoked(const unsigned char *data, size_t len, uint32_t index)
{
	status_head head;

	if (!community_status_read(data, len, &head) || index >= head.ncards)
		return -1;
	return data[STATUS_HEADER + index / 8] >> (index % 8) & 1;
}

/* Walk the changed bits of two bitmaps; write the gaps unless out is NULL. */
static size_t
write_gaps(const unsigned char *old, const status_head *from,
		   const unsigned char *new, const status_head *upto, unsigned char *out)
{
	size_t		from_bytes = from->body - STATUS_HEADER;
	size_t		upto_bytes = upto->body - STATUS_HEADER;
	uint32_t	next = 0;
	size_t		n = 0;
	size_t		i;
	int			b;

	for (i = 0; i < upto_bytes; i++)
	{
		unsigned char change = new[STATUS_HEADER + i] ^
			(i < from_bytes ? old[STATUS_HEADER + i] : 0);

		for (b = 0; change != 0; b++, change >>= 1)
		{
			uint32_t	gap;

			if (!(change & 1))
				continue;
			gap = (uint32_t) (i * 8 + b) - next;
			next += gap + 1;
			do
			{
				unsigned char group = gap & 0x7F;

				gap >>= 7;
				if (out != NULL)
					out[n] = group | (gap > 0 ? 0x80 : 0);
				n++;
			} while (gap > 0);
		}
	}
	return n;
}

/*
 * Tell the length of the delta from one bitmap to a later one of the same
 * issuer, that covers no fewer cards; 0 when there is none.
 */
size_t
community_status_delta_size(const unsigned char *old, size_t old_len,
							const unsigned char *new, size_t new_len)
{
	status_head from,
				upto;

	if (!community_status_read(old, old_len, &from) ||
		!community_status_read(new, new_len, &upto) ||
		from.issuer != upto.issuer || from.epoch >= upto.epoch || from.ncards > upto.ncards)
		return 0;
	return STATUS_DELTA_HEADER + write_gaps(old, &from, new, &upto, NULL) + RING_SIGNATURE;
}

/*
 * Write the delta whose length was told; return the length.
 */
size_t
community_status_delta(const unsigned char *old, size_t old_len,
					   const unsigned char *new, size_t new_len, unsigned char *out)
{
	status_head from,
				upto;
	size_t		n;

	if (!community_status_read(old, old_len, &from) ||
		!community_status_read(new, new_len, &upto))
		return 0;
	memcpy(out, new, STATUS_HEADER);
	out[0] = STATUS_DELTA_MAGIC;
	put32(out + STATUS_HEADER, from.epoch);
	n = STATUS_DELTA_HEADER + write_gaps(old, &from, new, &upto, out + STATUS_DELTA_HEADER);
	memcpy(out + n, new + upto.body, RING_SIGNATURE);
	return n + RING_SIGNATURE;
}

/*
 * Read the head of a delta; false when the form is not right.
 */
bool
community_status_delta_read(const unsigned char *delta, size_t len, status_head *head)
{
	if (!read_head(delta, len, STATUS_DELTA_MAGIC, STATUS_DELTA_HEADER, head))
		return false;
	head->from_epoch = get32(delta + STATUS_HEADER);
	return head->from_epoch < head->epoch;
}

/*
 * Apply a delta to the bitmap of its old epoch.  Return the length, or 0 when
 * they do not fit each other or the room, which STATUS_SIZE(new cards) tells.
 * The result is to be verified before it is used.
 */
size_t
community_status_apply(const unsigned char *old, size_t old_len,
					   const unsigned char *delta, size_t len,
					   unsigned char *out, size_t room)
{
	status_head from,
				upto;
	uint64_t	next = 0;
	size_t		at = STATUS_DELTA_HEADER;
	size_t		n;

	if (!community_status_read(old, old_len, &from) ||
		!community_status_delta_read(delta, len, &upto) ||
		from.issuer != upto.issuer || from.epoch != upto.from_epoch ||
		from.ncards > upto.ncards || room < STATUS_SIZE(upto.ncards))
		return 0;
	n = community_status_begin(&upto, out);
	memcpy(out + STATUS_HEADER, old + STATUS_HEADER, from.body - STATUS_HEADER);
	while (at < upto.body)
	{
		uint64_t	gap = 0;
		int			shift = 0;

		for (;;)
		{
			if (at == upto.body || shift > 28)
				return 0;
			gap |= (uint64_t) (delta[at] & 0x7F) << shift;
			shift += 7;
			if (!(delta[at++] & 0x80))
				break;
		}
		next += gap;
		if (next >= upto.ncards)
			return 0;
		out[STATUS_HEADER + next / 8] ^= (unsigned char) (1 << (next % 8));
		next++;
	}
	memcpy(out + n, delta + upto.body, RING_SIGNATURE);
	return n + RING_SIGNATURE;
}
