/*
 * observe.c - one object as it is.
 *
 * Knows how each attribute is read from a pinned descriptor; gives observations. Everything that is learned of an object
 * comes from one descriptor. Must never change anything, judge anything, or read what is no regular file.
 */
#include "observe/observe.h"

#include <acl/libacl.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/acl.h>
#include <sys/capability.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "observe/digest.h"
#include "observe/run.h"

/* A file that changes while it is read is read again, that many times at most. */
#define READ_AGAIN 2
/* Longest list of names of extended attributes, Linux's limit (xattr(7)). */
#define XATTR_LIST_MAX 65536
/* What nearly every list fits in: the kernel takes memory for all the room it is offered. */
#define XATTR_LIST_USUAL 256
#define XATTR_TCB        "security.tcb"

struct tcbck_observer {
	const struct tcbck_observer_options *options;
	enum sysck_hash proof; /* of a second digest; SYSCK_HASH_COUNT: none */
	struct tcbck_opener *opener;
	struct tcbck_digester *digester;
	char *xattr_names; /* XATTR_LIST_MAX bytes */
};

/* One object while it is looked at. */
struct look {
	struct tcbck_observer *observer;
	const struct sysck_def *def;
	sysck_attr_set wanted;
	struct sysck_arena *arena;
	struct tcbck_observation *o;
	int pinned;     /* the object; O_PATH unless readable; -1: none yet */
	bool readable;  /* pinned is open for reading */
	int read_error; /* why it is not, when it is a regular file or directory */
	char way[32];   /* /proc/self/fd/N of pinned, for calls that refuse O_PATH */
	struct stat st;
	bool out_of_memory;
};

int tcbck_observer_new(const struct tcbck_observer_options *options, struct tcbck_observer **ret, struct sysck_err *err)
{
	struct tcbck_observer *observer = calloc(1, sizeof(*observer));
	int r;

	if (observer == NULL)
		return sysck_err_set(err, -ENOMEM, "out of memory");
	observer->options = options;
	observer->proof = SYSCK_HASH_COUNT;
	observer->xattr_names = malloc(XATTR_LIST_MAX);
	r = observer->xattr_names == NULL ? -ENOMEM : tcbck_opener_new(options->root, &observer->opener);
	if (r == 0)
		r = tcbck_digester_new(&observer->digester);
	if (r < 0) {
		tcbck_observer_free(observer);
		return sysck_err_errno(err, r, "cannot look at files");
	}
	*ret = observer;
	return 0;
}

void tcbck_observer_prove(struct tcbck_observer *observer, enum sysck_hash algorithm)
{
	observer->proof = algorithm;
}

void tcbck_observer_free(struct tcbck_observer *observer)
{
	if (observer == NULL)
		return;
	tcbck_digester_free(observer->digester);
	tcbck_opener_free(observer->opener);
	free(observer->xattr_names);
	free(observer);
}

struct tcbck_opener *tcbck_observer_opener(struct tcbck_observer *observer)
{
	return observer->opener;
}

static struct sysck_slice keep(struct look *look, struct sysck_slice text)
{
	struct sysck_slice copy = { "", 0 };

	if (sysck_arena_copy(look->arena, text, &copy) < 0)
		look->out_of_memory = true;
	return copy;
}

static struct sysck_slice error_text(struct look *look, int error)
{
	char text[128];

	return keep(look, sysck_slice_of(strerror_r(-error, text, sizeof(text))));
}

static bool wants(const struct look *look, enum sysck_attr attribute)
{
	return (look->wanted & SYSCK_ATTR_BIT(attribute)) != 0;
}

static void learned(struct look *look, enum sysck_attr attribute)
{
	look->o->is.present |= SYSCK_ATTR_BIT(attribute);
}

static void failed_because(struct look *look, enum sysck_attr attribute, struct sysck_slice reason)
{
	look->o->failed |= SYSCK_ATTR_BIT(attribute);
	look->o->reasons[attribute] = reason;
}

static void failed(struct look *look, enum sysck_attr attribute, int error)
{
	failed_because(look, attribute, error_text(look, error));
}

