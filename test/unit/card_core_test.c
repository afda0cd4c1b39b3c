/*
 * card_core_test.c
 *		Vectors and properties of the pure cores of cards and keys.
 *
 * Prints what fails and the number of checks; test/checks/card_core.sh runs it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "card/card.h"
#include "card/cardno.h"
#include "card/seal.h"
#include "card/secret.h"
#include "card/status.h"

static long checks = 0;
static long failures = 0;
static long forged_all = 0;

/* Count a check and say when it fails. */
static void
check(int ok, const char *what)
{
	checks++;
	if (!ok)
	{
		failures++;
		printf("failed: %s\n", what);
	}
}

/* Turn hexadecimal digits into bytes. */
static size_t
unhex(const char *text, unsigned char *out)
{
	size_t		n = 0;
	unsigned	byte;

	for (; sscanf(text, "%2x", &byte) == 1; text += 2)
		out[n++] = (unsigned char) byte;
	return n;
}

/* Draw a pseudo-random number, the same in every run. */
static uint64_t
draw(void)
{
	static uint64_t x = 88172645463325252u;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

static const char ring_text[] =
"community-ring 1\n"
/* RFC 4231, cases 1 and 2: HMAC pads keys with zeros */
"1 index active 0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b000000000000000000000000\n"
"2 pin active 4a65666500000000000000000000000000000000000000000000000000000000\n"
/* RFC 8032, tests 1 and 2, and public halves */
"3 ed25519 active 9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60\n"
"4 ed25519 old 4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb\n"
"5 ed25519-public old d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a\n"
/* GB/T 32918.5, signature example */
"6 sm2 active 3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8\n"
"7 sm2-public old 09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
"ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13\n"
"8 hmac-sha256 active 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
"9 hmac-sm3 active 090102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
"10 hmac-sha256 old ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
"11 seal-aes active 0b0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
"12 seal-sm4 old 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
"202122232425262728292a2b2c2d2e2f\n"
"13 card active 0d0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
"14 pseudonym active 0e0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
"15 sign-ed25519 active 0f0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
"16 sign-sm2 active 100102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";

static card_ring ring;

/* Compare the tag of a key with a vector. */
static void
check_tag(uint16_t id, const char *data, const char *hex, const char *what)
{
	unsigned char tag[32];
	unsigned char want[32];
	const unsigned char *part = (const unsigned char *) data;
	size_t		n = strlen(data);

	unhex(hex, want);
	check(community_ring_tag(community_ring_find(&ring, id), &part, &n, 1, tag) &&
		  memcmp(tag, want, 32) == 0, what);
}

/* Known answers of the algorithms. */
static void
vectors(void)
{
	unsigned char buf[512];
	unsigned char sig[64];
	unsigned char want[64];
	unsigned int n;
	EVP_CIPHER_CTX *ctx;
	unsigned char ipad[64];
	unsigned char opad[96];
	const ring_key *key;
	int			i,
				out;

	check_tag(1, "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
			  "HMAC-SHA256, RFC 4231 case 1");
	check_tag(2, "what do ya want for nothing?",
			  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
			  "HMAC-SHA256, RFC 4231 case 2");

	EVP_Digest("abc", 3, buf, &n, EVP_sm3(), NULL);
	unhex("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0", want);
	check(n == 32 && memcmp(buf, want, 32) == 0, "SM3 of abc, GB/T 32905");

	/* HMAC-SM3 by its definition */
	key = community_ring_find(&ring, 9);
	memset(ipad, 0x36, 64);
	memset(opad, 0x5c, 64);
	for (i = 0; i < key->len; i++)
	{
		ipad[i] ^= key->material[i];
		opad[i] ^= key->material[i];
	}
	memcpy(buf, ipad, 64);
	memcpy(buf + 64, "message digest", 14);
	EVP_Digest(buf, 78, opad + 64, &n, EVP_sm3(), NULL);
	EVP_Digest(opad, 96, buf, &n, EVP_sm3(), NULL);
	{
		const unsigned char *part = (const unsigned char *) "message digest";
		size_t		len = 14;

		check(community_ring_tag(key, &part, &len, 1, sig) && memcmp(sig, buf, 32) == 0,
			  "HMAC-SM3 by definition");
	}

	/* SM4 of one block, GB/T 32907: the key stream of the counter */
	unhex("0123456789abcdeffedcba9876543210", want);
	memset(buf, 0, 16);
	ctx = EVP_CIPHER_CTX_new();
	EVP_EncryptInit_ex(ctx, EVP_sm4_ctr(), NULL, want, want);
	EVP_EncryptUpdate(ctx, buf, &out, buf, 16);
	EVP_CIPHER_CTX_free(ctx);
	unhex("681edf34d206965e86b3e94f536e4246", want);
	check(memcmp(buf, want, 16) == 0, "SM4, GB/T 32907");

	/* Ed25519, RFC 8032 tests 1 and 2 */
	key = community_ring_find(&ring, 3);
	unhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", want);
	check(memcmp(key->public_key, want, 32) == 0, "Ed25519 public key, test 1");
	unhex("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
		  "c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b", want);
	check(community_ring_sign(key, buf, 0, sig) && memcmp(sig, want, 64) == 0,
		  "Ed25519 signature, test 1");
	check(community_ring_verify(community_ring_find(&ring, 5), buf, 0, want),
		  "Ed25519 verification with the public half");
	key = community_ring_find(&ring, 4);
	unhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", want);
	check(memcmp(key->public_key, want, 32) == 0, "Ed25519 public key, test 2");
	unhex("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e"
		  "458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00", want);
	buf[0] = 0x72;
	check(community_ring_sign(key, buf, 1, sig) && memcmp(sig, want, 64) == 0,
		  "Ed25519 signature, test 2");
	check(!community_ring_sign(community_ring_find(&ring, 5), buf, 1, sig),
		  "a public half does not sign");

	/* SM2, GB/T 32918.5: public key and signature */
	key = community_ring_find(&ring, 6);
	check(memcmp(key->public_key, community_ring_find(&ring, 7)->public_key, 64) == 0,
		  "SM2 public key");
	unhex("f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
		  "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa", want);
	check(community_ring_verify(community_ring_find(&ring, 7),
								(const unsigned char *) "message digest", 14, want),
		  "SM2 signature of the standard");
	check(!community_ring_verify(key, (const unsigned char *) "message digesT", 14, want),
		  "SM2 signature of another message");
	check(community_ring_sign(key, (const unsigned char *) "x", 1, sig) &&
		  community_ring_verify(community_ring_find(&ring, 7), (const unsigned char *) "x", 1, sig),
		  "SM2 signs");
	check(memcmp(key->kcv, community_ring_find(&ring, 7)->kcv, 4) == 0,
		  "both halves have one check value");
}

/* Card numbers: ISO/IEC 7064, and what it catches. */
static void
card_numbers(void)
{
	char		text[CARDNO_TEXT];
	int64_t		number;
	long		singles = 0,
				swaps = 0,
				seconds = 0;
	int			round,
				i;

	check(98 - 79400 % 97 == 44 && 79444 % 97 == 1, "MOD 97-10, example 0794 44 of the standard");
	check(community_cardno_make(330203, 123) == INT64_C(330203000000012346), "card number");
	check(community_cardno_make(99999, 1) == 0 && community_cardno_make(1000000, 1) == 0 &&
		  community_cardno_make(330203, -1) == 0 &&
		  community_cardno_make(330203, CARDNO_MAX_SERIAL + 1) == 0, "out of range");
	for (round = 0; round < 20000; round++)
	{
		int64_t		region = 100000 + (int64_t) (draw() % 900000);
		int64_t		serial = (int64_t) (draw() % 10000000000u);
		int64_t		read;

		number = community_cardno_make(region, serial);
		if (community_cardno_check(number) != CARDNO_OK || cardno_region(number) != region ||
			cardno_serial(number) != serial)
			check(0, "parts of a card number");
		community_cardno_print(number, text);
		if (community_cardno_parse(text, CARDNO_TEXT, &read) != CARDNO_OK || read != number)
			check(0, "text of a card number");
		/* no other check digits make it a second form */
		for (i = 0; i < 100; i++)
			if (i != number % 100 &&
				community_cardno_check(number - number % 100 + i) == CARDNO_OK)
				seconds++;
		for (i = 0; i < CARDNO_TEXT; i++)
		{
			char		was = text[i];
			char		c;

			for (c = '0'; c <= '9'; c++)
			{
				text[i] = c;
				if (c != was && community_cardno_parse(text, CARDNO_TEXT, &read) == CARDNO_OK)
					singles++;
			}
			text[i] = was;
			if (i + 1 < CARDNO_TEXT && text[i + 1] != '-' && was != '-' && text[i + 1] != was)
			{
				text[i] = text[i + 1];
				text[i + 1] = was;
				if (community_cardno_parse(text, CARDNO_TEXT, &read) == CARDNO_OK)
					swaps++;
				text[i + 1] = text[i];
				text[i] = was;
			}
		}
	}
	check(seconds == 0, "one number has one form");
	check(community_cardno_check(INT64_C(400001009078899099)) == CARDNO_BAD_CHECK &&
		  community_cardno_check(INT64_C(400001009078899002)) == CARDNO_OK, "check digits 99 and 02");
	check(singles == 0, "every wrong digit is caught");
	check(swaps == 0, "every swap of neighbours is caught");
	for (i = 0; i < 64; i++)
		check(community_cardno_check((int64_t) (draw() >> (i % 8)) | INT64_MIN) != CARDNO_OK,
			  "negative numbers");
}

/* Draw claims that are right. */
static void
random_claims(credential_claims *claims, int suite, uint16_t key_id)
{
	int			zones = (int) (draw() % (CREDENTIAL_MAX_ZONES + 1));
	int			n;

	memset(claims, 0, sizeof(*claims));
	claims->suite = (uint8_t) suite;
	claims->key_id = key_id;
	claims->issuer = 1 + (uint32_t) (draw() % 1000);
	claims->cardno = community_cardno_make(330203, (int64_t) (draw() % 10000000000u));
	claims->holder = draw();
	claims->generation = (uint16_t) draw();
	claims->apps = (uint16_t) (draw() & CREDENTIAL_ALL_APPS);
	claims->not_before = (uint32_t) (draw() % 1000000);
	claims->expires = claims->not_before + 1 + (uint32_t) (draw() % 1000000);
	claims->index = (uint32_t) draw();
	for (n = 0; n < zones; n++)
		claims->zones[n] = INT64_C(330203001000000) + (int64_t) (draw() % 900 + 1) * 1000 +
			(int64_t) (draw() % 2) * (int64_t) (draw() % 999);
	n = zones;
	if (!community_zones_sort(claims->zones, &n))
		check(0, "zones sort");
	claims->nzones = (uint8_t) n;
	while (n < CREDENTIAL_MAX_ZONES)
		claims->zones[n++] = 0;
}

/* Credentials of one suite: form, forgeries, texts. */
static void
credentials(int suite, uint16_t key_id, long rounds)
{
	const ring_key *key = community_ring_find(&ring, key_id);
	long		accepted = 0,
				forged = 0,
				texts = 0;
	long		round;

	for (round = 0; round < rounds; round++)
	{
		credential_claims claims;
		credential_claims read;
		unsigned char data[CREDENTIAL_MAX + 1];
		unsigned char other[CREDENTIAL_MAX + 1];
		char		text[CREDENTIAL_TEXT_MAX];
		char		qr[CREDENTIAL_QR_MAX];
		size_t		len,
					n,
					text_len,
					qr_len,
					i;
		int			bit;

		random_claims(&claims, suite, key_id);
		len = community_credential_encode(&claims, data);
		if (!community_credential_sign(key, data, &len))
			check(0, "sign");
		if (community_credential_verify(&ring, data, len, claims.not_before, -1, -1, &read) !=
			CREDENTIAL_OK || memcmp(&read, &claims, sizeof(claims)) != 0)
			check(0, "a good credential is accepted and reads back");
		if (community_credential_encode(&read, other) !=
			len - community_credential_tag_size(suite) ||
			memcmp(other, data, len - community_credential_tag_size(suite)) != 0)
			check(0, "one set of claims has one form");
		accepted++;

		/* time, application, zone */
		if (community_credential_verify(&ring, data, len, (int64_t) claims.not_before - 1, -1, -1,
										&read) != CREDENTIAL_NOT_YET ||
			community_credential_verify(&ring, data, len, claims.expires, -1, -1,
										&read) != CREDENTIAL_EXPIRED ||
			community_credential_verify(&ring, data, len, claims.expires - 1, -1, -1,
										&read) != CREDENTIAL_OK)
			check(0, "time");
		for (bit = 0; bit < CREDENTIAL_APPS; bit++)
			if ((community_credential_verify(&ring, data, len, claims.not_before, -1, bit,
											 &read) == CREDENTIAL_OK) !=
				(claims.apps >> bit & 1))
				check(0, "application");
		if (claims.nzones > 0 &&
			(community_credential_verify(&ring, data, len, claims.not_before,
										 claims.zones[0], -1, &read) != CREDENTIAL_OK ||
			 community_credential_verify(&ring, data, len, claims.not_before,
										 INT64_C(330204001001001), -1, &read) !=
			 CREDENTIAL_WRONG_ZONE))
			check(0, "zone");

		/* every flipped bit, every truncation, extensions */
		for (i = 0; i < len * 8; i++)
		{
			memcpy(other, data, len);
			other[i / 8] ^= (unsigned char) (1 << (i % 8));
			forged++;
			if (community_credential_verify(&ring, other, len, claims.not_before, -1, -1,
											&read) == CREDENTIAL_OK)
				check(0, "a flipped bit is accepted");
		}
		for (i = 0; i < len; i++, forged++)
			if (community_credential_verify(&ring, data, i, claims.not_before, -1, -1,
											&read) == CREDENTIAL_OK)
				check(0, "a truncated credential is accepted");
		memcpy(other, data, len);
		other[len] = (unsigned char) draw();
		forged++;
		if (community_credential_verify(&ring, other, len + 1, claims.not_before, -1, -1,
										&read) == CREDENTIAL_OK)
			check(0, "an extended credential is accepted");

		/* other key, other suite with the same tag */
		for (i = 0; i < (size_t) ring.nkeys; i++, forged++)
		{
			if (ring.keys[i].id == key_id || memcmp(ring.keys[i].kcv, key->kcv, 4) == 0)
				continue;
			memcpy(other, data, len);
			other[2] = 0;
			other[3] = (unsigned char) ring.keys[i].id;
			if (community_credential_verify(&ring, other, len, claims.not_before, -1, -1,
											&read) == CREDENTIAL_OK)
				check(0, "another key is accepted");
		}
		for (i = 1; i <= 4; i++, forged++)
		{
			memcpy(other, data, len);
			other[1] = (unsigned char) (i << 4 | (data[1] & 0x0F));
			if ((int) i != suite &&
				community_credential_verify(&ring, other, len, claims.not_before, -1, -1,
											&read) == CREDENTIAL_OK)
				check(0, "another suite is accepted");
		}

		/* the tag of another key, of this suite or not, over the same bytes */
		for (i = 0; i < (size_t) ring.nkeys; i++)
		{
			const unsigned char *part = other;
			unsigned char tag[64];
			size_t		body = len - community_credential_tag_size(suite);
			bool		signs = suite == RING_ED25519 || suite == RING_SM2;

			if (memcmp(ring.keys[i].kcv, key->kcv, 4) == 0 || !ring.keys[i].private_half ||
				signs != (ring.keys[i].pkey != NULL))
				continue;
			memcpy(other, data, len);
			if (signs ? !community_ring_sign(&ring.keys[i], other, body, tag) :
				!community_ring_tag(&ring.keys[i], &part, &body, 1, tag))
				check(0, "tag of another key");
			memcpy(other + body, tag, len - body);
			forged++;
			if (community_credential_verify(&ring, other, len, claims.not_before, -1, -1,
											&read) == CREDENTIAL_OK)
				check(0, "the tag of another key is accepted");
		}
		/* another issuer or another card under the tag of this one */
		for (i = 0; i < 8; i++, forged++)
		{
			credential_claims stolen = claims;

			if (i % 2 == 0)
				stolen.issuer = 1001 + (uint32_t) (draw() % 1000);
			else
				stolen.cardno = community_cardno_make(330204, (int64_t) (draw() % 10000000000u));
			n = community_credential_encode(&stolen, other);
			memcpy(other + n, data + n, len - n);
			if (community_credential_verify(&ring, other, len, claims.not_before, -1, -1,
											&read) == CREDENTIAL_OK)
				check(0, "claims of another issuer or card are accepted");
		}
		/* shown before or after its time */
		for (i = 0; i < 8; i++, forged++)
			if (community_credential_verify(&ring, data, len,
											i % 2 == 0 ? (int64_t) claims.expires + (int64_t) (draw() % 10000000) :
											(int64_t) claims.not_before - 1 - (int64_t) (draw() % 10000000),
											-1, -1, &read) == CREDENTIAL_OK)
				check(0, "a credential is accepted out of its time");

		/* one credential, one text */
		text_len = community_credential_print(data, len, text);
		if (community_credential_parse(text, text_len, other, &n) != NULL || n != len ||
			memcmp(other, data, len) != 0)
			check(0, "text reads back");
		qr_len = community_credential_qr(data, len, qr);
		if (community_credential_parse(qr, qr_len, other, &n) != NULL || n != len ||
			memcmp(other, data, len) != 0)
			check(0, "QR text reads back");
		for (i = 4; i < text_len; i++, texts++)
		{
			char		was = text[i];

			text[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/ "[draw() % 68];
			if (text[i] != was && community_credential_parse(text, text_len, other, &n) == NULL &&
				n == len && memcmp(other, data, len) == 0)
				check(0, "two texts of one credential");
			text[i] = was;
		}
		for (i = 0; i < qr_len; i++, texts++)
		{
			char		was = qr[i];

			qr[i] = (char) (32 + draw() % 64);
			if (qr[i] != was && community_credential_parse(qr, qr_len, other, &n) == NULL &&
				n == len && memcmp(other, data, len) == 0)
				check(0, "two QR texts of one credential");
			qr[i] = was;
		}
	}
	check(accepted == rounds, "rounds");
	printf("suite %d: %ld credentials accepted, %ld forgeries refused, %ld texts\n",
		   suite, accepted, forged, texts);
	checks += forged + texts;
	forged_all += forged;
}

/* Claims and zones that cannot be. */
static void
malformed(void)
{
	credential_claims claims;
	unsigned char data[CREDENTIAL_MAX];
	size_t		len;
	size_t		n;
	int64_t		zones[3] = {INT64_C(330203001001000), INT64_C(330203001000000), INT64_C(330203002001000)};
	int			count = 3;

	check(community_zones_sort(zones, &count) && count == 2 &&
		  zones[0] == INT64_C(330203001000000) && zones[1] == INT64_C(330203002001000),
		  "a zone within another is dropped");
	zones[1] = 42;
	check(!community_zones_sort(zones, &count), "a zone that is no grid code");

	random_claims(&claims, RING_HMAC_SHA256, 8);
	claims.nzones = 2;
	claims.zones[0] = INT64_C(330203001000000);
	claims.zones[1] = INT64_C(330203001001000);
	check(community_credential_check(&claims) != NULL, "a zone within another");
	claims.zones[0] = INT64_C(330203002000000);
	check(community_credential_check(&claims) != NULL, "zones not ascending");
	claims.nzones = 0;
	claims.expires = claims.not_before;
	check(community_credential_check(&claims) != NULL, "expires before it begins");
	claims.expires++;
	claims.apps = 1 << CREDENTIAL_APPS;
	check(community_credential_check(&claims) != NULL, "reserved bits");
	claims.apps = 1;
	claims.cardno++;
	check(community_credential_check(&claims) != NULL, "card number");
	claims.cardno--;
	claims.issuer = 0;
	check(community_credential_check(&claims) != NULL, "issuer");
	claims.issuer = 1;
	check(community_credential_check(&claims) == NULL, "good claims");
	len = community_credential_encode(&claims, data);
	check(!community_credential_sign(community_ring_find(&ring, 9), data, &len) &&
		  !community_credential_sign(community_ring_find(&ring, 10), data, &len),
		  "a key of another suite or number does not sign");
	check(community_credential_parse("cc1.AAAAB", 9, data, &n) != NULL, "one character too many");
	check(community_credential_parse("cc1.AB", 6, data, &n) != NULL, "loose bits");
	check(community_credential_parse("cc1.AA", 6, data, &n) == NULL && n == 1 && data[0] == 0,
		  "no loose bits");
	check(community_credential_parse("cc1.A\0A", 7, data, &n) != NULL, "a zero byte");
	check(community_credential_parse("CC1:::::", 8, data, &n) != NULL, "base45 out of range");
	check(community_credential_parse("CC1:BB8", 7, data, &n) == NULL && n == 2 &&
		  memcmp(data, "AB", 2) == 0, "base45, RFC 9285");
	check(community_credential_parse("cc2.AA", 6, data, &n) != NULL, "another version");
}

/* Sealed values: contexts, changes. */
static void
seals(uint16_t key_id)
{
	const ring_key *key = community_ring_find(&ring, key_id);
	unsigned char nonce[16] = {1, 2, 3};
	unsigned char text[100];
	unsigned char sealed[SEAL_SIZE(100)];
	unsigned char out[SEAL_SIZE(100)];
	size_t		len,
				n,
				i;

	memset(text, 0x80, sizeof(text));
	for (i = 0; i <= sizeof(text); i++)
	{
		check(community_seal(key, nonce, (const unsigned char *) "ctx", 3, text, i, sealed, &len) ==
			  SEAL_OK && len <= SEAL_SIZE(i), "seal");
		check(community_unseal(&ring, NULL, (const unsigned char *) "ctx", 3, sealed, len, out, &n) ==
			  SEAL_OK && n == i && memcmp(out, text, i) == 0, "unseal");
		check(community_unseal(&ring, NULL, (const unsigned char *) "ctX", 3, sealed, len, out, &n) ==
			  SEAL_REFUSED, "another context");
		check(community_unseal(&ring, NULL, (const unsigned char *) "ct", 2, sealed, len, out, &n) ==
			  SEAL_REFUSED, "a shorter context");
	}
	for (i = 0; i < len * 8; i++)
	{
		sealed[i / 8] ^= (unsigned char) (1 << (i % 8));
		check(community_unseal(&ring, NULL, (const unsigned char *) "ctx", 3, sealed, len, out, &n) !=
			  SEAL_OK, "a flipped bit of a sealed value");
		sealed[i / 8] ^= (unsigned char) (1 << (i % 8));
	}
}

/* Status bitmaps and deltas. */
static void
bitmaps(void)
{
	enum
	{
		cards = 10000
	};
	static unsigned char old[STATUS_SIZE(cards)];
	static unsigned char new[STATUS_SIZE(cards + 100)];
	static unsigned char applied[STATUS_SIZE(cards + 100)];
	static unsigned char delta[3 * cards];
	const ring_key *key = community_ring_find(&ring, 15);
	status_head head = {.suite = RING_ED25519, .key_id = 15, .issuer = 7, .epoch = 1,
	.published = 100, .ncards = cards};
	size_t		old_len = community_status_begin(&head, old);
	size_t		new_len;
	size_t		delta_len;
	size_t		i;

	for (i = 0; i < 1000; i++)
		old[STATUS_HEADER + draw() % (cards / 8)] |= (unsigned char) (1 << (draw() % 8));
	check(community_status_sign(key, old, &old_len) && community_status_verify(&ring, old, old_len),
		  "a signed bitmap");
	head.epoch = 2;
	head.ncards = cards + 100;
	new_len = community_status_begin(&head, new);
	memcpy(new + STATUS_HEADER, old + STATUS_HEADER, cards / 8);
	for (i = 0; i < 500; i++)
		new[STATUS_HEADER + draw() % (cards / 8)] ^= (unsigned char) (1 << (draw() % 8));
	new[STATUS_HEADER + cards / 8 + 12] |= 0x08;
	check(community_status_sign(key, new, &new_len) && community_status_verify(&ring, new, new_len),
		  "a later bitmap");
	check(community_status_revoked(new, new_len, cards + 99) == 1 &&
		  community_status_revoked(new, new_len, cards + 100) == -1, "the last card");
	delta_len = community_status_delta_size(old, old_len, new, new_len);
	check(delta_len > 0 && delta_len <= sizeof(delta) &&
		  community_status_delta(old, old_len, new, new_len, delta) == delta_len, "delta");
	check(community_status_apply(old, old_len, delta, delta_len, applied, sizeof(applied)) == new_len &&
		  memcmp(applied, new, new_len) == 0, "a delta gives the later bitmap");
	check(community_status_delta_size(new, new_len, old, old_len) == 0, "no delta backwards");
	check(community_status_apply(new, new_len, delta, delta_len, applied, sizeof(applied)) == 0,
		  "a delta does not fit another epoch");
	for (i = 0; i < old_len * 8; i += 7)
	{
		old[i / 8] ^= (unsigned char) (1 << (i % 8));
		check(!community_status_verify(&ring, old, old_len), "a flipped bit of a bitmap");
		old[i / 8] ^= (unsigned char) (1 << (i % 8));
	}
	for (i = 0; i < delta_len * 8; i++)
	{
		size_t		n;

		delta[i / 8] ^= (unsigned char) (1 << (i % 8));
		n = community_status_apply(old, old_len, delta, delta_len, applied, sizeof(applied));
		check(n == 0 || !community_status_verify(&ring, applied, n), "a flipped bit of a delta");
		delta[i / 8] ^= (unsigned char) (1 << (i % 8));
	}
	for (i = 0; i < delta_len; i++)
	{
		size_t		n = community_status_apply(old, old_len, delta, i, applied, sizeof(applied));

		check(n == 0 || !community_status_verify(&ring, applied, n), "a truncated delta");
	}
}

/* Keys of cards, pseudonyms, PINs. */
static void
secrets(void)
{
	const ring_key *master = community_ring_find(&ring, 13);
	const ring_key *pepper = community_ring_find(&ring, 2);
	unsigned char a[CARD_MAC],
				b[CARD_MAC];
	unsigned char guess[PIN_GUESS],
				wrong[PIN_GUESS];
	unsigned char salt[PIN_SALT] = {0};
	unsigned char stored[PIN_STORED];
	const unsigned char *d = (const unsigned char *) "data";
	uint64_t	p,
				q;
	int64_t		card = community_cardno_make(330203, 1);

	check(community_card_mac(master, card, 1, d, 2, d, 4, a) &&
		  community_card_mac(master, card, 2, d, 2, d, 4, b) && memcmp(a, b, CARD_MAC) != 0,
		  "a replaced card has another key");
	check(community_card_mac(master, card, 1, d, 3, d + 1, 3, b) && memcmp(a, b, CARD_MAC) != 0,
		  "purpose and data are apart");
	check(community_card_pseudonym(community_ring_find(&ring, 14), 1, 5, &p) &&
		  community_card_pseudonym(community_ring_find(&ring, 14), 2, 5, &q) && p != q,
		  "issuers know a person by different pseudonyms");
	check(community_pin_form((const unsigned char *) "1234", 4) &&
		  !community_pin_form((const unsigned char *) "123", 3) &&
		  !community_pin_form((const unsigned char *) "123a", 4) &&
		  !community_pin_form((const unsigned char *) "1234567890123", 13), "form of a PIN");
	check(community_pin_guess(pepper, card, 1, (const unsigned char *) "1234", 4, guess) &&
		  community_pin_guess(pepper, card, 1, (const unsigned char *) "1235", 4, wrong) &&
		  community_pin_store(guess, salt, stored), "store a PIN");
	check(community_pin_matches(guess, stored) == 1, "the right PIN");
	check(community_pin_matches(wrong, stored) == 0, "a wrong PIN");
	community_pin_guess(pepper, card, 2, (const unsigned char *) "1234", 4, wrong);
	check(community_pin_matches(wrong, stored) == 0, "the PIN of another generation");
	stored[0] = 9;
	check(community_pin_matches(guess, stored) == -1, "another form");
}

int
main(int argc, char **argv)
{
	long		rounds = argc > 1 ? atol(argv[1]) : 1;
	int			line;
	const char *error;

	if (!community_ring_read(ring_text, sizeof(ring_text) - 1, &ring, &line, &error))
	{
		printf("failed: ring, line %d: %s\n", line, error);
		return 1;
	}
	vectors();
	card_numbers();
	malformed();
	credentials(RING_HMAC_SHA256, 8, 1000 * rounds);
	credentials(RING_HMAC_SM3, 9, 300 * rounds);
	credentials(RING_ED25519, 3, 12 * rounds);
	credentials(RING_SM2, 6, 4 * rounds);
	seals(11);
	seals(12);
	bitmaps();
	secrets();
	community_ring_clear(&ring);
	printf("%ld forged credentials, %ld wrong answers\n", forged_all, failures);
	printf("%ld checks, %ld failed\n", checks, failures);
	return failures > 0;
}
