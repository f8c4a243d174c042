/*
 * observe.c - one object as it is.
 *
 * Knows how each attribute is read; gives observations. Everything that is learned of an object is learned of one inode: of
 * a descriptor that stays open, or, where root alone could exchange it, of a name that still stands for the same inode,
 * unchanged, when all is known (if not, it is looked at again by descriptor). Must never change anything, judge anything,
 * or read what is no regular file.
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
#include "observe/glance.h"
#include "observe/look.h"
#include "observe/run.h"

/* Longest list of names of extended attributes, Linux's limit (xattr(7)). */
#define XATTR_LIST_MAX 65536
/* What nearly every list fits in: the kernel takes memory for all the room it is offered. */
#define XATTR_LIST_USUAL 256
#define XATTR_TCB        "security.tcb"

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

static void set_unknown(struct tcbck_look *look, int error)
{
	look->o->presence = error == -ENOENT ? TCBCK_MISSING : TCBCK_UNKNOWN;
	if (error != -ENOENT)
		look->o->reason = tcbck_look_error(look, error);
}

static void keep_descriptor(struct tcbck_look *look, int descriptor, bool readable)
{
	look->pinned = descriptor;
	look->readable = readable;
}

/* Keeps `descriptor` as the object's. Its stat is the one that everything else belongs to. */
static int pin(struct tcbck_look *look, int descriptor, bool readable)
{
	if (fstat(descriptor, &look->st) < 0)
		return -errno;
	keep_descriptor(look, descriptor, readable);
	look->unproven = false;
	return 0;
}

/* The name by which the kernel finds what is pinned, for calls that refuse O_PATH. */
static const char *way_of(struct tcbck_look *look)
{
	(void)snprintf(look->way, sizeof(look->way), "/proc/self/fd/%d", look->pinned);
	return look->way;
}

/* True if anything is wanted for which a file is better open for reading than with O_PATH. */
static bool wants_reading(const struct tcbck_look *look)
{
	const sysck_attr_set reading = SYSCK_ATTR_BIT(SYSCK_ATTR_SIZE) | SYSCK_ATTR_BIT(SYSCK_ATTR_CHECKSUM) |
				       SYSCK_ATTR_BIT(SYSCK_ATTR_HASH_VALUE) | SYSCK_ATTR_BIT(SYSCK_ATTR_ACL) |
				       SYSCK_ATTR_BIT(SYSCK_ATTR_MODE) | SYSCK_ATTR_BIT(SYSCK_ATTR_CAPABILITIES);

	return (look->wanted & reading) != 0 && !look->observer->options->no_reading;
}

/* True if the list of names holds `name`. */
static bool has_name(const char *names, ssize_t len, const char *name)
{
	for (const char *p = names; p < names + len; p += strlen(p) + 1)
		if (strcmp(p, name) == 0)
			return true;
	return false;
}

static void look_at_acl(struct tcbck_look *look, bool access, bool by_default)
{
	acl_t acls[2] = { NULL, NULL };
	struct sysck_acl acl = { NULL, 0 };
	int r = 0;

	if (access) {
		acls[0] = look->readable ? acl_get_fd(look->pinned) : acl_get_file(way_of(look), ACL_TYPE_ACCESS);
		r = acls[0] == NULL ? -errno : 0;
	}
	if (by_default && r == 0) {
		acls[1] = acl_get_file(way_of(look), ACL_TYPE_DEFAULT);
		r = acls[1] == NULL ? -errno : 0;
	}
	if (r == 0)
		r = sysck_acl_convert(acls[0], acls[1], look->arena, &acl);
	for (int i = 0; i < 2; i++)
		if (acls[i] != NULL)
			(void)acl_free(acls[i]);
	if (r < 0) {
		tcbck_look_failed(look, SYSCK_ATTR_ACL, r);
		return;
	}
	look->o->is.acl = acl;
	tcbck_look_learned(look, SYSCK_ATTR_ACL);
}

