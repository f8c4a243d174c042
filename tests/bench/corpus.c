/*
 * corpus.c - files to measure with, the same in every run on every machine.
 *
 *	corpus small DIRECTORY FILES       that many files of 0 to 4096 bytes, 100 in each of DIRECTORY/d00000, d00001, ...
 *	corpus large DIRECTORY FILES SIZE  that many files of SIZE MiB
 *
 * Makes DIRECTORY, which must not be there yet. Sizes and contents come from a generator of its own (xorshift64*, Vigna 2016)
 * with a fixed start. Owners are the caller, modes 0755 and 0644.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SMALL_MAX     4096
#define DIRECTORY_MAX 100
#define FILES_MAX     100000000
#define CHUNK         ((size_t)1 << 20)

static uint64_t next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1du;
}

static void fill(unsigned char *buffer, size_t size, uint64_t *state)
{
	for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
		uint64_t value = next(state);

		memcpy(buffer + i, &value, sizeof(value));
	}
}

static int make_directory(int parent, const char *name)
{
	if (mkdirat(parent, name, 0755) < 0)
		return -1;
	return openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* A file of `chunks` times `size` bytes. */
static int make_file(int directory, const char *name, unsigned char *buffer, size_t size, long chunks, uint64_t *state)
{
	int fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0)
		return -1;
	for (long i = 0; i < chunks; i++) {
		fill(buffer, size, state);
		if (write(fd, buffer, size) != (ssize_t)size) {
			(void)close(fd);
			return -1;
		}
	}
	return close(fd);
}

static int make_small(int top, long files, unsigned char *buffer, uint64_t *state)
{
	int directory = -1, r = 0;
	char name[32];

	for (long i = 0; i < files && r == 0; i++) {
		if (i % DIRECTORY_MAX == 0) {
			if (directory >= 0)
				(void)close(directory);
			(void)snprintf(name, sizeof(name), "d%05ld", i / DIRECTORY_MAX);
			directory = make_directory(top, name);
			if (directory < 0)
				return -1;
		}
		(void)snprintf(name, sizeof(name), "f%02ld", i % DIRECTORY_MAX);
		r = make_file(directory, name, buffer, (size_t)(next(state) % (SMALL_MAX + 1)), 1, state);
	}
	if (directory >= 0)
		(void)close(directory);
	return r;
}

static int make_large(int top, long files, long chunks, unsigned char *buffer, uint64_t *state)
{
	char name[32];
	int r = 0;

	for (long i = 0; i < files && r == 0; i++) {
		(void)snprintf(name, sizeof(name), "f%02ld", i);
		r = make_file(top, name, buffer, CHUNK, chunks, state);
	}
	return r;
}

int main(int argc, char **argv)
{
	long files = argc > 3 ? strtol(argv[3], NULL, 10) : 0, size = argc > 4 ? strtol(argv[4], NULL, 10) : 0;
	unsigned char *buffer = malloc(CHUNK);
	uint64_t state = 0x9e3779b97f4a7c15u;
	int top, r;

	if (files < 1 || files > FILES_MAX ||
	    !((argc == 4 && strcmp(argv[1], "small") == 0) || (argc == 5 && strcmp(argv[1], "large") == 0 && size > 0))) {
		(void)fputs("usage: corpus {small DIRECTORY FILES | large DIRECTORY FILES SIZE}\n", stderr);
		free(buffer);
		return 16;
	}
	(void)umask(022);
	top = buffer == NULL ? -1 : make_directory(AT_FDCWD, argv[2]);
	r = top < 0 ? -1 : argc == 4 ? make_small(top, files, buffer, &state) : make_large(top, files, size, buffer, &state);
	if (r < 0)
		(void)fprintf(stderr, "corpus: %s: %s\n", argv[2], strerror(errno));
	free(buffer);
	if (top >= 0)
		(void)close(top);
	return r < 0;
}
