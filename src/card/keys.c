/*
 * keys.c
 *		Settings of the key ring, and the ring as a backend holds it.
 *
 * The ring is read at first use and again after a reload of the configuration.
 * A ring that cannot be read is a warning: the server must start and serve what
 * needs no key.  No function shows material.
 */
#include "compat.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "miscadmin.h"
#include "storage/fd.h"
#include "storage/ipc.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "card/keys.h"

static char *key_file = NULL;
static char *key_command = NULL;

static card_ring *ring = NULL;	/* of this backend */
static TimestampTz ring_time;	/* PgReloadTime when it was read */
static bool ring_tried = false;

/* Refuse a relative path, which would mean a file in the data directory. */
static bool
check_key_file(char **value, void **extra, GucSource source)
{
	if (*value != NULL && **value != '\0' && !is_absolute_path(*value))
	{
		GUC_check_errdetail("The path of the key ring must be absolute.");
		return false;
	}
	return true;
}

/* Forget the ring when the backend ends. */
static void
forget_ring(int code, Datum arg)
{
	if (ring != NULL)
		community_ring_clear(ring);
}

/*
 * Define the settings of the key ring.
 */
void
community_keys_init(void)
{
	DefineCustomStringVariable("community.key_file",
							   "File that holds the key ring, outside the data directory.",
							   "It must belong to the server's user or root and must not be writable by its group nor open to others.",
							   &key_file,
							   "",
							   PGC_SIGHUP,
							   GUC_SUPERUSER_ONLY,
							   check_key_file, NULL, NULL);
	DefineCustomStringVariable("community.key_command",
							   "Shell command that prints the key ring.",
							   "It is used when community.key_file is empty.",
							   &key_command,
							   "",
							   PGC_SIGHUP,
							   GUC_SUPERUSER_ONLY,
							   NULL, NULL, NULL);
}

/* Tell whether a file lies in the data directory, where backups would copy it. */
static bool
in_data_directory(const char *path)
{
	char		file[PATH_MAX];
	char		dir[PATH_MAX];
	size_t		n;

	if (realpath(path, file) == NULL || realpath(DataDir, dir) == NULL)
		return false;
	n = strlen(dir);
	return strncmp(file, dir, n) == 0 && file[n] == '/';
}

/* Read the ring's file; return its length or -1 after a warning. */
static int
read_file(const char *path, char *buffer)
{
	int			fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	int			n = 0;

	if (fd < 0)
	{
		ereport(WARNING,
				(errcode_for_file_access(),
				 errmsg("could not open the key ring \"%s\": %m", path)));
		return -1;
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		ereport(WARNING,
				(errcode(ERRCODE_CONFIG_FILE_ERROR),
				 errmsg("the key ring \"%s\" is not a regular file", path)));
	else if (st.st_uid != geteuid() && st.st_uid != 0)
		ereport(WARNING,
				(errcode(ERRCODE_CONFIG_FILE_ERROR),
				 errmsg("the key ring \"%s\" must belong to the server's user or root", path)));
	else if (st.st_mode & (S_IWGRP | S_IRWXO))
		ereport(WARNING,
				(errcode(ERRCODE_CONFIG_FILE_ERROR),
				 errmsg("the key ring \"%s\" must not be writable by its group nor open to others", path),
				 errhint("Set its mode to 0400.")));
	else if (in_data_directory(path))
		ereport(WARNING,
				(errcode(ERRCODE_CONFIG_FILE_ERROR),
				 errmsg("the key ring \"%s\" must not lie in the data directory", path),
				 errdetail("A backup would hold keys and values together.")));
	else
	{
		ssize_t		got;

		while (n <= RING_MAX_BYTES &&
			   ((got = read(fd, buffer + n, RING_MAX_BYTES + 1 - n)) > 0 ||
				(got < 0 && errno == EINTR)))
			n += got > 0 ? got : 0;
		close(fd);
		return n;
	}
	close(fd);
	return -1;
}

/* Read the ring from a command; return its length or -1 after a warning. */
static int
read_command(const char *command, char *buffer)
{
	FILE	   *pipe = OpenPipeStream(command, "r");
	int			n;
	int			rc;

	if (pipe == NULL)
	{
		ereport(WARNING,
				(errcode_for_file_access(),
				 errmsg("could not run community.key_command: %m")));
		return -1;
	}
	/* stdio must not keep a copy */
	setvbuf(pipe, NULL, _IONBF, 0);
	n = (int) fread(buffer, 1, RING_MAX_BYTES + 1, pipe);
	rc = ClosePipeStream(pipe);
	if (rc != 0)
	{
		ereport(WARNING,
				(errcode(ERRCODE_CONFIG_FILE_ERROR),
				 errmsg("community.key_command failed"),
				 errdetail_internal("%s", wait_result_to_str(rc))));
		return -1;
	}
	return n;
}

/* Read the ring that the settings name, or leave it empty after a warning. */
static void
load_ring(void)
{
	bool		from_file = key_file != NULL && *key_file != '\0';
	bool		from_command = !from_file && key_command != NULL && *key_command != '\0';
	char	   *buffer;
	int			n;

	if (ring == NULL)
	{
		ring = OPENSSL_zalloc(sizeof(card_ring));
		if (ring == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_OUT_OF_MEMORY),
					 errmsg("out of memory")));
		on_proc_exit(forget_ring, (Datum) 0);
	}
	else
		community_ring_clear(ring);
	ring_time = PgReloadTime;
	ring_tried = true;

	if (!from_file && !from_command)
	{
		ereport(WARNING,
				(errcode(ERRCODE_CONFIG_FILE_ERROR),
				 errmsg("there is no key ring"),
				 errhint("Set community.key_file or community.key_command.")));
		return;
	}
	buffer = palloc(RING_MAX_BYTES + 1);
	n = from_file ? read_file(key_file, buffer) : read_command(key_command, buffer);
	if (n > RING_MAX_BYTES)
		ereport(WARNING,
				(errcode(ERRCODE_CONFIG_FILE_ERROR),
				 errmsg("the key ring is longer than %d bytes", RING_MAX_BYTES)));
	else if (n >= 0)
	{
		int			line;
		const char *error;

		if (!community_ring_read(buffer, n, ring, &line, &error))
			ereport(WARNING,
					(errcode(ERRCODE_CONFIG_FILE_ERROR),
					 errmsg("the key ring cannot be used"),
					 errdetail("Line %d: %s.", line, error)));
	}
	OPENSSL_cleanse(buffer, RING_MAX_BYTES + 1);
	pfree(buffer);
}

/*
 * Tell the ring of this backend; it may be empty.
 */
const card_ring *
community_keys(void)
{
	if (!ring_tried || ring_time != PgReloadTime)
		load_ring();
	return ring;
}

/*
 * Tell the key that makes new values of a use, or refuse.
 */
const ring_key *
community_active_key(int use)
{
	const ring_key *key = community_ring_active(community_keys(), use);

	if (key == NULL && use == RING_SEAL_AES)
		key = community_ring_active(ring, RING_SEAL_SM4);
	if (key == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the key ring has no active key for use \"%s\"",
						community_ring_use_name(use))));
	return key;
}
