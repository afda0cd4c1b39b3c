/*
 * door_config.c
 *		What a door and a key say, kept by each session until they change.
 *
 * Doors, zones, rules and keys change seldom and are asked for at every tap.
 * Triggers on their tables tell every session when they change, so that a zone
 * locked down by a transaction whose COMMIT returned is locked for every tap
 * that comes after.  The rows are read under a snapshot that is taken after the
 * last such message: one that is older could be kept for ever.  A transaction
 * that wrote to these tables keeps nothing: it may see rows of its own of which
 * no trigger has told yet, and none tells when the statement fails.
 */
#include "compat.h"

#include "access/genam.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/multirangetypes.h"
#include "utils/rangetypes.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "card/door.h"
#include "keyed.h"
#include "worktime/worktime.h"

#define DOOR_SLOTS	128			/* doors that a session keeps */
#define KEY_SLOTS	16

/* The tables, and the columns of each in the order of its list. */
enum
{
	POINT, ZONE, RULE, KEY, CONFIG_TABLES
};
enum
{
	POINT_COMMUNITY, POINT_ID, POINT_ZONE, POINT_CODE, POINT_COUNTER, POINT_ACTIVE
};
enum
{
	ZONE_COMMUNITY, ZONE_ID, ZONE_PASSBACK, ZONE_MODE
};
enum
{
	RULE_COMMUNITY, RULE_ZONE, RULE_KIND, RULE_PERSON, RULE_GROUP, RULE_HOURS, RULE_VALID, RULE_PIN
};
enum
{
	KEY_ID, KEY_STATUS, KEY_VALID
};

static keyed_table config_tables[CONFIG_TABLES] = {
	{"access_point", 2, {{"community_id", INT8OID}, {"point_id", INT8OID}, {"zone_id", INT8OID},
	{"code_key", INT8OID}, {"needs_counter", BOOLOID}, {"active", BOOLOID}}},
	{"access_zone", 2, {{"community_id", INT8OID}, {"zone_id", INT8OID},
	{"anti_passback", TEXTOID}, {"mode", TEXTOID}}},
	{"access_rule", 2, {{"community_id", INT8OID}, {"zone_id", INT8OID}, {"card_kind", TEXTOID, true},
	{"person_id", INT8OID, true}, {"group_name", TEXTOID, true}, {"hours", INT4MULTIRANGEOID},
	{"valid", TSTZRANGEOID}, {"needs_pin", BOOLOID}}},
	{"card_key", 1, {{"key_id", INT4OID}, {"status", TEXTOID}, {"valid", TSTZRANGEOID}}},
};
static keyed_set config_set = {config_tables, CONFIG_TABLES, true};

/* What is known of a key. */
typedef struct key_config
{
	int			key_id;
	uint64		changes;
	bool		usable;
	door_time	time;
} key_config;

static door_config doors[DOOR_SLOTS];
static key_config keys[KEY_SLOTS];

/* Start to read a table of the configuration by key. */
static SysScanDesc
read_table(Relation *relations, int table, Snapshot snapshot, const Datum *key)
{
	return community_keyed_scan(&config_tables[table], relations[table], snapshot, key);
}

/* Read a column that is never null. */
static Datum
known(int table, SysScanDesc scan, int column)
{
	return keyed_known(&config_tables[table], scan, column);
}

/* Tell whether a text column says this. */
static bool
says(int table, SysScanDesc scan, int column, const char *what)
{
	return community_keyed_says(&config_tables[table], scan, column, what);
}

/* Read a range of times. */
static door_time
read_time(Datum value)
{
	RangeBound	lower;
	RangeBound	upper;
	bool		empty;
	door_time	time = {0, 0};

	range_deserialize(lookup_type_cache(TSTZRANGEOID, TYPECACHE_RANGE_INFO),
					  DatumGetRangeTypeP(value), &lower, &upper, &empty);
	if (empty)
		return time;
	time.from = lower.infinite ? PG_INT64_MIN : DatumGetTimestampTz(lower.val);
	time.until = upper.infinite ? PG_INT64_MAX : DatumGetTimestampTz(upper.val);
	/* times are whole microseconds */
	if (!lower.infinite && !lower.inclusive && time.from < PG_INT64_MAX)
		time.from++;
	if (!upper.infinite && upper.inclusive && time.until < PG_INT64_MAX)
		time.until++;
	return time;
}

/* Tell whether weekly hours are the whole week with its holidays. */
static bool
hours_always(Datum value)
{
	MultirangeType *hours = DatumGetMultirangeTypeP(value);
	RangeBound	lower;
	RangeBound	upper;

	if (hours->rangeCount != 1)
		return false;
	multirange_get_bounds(lookup_type_cache(INT4RANGEOID, TYPECACHE_RANGE_INFO), hours, 0,
						  &lower, &upper);
	return !lower.infinite && lower.inclusive && DatumGetInt32(lower.val) == 0 &&
		!upper.infinite && !upper.inclusive && DatumGetInt32(upper.val) == WEEK_MINUTES;
}

