/*
 * take-log.c - a logger for script cases: take-log {datagram|stream|stopped} SOCKET
 *
 * Makes the socket, then prints each message as a line; control characters as they come, so that what forges a line shows. A
 * stopped one reads nothing. Ends when it is killed.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int open_socket(const char *path, int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int descriptor = socket(AF_UNIX, type, 0);

	(void)unlink(path);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (descriptor < 0 || bind(descriptor, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -1;
	return type == SOCK_STREAM && listen(descriptor, 5) < 0 ? -1 : descriptor;
}

/* Messages in a stream end with NUL. */
static void print_stream(int connection)
{
	char byte;

	while (read(connection, &byte, 1) == 1) {
		(void)putchar(byte == '\0' ? '\n' : byte);
		if (byte == '\0')
			(void)fflush(stdout);
	}
	close(connection);
}

int main(int argc, char **argv)
{
	bool stream = argc == 3 && strcmp(argv[1], "stream") == 0;
	int descriptor = argc == 3 ? open_socket(argv[2], stream ? SOCK_STREAM : SOCK_DGRAM) : -1;
	char message[65536];
	ssize_t n;

	if (descriptor < 0) {
		perror("take-log");
		return 2;
	}
	while (strcmp(argv[1], "stopped") == 0)
		(void)pause();
	while (stream)
		print_stream(accept(descriptor, NULL, NULL));
	while ((n = recv(descriptor, message, sizeof(message), 0)) >= 0) {
		(void)fwrite(message, 1, (size_t)n, stdout);
		(void)putchar('\n');
		(void)fflush(stdout);
	}
	return 1;
}