static void set_unknown(struct look *look, int error)
{
	look->o->presence = error == -ENOENT ? TCBCK_MISSING : TCBCK_UNKNOWN;
	if (error != -ENOENT)
		look->o->reason = error_text(look, error);
}

/* Keeps `descriptor` as the object's. Its stat is the one that everything else belongs to. */
static int pin(struct look *look, int descriptor, bool readable)
{
	if (fstat(descriptor, &look->st) < 0)
		return -errno;
	look->pinned = descriptor;
	look->readable = readable;
	(void)snprintf(look->way, sizeof(look->way), "/proc/self/fd/%d", descriptor);
	return 0;
}

/* True if anything is wanted for which a file is better open for reading than with O_PATH. */
static bool wants_reading(const struct look *look)
{
	const sysck_attr_set reading = SYSCK_ATTR_BIT(SYSCK_ATTR_SIZE) | SYSCK_ATTR_BIT(SYSCK_ATTR_CHECKSUM) |
				       SYSCK_ATTR_BIT(SYSCK_ATTR_HASH_VALUE) | SYSCK_ATTR_BIT(SYSCK_ATTR_ACL) |
				       SYSCK_ATTR_BIT(SYSCK_ATTR_MODE) | SYSCK_ATTR_BIT(SYSCK_ATTR_CAPABILITIES);

	return (look->wanted & reading) != 0 && !look->observer->options->no_reading;
}

/*
 * Opens `name` and pins it. A regular file or a directory is opened for reading at once, since stat said what it is; if
 * it became something else meanwhile, O_NONBLOCK and O_NOFOLLOW keep the opening harmless and the descriptor's own stat is
 * what counts. Everything else is pinned with O_PATH, which does not act on it.
 */
static int open_and_pin(struct look *look, int directory, const char *name)
{
	struct stat st;
	int descriptor, r;

	if (fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if ((S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)) && wants_reading(look)) {
		r = tcbck_path_open_at(directory, name, &descriptor);
		if (r == 0) {
			r = pin(look, descriptor, true);
			if (r == 0 && st.st_dev == look->st.st_dev && st.st_ino == look->st.st_ino)
				return 0;
			close(descriptor);
			look->pinned = -1;
			look->readable = false;
			r = r < 0 ? r : -EAGAIN;
		}
		look->read_error = r;
		if (r == -ENOENT)
			return r;
	}
	descriptor = openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (descriptor < 0)
		return -errno;
	r = pin(look, descriptor, false);
	if (r < 0)
		close(descriptor);
	return r;
}

/* True if the list of names holds `name`. */
static bool has_name(const char *names, ssize_t len, const char *name)
{
	for (const char *p = names; p < names + len; p += strlen(p) + 1)
		if (strcmp(p, name) == 0)
			return true;
	return false;
}

static void look_at_acl(struct look *look, bool access, bool by_default)
{
	acl_t acls[2] = { NULL, NULL };
	struct sysck_acl acl = { NULL, 0 };
	int r = 0;

	if (access) {
		acls[0] = look->readable ? acl_get_fd(look->pinned) : acl_get_file(look->way, ACL_TYPE_ACCESS);
		r = acls[0] == NULL ? -errno : 0;
	}
	if (by_default && r == 0) {
		acls[1] = acl_get_file(look->way, ACL_TYPE_DEFAULT);
		r = acls[1] == NULL ? -errno : 0;
	}
	if (r == 0)
		r = sysck_acl_convert(acls[0], acls[1], look->arena, &acl);
	for (int i = 0; i < 2; i++)
		if (acls[i] != NULL)
			(void)acl_free(acls[i]);
	if (r < 0) {
		failed(look, SYSCK_ATTR_ACL, r);
		return;
	}
	look->o->is.acl = acl;
	learned(look, SYSCK_ATTR_ACL);
}

static void look_at_capabilities(struct look *look, bool any)
{
	cap_t set;
	int r;

	if (!any) {
		learned(look, SYSCK_ATTR_CAPABILITIES);
		return;
	}
	set = look->readable ? cap_get_fd(look->pinned) : cap_get_file(look->way);
	if (set == NULL && errno == ENODATA) {
		learned(look, SYSCK_ATTR_CAPABILITIES);
		return;
	}
	if (set == NULL) {
		failed(look, SYSCK_ATTR_CAPABILITIES, -errno);
		return;
	}
	r = sysck_capabilities_convert(set, &look->o->is.capabilities);
	(void)cap_free(set);
	look->o->has_capabilities = r == 0;
	if (r < 0)
		failed(look, SYSCK_ATTR_CAPABILITIES, r);
	else
		learned(look, SYSCK_ATTR_CAPABILITIES);
}

