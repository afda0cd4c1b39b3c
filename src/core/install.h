/*
 * install.h
 *		The platform's installer: reading its files and running them.
 */
#ifndef COMMUNITY_INSTALL_H
#define COMMUNITY_INSTALL_H

#include "postgres.h"

#include "nodes/pg_list.h"

/* One file of a module: a run-once step or a replayable file. */
typedef struct ModuleFile
{
	char	   *name;			/* file name, e.g. 001_tables.sql */
	bool		replay;			/* replayable, else run once */
	List	   *when;			/* modules that must be there too (char *) */
	char	   *content;		/* text, read on demand */
	char		checksum[65];	/* sha256 of the bytes, hexadecimal */
} ModuleFile;

/* One module, as its manifest describes it. */
typedef struct Module
{
	char	   *name;
	char	   *title;
	int			floor;
	List	   *requires;		/* char * */
	List	   *files;			/* ModuleFile *, in order */
	bool		installed;		/* has applied rows */
	bool		selected;		/* to be worked on in this run */
	bool		dirty;			/* a step of it, or of what it requires, ran */
} Module;

/* The files beside the extension's script. */
typedef struct House
{
	char	   *version;		/* of the files */
	List	   *modules;		/* Module *, lower floors first */
} House;

extern House *community_house_read(void);
extern Module *community_house_find(House *house, const char *name);
extern bool community_list_has(List *names, const char *name);
extern void community_file_load(Module *module, ModuleFile *file);
extern int	community_file_run(const char *module, const char *file, const char *content);

#endif							/* COMMUNITY_INSTALL_H */
