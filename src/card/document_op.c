/*
 * document_op.c
 *		Signatures over documents: certificates, packages of readers.
 *
 * What is signed begins with a label that no credential and no bitmap begins
 * with, so a signature of one kind is never one of another.
 */
#include "compat.h"

#include "utils/builtins.h"

#include "card/card_pg.h"
#include "card/keys.h"

#define LABEL			"community document\n"
#define LABEL_BYTES		(sizeof(LABEL) - 1)
#define PROOF_BYTES		(2 + RING_SIGNATURE)

PG_FUNCTION_INFO_V1(community_document_sign);
PG_FUNCTION_INFO_V1(community_document_verify);

/* Put the label before a document. */
static unsigned char *
labelled(text *document, size_t *len)
{
	size_t		n = VARSIZE_ANY_EXHDR(document);
	unsigned char *out = palloc(LABEL_BYTES + n);

	memcpy(out, LABEL, LABEL_BYTES);
	memcpy(out + LABEL_BYTES, VARDATA_ANY(document), n);
	*len = LABEL_BYTES + n;
	return out;
}

/*
 * Sign a document with the active key of a suite with signatures.
 */
Datum
community_document_sign(PG_FUNCTION_ARGS)
{
	text	   *document = PG_GETARG_TEXT_PP(0);
	int			suite = community_card_suite(PG_GETARG_TEXT_PP(1));
	const ring_key *key;
	unsigned char proof[PROOF_BYTES];
	unsigned char *data;
	size_t		len;

	if (suite != RING_ED25519 && suite != RING_SM2)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("suite \"%s\" makes no signatures", community_credential_suites[suite]),
				 errhint("Use ed25519 or sm2.")));
	key = community_card_signer(suite, -1);
	data = labelled(document, &len);
	proof[0] = (unsigned char) (key->id >> 8);
	proof[1] = (unsigned char) key->id;
	if (!community_ring_sign(key, data, len, proof + 2))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not sign the document")));
	PG_RETURN_BYTEA_P(community_bytea(proof, PROOF_BYTES));
}

/*
 * Tell whether a signature is that of a document.
 */
Datum
community_document_verify(PG_FUNCTION_ARGS)
{
	text	   *document = PG_GETARG_TEXT_PP(0);
	bytea	   *proof = PG_GETARG_BYTEA_PP(1);
	unsigned char *p = (unsigned char *) VARDATA_ANY(proof);
	const ring_key *key;
	unsigned char *data;
	size_t		len;

	if (VARSIZE_ANY_EXHDR(proof) != PROOF_BYTES)
		PG_RETURN_BOOL(false);
	key = community_ring_find(community_keys(), (uint16_t) (p[0] << 8 | p[1]));
	if (key == NULL || key->pkey == NULL)
		PG_RETURN_BOOL(false);
	data = labelled(document, &len);
	PG_RETURN_BOOL(community_ring_verify(key, data, len, p + 2));
}