/* Read a rule; false when it names a person or a group, hours or a PIN. */
static bool
read_rule(SysScanDesc scan, door_rule *rule)
{
	bool		any_kind;
	bool		any_person;
	bool		any_group;
	Datum		kind = keyed_value(&config_tables[RULE], scan, RULE_KIND, &any_kind);

	(void) keyed_value(&config_tables[RULE], scan, RULE_PERSON, &any_person);
	(void) keyed_value(&config_tables[RULE], scan, RULE_GROUP, &any_group);
	if (!any_person || !any_group || DatumGetBool(known(RULE, scan, RULE_PIN)) ||
		!hours_always(known(RULE, scan, RULE_HOURS)))
		return false;
	rule->time = read_time(known(RULE, scan, RULE_VALID));
	rule->len = -1;
	if (!any_kind)
	{
		text	   *name = DatumGetTextPP(kind);

		rule->len = VARSIZE_ANY_EXHDR(name);
		if (rule->len > DOOR_MAX_KIND)
			return false;
		memcpy(rule->kind, VARDATA_ANY(name), rule->len);
	}
	return true;
}

/* Read the rules of a zone that let whole kinds of cards in. */
static void
read_rules(Relation *relations, Snapshot snapshot, Datum *key, door_config *door)
{
	SysScanDesc scan = read_table(relations, RULE, snapshot, key);

	while (door->nrules < DOOR_MAX_RULES && systable_getnext(scan) != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		if (read_rule(scan, &door->rules[door->nrules]))
			door->nrules++;
	}
	systable_endscan(scan);
}

/* Read a door, its zone and its rules. */
static void
read_door(Relation *relations, Snapshot snapshot, door_config *door)
{
	Datum		key[2] = {Int64GetDatum(door->community), Int64GetDatum(door->point)};
	SysScanDesc scan = read_table(relations, POINT, snapshot, key);

	door->nrules = 0;
	door->plain = systable_getnext(scan) != NULL &&
		DatumGetBool(known(POINT, scan, POINT_ACTIVE)) &&
		!DatumGetBool(known(POINT, scan, POINT_COUNTER));
	if (door->plain)
	{
		door->code = DatumGetInt64(known(POINT, scan, POINT_CODE));
		key[1] = known(POINT, scan, POINT_ZONE);
	}
	systable_endscan(scan);
	if (!door->plain)
		return;
	scan = read_table(relations, ZONE, snapshot, key);
	door->plain = systable_getnext(scan) != NULL && says(ZONE, scan, ZONE_MODE, "normal") &&
		says(ZONE, scan, ZONE_PASSBACK, "off");
	systable_endscan(scan);
	if (door->plain)
		read_rules(relations, snapshot, key, door);
}

/* Read a key; one that stands in the ring alone is usable. */
static void
read_key(Relation *relations, Snapshot snapshot, key_config *key)
{
	Datum		id = Int32GetDatum(key->key_id);
	SysScanDesc scan = read_table(relations, KEY, snapshot, &id);

	key->usable = true;
	key->time.from = PG_INT64_MIN;
	key->time.until = PG_INT64_MAX;
	if (systable_getnext(scan) != NULL)
	{
		key->usable = says(KEY, scan, KEY_STATUS, "active") ||
			says(KEY, scan, KEY_STATUS, "verify_only");
		key->time = read_time(known(KEY, scan, KEY_VALID));
	}
	systable_endscan(scan);
}

/* Read a door or a key anew; false, and it stays old, when this user may not. */
static bool
read_config(door_config *door, key_config *key)
{
	Relation	relations[CONFIG_TABLES];
	Snapshot	snapshot;
	uint64		changes;

	if (!community_keyed_open(&config_set, relations))
		return false;
	/* what changes from here on makes the copy old at once */
	changes = config_set.changes;
	if (community_keyed_written(&config_set))
		changes--;
	snapshot = RegisterSnapshot(GetLatestSnapshot());
	if (door != NULL)
	{
		read_door(relations, snapshot, door);
		door->changes = changes;
	}
	else
	{
		read_key(relations, snapshot, key);
		key->changes = changes;
	}
	UnregisterSnapshot(snapshot);
	community_keyed_close(&config_set, relations);
	return true;
}

/* Tell whether what was read when so much had changed is still true. */
static bool
still_true(uint64 changes)
{
	return config_set.found && changes == config_set.changes &&
		!community_keyed_written(&config_set);
}

/*
 * Tell what is known of a door, or NULL when this user may not read it.
 */
const door_config *
community_door_config(int64 community, int64 point)
{
	door_config *door = &doors[((uint64) community * 31 + (uint64) point) % DOOR_SLOTS];

	AcceptInvalidationMessages();
	if (!still_true(door->changes) || door->community != community || door->point != point)
	{
		door->changes = config_set.changes - 1;
		door->community = community;
		door->point = point;
		if (!read_config(door, NULL))
			return NULL;
	}
	return door;
}

/*
 * Tell whether a key may be used at a time; the door comes first, which reads
 * the messages of changes.
 */
bool
community_door_key_holds(int key_id, TimestampTz at)
{
	key_config *key = &keys[key_id % KEY_SLOTS];

	if (!still_true(key->changes) || key->key_id != key_id)
	{
		key->changes = config_set.changes - 1;
		key->key_id = key_id;
		if (!read_config(NULL, key))
			return false;
	}
	return key->usable && door_time_holds(&key->time, at);
}
