/*
 * door_op.c
 *		The tap that every door sees all day, decided without a query.
 *
 * door_open() asks here first.  An answer means that the tap is plain: the door
 * is in service, its zone neither locked nor released nor watching for
 * passback, no counter is asked for, the credential is genuine, its card and
 * key are active, the door application is enabled, and a rule lets everybody
 * with its kind of card in, at any hour and without a PIN.  Whatever is
 * otherwise, or only looks so, is NULL, and community._door_decide() decides and
 * gives the reason.
 */
#include "compat.h"

#include "access/genam.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "card/card.h"
#include "card/card_pg.h"
#include "card/door.h"
#include "card/keys.h"
#include "keyed.h"

PG_FUNCTION_INFO_V1(community_door_plain);

#define DOOR_APP	0			/* door in community_credential_apps */

/* The tables, and the columns of each in the order of its list. */
enum
{
	CARD, APP, CARD_TABLES
};
enum
{
	CARD_COMMUNITY, CARD_NUMBER, CARD_ID, CARD_ISSUER, CARD_INDEX, CARD_HOLDER, CARD_KIND,
	CARD_GENERATION, CARD_STATE, CARD_EXPIRES
};
enum
{
	APP_COMMUNITY, APP_CARD, APP_NAME, APP_STATE
};

static keyed_table card_tables[CARD_TABLES] = {
	{"card", 2, {{"community_id", INT8OID}, {"number_key", INT8OID}, {"card_id", INT8OID},
	{"issuer", INT4OID}, {"card_index", INT4OID}, {"holder", INT8OID}, {"kind", TEXTOID},
	{"generation", INT4OID}, {"state", TEXTOID}, {"expires", TIMESTAMPTZOID}}},
	{"card_app", 3, {{"community_id", INT8OID}, {"card_id", INT8OID}, {"application", TEXTOID},
	{"state", TEXTOID}}},
};
static keyed_set card_set = {card_tables, CARD_TABLES};

/* Read a column of a card that is never null. */
static Datum
card_value(SysScanDesc scan, int column)
{
	return keyed_known(&card_tables[CARD], scan, column);
}

/* Tell whether a rule of the door lets a kind of card in. */
static bool
kind_allowed(const door_config *door, text *kind, TimestampTz at)
{
	int			len = VARSIZE_ANY_EXHDR(kind);
	int			i;

	for (i = 0; i < door->nrules; i++)
	{
		const door_rule *rule = &door->rules[i];

		if (door_time_holds(&rule->time, at) &&
			(rule->len < 0 || (rule->len == len && memcmp(rule->kind, VARDATA_ANY(kind), len) == 0)))
			return true;
	}
	return false;
}

/* Tell whether the card is the one of the claims, active, and let in. */
static bool
card_plain(SysScanDesc scan, const credential_claims *claims, const door_config *door,
		   TimestampTz at)
{
	return DatumGetInt32(card_value(scan, CARD_ISSUER)) == (int64) claims->issuer &&
		DatumGetInt32(card_value(scan, CARD_INDEX)) == (int64) claims->index &&
		DatumGetInt64(card_value(scan, CARD_HOLDER)) == (int64) claims->holder &&
		DatumGetInt32(card_value(scan, CARD_GENERATION)) == claims->generation &&
		community_keyed_says(&card_tables[CARD], scan, CARD_STATE, "active") &&
		DatumGetTimestampTz(card_value(scan, CARD_EXPIRES)) > at &&
		kind_allowed(door, DatumGetTextPP(card_value(scan, CARD_KIND)), at);
}

/* Read the card of the claims and its application. */
static bool
card_reads_plain(const door_config *door, const credential_claims *claims, TimestampTz at)
{
	Relation	relations[CARD_TABLES];
	Snapshot	snapshot = GetActiveSnapshot();
	Datum		key[3] = {Int64GetDatum(door->community), Int64GetDatum(claims->cardno)};
	SysScanDesc scan;
	bool		plain;

	if (!community_keyed_open(&card_set, relations))
		return false;
	scan = community_keyed_scan(&card_tables[CARD], relations[CARD], snapshot, key);
	plain = systable_getnext(scan) != NULL && card_plain(scan, claims, door, at);
	if (plain)
	{
		key[1] = Int64GetDatum(DatumGetInt64(card_value(scan, CARD_ID)));
		key[2] = CStringGetTextDatum(community_credential_apps[DOOR_APP]);
	}
	systable_endscan(scan);
	if (plain)
	{
		scan = community_keyed_scan(&card_tables[APP], relations[APP], snapshot, key);
		plain = systable_getnext(scan) != NULL &&
			community_keyed_says(&card_tables[APP], scan, APP_STATE, "enabled");
		systable_endscan(scan);
	}
	community_keyed_close(&card_set, relations);
	return plain;
}

/*
 * Tell the holder whose plain tap opens a door, or NULL.
 */
Datum
community_door_plain(PG_FUNCTION_ARGS)
{
	bytea	   *credential = PG_GETARG_BYTEA_PP(2);
	const unsigned char *data = (unsigned char *) VARDATA_ANY(credential);
	size_t		len = VARSIZE_ANY_EXHDR(credential);
	TimestampTz at = PG_GETARG_TIMESTAMPTZ(3);
	const door_config *door;
	credential_claims claims;

	/* a transaction that sees one moment does not see what is kept */
	if (IsolationUsesXactSnapshot())
		PG_RETURN_NULL();
	door = community_door_config(PG_GETARG_INT64(0), PG_GETARG_INT64(1));
	/* the signature last: it may cost most, and would be verified again */
	if (door == NULL || !door->plain || community_credential_decode(data, len, &claims) != NULL ||
		!community_door_key_holds(claims.key_id, at) || !card_reads_plain(door, &claims, at) ||
		community_credential_verify(community_keys(), data, len, community_card_minute(at),
									door->code, DOOR_APP, &claims) != CREDENTIAL_OK)
		PG_RETURN_NULL();
	PG_RETURN_INT64((int64) claims.holder);
}
