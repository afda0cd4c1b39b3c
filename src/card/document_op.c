/*
 * document_op.c
 *		Signatures over documents in SQL.
 */
#include "compat.h"

#include "utils/builtins.h"

#include "card/card_pg.h"
#include "card/document.h"
#include "card/keys.h"

PG_FUNCTION_INFO_V1(community_document_sign_text);
PG_FUNCTION_INFO_V1(community_document_verify_text);

/*
 * Find the active key that signs with a suite what is published.
 */
const ring_key *
community_publishing_key(text *name)
{
	int			suite = community_card_suite(name);

	if (ring_publisher(suite) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("suite \"%s\" makes no signatures", community_credential_suites[suite]),
				 errhint("Use ed25519 or sm2.")));
	return community_active_key(ring_publisher(suite));
}

/* Refuse what names no kind of documents. */
static void
check_kind(text *kind)
{
	if (!community_document_kind_ok(VARDATA_ANY(kind), VARSIZE_ANY_EXHDR(kind)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("this is no kind of documents"),
				 errdetail("A kind has 1 to %d small letters and spaces.", DOCUMENT_MAX_KIND)));
}

/*
 * Sign a document of a kind with the active key of a suite with signatures.
 */
Datum
community_document_sign_text(PG_FUNCTION_ARGS)
{
	text	   *document = PG_GETARG_TEXT_PP(0);
	text	   *kind = PG_GETARG_TEXT_PP(1);
	const ring_key *key = community_publishing_key(PG_GETARG_TEXT_PP(2));
	unsigned char proof[DOCUMENT_PROOF];

	check_kind(kind);
	if (!community_document_sign(key, VARDATA_ANY(kind), VARSIZE_ANY_EXHDR(kind),
								 (unsigned char *) VARDATA_ANY(document),
								 VARSIZE_ANY_EXHDR(document), proof))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not sign the document")));
	PG_RETURN_BYTEA_P(community_bytea(proof, DOCUMENT_PROOF));
}

/*
 * Tell whether a signature is that of a document of a kind.
 */
Datum
community_document_verify_text(PG_FUNCTION_ARGS)
{
	text	   *document = PG_GETARG_TEXT_PP(0);
	text	   *kind = PG_GETARG_TEXT_PP(1);
	bytea	   *proof = PG_GETARG_BYTEA_PP(2);

	check_kind(kind);
	PG_RETURN_BOOL(community_document_verify(community_keys(), VARDATA_ANY(kind),
											 VARSIZE_ANY_EXHDR(kind),
											 (unsigned char *) VARDATA_ANY(document),
											 VARSIZE_ANY_EXHDR(document),
											 (unsigned char *) VARDATA_ANY(proof),
											 VARSIZE_ANY_EXHDR(proof)));
}
