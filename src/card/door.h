/*
 * door.h
 *		What a door and a key say, kept by each session until they change.
 */
#ifndef COMMUNITY_DOOR_H
#define COMMUNITY_DOOR_H

#include "postgres.h"
#include "datatype/timestamp.h"

#define DOOR_MAX_RULES		8
#define DOOR_MAX_KIND		16

/* A time that a rule or a key holds: from <= at < until. */
typedef struct door_time
{
	int64		from;
	int64		until;
} door_time;

/* A rule for everybody with a kind of card, at any hour, without a PIN. */
typedef struct door_rule
{
	door_time	time;
	int			len;			/* of the kind; -1: any kind */
	char		kind[DOOR_MAX_KIND];
} door_rule;

/* A door with its zone and such rules. */
typedef struct door_config
{
	int64		community;
	int64		point;
	uint64		changes;		/* as it was when this was read */
	bool		plain;			/* in service, zone normal, no passback, no counter */
	int64		code;
	int			nrules;
	door_rule	rules[DOOR_MAX_RULES];
} door_config;

extern const door_config *community_door_config(int64 community, int64 point);
extern bool community_door_key_holds(int key_id, TimestampTz at);

static inline bool
door_time_holds(const door_time *time, TimestampTz at)
{
	return time->from <= at && at < time->until;
}

#endif							/* COMMUNITY_DOOR_H */