static void look_at_capabilities(struct tcbck_look *look, bool any)
{
	cap_t set;
	int r;

	if (!any) {
		tcbck_look_learned(look, SYSCK_ATTR_CAPABILITIES);
		return;
	}
	set = look->readable ? cap_get_fd(look->pinned) : cap_get_file(way_of(look));
	if (set == NULL && errno == ENODATA) {
		tcbck_look_learned(look, SYSCK_ATTR_CAPABILITIES);
		return;
	}
	if (set == NULL) {
		tcbck_look_failed(look, SYSCK_ATTR_CAPABILITIES, -errno);
		return;
	}
	r = sysck_capabilities_convert(set, &look->o->is.capabilities);
	(void)cap_free(set);
	look->o->has_capabilities = r == 0;
	if (r < 0)
		tcbck_look_failed(look, SYSCK_ATTR_CAPABILITIES, r);
	else
		tcbck_look_learned(look, SYSCK_ATTR_CAPABILITIES);
}

/* The mode is the stat's bits and the TCB flag: only with both it is known. */
static void look_at_flag(struct tcbck_look *look, bool any)
{
	char value[4];
	ssize_t len = 0;

	if (any) {
		len = look->readable ? fgetxattr(look->pinned, XATTR_TCB, value, sizeof(value))
				     : getxattr(way_of(look), XATTR_TCB, value, sizeof(value));
		if (len < 0 && errno != ENODATA && errno != ERANGE) {
			tcbck_look_failed(look, SYSCK_ATTR_MODE, -errno);
			return;
		}
		if (len == 1 && value[0] == '1')
			look->o->is.mode |= SYSCK_MODE_TCB;
	}
	tcbck_look_learned(look, SYSCK_ATTR_MODE);
}

static ssize_t list_xattrs(struct tcbck_look *look, size_t room)
{
	char *names = look->observer->xattr_names;

	return look->readable ? flistxattr(look->pinned, names, room) : listxattr(way_of(look), names, room);
}

/* What is kept in extended attributes, and which ones. */
static const sysck_attr_set in_xattrs =
	SYSCK_ATTR_BIT(SYSCK_ATTR_ACL) | SYSCK_ATTR_BIT(SYSCK_ATTR_MODE) | SYSCK_ATTR_BIT(SYSCK_ATTR_CAPABILITIES);
static const char *const xattrs[] = { "system.posix_acl_access", "system.posix_acl_default", XATTR_TCB, "security.capability" };

/* ACL, capabilities and TCB flag: one list of names says which are there; most files have none. */
static void look_at_xattrs(struct tcbck_look *look)
{
	const sysck_attr_set mine = look->wanted & in_xattrs;
	const char *names = look->observer->xattr_names;
	ssize_t len;

	if (mine == 0)
		return;
	len = look->pinned < 0 ? look->listed : list_xattrs(look, XATTR_LIST_USUAL);
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
				tcbck_look_failed_because(look, (enum sysck_attr)i, SYSCK_SLICE("/proc is not mounted"));
			else if ((mine & SYSCK_ATTR_BIT(i)) != 0)
				tcbck_look_failed(look, (enum sysck_attr)i, error);
		return;
	}
	if (tcbck_look_wants(look, SYSCK_ATTR_ACL))
		look_at_acl(look, has_name(names, len, xattrs[0]), has_name(names, len, xattrs[1]));
	if (tcbck_look_wants(look, SYSCK_ATTR_MODE))
		look_at_flag(look, has_name(names, len, xattrs[2]));
	if (tcbck_look_wants(look, SYSCK_ATTR_CAPABILITIES))
		look_at_capabilities(look, has_name(names, len, xattrs[3]));
}

