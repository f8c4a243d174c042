/*
 * slow.c - a FUSE file system with one file, whose content comes slowly.
 *
 *	slow DIRECTORY BLOCKS MILLISECONDS
 *
 * Mounts it there, with a file "slow" of so many blocks of 4,096 zeros each; every reading of one takes that long. Prints a
 * line when it is there, and serves until it is killed or unmounted. Speaks the protocol of fuse(4) itself: no library.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define BLOCK 4096u
#define FILE_NODE 2u
/* Room for a request: FUSE_MIN_READ_BUFFER and more. */
#define ROOM 135168

struct server {
	int descriptor;
	uint64_t size;
	struct timespec delay;
};

static int answer(const struct server *server, const struct fuse_in_header *in, int error, const void *data, size_t length)
{
	struct fuse_out_header out = { (uint32_t)(sizeof(out) + length), error, in->unique };
	struct iovec pieces[2] = { { &out, sizeof(out) }, { NULL, length } };

	memcpy(&pieces[1].iov_base, &data, sizeof(data));
	/* A request that was given up is gone: ENOENT. */
	return writev(server->descriptor, pieces, 2) < 0 && errno != ENOENT ? -1 : 0;
}

static struct fuse_attr attributes_of(const struct server *server, uint64_t node)
{
	struct fuse_attr attr = { .ino = node, .nlink = 1, .mode = S_IFREG | 0644, .blksize = BLOCK };

	attr.size = server->size;
	attr.blocks = server->size / 512;
	if (node == FUSE_ROOT_ID) {
		attr.mode = S_IFDIR | 0755;
		attr.size = 0;
	}
	return attr;
}

static int answer_read(const struct server *server, const struct fuse_in_header *in, const struct fuse_read_in *wanted)
{
	static const char zeros[BLOCK * 64];
	uint64_t left = wanted->offset < server->size ? server->size - wanted->offset : 0;
	size_t length = wanted->size < left ? wanted->size : (size_t)left;

	if (length > sizeof(zeros))
		length = sizeof(zeros);
	for (size_t done = 0; done < length; done += BLOCK)
		(void)nanosleep(&server->delay, NULL);
	return answer(server, in, 0, zeros, length);
}

static int serve(const struct server *server, const struct fuse_in_header *in, const void *argument)
{
	struct fuse_init_out init = { .major = FUSE_KERNEL_VERSION, .minor = 31, .max_write = BLOCK };
	struct fuse_entry_out entry = { .nodeid = FILE_NODE, .entry_valid = 60, .attr_valid = 60 };
	struct fuse_attr_out attr = { .attr_valid = 60 };
	struct fuse_open_out opened = { 0 };
	struct fuse_statfs_out statfs = { .st = { .bsize = BLOCK, .namelen = 255 } };

	switch (in->opcode) {
	case FUSE_INIT: return answer(server, in, 0, &init, sizeof(init));
	case FUSE_LOOKUP:
		if (strcmp(argument, "slow") != 0)
			return answer(server, in, -ENOENT, NULL, 0);
		entry.attr = attributes_of(server, FILE_NODE);
		return answer(server, in, 0, &entry, sizeof(entry));
	case FUSE_GETATTR:
		attr.attr = attributes_of(server, in->nodeid);
		return answer(server, in, 0, &attr, sizeof(attr));
	case FUSE_OPEN:
	case FUSE_OPENDIR: return answer(server, in, 0, &opened, sizeof(opened));
	case FUSE_READ: return answer_read(server, in, argument);
	case FUSE_STATFS: return answer(server, in, 0, &statfs, sizeof(statfs));
	case FUSE_RELEASE:
	case FUSE_RELEASEDIR:
	case FUSE_READDIR:
	case FUSE_FLUSH: return answer(server, in, 0, NULL, 0);
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT: return 0;
	default: return answer(server, in, -ENOSYS, NULL, 0);
	}
}

int main(int argc, char **argv)
{
	static union {
		struct fuse_in_header header;
		char bytes[ROOM];
	} request;
	struct server server = { .descriptor = open("/dev/fuse", O_RDWR | O_CLOEXEC) };
	char options[128];
	long milliseconds;

	if (argc != 4 || server.descriptor < 0)
		return 1;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	server.size = strtoull(argv[2], NULL, 10) * BLOCK;
	milliseconds = strtol(argv[3], NULL, 10);
	server.delay = (struct timespec){ milliseconds / 1000, milliseconds % 1000 * 1000000 };
	(void)snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other,max_read=%u",
		       server.descriptor, BLOCK);
	if (mount("slow", argv[1], "fuse.slow", MS_NOSUID | MS_NODEV, options) < 0) {
		(void)fprintf(stderr, "slow: %s\n", strerror(errno));
		return 1;
	}
	(void)puts("mounted");
	(void)fflush(stdout);
	for (;;) {
		ssize_t length = read(server.descriptor, &request, sizeof(request));

		if (length < 0 && (errno == EINTR || errno == EAGAIN || errno == ENOENT))
			continue;
		/* ENODEV: unmounted. */
		if (length < (ssize_t)sizeof(request.header))
			return 0;
		if (serve(&server, &request.header, request.bytes + sizeof(request.header)) < 0)
			return 1;
	}
}
