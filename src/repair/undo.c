/*
 * undo.c - the present state of objects as definitions, written before each change.
 *
 * Knows where records are and how they survive a crash: an undo record is a database, and undoing is an ordinary check. Must
 * never let a change go on that it could not write down.
 */
#include "repair/undo.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "repair/copy.h"

struct tcbck_undo {
	struct sysck_names *names;
	char *given;     /* directory, as on the command line */
	char *directory; /* the same, real */
	char *path;      /* of the record; NULL before the first one */
	char *content;   /* name of the directory of old contents */
	int parent;      /* descriptor of `directory`; -1 */
	int record;      /* -1 */
	bool content_made;
	bool broken; /* half a stanza is at the end */
	struct sysck_arena arena;
	struct sysck_slice *seen;
	size_t count, room;
};

int tcbck_undo_new(const char *directory, struct sysck_names *names, struct tcbck_undo **ret)
{
	struct tcbck_undo *undo = calloc(1, sizeof(*undo));

	if (undo == NULL)
		return -ENOMEM;
	undo->names = names;
	undo->parent = undo->record = -1;
	/* A record names what it keeps by an absolute path in the form of the database. */
	undo->directory = realpath(directory, NULL);
	if (undo->directory == NULL)
		undo->directory = strdup(directory);
	undo->given = strdup(directory);
	if (undo->directory == NULL || undo->given == NULL) {
		tcbck_undo_free(undo);
		return -ENOMEM;
	}
	*ret = undo;
	return 0;
}

void tcbck_undo_free(struct tcbck_undo *undo)
{
	if (undo == NULL)
		return;
	if (undo->record >= 0)
		close(undo->record);
	if (undo->parent >= 0)
		close(undo->parent);
	sysck_arena_done(&undo->arena);
	free(undo->seen);
	free(undo->directory);
	free(undo->given);
	free(undo->path);
	free(undo->content);
	free(undo);
}

const char *tcbck_undo_directory(const struct tcbck_undo *undo)
{
	return undo->directory;
}

struct sysck_slice tcbck_undo_path(const struct tcbck_undo *undo)
{
	return sysck_slice_of(undo->path == NULL ? "" : undo->path);
}

static int fail(const struct tcbck_undo *undo, struct sysck_err *err, int code, const char *what)
{
	char quoted[SYSCK_QUOTE_MAX];

	return sysck_err_errno(
		err, code, "undo record: %s %s", what,
		sysck_quote(sysck_slice_of(undo->path == NULL ? undo->directory : undo->path), quoted, sizeof(quoted)));
}

/*
 * May something be made at `path`? It is the way as it was given that counts: behind a symlink that somebody else placed,
 * a real path may look as good as it likes.
 */
static int check_way(const char *path, struct sysck_err *err)
{
	struct sysck_store *store;
	int r = sysck_store_open(path, SYSCK_STORE_FOLLOW, &store, err);

	if (r == 0)
		sysck_store_close(store);
	return r;
}

static int make_directory(const struct tcbck_undo *undo, const char *path, struct sysck_err *err)
{
	struct stat st;
	int r;

	if (stat(path, &st) == 0)
		return 0;
	r = check_way(path, err);
	if (r == 0 && mkdir(path, 0700) < 0 && errno != EEXIST)
		r = fail(undo, err, -errno, "cannot make");
	return r;
}

/* Makes the directory and those above it that are missing, 0700. */
static int make_directories(struct tcbck_undo *undo, struct sysck_err *err)
{
	char *path, *real;
	int r = 0;

	if (asprintf(&path, "%s/record", undo->given) < 0)
		return fail(undo, err, -ENOMEM, "cannot make");
	for (char *slash = strchr(path + 1, '/'); r == 0 && slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		r = make_directory(undo, path, err);
		*slash = '/';
	}
	if (r == 0)
		r = check_way(path, err);
	free(path);
	if (r < 0)
		return r;
	real = realpath(undo->given, NULL);
	if (real == NULL)
		return fail(undo, err, -errno, "cannot open");
	free(undo->directory);
	undo->directory = real;
	return 0;
}

