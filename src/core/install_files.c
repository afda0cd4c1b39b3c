/*
 * install_files.c
 *		Read the platform's files: the list of modules, manifests, SQL.
 *
 * Everything is read from one folder beside the extension's script, and names
 * are checked before they become part of a path, so no caller can make the
 * server read any other file.
 */
#include "compat.h"

#include "common/cryptohash.h"
#include "common/sha2.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/fd.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include <sys/stat.h>

#include "core/install.h"

#define MAX_FILE_SIZE (16 * 1024 * 1024)

/* Tell whether a name may become part of a path. */
static bool
name_is_plain(const char *name)
{
	if (name[0] < 'a' || name[0] > 'z')
	{
		if (name[0] < '0' || name[0] > '9')
			return false;
	}
	return strlen(name) < NAMEDATALEN &&
		strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_.") == strlen(name) &&
		strstr(name, "..") == NULL;
}

/* Return the folder of the platform's files, following extension_destdir. */
static char *
house_folder(void)
{
	char		share[MAXPGPATH];
	const char *destdir = GetConfigOption("extension_destdir", true, false);

	get_share_path(my_exec_path, share);
	return psprintf("%s%s/extension/community", destdir ? destdir : "", share);
}

/* Read a whole file of the platform's folder; the result ends with a zero. */
static char *
read_text(const char *module, const char *name, size_t *length)
{
	char	   *path;
	FILE	   *stream;
	struct stat st;
	char	   *text;

	if (!name_is_plain(name) || (module && !name_is_plain(module)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("invalid name of a platform file: \"%s\"", name)));

	path = module ? psprintf("%s/%s/%s", house_folder(), module, name)
		: psprintf("%s/%s", house_folder(), name);
	stream = AllocateFile(path, PG_BINARY_R);
	if (stream == NULL)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not open platform file \"%s\": %m", path),
				 errhint("The platform's SQL files are installed by make install, beside the extension's script.")));
	if (fstat(fileno(stream), &st) < 0)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not stat platform file \"%s\": %m", path)));
	if (st.st_size > MAX_FILE_SIZE)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("platform file \"%s\" is too large", path)));

	text = palloc(st.st_size + 1);
	*length = fread(text, 1, st.st_size, stream);
	if (ferror(stream) || *length != (size_t) st.st_size)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not read platform file \"%s\": %m", path)));
	FreeFile(stream);
	text[*length] = '\0';
	if (strlen(text) != *length)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("platform file \"%s\" holds a zero byte", path)));
	pg_verify_mbstr(PG_UTF8, text, *length, false);
	return text;
}

/* Split a line into words; a comment ends it. */
static List *
line_words(char *line)
{
	List	   *words = NIL;
	char	   *save = NULL;
	char	   *hash = strchr(line, '#');

	if (hash)
		*hash = '\0';
	for (char *word = strtok_r(line, " \t\r", &save); word; word = strtok_r(NULL, " \t\r", &save))
		words = lappend(words, pstrdup(word));
	return words;
}

/* Report a manifest line that makes no sense. */
static void
manifest_error(const char *module, int lineno, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_CONFIG_FILE_ERROR),
			 errmsg("invalid manifest of module \"%s\", line %d: %s", module, lineno, what)));
}

/* Read a "step" or "replay" line of a manifest. */
static ModuleFile *
manifest_file(const char *module, int lineno, List *words)
{
	ModuleFile *file = palloc0(sizeof(ModuleFile));

	file->replay = strcmp(linitial(words), "replay") == 0;
	if (list_length(words) < 2)
		manifest_error(module, lineno, "a file name is missing");
	file->name = lsecond(words);
	if (!name_is_plain(file->name))
		manifest_error(module, lineno, "invalid file name");
	if (list_length(words) > 2)
	{
		if (!file->replay || strcmp(lthird(words), "when") != 0 || list_length(words) == 3)
			manifest_error(module, lineno, "expected: replay FILE when MODULE ...");
		file->when = list_copy_tail(words, 3);
	}
	return file;
}

