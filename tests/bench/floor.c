/*
 * floor.c - the cost of the system calls and of SHA-256, nothing on top: what no checker of files can be faster than.
 *
 *	floor [-j THREADS] [-l stat|xattr|read] PATH...
 *
 * Walks down from each PATH, on its file system, on THREADS threads (default 1) that share the directories. -l stat: statx(2)
 * of each object. -l xattr: and the list of the extended attributes of each file and directory. -l read (the default): and
 * each regular file's content, and its SHA-256. Access times stay where the caller may say so.
 *
 * Prints "OBJECTS objects BYTES bytes DIGEST", where DIGEST is the exclusive or of all digests, so that it can be compared
 * with what others computed. Ends with 1 if anything could not be read. Keeps, compares and reports nothing: that is the
 * point of it. Needs glibc and libcrypto.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <openssl/evp.h>

#define THREADS_MAX  256
#define DIGEST_SIZE  32
#define ENTRIES_SIZE 65536
#define BUFFER_SIZE  ((size_t)256 * 1024)
/* Most objects have no attributes at all. The kernel allocates as much as it is offered, which costs more than the list. */
#define XATTR_SMALL 256
#define XATTR_LARGE 65536
/* A file above this is work for whoever is free, not for the thread that met it. */
#define LARGE ((uint64_t)1 << 20)

enum level { LEVEL_STAT, LEVEL_XATTR, LEVEL_READ };

/* A directory to be walked, or a large file to be read. */
struct work {
	struct work *next;
	bool is_directory;
	dev_t device;
	char path[];
};

struct floor {
	enum level level;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct work *stack;
	unsigned busy; /* threads that may still add to the stack */
};

struct worker {
	struct floor *floor;
	EVP_MD *sha256;
	EVP_MD_CTX *context;
	unsigned char *buffer;
	char *entries;
	char *names;
	uint64_t objects, bytes, failures;
	unsigned char digest[DIGEST_SIZE];
};

static void fail(struct worker *worker, const char *path)
{
	(void)fprintf(stderr, "floor: %s: %s\n", path, strerror(errno));
	worker->failures++;
}

static void put(struct worker *worker, const char *directory, const char *name, bool is_directory, dev_t device)
{
	struct floor *floor = worker->floor;
	size_t size = strlen(directory) + 1 + strlen(name) + 1;
	struct work *work = malloc(sizeof(*work) + size);

	if (work == NULL) {
		fail(worker, name);
		return;
	}
	work->is_directory = is_directory;
	work->device = device;
	(void)snprintf(work->path, size, "%s%s%s", directory, directory[0] == '\0' ? "" : "/", name);
	pthread_mutex_lock(&floor->lock);
	work->next = floor->stack;
	floor->stack = work;
	pthread_cond_signal(&floor->changed);
	pthread_mutex_unlock(&floor->lock);
}

/* Waits for work; NULL when there will be none. */
static struct work *take(struct floor *floor)
{
	struct work *work;

	pthread_mutex_lock(&floor->lock);
	floor->busy--;
	while (floor->stack == NULL && floor->busy > 0)
		pthread_cond_wait(&floor->changed, &floor->lock);
	work = floor->stack;
	if (work != NULL) {
		floor->stack = work->next;
		floor->busy++;
	} else {
		pthread_cond_broadcast(&floor->changed);
	}
	pthread_mutex_unlock(&floor->lock);
	return work;
}