static void look_at_target(struct tcbck_look *look)
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
	if (look->pinned >= 0)
		len = readlinkat(look->pinned, "", text, room);
	else
		len = readlinkat(look->spot->directory, look->spot->name, text, room);
	if (len < 0 || (size_t)len == room) {
		tcbck_look_failed(look, SYSCK_ATTR_TARGET, len < 0 ? -errno : -EAGAIN);
		return;
	}
	look->o->is.target = (struct sysck_slice){ text, (size_t)len };
	tcbck_look_learned(look, SYSCK_ATTR_TARGET);
}

static void look_at_links(struct tcbck_look *look, enum sysck_attr attribute)
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
	tcbck_look_learned(look, attribute);
}

static void look_at_source(struct tcbck_look *look)
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
			tcbck_look_failed_because(look, SYSCK_ATTR_SOURCE, tcbck_look_keep(look, sysck_slice_of(err.text)));
	}
	if ((look->o->failed & SYSCK_ATTR_BIT(SYSCK_ATTR_SOURCE)) == 0)
		tcbck_look_learned(look, SYSCK_ATTR_SOURCE);
}

/* The program with `%f` replaced by the path and `%m` by the mode of the run. */
static int expand_arguments(struct tcbck_look *look, struct sysck_slice *arguments)
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
		arguments[i] = tcbck_look_keep(look, sysck_buf_slice(&text));
		if (sysck_buf_error(&text) < 0)
			look->out_of_memory = true;
		sysck_buf_done(&text);
	}
	return look->out_of_memory ? -ENOMEM : 0;
}

static void look_at_program(struct tcbck_look *look)
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
		tcbck_look_failed_because(look, SYSCK_ATTR_PROGRAM, SYSCK_SLICE("no program is run for another root"));
		return;
	}
	if (arguments == NULL || expand_arguments(look, arguments) < 0) {
		look->out_of_memory = true;
		return;
	}
	r = tcbck_run_program(look->observer->opener, arguments, look->def->program.count, options->settings->program_timeout,
			      options->stop, &result, &err);
	if (r < 0) {
		tcbck_look_failed_because(look, SYSCK_ATTR_PROGRAM, tcbck_look_keep(look, sysck_slice_of(err.text)));
	} else {
		output = sysck_slice_trim(sysck_buf_slice(&result.output));
		if (output.len > TCBCK_PROGRAM_OUTPUT_MAX)
			output.len = TCBCK_PROGRAM_OUTPUT_MAX;
		look->o->program = (struct tcbck_program){ result.status, result.timed_out, tcbck_look_keep(look, output) };
		tcbck_look_learned(look, SYSCK_ATTR_PROGRAM);
	}
	tcbck_run_result_done(&result);
}

/* What stat says; the rest of the attributes need more. */
static void look_at_stat(struct tcbck_look *look)
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
	tcbck_look_learned(look, SYSCK_ATTR_TYPE);
	tcbck_look_learned(look, SYSCK_ATTR_OWNER);
	tcbck_look_learned(look, SYSCK_ATTR_GROUP);
	if (S_ISBLK(look->st.st_mode) || S_ISCHR(look->st.st_mode))
		tcbck_look_learned(look, SYSCK_ATTR_DEVICE);
}

