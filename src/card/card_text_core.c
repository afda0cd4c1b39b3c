/*
 * card_text_core.c
 *		Credentials as text, for QR codes and as a CBOR web token.
 */
#include "card/card.h"

#include <stdio.h>
#include <string.h>

static const char base64url[] =
"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* The characters that a QR code packs into 5.5 bits, in the order of RFC 9285. */
static const char base45[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/*
 * Write a credential as "cc1." and base64url without padding; return the
 * length, at most CREDENTIAL_TEXT_MAX.
 */
size_t
community_credential_print(const unsigned char *data, size_t len, char *out)
{
	char	   *start = out;
	uint32_t	bits = 0;
	int			nbits = 0;
	size_t		i;

	memcpy(out, "cc1.", 4);
	out += 4;
	for (i = 0; i < len; i++)
	{
		bits = bits << 8 | data[i];
		for (nbits += 8; nbits >= 6; nbits -= 6)
			*out++ = base64url[bits >> (nbits - 6) & 0x3F];
	}
	if (nbits > 0)
		*out++ = base64url[bits << (6 - nbits) & 0x3F];
	return out - start;
}

/* Read base64url; one text for one value, so loose trailing bits are refused. */
static const char *
read_base64url(const char *text, size_t len, unsigned char *data, size_t *data_len)
{
	uint32_t	bits = 0;
	int			nbits = 0;
	size_t		i;

	*data_len = 0;
	for (i = 0; i < len; i++)
	{
		const char *digit = text[i] != '\0' ? strchr(base64url, text[i]) : NULL;

		if (digit == NULL)
			return "a character is not of base64url";
		bits = bits << 6 | (uint32_t) (digit - base64url);
		nbits += 6;
		if (nbits >= 8)
		{
			if (*data_len == CREDENTIAL_MAX)
				return "the length does not fit";
			nbits -= 8;
			data[(*data_len)++] = (unsigned char) (bits >> nbits);
		}
	}
	if (nbits >= 6)
		return "the length does not fit";
	if (bits & ((1u << nbits) - 1))
		return "the last character has loose bits";
	return NULL;
}

/* Read base45. */
static const char *
read_base45(const char *text, size_t len, unsigned char *data, size_t *data_len)
{
	size_t		i;

	*data_len = 0;
	for (i = 0; i < len; i += 3)
	{
		size_t		n = len - i < 3 ? len - i : 3;
		unsigned	value = 0;
		size_t		j;

		if (n == 1)
			return "the length does not fit";
		for (j = n; j-- > 0;)
		{
			const char *digit = text[i + j] != '\0' ? strchr(base45, text[i + j]) : NULL;

			if (digit == NULL)
				return "a character is not of base45";
			value = value * 45 + (unsigned) (digit - base45);
		}
		if (value > (n == 3 ? 65535u : 255u))
			return "a group is out of range";
		if (*data_len + n - 1 > CREDENTIAL_MAX)
			return "the length does not fit";
		if (n == 3)
			data[(*data_len)++] = (unsigned char) (value >> 8);
		data[(*data_len)++] = (unsigned char) value;
	}
	return NULL;
}

/*
 * Read a credential from either text into at most CREDENTIAL_MAX bytes; NULL, or
 * what is wrong.  The form of the bytes is not checked here.
 */
const char *
community_credential_parse(const char *text, size_t len, unsigned char *data, size_t *data_len)
{
	if (len >= 4 && memcmp(text, "cc1.", 4) == 0)
		return read_base64url(text + 4, len - 4, data, data_len);
	if (len >= 4 && memcmp(text, "CC1:", 4) == 0)
		return read_base45(text + 4, len - 4, data, data_len);
	return "it begins with neither cc1. nor CC1:";
}

/*
 * Write a credential for a QR code; return the length, at most
 * CREDENTIAL_QR_MAX.
 */
size_t
community_credential_qr(const unsigned char *data, size_t len, char *out)
{
	char	   *start = out;
	size_t		i;

	memcpy(out, "CC1:", 4);
	out += 4;
	for (i = 0; i < len; i += 2)
	{
		unsigned	value = data[i];

		if (i + 1 < len)
			value = value << 8 | data[i + 1];
		*out++ = base45[value % 45];
		*out++ = base45[value / 45 % 45];
		if (i + 1 < len)
			*out++ = base45[value / 2025];
	}
	return out - start;
}

/* CBOR being written; the callers stay within CREDENTIAL_CWT_MAX. */
typedef struct cbor
{
	unsigned char *at;
} cbor;

/* Write the head of a CBOR item: major type and argument, shortest form. */
static void
cbor_head(cbor *c, int major, uint64_t value)
{
	int			bytes = value < 24 ? 0 : value < 0x100 ? 1 : value < 0x10000 ? 2 :
		value < UINT64_C(0x100000000) ? 4 : 8;

	*c->at++ = (unsigned char) (major << 5 |
								(bytes == 0 ? value : bytes == 1 ? 24 : bytes == 2 ? 25 :
								 bytes == 4 ? 26 : 27));
	while (bytes-- > 0)
		*c->at++ = (unsigned char) (value >> (8 * bytes));
}

static void
cbor_bytes(cbor *c, int major, const void *data, size_t len)
{
	cbor_head(c, major, len);
	memcpy(c->at, data, len);
	c->at += len;
}

static void
cbor_text(cbor *c, const char *text)
{
	cbor_bytes(c, 3, text, strlen(text));
}

/* Private claims use keys below -65536: -1 - n in CBOR. */
static void
cbor_private(cbor *c, int n)
{
	cbor_head(c, 1, UINT64_C(65536) + n);
}

/*
 * Write a credential's claims as a CBOR web token (RFC 8392) signed with its
 * key: COSE_Mac0 for hmac-sha256, COSE_Sign1 for ed25519.  False for suites that
 * COSE does not know, and without the secret half of the key.
 */
bool
community_credential_cwt(const ring_key *key, const credential_claims *claims,
						 unsigned char *out, size_t *len)
{
	unsigned char payload[CREDENTIAL_CWT_MAX];
	unsigned char input[CREDENTIAL_CWT_MAX];
	unsigned char tag[RING_SIGNATURE];
	unsigned char protected_header[3] = {0xA1, 0x01, 0x05};	/* alg: HMAC 256/256 */
	unsigned char id[6];
	char		text[32];
	bool		mac = claims->suite == RING_HMAC_SHA256;
	cbor		c = {payload};
	cbor		s = {input};
	cbor		o = {out};
	const unsigned char *part = input;
	size_t		n;
	int			i;

	if (!mac && claims->suite != RING_ED25519)
		return false;
	if (!mac)
		protected_header[2] = 0x27; /* alg: EdDSA, -8 */

	cbor_head(&c, 5, 9);
	cbor_head(&c, 0, 1);		/* iss */
	snprintf(text, sizeof(text), "community:%u", (unsigned) claims->issuer);
	cbor_text(&c, text);
	cbor_head(&c, 0, 2);		/* sub */
	snprintf(text, sizeof(text), "%016llx", (unsigned long long) claims->holder);
	cbor_text(&c, text);
	cbor_head(&c, 0, 4);		/* exp */
	cbor_head(&c, 0, CREDENTIAL_EPOCH + INT64_C(60) * claims->expires);
	cbor_head(&c, 0, 5);		/* nbf */
	cbor_head(&c, 0, CREDENTIAL_EPOCH + INT64_C(60) * claims->not_before);
	cbor_head(&c, 0, 7);		/* cti: index and generation */
	for (i = 0; i < 4; i++)
		id[i] = (unsigned char) (claims->index >> (24 - 8 * i));
	id[4] = (unsigned char) (claims->generation >> 8);
	id[5] = (unsigned char) claims->generation;
	cbor_bytes(&c, 2, id, sizeof(id));
	cbor_private(&c, 0);		/* card number */
	cbor_head(&c, 0, (uint64_t) claims->cardno);
	cbor_private(&c, 1);		/* generation */
	cbor_head(&c, 0, claims->generation);
	cbor_private(&c, 2);		/* applications, by name */
	for (i = 0, n = 0; i < CREDENTIAL_APPS; i++)
		n += claims->apps >> i & 1;
	cbor_head(&c, 4, n);
	for (i = 0; i < CREDENTIAL_APPS; i++)
		if (claims->apps >> i & 1)
			cbor_text(&c, community_credential_apps[i]);
	cbor_private(&c, 3);		/* zones */
	cbor_head(&c, 4, claims->nzones);
	for (i = 0; i < claims->nzones; i++)
		cbor_head(&c, 0, (uint64_t) claims->zones[i]);

	/* what is signed: context, protected header, no external data, payload */
	cbor_head(&s, 4, 4);
	cbor_text(&s, mac ? "MAC0" : "Signature1");
	cbor_bytes(&s, 2, protected_header, sizeof(protected_header));
	cbor_bytes(&s, 2, "", 0);
	cbor_bytes(&s, 2, payload, c.at - payload);
	n = s.at - input;
	if (mac ? !community_ring_tag(key, &part, &n, 1, tag) :
		!community_ring_sign(key, input, n, tag))
		return false;

	cbor_head(&o, 6, 61);		/* CWT */
	cbor_head(&o, 6, mac ? 17 : 18);
	cbor_head(&o, 4, 4);
	cbor_bytes(&o, 2, protected_header, sizeof(protected_header));
	cbor_head(&o, 5, 1);
	cbor_head(&o, 0, 4);		/* kid */
	id[0] = (unsigned char) (claims->key_id >> 8);
	id[1] = (unsigned char) claims->key_id;
	cbor_bytes(&o, 2, id, 2);
	cbor_bytes(&o, 2, payload, c.at - payload);
	cbor_bytes(&o, 2, tag, mac ? 32 : RING_SIGNATURE);
	*len = o.at - out;
	return true;
}