/* O_NOATIME is for the owner and root. */
static int open_quietly(int directory, const char *name, int flags)
{
	int fd = openat(directory, name, flags | O_RDONLY | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC | O_NOATIME);

	if (fd < 0 && errno == EPERM)
		fd = openat(directory, name, flags | O_RDONLY | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
	return fd;
}

/* The content up to `size`, and the digest of that: one read where it fits the buffer. */
static bool hash(struct worker *worker, int fd, uint64_t size)
{
	unsigned char digest[DIGEST_SIZE];
	uint64_t done = 0;

	if (EVP_DigestInit_ex2(worker->context, worker->sha256, NULL) != 1)
		return false;
	while (done < size) {
		ssize_t got = read(fd, worker->buffer, BUFFER_SIZE);

		if (got <= 0 || EVP_DigestUpdate(worker->context, worker->buffer, (size_t)got) != 1)
			return false;
		done += (uint64_t)got;
	}
	if (EVP_DigestFinal_ex(worker->context, digest, NULL) != 1)
		return false;
	for (size_t i = 0; i < DIGEST_SIZE; i++)
		worker->digest[i] ^= digest[i];
	worker->bytes += done;
	return true;
}

/* The names of the extended attributes of `fd`, or of `path` where that is no NULL. */
static bool list_xattrs(struct worker *worker, int fd, const char *path)
{
	const size_t sizes[2] = { XATTR_SMALL, XATTR_LARGE };
	ssize_t length = -1;

	for (int i = 0; i < 2 && length < 0; i++) {
		length = path == NULL ? flistxattr(fd, worker->names, sizes[i]) : llistxattr(path, worker->names, sizes[i]);
		if (length < 0 && errno != ERANGE)
			break;
	}
	return length >= 0;
}

static void read_file(struct worker *worker, int directory, const char *name)
{
	struct stat st;
	int fd = open_quietly(directory, name, O_NONBLOCK);

	if (fd < 0 || fstat(fd, &st) < 0 || !list_xattrs(worker, fd, NULL) || !hash(worker, fd, (uint64_t)st.st_size))
		fail(worker, name);
	if (fd >= 0)
		(void)close(fd);
}

/* By path: what other way there is costs an open(2) more. */
static void list_by_path(struct worker *worker, const char *directory, const char *name)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	if (!list_xattrs(worker, -1, path))
		fail(worker, path);
}

static void visit(struct worker *worker, const struct work *work, int directory, const char *name)
{
	struct statx st;

	if (statx(directory, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_BASIC_STATS, &st) < 0) {
		fail(worker, name);
		return;
	}
	if (makedev(st.stx_dev_major, st.stx_dev_minor) != work->device)
		return;
	worker->objects++;
	if (S_ISDIR(st.stx_mode))
		put(worker, work->path, name, true, work->device);
	else if (S_ISREG(st.stx_mode) && worker->floor->level == LEVEL_XATTR)
		list_by_path(worker, work->path, name);
	else if (S_ISREG(st.stx_mode) && worker->floor->level == LEVEL_READ && st.stx_size > LARGE)
		put(worker, work->path, name, false, work->device);
	else if (S_ISREG(st.stx_mode) && worker->floor->level == LEVEL_READ)
		read_file(worker, directory, name);
}

static void walk(struct worker *worker, const struct work *work)
{
	int directory = open_quietly(AT_FDCWD, work->path, O_DIRECTORY);
	ssize_t size = -1;

	if (directory < 0) {
		fail(worker, work->path);
		return;
	}
	if (worker->floor->level != LEVEL_STAT && !list_xattrs(worker, directory, NULL))
		fail(worker, work->path);
	while ((size = getdents64(directory, worker->entries, ENTRIES_SIZE)) > 0) {
		for (ssize_t at = 0; at < size;) {
			const struct dirent64 *entry = (const void *)(worker->entries + at);

			at += entry->d_reclen;
			if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
				visit(worker, work, directory, entry->d_name);
		}
	}
	if (size < 0)
		fail(worker, work->path);
	(void)close(directory);
}

static void *run(void *context)
{
	struct worker *worker = context;
	struct work *work;

	while ((work = take(worker->floor)) != NULL) {
		if (work->is_directory)
			walk(worker, work);
		else
			read_file(worker, AT_FDCWD, work->path);
		free(work);
	}
	return NULL;
}

