/*
 * card_purpose_test.c
 *		One key, one purpose; one signature, one kind of object.
 *
 * Credentials, status bitmaps, door packages and certificates are signed by every
 * key of the ring, with whatever label: each verifies as its own kind under a key
 * for it, and as nothing else.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "card/card.h"
#include "card/cardno.h"
#include "card/document.h"
#include "card/status.h"

static long failures = 0;
static long checks = 0;

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

static const char ring_text[] =
"community-ring 1\n"
"1 ed25519 active 010102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
"2 sm2 active 020102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
"3 sign-ed25519 active 030102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
"4 sign-sm2 active 040102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
"5 hmac-sha256 active 050102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
"6 hmac-sm3 active 060102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
"7 index active 070102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";

/* The kinds of signed objects. */
enum
{
	CREDENTIAL, BITMAP, PACKAGE, CERTIFICATE, KINDS
};

static const char *const names[KINDS] = {"credential", "bitmap", "door package", "certificate"};
static const char *const labels[KINDS] = {"", "", "community door package\n", "community certificate\n"};

#define ROOM	512

static card_ring ring;

/* Write the bytes of an object before its signature, as if key signed it. */
static size_t
write_object(int kind, const ring_key *key, unsigned char *out)
{
	credential_claims claims = {.suite = (uint8_t) ring_algorithm(key->use), .key_id = key->id, .issuer = 7,
		.holder = 42, .generation = 1, .apps = 1, .not_before = 1000, .expires = 2000, .index = 9};
	status_head head = {.suite = (uint8_t) ring_algorithm(key->use), .key_id = key->id, .issuer = 7,
	.epoch = 1, .published = 1000, .ncards = 100};

	claims.cardno = community_cardno_make(330203, 1);
	if (kind == CREDENTIAL)
		return community_credential_encode(&claims, out);
	if (kind == BITMAP)
		return community_status_begin(&head, out);
	return (size_t) sprintf((char *) out, "%s", "community-door 1\npoint 1\n");
}

/* Tell whether bytes and signature are accepted as an object of a kind. */
static bool
accepted(int kind, const ring_key *key, const unsigned char *data, size_t len, const unsigned char *signature)
{
	unsigned char all[2 * ROOM];
	unsigned char proof[DOCUMENT_PROOF];
	credential_claims claims;
	/* HMAC tags are 16 bytes, what is published has 64 in any suite */
	size_t		tag = kind == CREDENTIAL && key->pkey == NULL ? CREDENTIAL_TAG : RING_SIGNATURE;

	memcpy(all, data, len);
	memcpy(all + len, signature, tag);
	if (kind == CREDENTIAL)
		return community_credential_verify(&ring, all, len + tag, 1500, -1, 0, &claims) == CREDENTIAL_OK;
	if (kind == BITMAP)
		return community_status_verify(&ring, all, len + tag);
	proof[0] = (unsigned char) (key->id >> 8);
	proof[1] = (unsigned char) key->id;
	memcpy(proof + 2, signature, RING_SIGNATURE);
	return community_document_verify(&ring, names[kind], strlen(names[kind]), data, len, proof, sizeof(proof));
}

/* Sign the bytes of a kind under the label of one by any key; 64 bytes. */
static void
sign_as(int label, const ring_key *key, const unsigned char *data, size_t len, unsigned char *signature)
{
	unsigned char all[2 * ROOM];
	size_t		n = strlen(labels[label]);

	memcpy(all, labels[label], n);
	memcpy(all + n, data, len);
	n += len;
	memset(signature, 0, RING_SIGNATURE);
	if (key->pkey != NULL)
		check(community_ring_sign(key, all, n, signature), "sign");
	else
	{
		const unsigned char *part = all;

		check(community_ring_tag(key, &part, &n, 1, signature), "tag");
	}
}

/* Tell whether a key is for a kind. */
static bool
key_is_for(const ring_key *key, int kind)
{
	if (kind == CREDENTIAL)
		return key->use <= RING_SM2;
	return key->use == RING_SIGN_ED25519 || key->use == RING_SIGN_SM2;
}

int
main(void)
{
	int			line;
	const char *error;
	int			i,
				kind,
				label,
				as;
	long		right = 0;

	if (!community_ring_read(ring_text, sizeof(ring_text) - 1, &ring, &line, &error))
	{
		printf("failed: ring, line %d: %s\n", line, error);
		return 1;
	}
	for (i = 0; i < ring.nkeys; i++)
		for (kind = 0; kind < KINDS; kind++)
			for (label = 0; label < KINDS; label++)
			{
				const ring_key *key = &ring.keys[i];
				unsigned char data[ROOM];
				unsigned char signature[RING_SIGNATURE];
				unsigned char shown[2 * ROOM];
				size_t		len = write_object(kind, key, data);
				size_t		n = strlen(labels[label]);

				sign_as(label, key, data, len, signature);
				memcpy(shown, labels[label], n);
				memcpy(shown + n, data, len);
				for (as = 0; as < KINDS; as++)
				{
					/* one label signs all kinds without one: their bytes tell them apart */
					bool		should = key_is_for(key, as) &&
						(as < PACKAGE ? kind == as && labels[label][0] == '\0' : label == as);
					char		what[160];

					snprintf(what, sizeof(what), "key %d for %s: a %s signed as %s, shown as %s", key->id,
							 community_ring_use_name(key->use), names[kind], names[label], names[as]);
					check(accepted(as, key, data, len, signature) == should, what);
					right += should;
					/* with the label before it, whole, as somebody might try */
					if (n > 0)
						check(!accepted(as, key, shown, n + len, signature), what);
				}
			}
	check(right > 0, "some are accepted");

	/* keys do not lend themselves: neither in making */
	for (i = 0; i < ring.nkeys; i++)
	{
		unsigned char data[ROOM];
		unsigned char proof[DOCUMENT_PROOF];
		const ring_key *key = &ring.keys[i];
		size_t		len = write_object(CREDENTIAL, key, data);

		check(community_credential_sign(key, data, &len) == key_is_for(key, CREDENTIAL), "who signs credentials");
		len = write_object(BITMAP, key, data);
		check(community_status_sign(key, data, &len) == key_is_for(key, BITMAP), "who signs bitmaps");
		check(community_document_sign(key, "certificate", 11, data, 0, proof) == key_is_for(key, CERTIFICATE),
			  "who signs documents");
	}
	check(!community_document_kind_ok("", 0) && !community_document_kind_ok("a\nb", 3) &&
		  !community_document_kind_ok("A", 1) && !community_document_kind_ok("abcdefghijabcdefghijabcdefghijab", 32) &&
		  community_document_kind_ok("door package", 12), "kinds");
	community_ring_clear(&ring);

	/* nor is one key given two purposes */
	{
		static const char *const twice[] = {
			"community-ring 1\n1 ed25519 active %s\n2 sign-ed25519 active %s\n",
			"community-ring 1\n1 sm2 active %s\n2 sign-sm2 old %s\n",
			"community-ring 1\n1 index active %s\n2 card active %s\n"
		};
		static const char seed[] = "010102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

		for (i = 0; i < 3; i++)
		{
			char		text[ROOM];
			int			n = snprintf(text, sizeof(text), twice[i], seed, seed);

			check(!community_ring_read(text, (size_t) n, &ring, &line, &error) && line == 3 &&
				  strcmp(error, "two uses share one key") == 0, "one key for two uses");
		}
	}
	printf("purposes: %ld checks, %ld accepted, %ld failed\n", checks, right, failures);
	return failures > 0;
}