/* Was it one object that was looked at? A name that was given away and given back has left its mark in st_ctim. */
static bool is_proven(const struct tcbck_look *look)
{
	struct stat now;

	if (look->pinned >= 0)
		return fstat(look->pinned, &now) == 0 && tcbck_look_same_object(&look->st, &now);
	return fstatat(look->spot->directory, look->spot->name, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
	       tcbck_look_same_object(&look->st, &now) && look->st.st_ctim.tv_sec == now.st_ctim.tv_sec &&
	       look->st.st_ctim.tv_nsec == now.st_ctim.tv_nsec;
}

/* Only what the type can have; nothing more where it is not the one that is defined. */
static void leave_out(struct tcbck_look *look)
{
	if (sysck_def_has(look->def, SYSCK_ATTR_TYPE) && look->def->type != SYSCK_TYPE_NONE &&
	    look->def->type != look->o->is.type)
		look->wanted = 0;
	for (int i = 0; i < SYSCK_ATTR_COUNT; i++)
		if (!sysck_attr_applies((enum sysck_attr)i, look->o->is.type))
			look->wanted &= ~SYSCK_ATTR_BIT(i);
}

/* What other objects have to do with it. From here on its directory may not be open any more. */
static void look_round(struct tcbck_look *look)
{
	if (tcbck_look_wants(look, SYSCK_ATTR_LINKS))
		look_at_links(look, SYSCK_ATTR_LINKS);
	if (tcbck_look_wants(look, SYSCK_ATTR_SYMLINKS))
		look_at_links(look, SYSCK_ATTR_SYMLINKS);
	if (tcbck_look_wants(look, SYSCK_ATTR_PROGRAM))
		look_at_program(look);
	if (tcbck_look_wants(look, SYSCK_ATTR_SOURCE))
		look_at_source(look);
}

/* Everything that is asked for, of the object at hand. */
static void look_at_object(struct tcbck_look *look)
{
	look_at_stat(look);
	leave_out(look);
	look_at_xattrs(look);
	if (tcbck_look_wants(look, SYSCK_ATTR_TARGET))
		look_at_target(look);
	tcbck_look_at_content(look);
	if (tcbck_look_wants(look, SYSCK_ATTR_SIZE)) {
		look->o->is.size = (struct sysck_size){ (uint64_t)look->st.st_size, true, false };
		tcbck_look_learned(look, SYSCK_ATTR_SIZE);
	}
	look->replaced = look->unproven && !is_proven(look);
	if (!look->replaced)
		look_round(look);
}

/* Opens a regular file or directory for reading. 1: it is not the one that stat saw. */
static int open_for_reading(struct tcbck_look *look)
{
	struct stat seen = look->st;
	int descriptor, r = tcbck_path_open_at(look->spot->directory, look->spot->name, &descriptor);

	if (r < 0)
		return r;
	/* Where nobody else can give the name to another object, the stat after the reading proves enough. */
	if (look->spot->closed && tcbck_look_needs_content(look)) {
		keep_descriptor(look, descriptor, true);
		return 0;
	}
	r = pin(look, descriptor, true);
	if (r == 0 && tcbck_look_same_object(&seen, &look->st))
		return 0;
	close(descriptor);
	keep_descriptor(look, -1, false);
	return r < 0 ? r : -EAGAIN;
}

/*
 * Opens the object and pins it. A regular file or a directory is opened for reading at once, since stat said what it is; if
 * it became something else meanwhile, O_NONBLOCK and O_NOFOLLOW keep the opening harmless and the descriptor's own stat is
 * what counts. Everything else is pinned with O_PATH, which does not act on it.
 */
static int open_and_pin(struct tcbck_look *look)
{
	int descriptor, r;

	if ((S_ISREG(look->st.st_mode) || S_ISDIR(look->st.st_mode)) && wants_reading(look)) {
		r = open_for_reading(look);
		if (r == 0 || r == -ENOENT)
			return r;
		look->read_error = r;
	}
	descriptor = openat(look->spot->directory, look->spot->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (descriptor < 0)
		return -errno;
	r = pin(look, descriptor, false);
	if (r < 0)
		close(descriptor);
	return r;
}

/*
 * True if nothing that is asked for needs the object open: stat and the list of the names of its extended attributes say it
 * all. They are asked for by name, which saves half of the calls, only where nobody but root can give the name to another
 * object, and the name is looked at once more when everything is known.
 */
static bool is_told_by_name(struct tcbck_look *look)
{
	struct tcbck_observer *observer = look->observer;

	if (!look->spot->closed || observer->cannot_list || tcbck_look_needs_content(look))
		return false;
	look->listed = 0;
	if ((look->wanted & in_xattrs) == 0 || S_ISLNK(look->st.st_mode))
		return true;
	look->listed = tcbck_glance_list(look->spot->directory, look->spot->name, observer->xattr_names, XATTR_LIST_USUAL);
	observer->cannot_list = look->listed == -ENOSYS || look->listed == -EPERM;
	if (look->listed == -EOPNOTSUPP)
		look->listed = 0;
	for (size_t i = 0; look->listed > 0 && i < sizeof(xattrs) / sizeof(xattrs[0]); i++)
		if (has_name(observer->xattr_names, look->listed, xattrs[i]))
			return false;
	return look->listed >= 0;
}

static void start(struct tcbck_look *look, struct tcbck_observer *observer, const struct sysck_def *def, sysck_attr_set wanted,
		  struct sysck_arena *arena, struct tcbck_observation *o)
{
	*o = (struct tcbck_observation){ .presence = TCBCK_PRESENT };
	o->is.path = def->path;
	*look = (struct tcbck_look){ .observer = observer, .def = def, .wanted = wanted, .arena = arena, .o = o, .pinned = -1 };
}

/* One look at what stands at `spot`. -ESTALE: it was another object before it was over. */
static int look_once(struct tcbck_look *look)
{
	int r;

	if (fstatat(look->spot->directory, look->spot->name, &look->st, AT_SYMLINK_NOFOLLOW) < 0) {
		set_unknown(look, -errno);
		return 0;
	}
	look->unproven = true;
	r = is_told_by_name(look) ? 0 : open_and_pin(look);
	if (r < 0)
		set_unknown(look, r);
	else
		look_at_object(look);
	if (look->pinned >= 0)
		close(look->pinned);
	return look->replaced ? -ESTALE : 0;
}

int tcbck_observe_spot(struct tcbck_observer *observer, const struct tcbck_spot *spot, const struct sysck_def *def,
		       sysck_attr_set wanted, struct sysck_arena *arena, struct tcbck_observation *ret)
{
	const struct tcbck_spot open = { spot->directory, spot->name, false };
	struct tcbck_look look;

	start(&look, observer, def, wanted, arena, ret);
	look.spot = spot;
	if (look_once(&look) == -ESTALE) {
		/* Root is at work there: now with a descriptor that stays with one object. */
		start(&look, observer, def, wanted, arena, ret);
		look.spot = &open;
		(void)look_once(&look);
	}
	return look.out_of_memory ? -ENOMEM : 0;
}

int tcbck_observe_at(struct tcbck_observer *observer, int directory, const char *name, const struct sysck_def *def,
		     sysck_attr_set wanted, struct sysck_arena *arena, struct tcbck_observation *ret)
{
	const struct tcbck_spot spot = { directory, name, false };

	return tcbck_observe_spot(observer, &spot, def, wanted, arena, ret);
}

static bool is_open_for_reading(int descriptor)
{
	int flags = fcntl(descriptor, F_GETFL);

	return flags >= 0 && (flags & O_PATH) == 0 && (flags & O_ACCMODE) == O_RDONLY;
}

int tcbck_observe_descriptor(struct tcbck_observer *observer, int descriptor, const struct sysck_def *def,
			     sysck_attr_set wanted, struct sysck_arena *arena, struct tcbck_observation *ret)
{
	struct tcbck_look look;
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
		look_at_object(&look);
	if (copy >= 0)
		close(copy);
	return look.out_of_memory ? -ENOMEM : 0;
}

int tcbck_observe(struct tcbck_observer *observer, const struct sysck_def *def, sysck_attr_set wanted,
		  struct sysck_arena *arena, struct tcbck_observation *ret)
{
	struct tcbck_place place;
	struct sysck_err err;
	struct tcbck_look look;
	int r = tcbck_path_find(observer->opener, def->path, &place, &err);

	if (r == 0) {
		const struct tcbck_spot spot = { place.directory, place.name, place.closed };
		bool through_symlink = place.through_symlink;

		r = tcbck_observe_spot(observer, &spot, def, wanted, arena, ret);
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
		ret->reason = tcbck_look_keep(&look, sysck_slice_of(err.text));
	}
	return look.out_of_memory ? -ENOMEM : 0;
}