/* The objects named by the caller are counted as those below them are. */
static void put_operand(struct worker *worker, const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0) {
		fail(worker, path);
		return;
	}
	worker->objects++;
	if (S_ISDIR(st.st_mode) || (S_ISREG(st.st_mode) && worker->floor->level == LEVEL_READ))
		put(worker, "", path, S_ISDIR(st.st_mode), st.st_dev);
}

/* One context and one fetched algorithm a thread: fetching for each file costs a third, and all threads wait for it. */
static bool prepare(struct worker *worker, struct floor *floor)
{
	*worker = (struct worker){ .floor = floor };
	worker->sha256 = EVP_MD_fetch(NULL, "SHA2-256", NULL);
	worker->context = EVP_MD_CTX_new();
	worker->buffer = aligned_alloc(4096, BUFFER_SIZE);
	worker->entries = malloc(ENTRIES_SIZE);
	worker->names = malloc(XATTR_LARGE);
	return worker->sha256 != NULL && worker->context != NULL && worker->buffer != NULL && worker->entries != NULL &&
	       worker->names != NULL;
}

static void release(struct worker *worker)
{
	EVP_MD_free(worker->sha256);
	EVP_MD_CTX_free(worker->context);
	free(worker->buffer);
	free(worker->entries);
	free(worker->names);
}

static int usage(void)
{
	(void)fputs("usage: floor [-j THREADS] [-l stat|xattr|read] PATH...\n", stderr);
	return 16;
}

static bool parse(int argc, char **argv, struct floor *floor, unsigned *ret_threads)
{
	static const char *const levels[] = { [LEVEL_STAT] = "stat", [LEVEL_XATTR] = "xattr", [LEVEL_READ] = "read" };
	int option;

	while ((option = getopt(argc, argv, "j:l:")) != -1) {
		if (option == 'j') {
			*ret_threads = (unsigned)strtoul(optarg, NULL, 10);
		} else if (option == 'l') {
			for (floor->level = LEVEL_STAT; floor->level <= LEVEL_READ; floor->level++)
				if (strcmp(optarg, levels[floor->level]) == 0)
					break;
		} else {
			return false;
		}
	}
	return optind < argc && *ret_threads >= 1 && *ret_threads <= THREADS_MAX && floor->level <= LEVEL_READ;
}

/* Adds up what the workers have. */
static int tell(const struct worker *workers, unsigned threads)
{
	struct worker sum = workers[0];

	for (unsigned i = 1; i < threads; i++) {
		sum.objects += workers[i].objects;
		sum.bytes += workers[i].bytes;
		sum.failures += workers[i].failures;
		for (size_t j = 0; j < DIGEST_SIZE; j++)
			sum.digest[j] ^= workers[i].digest[j];
	}
	(void)printf("%llu objects %llu bytes ", (unsigned long long)sum.objects, (unsigned long long)sum.bytes);
	for (size_t i = 0; i < DIGEST_SIZE; i++)
		(void)printf("%02x", sum.digest[i]);
	return putchar('\n') == EOF || sum.failures > 0;
}

int main(int argc, char **argv)
{
	struct floor floor = { .level = LEVEL_READ, .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };
	struct worker workers[THREADS_MAX];
	pthread_t ids[THREADS_MAX];
	unsigned threads = 1, started;

	if (!parse(argc, argv, &floor, &threads))
		return usage();
	for (unsigned i = 0; i < threads; i++)
		if (!prepare(&workers[i], &floor))
			return 8;
	for (int i = optind; i < argc; i++)
		put_operand(&workers[0], argv[i]);
	floor.busy = threads;
	for (started = 1; started < threads; started++)
		if (pthread_create(&ids[started], NULL, run, &workers[started]) != 0)
			return 8;
	(void)run(&workers[0]);
	for (unsigned i = 1; i < started; i++)
		(void)pthread_join(ids[i], NULL);
	for (unsigned i = 0; i < threads; i++)
		release(&workers[i]);
	return tell(workers, threads);
}
