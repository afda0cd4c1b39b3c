/*
 * community.h
 *		What the C modules share.
 */
#ifndef COMMUNITY_H
#define COMMUNITY_H

/* Values of the setting community.lang. */
typedef enum CommunityLang
{
	COMMUNITY_LANG_EN,
	COMMUNITY_LANG_ZH
} CommunityLang;

#endif							/* COMMUNITY_H */
