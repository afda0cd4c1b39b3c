/*
 * document.h
 *		Signatures over documents: certificates, packages of readers.
 *
 * What is signed begins with a label that names the kind of the document, and
 * that no credential (0xC1) and no bitmap (0xC2) begins with.  So a signature of
 * one kind is never one of another, whatever key made it; and the keys are those
 * for what is published, which sign no credential.
 *
 * Links libcrypto only; the offline reader uses it too.
 */
#ifndef COMMUNITY_DOCUMENT_H
#define COMMUNITY_DOCUMENT_H

#include "card/ring.h"

#define DOCUMENT_PROOF		(2 + RING_SIGNATURE)	/* number of the key, signature */
#define DOCUMENT_MAX_KIND	31

extern bool community_document_kind_ok(const char *kind, size_t len);
extern bool community_document_sign(const ring_key *key, const char *kind, size_t kind_len,
									const unsigned char *document, size_t len,
									unsigned char *proof);
extern bool community_document_verify(const card_ring *ring, const char *kind, size_t kind_len,
									  const unsigned char *document, size_t len,
									  const unsigned char *proof, size_t proof_len);

#endif							/* COMMUNITY_DOCUMENT_H */
