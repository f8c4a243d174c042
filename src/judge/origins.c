/*
 * origins.c - from which installation of each package the definitions of class `inventory` were made.
 *
 * Knows the file DATABASE.packages: a line `all`, and a line `NAME:ARCHITECTURE VERSION SECONDS.NANOSECONDS` a package. Gives
 * what was known then. Must never replace the file itself: that is the inventory's.
 */
#include "judge/origins.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct origin {
	struct sysck_slice name; /* NAME:ARCHITECTURE */
	struct sysck_slice version;
	struct timespec installed;
};

struct tcbck_origins {
	struct origin *items; /* by name */
	size_t count, room;
	bool all;
	struct sysck_arena arena;
};

int tcbck_origins_new(struct tcbck_origins **ret)
{
	struct tcbck_origins *origins = calloc(1, sizeof(*origins));

	if (origins == NULL)
		return -ENOMEM;
	*ret = origins;
	return 0;
}

void tcbck_origins_free(struct tcbck_origins *origins)
{
	if (origins == NULL)
		return;
	free(origins->items);
	sysck_arena_done(&origins->arena);
	free(origins);
}

/* Where an origin of that name is, or would be. */
static size_t place_of(const struct tcbck_origins *origins, struct sysck_slice name, bool *ret_there)
{
	size_t low = 0, high = origins->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = sysck_slice_compare(origins->items[middle].name, name);

		if (order == 0) {
			*ret_there = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*ret_there = false;
	return low;
}

static int put(struct tcbck_origins *origins, const struct origin *origin)
{
	struct origin copy = *origin;
	bool there;
	size_t at = place_of(origins, origin->name, &there);

	if (!there && origins->count == origins->room) {
		size_t room = origins->room == 0 ? 64 : origins->room * 2;
		struct origin *more = reallocarray(origins->items, room, sizeof(*more));

		if (more == NULL)
			return -ENOMEM;
		origins->items = more;
		origins->room = room;
	}
	if (sysck_arena_copy(&origins->arena, origin->version, &copy.version) < 0 ||
	    (!there && sysck_arena_copy(&origins->arena, origin->name, &copy.name) < 0))
		return -ENOMEM;
	if (there) {
		copy.name = origins->items[at].name;
	} else {
		memmove(origins->items + at + 1, origins->items + at, (origins->count - at) * sizeof(*origins->items));
		origins->count++;
	}
	origins->items[at] = copy;
	return 0;
}

/* The next word of the line, which is shortened by it. */
static struct sysck_slice next_word(struct sysck_slice *line)
{
	const char *blank = line->len == 0 ? NULL : memchr(line->data, ' ', line->len);
	struct sysck_slice word = { line->data, blank == NULL ? line->len : (size_t)(blank - line->data) };
	size_t used = blank == NULL ? word.len : word.len + 1;

	line->data += used;
	line->len -= used;
	return word;
}

static bool read_time(struct sysck_slice text, struct timespec *ret)
{
	const char *dot = text.len == 0 ? NULL : memchr(text.data, '.', text.len);
	uint64_t seconds, nanoseconds;
	size_t whole;

	if (dot == NULL)
		return false;
	whole = (size_t)(dot - text.data);
	if (text.len - whole != 10 || sysck_number_parse((struct sysck_slice){ text.data, whole }, INT64_MAX, &seconds) < 0 ||
	    sysck_number_parse((struct sysck_slice){ dot + 1, 9 }, 999999999, &nanoseconds) < 0)
		return false;
	*ret = (struct timespec){ (time_t)seconds, (long)nanoseconds };
	return true;
}

static int read_line(struct tcbck_origins *origins, struct sysck_slice line, struct sysck_err *err)
{
	struct origin origin;

	if (line.len == 0 || line.data[0] == '*')
		return 0;
	if (sysck_slice_equal(line, SYSCK_SLICE("all"))) {
		origins->all = true;
		return 0;
	}
	origin.name = next_word(&line);
	origin.version = next_word(&line);
	if (origin.name.len == 0 || origin.version.len == 0 || !read_time(line, &origin.installed))
		return sysck_err_set(err, -EBADMSG, "expected `package:architecture version seconds.nanoseconds'");
	return put(origins, &origin) < 0 ? sysck_err_set(err, -ENOMEM, "out of memory") : 0;
}

int tcbck_origins_parse(struct sysck_slice bytes, struct sysck_slice name, struct tcbck_origins **ret, struct sysck_err *err)
{
	struct tcbck_origins *origins;
	unsigned line = 0;
	int r = tcbck_origins_new(&origins);

	if (r < 0)
		return sysck_err_set(err, r, "out of memory");
	for (size_t at = 0; r == 0 && at < bytes.len;) {
		const char *end = memchr(bytes.data + at, '\n', bytes.len - at);
		size_t len = (end == NULL ? bytes.len : (size_t)(end - bytes.data)) - at;

		line++;
		r = read_line(origins, (struct sysck_slice){ bytes.data + at, len }, err);
		if (r < 0)
			sysck_err_place(err, name, line, 1);
		at += len + 1;
	}
	if (r < 0) {
		tcbck_origins_free(origins);
		return r;
	}
	*ret = origins;
	return 0;
}

int tcbck_origins_read(const char *database, enum sysck_store_links links, struct tcbck_origins **ret, struct sysck_err *err)
{
	struct sysck_buf bytes = SYSCK_BUF_INIT;
	struct sysck_store *store = NULL;
	char *name;
	int r;

	if (asprintf(&name, "%s%s", database, TCBCK_ORIGINS_SUFFIX) < 0)
		return sysck_err_set(err, -ENOMEM, "out of memory");
	r = sysck_store_open(name, links, &store, err);
	if (r == 0)
		r = sysck_store_read(store, &bytes, err);
	if (r == -ENOENT)
		r = 0;
	if (r == 0)
		r = tcbck_origins_parse(sysck_buf_slice(&bytes), sysck_slice_of(name), ret, err);
	sysck_store_close(store);
	sysck_buf_done(&bytes);
	free(name);
	return r;
}

bool tcbck_origins_all(const struct tcbck_origins *origins)
{
	return origins->all;
}

void tcbck_origins_set_all(struct tcbck_origins *origins)
{
	origins->all = true;
}

static void write_name(const struct tcbck_package *package, struct sysck_buf *out)
{
	sysck_buf_add_slice(out, package->name);
	sysck_buf_add_char(out, ':');
	sysck_buf_add_slice(out, package->architecture);
}

static const struct origin *find(const struct tcbck_origins *origins, const struct tcbck_package *package)
{
	struct sysck_buf name = SYSCK_BUF_INIT;
	const struct origin *found = NULL;
	bool there = false;
	size_t at = 0;

	write_name(package, &name);
	if (sysck_buf_error(&name) == 0)
		at = place_of(origins, sysck_buf_slice(&name), &there);
	if (there)
		found = &origins->items[at];
	sysck_buf_done(&name);
	return found;
}

bool tcbck_origins_has(const struct tcbck_origins *origins, const struct tcbck_package *package)
{
	return find(origins, package) != NULL;
}

bool tcbck_origins_has_name(const struct tcbck_origins *origins, struct sysck_slice name)
{
	for (size_t i = 0; i < origins->count; i++) {
		const struct sysck_slice at = origins->items[i].name;

		if (at.len > name.len && at.data[name.len] == ':' && memcmp(at.data, name.data, name.len) == 0)
			return true;
	}
	return false;
}

bool tcbck_origins_same(const struct tcbck_origins *origins, const struct tcbck_package *package)
{
	const struct origin *origin = find(origins, package);

	return origin != NULL && sysck_slice_equal(origin->version, package->version) &&
	       origin->installed.tv_sec == package->installed.tv_sec && origin->installed.tv_nsec == package->installed.tv_nsec;
}

static bool is_word(struct sysck_slice text)
{
	return text.len > 0 && memchr(text.data, ' ', text.len) == NULL && memchr(text.data, '\n', text.len) == NULL;
}

int tcbck_origins_set(struct tcbck_origins *origins, const struct tcbck_package *package)
{
	struct sysck_buf name = SYSCK_BUF_INIT;
	struct origin origin = { .version = package->version, .installed = package->installed };
	int r;

	write_name(package, &name);
	origin.name = sysck_buf_slice(&name);
	r = sysck_buf_error(&name);
	/* What would not read again is not remembered: such a package is newer than its definitions for ever. */
	if (r == 0 && is_word(origin.name) && is_word(origin.version) && origin.installed.tv_sec >= 0 &&
	    origin.name.data[0] != '*')
		r = put(origins, &origin);
	sysck_buf_done(&name);
	return r;
}

void tcbck_origins_keep(struct tcbck_origins *origins,
			bool (*keep)(void *context, struct sysck_slice name, struct sysck_slice architecture), void *context)
{
	size_t count = 0;

	for (size_t i = 0; i < origins->count; i++) {
		struct sysck_slice name = origins->items[i].name, architecture = { NULL, 0 };
		const char *colon = memrchr(name.data, ':', name.len);

		if (colon != NULL) {
			architecture = (struct sysck_slice){ colon + 1, (size_t)(name.data + name.len - colon - 1) };
			name.len = (size_t)(colon - name.data);
		}
		if (keep(context, name, architecture))
			origins->items[count++] = origins->items[i];
	}
	origins->count = count;
}

size_t tcbck_origins_count(const struct tcbck_origins *origins)
{
	return origins->count;
}

void tcbck_origins_write(const struct tcbck_origins *origins, struct sysck_buf *out)
{
	sysck_buf_add_text(out,
			   "* The packages from which definitions of class inventory were made; tcbck(8), -a --packages.\n");
	if (origins->all)
		sysck_buf_add_text(out, "all\n");
	for (size_t i = 0; i < origins->count; i++) {
		const struct origin *origin = &origins->items[i];

		sysck_buf_add_slice(out, origin->name);
		sysck_buf_add_char(out, ' ');
		sysck_buf_add_slice(out, origin->version);
		sysck_buf_add_format(out, " %lld.%09ld\n", (long long)origin->installed.tv_sec, origin->installed.tv_nsec);
	}
}
