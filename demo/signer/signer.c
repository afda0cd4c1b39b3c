/*
 * signer.c
 *		Signs credentials outside the database server.
 *
 *		signer RING SOCKET
 *
 * The secret halves of ed25519 and sm2 keys stand in RING, on a machine or at
 * least under a user that the database server cannot read; the server's own ring
 * holds the public halves.  A client connects to SOCKET, sends the length of the
 * bytes that community.card_unsigned() made (4 bytes, big-endian) and the bytes,
 * and receives the 64 bytes of the signature.  Nothing is signed but credentials
 * in their canonical form, under the key that they name.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "card/card.h"

static card_ring ring;

/* End with a message. */
static void
die(const char *what)
{
	fprintf(stderr, "signer: %s\n", what);
	exit(2);
}

/* Read the ring, whose file must be closed to others. */
static void
read_ring(const char *path)
{
	static char buffer[RING_MAX_BYTES + 1];
	FILE	   *file = fopen(path, "rb");
	struct stat st;
	size_t		n;
	int			line;
	const char *error;

	if (file == NULL || fstat(fileno(file), &st) != 0)
		die("the ring cannot be read");
	if (st.st_mode & (S_IWGRP | S_IRWXO))
		die("the ring must be closed to others");
	setvbuf(file, NULL, _IONBF, 0);
	n = fread(buffer, 1, sizeof(buffer), file);
	fclose(file);
	if (n > RING_MAX_BYTES || !community_ring_read(buffer, n, &ring, &line, &error))
		die("the ring cannot be used");
	explicit_bzero(buffer, sizeof(buffer));
}

/* Read so many bytes, or fail. */
static bool
read_all(int fd, unsigned char *out, size_t len)
{
	while (len > 0)
	{
		ssize_t		n = read(fd, out, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		out += n;
		len -= (size_t) n;
	}
	return true;
}

/* Serve one client until it ends or asks for what is not signed. */
static void
serve(int fd)
{
	unsigned char head[4];

	while (read_all(fd, head, sizeof(head)))
	{
		unsigned char data[CREDENTIAL_MAX];
		credential_claims claims;
		const ring_key *key;
		size_t		len = (size_t) head[0] << 24 | (size_t) head[1] << 16 |
			(size_t) head[2] << 8 | head[3];
		size_t		signed_len = len;

		if (len < CREDENTIAL_FIXED || len > CREDENTIAL_MAX_BODY || !read_all(fd, data, len))
			return;
		/* with any signature it would have to be a credential */
		memset(data + len, 0, RING_SIGNATURE);
		if (community_credential_decode(data, len + RING_SIGNATURE, &claims) != NULL)
			return;
		key = community_ring_find(&ring, claims.key_id);
		if (key == NULL || key->pkey == NULL || !key->active ||
			!community_credential_sign(key, data, &signed_len) ||
			write(fd, data + len, RING_SIGNATURE) != RING_SIGNATURE)
			return;
	}
}

int
main(int argc, char **argv)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int			listener;

	if (argc != 3 || strlen(argv[2]) >= sizeof(address.sun_path))
		die("usage: signer RING SOCKET");
	read_ring(argv[1]);
	signal(SIGPIPE, SIG_IGN);
	strcpy(address.sun_path, argv[2]);
	unlink(argv[2]);
	umask(0177);
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *) &address, sizeof(address)) != 0 ||
		listen(listener, 16) != 0)
		die("the socket cannot be made");
	for (;;)
	{
		struct timeval limit = {.tv_sec = 5};
		int			fd = accept(listener, NULL, NULL);

		if (fd < 0)
			continue;
		/* a client that stalls must not keep the others waiting */
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
		serve(fd);
		close(fd);
	}
}