/* The mode is the stat's bits and the TCB flag: only with both it is known. */
static void look_at_flag(struct look *look, bool any)
{
	char value[4];
	ssize_t len = 0;

	if (any) {
		len = look->readable ? fgetxattr(look->pinned, XATTR_TCB, value, sizeof(value))
				     : getxattr(look->way, XATTR_TCB, value, sizeof(value));
		if (len < 0 && errno != ENODATA && errno != ERANGE) {
			failed(look, SYSCK_ATTR_MODE, -errno);
			return;
		}
		if (len == 1 && value[0] == '1')
			look->o->is.mode |= SYSCK_MODE_TCB;
	}
	learned(look, SYSCK_ATTR_MODE);
}

static ssize_t list_xattrs(const struct look *look, size_t room)
{
	char *names = look->observer->xattr_names;

	return look->readable ? flistxattr(look->pinned, names, room) : listxattr(look->way, names, room);
}

/* ACL, capabilities and TCB flag: one list of names says which are there; most files have none. */
static void look_at_xattrs(struct look *look)
{
	const sysck_attr_set mine = look->wanted & (SYSCK_ATTR_BIT(SYSCK_ATTR_ACL) | SYSCK_ATTR_BIT(SYSCK_ATTR_MODE) |
						    SYSCK_ATTR_BIT(SYSCK_ATTR_CAPABILITIES));
	const char *names = look->observer->xattr_names;
	ssize_t len;

	if (mine == 0)
		return;
	len = list_xattrs(look, XATTR_LIST_USUAL);
	if (len < 0 && errno == ERANGE)
		len = list_xattrs(look, XATTR_LIST_MAX);
	/* A file system without extended attributes has none of the three. */
	if (len < 0 && errno == ENOTSUP)
		len = 0;
	if (len < 0) {
		/* What has no descriptor for reading is reached through /proc only. */
		int error = errno == ENOENT && !look->readable ? -ENOSYS : -errno;

		for (int i = 0; i < SYSCK_ATTR_COUNT; i++)
			if ((mine & SYSCK_ATTR_BIT(i)) != 0 && error == -ENOSYS)
				failed_because(look, (enum sysck_attr)i, SYSCK_SLICE("/proc is not mounted"));
			else if ((mine & SYSCK_ATTR_BIT(i)) != 0)
				failed(look, (enum sysck_attr)i, error);
		return;
	}
	if (wants(look, SYSCK_ATTR_ACL))
		look_at_acl(look, has_name(names, len, "system.posix_acl_access"),
			    has_name(names, len, "system.posix_acl_default"));
	if (wants(look, SYSCK_ATTR_MODE))
		look_at_flag(look, has_name(names, len, XATTR_TCB));
	if (wants(look, SYSCK_ATTR_CAPABILITIES))
		look_at_capabilities(look, has_name(names, len, "security.capability"));
}

static void look_at_target(struct look *look)
{
	/* In /proc the size says nothing of the length. */
	size_t room = (size_t)(look->st.st_size > 4095 ? look->st.st_size : 4095) + 1;
	char *text = sysck_arena_alloc(look->arena, room, 1);
	ssize_t len;

	if (text == NULL) {
		look->out_of_memory = true;
		return;
	}
	/* readlinkat(2): an empty name reads the link that the O_PATH descriptor stands for. */
	len = readlinkat(look->pinned, "", text, room);
	if (len < 0 || (size_t)len == room) {
		failed(look, SYSCK_ATTR_TARGET, len < 0 ? -errno : -EAGAIN);
		return;
	}
	look->o->is.target = (struct sysck_slice){ text, (size_t)len };
	learned(look, SYSCK_ATTR_TARGET);
}