static int make_record(struct tcbck_undo *undo, struct sysck_err *err)
{
	struct sysck_store *store;
	struct tm tm;
	char stamp[32];
	time_t now = time(NULL);
	int r = make_directories(undo, err);

	if (r < 0)
		return r;
	if (gmtime_r(&now, &tm) == NULL || strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm) == 0)
		stamp[0] = '\0';
	if (asprintf(&undo->path, "%s/%s-%d.cfg", undo->directory, stamp, (int)getpid()) < 0) {
		undo->path = NULL;
		return fail(undo, err, -ENOMEM, "cannot open");
	}
	if (asprintf(&undo->content, "%s-%d.d", stamp, (int)getpid()) < 0) {
		undo->content = NULL;
		return fail(undo, err, -ENOMEM, "cannot open");
	}
	r = sysck_store_open(undo->path, SYSCK_STORE_FOLLOW, &store, err);
	if (r < 0)
		return r;
	sysck_store_close(store);
	undo->parent = open(undo->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (undo->parent < 0)
		return fail(undo, err, -errno, "cannot open");
	undo->record = openat(undo->parent, strrchr(undo->path, '/') + 1,
			      O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (undo->record < 0 || fsync(undo->parent) < 0)
		return fail(undo, err, -errno, "cannot make");
	return 0;
}

/* Opens the record: a new file in a directory that can be trusted as a database's. On failure there is none, as before. */
static int open_record(struct tcbck_undo *undo, struct sysck_err *err)
{
	int r = make_record(undo, err);

	if (r == 0)
		return 0;
	if (undo->record >= 0) {
		(void)unlink(undo->path);
		close(undo->record);
	}
	if (undo->parent >= 0)
		close(undo->parent);
	undo->record = undo->parent = -1;
	free(undo->path);
	free(undo->content);
	undo->path = undo->content = NULL;
	return r;
}

static int write_all(struct tcbck_undo *undo, struct sysck_slice bytes, struct sysck_err *err)
{
	while (bytes.len > 0) {
		ssize_t n = write(undo->record, bytes.data, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(undo, err, -errno, "cannot write");
		bytes.data += n;
		bytes.len -= (size_t)n;
	}
	return fsync(undo->record) < 0 ? fail(undo, err, -errno, "cannot flush") : 0;
}

/* Puts `bytes` at the end, on disk. Half a stanza would make the whole record useless: it is cut off again. */
static int append(struct tcbck_undo *undo, struct sysck_slice bytes, struct sysck_err *err)
{
	struct stat st;
	int r;

	if (undo->broken)
		return fail(undo, err, -EIO, "cannot write");
	if (fstat(undo->record, &st) < 0)
		return fail(undo, err, -errno, "cannot write");
	r = write_all(undo, bytes, err);
	if (r < 0 && ftruncate(undo->record, st.st_size) < 0)
		undo->broken = true;
	return r;
}

/* True if the path was recorded already; else remembers it. */
static int is_new(struct tcbck_undo *undo, struct sysck_slice path, bool *ret)
{
	*ret = false;
	for (size_t i = 0; i < undo->count; i++)
		if (sysck_slice_equal(undo->seen[i], path))
			return 0;
	if (undo->count == undo->room) {
		size_t room = undo->room == 0 ? 64 : undo->room * 2;
		struct sysck_slice *more = reallocarray(undo->seen, room, sizeof(*more));

		if (more == NULL)
			return -ENOMEM;
		undo->seen = more;
		undo->room = room;
	}
	if (sysck_arena_copy(&undo->arena, path, &undo->seen[undo->count]) < 0)
		return -ENOMEM;
	undo->count++;
	*ret = true;
	return 0;
}

/* Keeps the old content under the name of its digest, below the record's directory of contents. */
static int keep_content(struct tcbck_undo *undo, int from, struct sysck_slice digest, struct sysck_err *err)
{
	char name[SYSCK_DIGEST_MAX * 2 + 32];
	int directory, to, r;

	if (!undo->content_made && mkdirat(undo->parent, undo->content, 0700) < 0 && errno != EEXIST)
		return fail(undo, err, -errno, "cannot make a directory beside");
	undo->content_made = true;
	directory = openat(undo->parent, undo->content, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (directory < 0)
		return fail(undo, err, -errno, "cannot open the directory beside");
	(void)snprintf(name, sizeof(name), "%.*s", (int)digest.len, digest.data);
	to = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (to < 0 && errno == EEXIST) {
		close(directory);
		return 0;
	}
	r = to < 0 ? -errno : tcbck_copy(from, to);
	if (r == 0 && (fsync(to) < 0 || fsync(directory) < 0 || fsync(undo->parent) < 0))
		r = -errno;
	/* What has the name of a digest is that content. */
	if (to >= 0 && r < 0)
		(void)unlinkat(directory, name, 0);
	if (to >= 0)
		close(to);
	close(directory);
	return r < 0 ? fail(undo, err, r, "cannot keep old content beside") : 0;
}

/* The hexadecimal part of the digest's text, behind the colon. */
static struct sysck_slice hex_of(struct sysck_slice digest)
{
	const char *colon = memchr(digest.data, ':', digest.len);
	size_t skip = (size_t)(colon - digest.data) + 1;

	return (struct sysck_slice){ digest.data + skip, digest.len - skip };
}

static const sysck_attr_set recorded = SYSCK_ATTR_BIT(SYSCK_ATTR_TYPE) | SYSCK_ATTR_BIT(SYSCK_ATTR_OWNER) |
				       SYSCK_ATTR_BIT(SYSCK_ATTR_GROUP) | SYSCK_ATTR_BIT(SYSCK_ATTR_ACL) |
				       SYSCK_ATTR_BIT(SYSCK_ATTR_MODE) | SYSCK_ATTR_BIT(SYSCK_ATTR_CAPABILITIES) |
				       SYSCK_ATTR_BIT(SYSCK_ATTR_DEVICE) | SYSCK_ATTR_BIT(SYSCK_ATTR_TARGET) |
				       SYSCK_ATTR_BIT(SYSCK_ATTR_HASH_VALUE) | SYSCK_ATTR_BIT(SYSCK_ATTR_LINKS);

/* `content` as in tcbck_undo_record(): a source is written if it is kept, or empty. */
static int write_stanza(struct tcbck_undo *undo, const struct sysck_def *is, int content, bool kept, struct sysck_err *err)
{
	struct sysck_buf values[SYSCK_ATTR_COUNT] = { SYSCK_BUF_INIT }, out = SYSCK_BUF_INIT;
	const enum sysck_attr *order = sysck_attr_alphabetical();
	struct sysck_edit edits[SYSCK_ATTR_COUNT];
	struct sysck_slice hash;
	size_t count = 0;
	int r;

	if (sysck_def_has(is, SYSCK_ATTR_HASH_VALUE))
		sysck_def_write_value(is, SYSCK_ATTR_HASH_VALUE, undo->names, &values[SYSCK_ATTR_HASH_VALUE]);
	for (int i = 0; i < SYSCK_ATTR_COUNT; i++) {
		struct sysck_buf *value = &values[order[i]];

		if (order[i] == SYSCK_ATTR_SOURCE && content == TCBCK_UNDO_EMPTY) {
			/* nothing: an empty object of the type */
		} else if (order[i] == SYSCK_ATTR_SOURCE && content == TCBCK_UNDO_LINKED) {
			sysck_def_write_value(is, SYSCK_ATTR_SOURCE, undo->names, value);
		} else if (order[i] == SYSCK_ATTR_SOURCE && kept) {
			hash = hex_of(sysck_buf_slice(&values[SYSCK_ATTR_HASH_VALUE]));
			sysck_buf_add_format(value, "%s/%s/%.*s", undo->directory, undo->content, (int)hash.len, hash.data);
		} else if (order[i] == SYSCK_ATTR_LINKS && is->links.count == 0) {
			continue;
		} else if (!sysck_def_has(is, order[i]) || (recorded & SYSCK_ATTR_BIT(order[i])) == 0) {
			continue;
		} else if (order[i] != SYSCK_ATTR_HASH_VALUE) {
			sysck_def_write_value(is, order[i], undo->names, value);
		}
		edits[count++] = (struct sysck_edit){ .name = sysck_slice_of(sysck_attr_name(order[i])),
						      .value = sysck_buf_slice(value) };
	}
	sysck_buf_add_char(&out, '\n');
	sysck_stanza_write(is->path, edits, count, &out);
	for (int i = 0; i < SYSCK_ATTR_COUNT; i++)
		out.error = sysck_buf_error(&values[i]) < 0 ? -ENOMEM : out.error;
	r = sysck_buf_error(&out) < 0 ? fail(undo, err, -ENOMEM, "cannot write") : append(undo, sysck_buf_slice(&out), err);
	for (int i = 0; i < SYSCK_ATTR_COUNT; i++)
		sysck_buf_done(&values[i]);
	sysck_buf_done(&out);
	return r;
}

int tcbck_undo_record(struct tcbck_undo *undo, const struct sysck_def *is, int content, bool *ret_kept, struct sysck_err *err)
{
	struct sysck_buf digest = SYSCK_BUF_INIT;
	bool first, kept = false;
	int r = undo->record < 0 ? open_record(undo, err) : 0;

	if (r < 0)
		return r;
	r = is_new(undo, is->path, &first);
	if (r < 0)
		return fail(undo, err, r, "cannot write");
	if (!first) {
		*ret_kept = true;
		return 0;
	}
	if (content >= 0 && sysck_def_has(is, SYSCK_ATTR_HASH_VALUE) && is->size.bytes <= TCBCK_UNDO_CONTENT_MAX) {
		sysck_digest_write(&digest, &is->hash_value);
		r = sysck_buf_error(&digest) < 0 ? fail(undo, err, -ENOMEM, "cannot write")
						 : keep_content(undo, content, hex_of(sysck_buf_slice(&digest)), err);
		kept = r == 0;
		sysck_buf_done(&digest);
	}
	if (r == 0)
		r = write_stanza(undo, is, content, kept, err);
	/* What could not be written down must be written down before the next change. */
	if (r < 0)
		undo->count--;
	else
		*ret_kept = kept || content == TCBCK_UNDO_EMPTY || content == TCBCK_UNDO_LINKED;
	return r;
}

int tcbck_undo_record_absent(struct tcbck_undo *undo, struct sysck_slice path, struct sysck_err *err)
{
	const struct sysck_def absent = { .path = path, .present = SYSCK_ATTR_BIT(SYSCK_ATTR_TYPE), .type = SYSCK_TYPE_ABSENT };
	bool kept;

	return tcbck_undo_record(undo, &absent, TCBCK_UNDO_NOTHING, &kept, err);
}