/* Read the manifest of one module. */
static Module *
manifest_read(const char *name)
{
	Module	   *module = palloc0(sizeof(Module));
	size_t		length;
	char	   *text = read_text(name, "manifest", &length);
	char	   *save = NULL;
	int			lineno = 0;

	module->name = pstrdup(name);
	module->title = pstrdup(name);
	module->floor = -1;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
	{
		List	   *words;
		const char *key;

		lineno++;
		if (strncmp(line, "title ", 6) == 0)
		{
			module->title = pstrdup(line + 6);
			continue;
		}
		words = line_words(line);
		if (words == NIL)
			continue;
		key = linitial(words);
		if (strcmp(key, "floor") == 0 && list_length(words) == 2)
			module->floor = pg_strtoint32(lsecond(words));
		else if (strcmp(key, "requires") == 0)
			module->requires = list_concat(module->requires, list_copy_tail(words, 1));
		else if (strcmp(key, "step") == 0 || strcmp(key, "replay") == 0)
			module->files = lappend(module->files, manifest_file(name, lineno, words));
		else
			manifest_error(name, lineno, "expected title, floor, requires, step or replay");
	}
	if (module->floor < 0)
		manifest_error(name, lineno, "the floor is missing");
	return module;
}

/* Tell whether a name stands in a list of names. */
bool
community_list_has(List *names, const char *name)
{
	ListCell   *lc;

	foreach(lc, names)
	{
		if (strcmp(lfirst(lc), name) == 0)
			return true;
	}
	return false;
}

/* Find a module by name, or return NULL. */
Module *
community_house_find(House *house, const char *name)
{
	ListCell   *lc;

	foreach(lc, house->modules)
	{
		Module	   *module = lfirst(lc);

		if (strcmp(module->name, name) == 0)
			return module;
	}
	return NULL;
}

/* Check that a module requires only modules above its line, on floors not higher. */
static void
module_check(House *house, Module *module)
{
	ListCell   *lc;

	if (community_house_find(house, module->name))
		manifest_error(module->name, 0, "the module is listed twice");
	foreach(lc, module->requires)
	{
		Module	   *lower = community_house_find(house, lfirst(lc));

		if (lower == NULL || lower->floor > module->floor)
			ereport(ERROR,
					(errcode(ERRCODE_CONFIG_FILE_ERROR),
					 errmsg("module \"%s\" requires \"%s\", which is not below it",
							module->name, (char *) lfirst(lc))));
	}
	foreach(lc, module->files)
	{
		ModuleFile *file = lfirst(lc);
		ListCell   *lw;

		foreach(lw, file->when)
		{
			if (community_house_find(house, lfirst(lw)) == NULL)
				ereport(ERROR,
						(errcode(ERRCODE_CONFIG_FILE_ERROR),
						 errmsg("file \"%s\" of module \"%s\" waits for \"%s\", which is not below it",
								file->name, module->name, (char *) lfirst(lw))));
		}
	}
}

/* Read the list of modules and every manifest. */
House *
community_house_read(void)
{
	House	   *house = palloc0(sizeof(House));
	size_t		length;
	char	   *text = read_text(NULL, "modules", &length);
	char	   *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
	{
		List	   *words = line_words(line);

		if (words == NIL)
			continue;
		if (list_length(words) == 2 && strcmp(linitial(words), "version") == 0)
			house->version = lsecond(words);
		else if (list_length(words) == 2 && strcmp(linitial(words), "module") == 0)
		{
			Module	   *module = manifest_read(lsecond(words));

			module_check(house, module);
			house->modules = lappend(house->modules, module);
		}
		else
			ereport(ERROR,
					(errcode(ERRCODE_CONFIG_FILE_ERROR),
					 errmsg("invalid line in the platform's list of modules")));
	}
	if (house->version == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_CONFIG_FILE_ERROR),
				 errmsg("the platform's list of modules names no version")));
	return house;
}

/* Read a module's file and compute its checksum. */
void
community_file_load(Module *module, ModuleFile *file)
{
	size_t		length;
	uint8		digest[PG_SHA256_DIGEST_LENGTH];
	pg_cryptohash_ctx *context;

	if (file->content)
		return;
	file->content = read_text(module->name, file->name, &length);
	context = pg_cryptohash_create(PG_SHA256);
	if (context == NULL || pg_cryptohash_init(context) < 0 ||
		pg_cryptohash_update(context, (uint8 *) file->content, length) < 0 ||
		pg_cryptohash_final(context, digest, sizeof(digest)) < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not compute the checksum of \"%s\"", file->name)));
	pg_cryptohash_free(context);
	for (int i = 0; i < PG_SHA256_DIGEST_LENGTH; i++)
		snprintf(file->checksum + 2 * i, 3, "%02x", digest[i]);
}