static void look_at_links(struct look *look, enum sysck_attr attribute)
{
	bool hard = attribute == SYSCK_ATTR_LINKS;
	const struct sysck_list *paths = hard ? &look->def->links : &look->def->symlinks;
	const struct tcbck_links_object object = { look->def->path, look->st.st_dev, look->st.st_ino };
	struct sysck_list none = { NULL, 0 };
	struct tcbck_link *links;

	if (!sysck_def_has(look->def, attribute))
		paths = &none;
	if (tcbck_links_look(look->observer->opener, &object, paths, hard, look->arena, &links) < 0) {
		look->out_of_memory = true;
		return;
	}
	if (hard)
		look->o->links = links;
	else
		look->o->symlinks = links;
	learned(look, attribute);
}

static bool same_content(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* Reads the content once, and looks whether it changed under the reading. `st` is of before, and of after. */
static int read_once(struct look *look, struct stat *st, struct tcbck_content *content)
{
	const struct tcbck_observer_options *options = look->observer->options;
	struct stat after;
	int r = tcbck_digest_read(look->observer->digester, look->pinned, (uint64_t)st->st_size, content, options->bytes_read,
				  options->stop);

	if (r < 0 && r != -EAGAIN)
		return r;
	if (fstat(look->pinned, &after) < 0)
		return -errno;
	if (r == 0 && !same_content(st, &after))
		r = -EAGAIN;
	*st = after;
	return r;
}

static int read_content(struct look *look, struct tcbck_content *content)
{
	struct stat st = look->st;
	int r = -EAGAIN;

	for (int i = 0; r == -EAGAIN && i <= READ_AGAIN; i++)
		r = read_once(look, &st, content);
	if (r == 0) {
		look->st.st_size = st.st_size;
		look->st.st_mtim = st.st_mtim;
		look->st.st_ctim = st.st_ctim;
	}
	return r;
}

static void keep_sum(struct look *look, const struct tcbck_content *content)
{
	struct sysck_checksum *checksum = &look->o->is.checksum;
	struct sysck_buf text = SYSCK_BUF_INIT;

	*checksum =
		(struct sysck_checksum){ .is_sum = true, .has_blocks = true, .sum = content->sum, .blocks = content->blocks };
	sysck_sum_write(&text, content->sum, content->blocks);
	checksum->text = keep(look, sysck_buf_slice(&text));
	if (sysck_buf_error(&text) < 0)
		look->out_of_memory = true;
	sysck_buf_done(&text);
	learned(look, SYSCK_ATTR_CHECKSUM);
}

static void content_failed(struct look *look, enum sysck_attr attribute, int error)
{
	if (error == -EAGAIN)
		failed_because(look, attribute, SYSCK_SLICE("changes while it is read"));
	else
		failed(look, attribute, error);
}

/* Runs the checksum command, again where the file changed under it. Returns 0 or what failed, told in `err`. */
static int run_unchanged(struct look *look, struct tcbck_run_result *result, struct sysck_err *err)
{
	const struct tcbck_observer_options *options = look->observer->options;
	struct stat before = look->st, after;
	int r = -EAGAIN;

	for (int i = 0; r == -EAGAIN && i <= READ_AGAIN; i++) {
		tcbck_run_result_done(result);
		r = tcbck_run_checksum(options->settings->checksum, look->pinned, options->settings->program_timeout,
				       options->stop, result, err);
		if (r < 0)
			return r;
		if (fstat(look->pinned, &after) < 0)
			r = sysck_err_errno(err, -errno, "cannot be examined");
		else if (!same_content(&before, &after))
			r = sysck_err_set(err, -EAGAIN, "changes while it is read");
		if (r == 0 || r == -EAGAIN)
			before = after;
	}
	if (r == 0) {
		look->st.st_size = before.st_size;
		look->st.st_mtim = before.st_mtim;
		look->st.st_ctim = before.st_ctim;
	}
	return r;
}

/* A checksum command of the administrator's own. */
static void run_checksum(struct look *look)
{
	const struct tcbck_observer_options *options = look->observer->options;
	struct tcbck_run_result result = { 0 };
	struct sysck_err err;
	int r;

	if (!tcbck_root_is_host(options->root)) {
		failed_because(look, SYSCK_ATTR_CHECKSUM, SYSCK_SLICE("no command is run for another root"));
		return;
	}
	r = run_unchanged(look, &result, &err);
	if (r < 0) {
		failed_because(look, SYSCK_ATTR_CHECKSUM, keep(look, sysck_slice_of(err.text)));
	} else if (result.timed_out) {
		failed_because(look, SYSCK_ATTR_CHECKSUM, SYSCK_SLICE("the checksum command was killed at program_timeout"));
	} else if (result.status != 0) {
		char text[64];

		(void)snprintf(text, sizeof(text), "the checksum command ended with %d", result.status);
		failed_because(look, SYSCK_ATTR_CHECKSUM, keep(look, sysck_slice_of(text)));
	} else if (result.output.len >= TCBCK_RUN_OUTPUT_MAX) {
		/* The rest was thrown away: two contents could look the same. */
		failed_because(look, SYSCK_ATTR_CHECKSUM, SYSCK_SLICE("the checksum command prints too much"));
	} else {
		struct sysck_slice text = keep(look, sysck_slice_trim(sysck_buf_slice(&result.output)));

		look->o->is.checksum = (struct sysck_checksum){ .text = text };
		learned(look, SYSCK_ATTR_CHECKSUM);
	}
	tcbck_run_result_done(&result);
}

/* Checksum and digest, in one reading where both are computed here. */
static void look_at_content(struct look *look)
{
	const struct sysck_def *def = look->def;
	bool sum = wants(look, SYSCK_ATTR_CHECKSUM) && !(sysck_def_has(def, SYSCK_ATTR_CHECKSUM) && def->checksum.is_volatile);
	bool hash = wants(look, SYSCK_ATTR_HASH_VALUE) &&
		    !(sysck_def_has(def, SYSCK_ATTR_HASH_VALUE) && def->hash_value.is_volatile);
	bool own_command = sum && !look->observer->options->settings->checksum_is_default;
	struct tcbck_content content = {
		.want_sum = sum && !own_command,
		.want_hash = hash,
		.want_proof = hash && look->observer->proof != SYSCK_HASH_COUNT,
		.proof = { .algorithm = look->observer->proof },
	};
	int r;

	if (!sum && !hash)
		return;
	content.hash.algorithm =
		sysck_def_has(def, SYSCK_ATTR_HASH_VALUE) ? def->hash_value.algorithm : look->observer->options->settings->hash;
	if (!look->readable)
		r = look->read_error < 0 ? look->read_error : -EACCES;
	else
		r = content.want_sum || content.want_hash ? read_content(look, &content) : 0;
	if (sum && (r < 0 || !own_command)) {
		if (r < 0)
			content_failed(look, SYSCK_ATTR_CHECKSUM, r);
		else
			keep_sum(look, &content);
	} else if (own_command) {
		run_checksum(look);
	}
	if (hash && r < 0) {
		content_failed(look, SYSCK_ATTR_HASH_VALUE, r);
	} else if (hash) {
		look->o->is.hash_value = content.hash;
		look->o->has_proof = content.want_proof;
		look->o->proof = content.proof;
		learned(look, SYSCK_ATTR_HASH_VALUE);
	}
}

static void look_at_source(struct look *look)
{
	struct sysck_slice source = look->def->source;
	struct sysck_err err;
	int descriptor, r;

	if (!sysck_def_has(look->def, SYSCK_ATTR_SOURCE))
		return;
	look->o->source_exists = true;
	if (source.len > 0) {
		r = tcbck_path_follow(look->observer->opener, source, &descriptor, &err);
		if (r == 0)
			close(descriptor);
		else if (r == -ENOENT || r == -ENOTDIR)
			look->o->source_exists = false;
		else
			failed_because(look, SYSCK_ATTR_SOURCE, keep(look, sysck_slice_of(err.text)));
	}
	if ((look->o->failed & SYSCK_ATTR_BIT(SYSCK_ATTR_SOURCE)) == 0)
		learned(look, SYSCK_ATTR_SOURCE);
}

/* The program with `%f` replaced by the path and `%m` by the mode of the run. */
static int expand_arguments(struct look *look, struct sysck_slice *arguments)
{
	const char *mode = look->observer->options->mode == NULL ? "-n" : look->observer->options->mode;
	const struct sysck_list *program = &look->def->program;

	for (size_t i = 0; i < program->count; i++) {
		struct sysck_slice item = program->items[i];
		struct sysck_buf text = SYSCK_BUF_INIT;

		for (size_t at = 0; at < item.len; at++) {
			bool mark = i > 0 && item.data[at] == '%' && at + 1 < item.len;

			if (mark && item.data[at + 1] == 'f')
				sysck_buf_add_slice(&text, look->def->path);
			else if (mark && item.data[at + 1] == 'm')
				sysck_buf_add_text(&text, mode);
			else
				sysck_buf_add_char(&text, item.data[at]);
			if (mark && (item.data[at + 1] == 'f' || item.data[at + 1] == 'm'))
				at++;
		}
		arguments[i] = keep(look, sysck_buf_slice(&text));
		if (sysck_buf_error(&text) < 0)
			look->out_of_memory = true;
		sysck_buf_done(&text);
	}
	return look->out_of_memory ? -ENOMEM : 0;
}

static void look_at_program(struct look *look)
{
	const struct tcbck_observer_options *options = look->observer->options;
	struct sysck_slice *arguments = sysck_arena_alloc(look->arena, look->def->program.count, sizeof(*arguments));
	struct tcbck_run_result result = { 0 };
	struct sysck_slice output;
	struct sysck_err err;
	int r;

	if (!sysck_def_has(look->def, SYSCK_ATTR_PROGRAM))
		return;
	if (!tcbck_root_is_host(options->root)) {
		failed_because(look, SYSCK_ATTR_PROGRAM, SYSCK_SLICE("no program is run for another root"));
		return;
	}
	if (arguments == NULL || expand_arguments(look, arguments) < 0) {
		look->out_of_memory = true;
		return;
	}
	r = tcbck_run_program(look->observer->opener, arguments, look->def->program.count, options->settings->program_timeout,
			      options->stop, &result, &err);
	if (r < 0) {
		failed_because(look, SYSCK_ATTR_PROGRAM, keep(look, sysck_slice_of(err.text)));
	} else {
		output = sysck_slice_trim(sysck_buf_slice(&result.output));
		if (output.len > TCBCK_PROGRAM_OUTPUT_MAX)
			output.len = TCBCK_PROGRAM_OUTPUT_MAX;
		look->o->program = (struct tcbck_program){ result.status, result.timed_out, keep(look, output) };
		learned(look, SYSCK_ATTR_PROGRAM);
	}
	tcbck_run_result_done(&result);
}

/* What stat says; the rest of the attributes need more. */
static void look_at_stat(struct look *look)
{
	struct tcbck_observation *o = look->o;

	o->device = look->st.st_dev;
	o->inode = look->st.st_ino;
	o->link_count = look->st.st_nlink;
	o->is.type = sysck_type_of_mode(look->st.st_mode);
	o->is.owner = look->st.st_uid;
	o->is.group = look->st.st_gid;
	/* Also where no mode is wanted: a minimal ACL is judged by it. */
	o->is.mode = look->st.st_mode & 07777;
	o->is.device = (struct sysck_device){ major(look->st.st_rdev), minor(look->st.st_rdev) };
	learned(look, SYSCK_ATTR_TYPE);
	learned(look, SYSCK_ATTR_OWNER);
	learned(look, SYSCK_ATTR_GROUP);
	if (S_ISBLK(look->st.st_mode) || S_ISCHR(look->st.st_mode))
		learned(look, SYSCK_ATTR_DEVICE);
}

static void look_at_rest(struct look *look)
{
	/* Only what the type can have. */
	for (int i = 0; i < SYSCK_ATTR_COUNT; i++)
		if (!sysck_attr_applies((enum sysck_attr)i, look->o->is.type))
			look->wanted &= ~SYSCK_ATTR_BIT(i);
	look_at_xattrs(look);
	if (wants(look, SYSCK_ATTR_TARGET))
		look_at_target(look);
	if (wants(look, SYSCK_ATTR_LINKS))
		look_at_links(look, SYSCK_ATTR_LINKS);
	if (wants(look, SYSCK_ATTR_SYMLINKS))
		look_at_links(look, SYSCK_ATTR_SYMLINKS);
	look_at_content(look);
	if (wants(look, SYSCK_ATTR_SIZE)) {
		look->o->is.size = (struct sysck_size){ (uint64_t)look->st.st_size, true, false };
		learned(look, SYSCK_ATTR_SIZE);
	}
	if (wants(look, SYSCK_ATTR_PROGRAM))
		look_at_program(look);
	if (wants(look, SYSCK_ATTR_SOURCE))
		look_at_source(look);
}

static void look_at_pinned(struct look *look)
{
	look_at_stat(look);
	if (look->def->type == SYSCK_TYPE_NONE || !sysck_def_has(look->def, SYSCK_ATTR_TYPE) ||
	    look->def->type == look->o->is.type)
		look_at_rest(look);
}

static void start(struct look *look, struct tcbck_observer *observer, const struct sysck_def *def, sysck_attr_set wanted,
		  struct sysck_arena *arena, struct tcbck_observation *o)
{
	*o = (struct tcbck_observation){ .presence = TCBCK_PRESENT };
	o->is.path = def->path;
	*look = (struct look){ .observer = observer, .def = def, .wanted = wanted, .arena = arena, .o = o, .pinned = -1 };
}

int tcbck_observe_at(struct tcbck_observer *observer, int directory, const char *name, const struct sysck_def *def,
		     sysck_attr_set wanted, struct sysck_arena *arena, struct tcbck_observation *ret)
{
	struct look look;
	int r;

	start(&look, observer, def, wanted, arena, ret);
	r = open_and_pin(&look, directory, name);
	if (r < 0)
		set_unknown(&look, r);
	else
		look_at_pinned(&look);
	if (look.pinned >= 0)
		close(look.pinned);
	return look.out_of_memory ? -ENOMEM : 0;
}

static bool is_open_for_reading(int descriptor)
{
	int flags = fcntl(descriptor, F_GETFL);

	return flags >= 0 && (flags & O_PATH) == 0 && (flags & O_ACCMODE) == O_RDONLY;
}

int tcbck_observe_descriptor(struct tcbck_observer *observer, int descriptor, const struct sysck_def *def,
			     sysck_attr_set wanted, struct sysck_arena *arena, struct tcbck_observation *ret)
{
	struct look look;
	int copy = -1, r;

	start(&look, observer, def, wanted, arena, ret);
	r = pin(&look, descriptor, false);
	if (r == 0 && (S_ISREG(look.st.st_mode) || S_ISDIR(look.st.st_mode)) && wants_reading(&look)) {
		look.read_error = tcbck_path_reopen(descriptor, &copy);
		if (look.read_error == 0)
			r = pin(&look, copy, true);
		else if (look.read_error == -ENOENT && is_open_for_reading(descriptor)) /* no /proc */
			look.readable = true;
	}
	if (r < 0)
		set_unknown(&look, r);
	else
		look_at_pinned(&look);
	if (copy >= 0)
		close(copy);
	return look.out_of_memory ? -ENOMEM : 0;
}

int tcbck_observe(struct tcbck_observer *observer, const struct sysck_def *def, sysck_attr_set wanted,
		  struct sysck_arena *arena, struct tcbck_observation *ret)
{
	struct tcbck_place place;
	struct sysck_err err;
	struct look look;
	int r = tcbck_path_find(observer->opener, def->path, &place, &err);

	if (r == 0) {
		bool through_symlink = place.through_symlink;

		r = tcbck_observe_at(observer, place.directory, place.name, def, wanted, arena, ret);
		ret->through_symlink = through_symlink;
		return r;
	}
	start(&look, observer, def, wanted, arena, ret);
	if (r == -ENOTDIR)
		r = -ENOENT;
	if (r == -ENOENT) {
		ret->presence = TCBCK_MISSING;
	} else {
		ret->presence = r == -ELOOP ? TCBCK_UNSAFE : TCBCK_UNKNOWN;
		ret->reason = keep(&look, sysck_slice_of(err.text));
	}
	return look.out_of_memory ? -ENOMEM : 0;
}
