/*
 * fuzz_tree.c - any bytes as a small tree and definitions of what is in it, and beside it: the findings of an audit with `tree`
 * are those of the model, and the tree is as it was.
 *
 * Trees are built below $FUZZ_DIRECTORY, or a new directory in /dev/shm, which nobody else may write to. As root there are
 * owners, devices, capabilities and TCB flags, too. Nothing outside is ever followed into. AFL++ kills its processes, which
 * then leave their trees: give it a directory.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <sys/acl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "judge/check.h"
#include "judge/known.h"
#include "judge/tree.h"
#include "model.h"
#include "must.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Few names, so that they meet each other. */
static const char *const paths[] = { "/a",     "/b",     "/c",     "/e",    "/a/a",        "/a/b",    "/b/a", "/b/b",
				     "/b/c",   "/a/c",   "/a/b/c", "/d/ x", "/d/\"q\\,",   "/d/\n:",  "/c/a", "/c/b",
				     "/c/b/c", "/e/a/b", "/a/b/a", "/d",    "/d/\xc3\xa4", "/d/\xff", "/e/a", "/b/a/b" };
static const char *const link_texts[] = { "/a", "/b", "a", "b", "../b", "..", ".", "/a/b", "/c/../a", "nowhere", "/e", "b/c" };
static const uint32_t modes[] = { 0, 0644, 0755, 0777, 01777, 02755, 04755, 06711, 0700, 04700, 02070, 07777 };
static const uint32_t ids[] = { 0, 1, 999, 1000, 1001, 4294967294u };
static const struct model_acl acls[] = {
	{ "", "", "" },
	{ "u::rwx,g::r-x,o::r-x", "u::rwx,g::r-x,o::r-x", "" },
	{ "u::rw-,u:1000:r--,g::r--,m::rw-,o::---", "u::rw-,u:1000:r--,g::r--,m::rw-,o::---", "" },
	{ "u::rwx,g::r-x,g:5:rwx,m::r-x,o::r-x", "u::rwx,g::r-x,g:5:rwx,m::r-x,o::r-x", "" },
	{ "u::rwx,g::r-x,o::---,d:u::rwx,d:g::r-x,d:o::---", "u::rwx,g::r-x,o::---", "u::rwx,g::r-x,o::---" },
	{ "d:u::rwx,d:u:5:rwx,d:g::---,d:m::rwx,d:o::---", "", "u::rwx,u:5:rwx,g::---,m::rwx,o::---" },
};
static const struct {
	const char *text;
	uint64_t permitted;
	bool effective;
} capabilities[] = { { "", 0, false },
		     { "cap_net_raw=ep", 1u << 13, true },
		     { "cap_net_raw=p", 1u << 13, false },
		     { "cap_chown,cap_net_raw=p", 1u << 13 | 1u, false } };

/* The input, byte by byte; 0 behind its end. */
struct input {
	const uint8_t *data;
	size_t left;
};

static unsigned take(struct input *input, size_t limit)
{
	unsigned byte = input->left == 0 ? 0 : *input->data;

	if (input->left > 0) {
		input->data++;
		input->left--;
	}
	return byte % (unsigned)limit;
}

/* --- the tree --- */

/* A name in the tree as a path through the descriptor of its directory. */
struct place {
	int directory;
	const char *name;
	char file[64]; /* /proc/self/fd/DIRECTORY/NAME */
};

/* Opens the directory of a path through no symlink, making the directories that lack. */
static bool open_place(int root, const char *path, struct place *ret)
{
	const struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
				      .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };
	char parent[64];

	ret->name = strrchr(path, '/') + 1;
	for (const char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		struct place above;

		(void)snprintf(parent, sizeof(parent), "%.*s", (int)(slash - path), path);
		if (open_place(root, parent, &above)) {
			(void)mkdirat(above.directory, above.name, 0755);
			close(above.directory);
		}
	}
	(void)snprintf(parent, sizeof(parent), ".%.*s", (int)(ret->name - path - 1), path);
	ret->directory = (int)syscall(SYS_openat2, root, parent, &how, sizeof(how));
	(void)snprintf(ret->file, sizeof(ret->file), "/proc/self/fd/%d/%s", ret->directory, ret->name);
	return ret->directory >= 0;
}

static void write_file(const struct place *place, struct input *input)
{
	unsigned len = take(input, 256) * 8;
	int fd = openat(place->directory, place->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);

	for (unsigned i = 0; fd >= 0 && i < len; i += 8)
		must(write(fd, "content\n", 8) == 8, "no room");
	if (fd >= 0)
		close(fd);
}

/* Others than root could not look into what they make inaccessible. */
static mode_t visible(mode_t mode, const struct stat *st)
{
	return geteuid() == 0 ? mode : mode | (S_ISDIR(st->st_mode) ? 0700 : 0400);
}

static void set_acl(const struct place *place, const struct stat *st, const struct model_acl *acl)
{
	acl_t access = acl->access[0] == '\0' ? NULL : acl_from_text(acl->access);
	acl_t by_default = acl->by_default[0] == '\0' ? NULL : acl_from_text(acl->by_default);

	if (access != NULL && geteuid() == 0)
		(void)acl_set_file(place->file, ACL_TYPE_ACCESS, access);
	if (by_default != NULL && S_ISDIR(st->st_mode))
		(void)acl_set_file(place->file, ACL_TYPE_DEFAULT, by_default);
	if (access != NULL)
		acl_free(access);
	if (by_default != NULL)
		acl_free(by_default);
}

static void set_capabilities(const struct place *place, size_t choice)
{
	struct vfs_cap_data data = { .magic_etc = VFS_CAP_REVISION_2 };

	data.magic_etc |= capabilities[choice].effective ? VFS_CAP_FLAGS_EFFECTIVE : 0;
	data.data[0].permitted = (uint32_t)capabilities[choice].permitted;
	(void)setxattr(place->file, "security.capability", &data, sizeof(data), 0);
}

/* Makes what is there different; symlinks have but an owner. */
static void change(const struct place *place, unsigned operation, struct input *input)
{
	unsigned choice = take(input, 256);
	struct stat st;

	if (fstatat(place->directory, place->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	if (operation == 0) {
		(void)fchownat(place->directory, place->name, ids[choice % COUNT(ids)], ids[choice / 8 % COUNT(ids)],
			       AT_SYMLINK_NOFOLLOW);
		return;
	}
	if (S_ISLNK(st.st_mode))
		return;
	switch (operation) {
	case 1: (void)chmod(place->file, visible(modes[choice % COUNT(modes)], &st)); break;
	case 2: (void)setxattr(place->file, "security.tcb", choice % 4 == 0 ? "0" : "1", 1, 0); break;
	case 3: set_acl(place, &st, &acls[choice % COUNT(acls)]); break;
	default:
		if (S_ISREG(st.st_mode))
			set_capabilities(place, choice % COUNT(capabilities));
		break;
	}
}

static void build_object(int root, struct input *input)
{
	unsigned operation = take(input, 14);
	struct place place, other;

	if (!open_place(root, paths[take(input, COUNT(paths))], &place))
		return;
	switch (operation) {
	case 0:
	case 1: write_file(&place, input); break;
	case 2: (void)mkdirat(place.directory, place.name, 0755); break;
	case 3:
	case 4: (void)symlinkat(link_texts[take(input, COUNT(link_texts))], place.directory, place.name); break;
	case 5:
	case 6:
		if (open_place(root, paths[take(input, COUNT(paths))], &other)) {
			(void)linkat(other.directory, other.name, place.directory, place.name, 0);
			close(other.directory);
		}
		break;
	case 7: (void)mkfifoat(place.directory, place.name, 0644); break;
	/* The node of /dev/null, or of no driver at all. It is never opened. */
	case 8:
		(void)mknodat(place.directory, place.name, (mode_t)(take(input, 2) == 0 ? S_IFCHR : S_IFBLK) | 0600,
			      makedev(1, 3));
		break;
	default: change(&place, operation - 9, input); break;
	}
	close(place.directory);
}

/* --- definitions --- */

static void choose_list(struct input *input, const char *own, struct model_list *ret)
{
	size_t wanted = take(input, MODEL_LIST_MAX + 1);

	ret->count = 0;
	for (size_t i = 0; i < wanted; i++) {
		const char *path = paths[take(input, COUNT(paths))];
		bool there = strcmp(path, own) == 0;

		for (size_t j = 0; j < ret->count; j++)
			there = there || strcmp(path, ret->items[j]) == 0;
		if (!there)
			ret->items[ret->count++] = path;
	}
}

/* The values of what is there, so that some definitions are fulfilled. */
static void adopt(const struct place *place, struct model_def *def)
{
	char value[2];
	struct stat st;

	def->type = SYSCK_TYPE_FILE;
	if (fstatat(place->directory, place->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	def->type = sysck_type_of_mode(st.st_mode);
	def->owner = st.st_uid;
	def->group = st.st_gid;
	def->mode = st.st_mode & 07777;
	if (lgetxattr(place->file, "security.tcb", value, sizeof(value)) == 1 && value[0] == '1')
		def->mode |= SYSCK_MODE_TCB;
	def->device_major = major(st.st_rdev);
	def->device_minor = minor(st.st_rdev);
	if (S_ISLNK(st.st_mode))
		must(readlinkat(place->directory, place->name, def->target, sizeof(def->target) - 1) > 0, "no symlink");
	if (S_ISREG(st.st_mode)) {
		model_digest(place->file, def);
		(void)model_capabilities(place->file, &def->permitted, &def->effective);
	}
}

/* Makes values of the definition others than they are. */
static void differ(struct input *input, struct model_def *def)
{
	unsigned choice = take(input, 256);

	switch (take(input, 9)) {
	case 0: def->owner = ids[choice % COUNT(ids)]; break;
	case 1: def->group = ids[choice % COUNT(ids)]; break;
	case 2: def->mode = modes[choice % COUNT(modes)] | (choice > 127 ? SYSCK_MODE_TCB : 0); break;
	case 3: def->size += choice; break;
	case 4: def->sum ^= choice; break;
	case 5: def->sha256[choice % 32] ^= 1; break;
	case 6: def->device_minor ^= choice; break;
	case 7: (void)snprintf(def->target, sizeof(def->target), "%s", link_texts[choice % COUNT(link_texts)]); break;
	default:
		def->permitted = capabilities[choice % COUNT(capabilities)].permitted;
		def->effective = capabilities[choice % COUNT(capabilities)].effective;
		break;
	}
}

static void choose_definition(int root, struct input *input, struct model_def *def)
{
	struct place place;
	unsigned type;

	*def = (struct model_def){ .path = paths[take(input, COUNT(paths))], .type = SYSCK_TYPE_FILE };
	if (open_place(root, def->path, &place)) {
		adopt(&place, def);
		close(place.directory);
	}
	type = take(input, 32);
	if (type > SYSCK_TYPE_NONE && type < SYSCK_TYPE_COUNT)
		def->type = (enum sysck_type)type;
	def->present = take(input, 256);
	def->present = (def->present << 8 | take(input, 256)) | SYSCK_ATTR_BIT(SYSCK_ATTR_TYPE);
	def->present &= ~(SYSCK_ATTR_BIT(SYSCK_ATTR_PROGRAM) | SYSCK_ATTR_BIT(SYSCK_ATTR_CLASS));
	def->acl = &acls[take(input, def->type == SYSCK_TYPE_DIRECTORY ? COUNT(acls) : 4)];
	choose_list(input, def->path, &def->links);
	choose_list(input, def->path, &def->symlinks);
	def->source = take(input, 4) == 0 || def->type == SYSCK_TYPE_DIRECTORY ? "" : paths[take(input, COUNT(paths))];
	for (unsigned i = take(input, 3); i > 0; i--)
		differ(input, def);
	if (def->target[0] == '\0')
		(void)snprintf(def->target, sizeof(def->target), "x");
	for (int i = 0; i < SYSCK_ATTR_COUNT; i++)
		if (!sysck_attr_applies((enum sysck_attr)i, def->type))
			def->present &= ~SYSCK_ATTR_BIT(i);
}

static void write_list(const struct model_list *list, struct sysck_buf *out)
{
	for (size_t i = 0; i < list->count; i++) {
		if (i > 0)
			sysck_buf_add_char(out, ',');
		sysck_buf_add_item(out, sysck_slice_of(list->items[i]));
	}
}

static const char *spell_capabilities(const struct model_def *def)
{
	for (size_t i = 0; i < COUNT(capabilities); i++)
		if (capabilities[i].permitted == def->permitted && capabilities[i].effective == def->effective)
			return capabilities[i].text;
	return "";
}

static void write_value(const struct model_def *def, enum sysck_attr attribute, struct sysck_buf *out)
{
	switch (attribute) {
	case SYSCK_ATTR_TYPE: sysck_buf_add_text(out, sysck_type_name(def->type)); break;
	case SYSCK_ATTR_OWNER: sysck_buf_add_format(out, "%u", def->owner); break;
	case SYSCK_ATTR_GROUP: sysck_buf_add_format(out, "%u", def->group); break;
	case SYSCK_ATTR_ACL: sysck_buf_add_text(out, def->acl->text); break;
	case SYSCK_ATTR_MODE:
		sysck_buf_add_format(out, "%s%04o", (def->mode & SYSCK_MODE_TCB) != 0 ? "TCB," : "", def->mode & 07777);
		break;
	case SYSCK_ATTR_CAPABILITIES: sysck_buf_add_text(out, spell_capabilities(def)); break;
	case SYSCK_ATTR_DEVICE: sysck_buf_add_format(out, "%u,%u", def->device_major, def->device_minor); break;
	case SYSCK_ATTR_TARGET: sysck_buf_add_quoted(out, sysck_slice_of(def->target), SYSCK_CHARSET_UTF8); break;
	case SYSCK_ATTR_LINKS: write_list(&def->links, out); break;
	case SYSCK_ATTR_SYMLINKS: write_list(&def->symlinks, out); break;
	case SYSCK_ATTR_SIZE: sysck_buf_add_format(out, "%llu", (unsigned long long)def->size); break;
	case SYSCK_ATTR_CHECKSUM: sysck_buf_add_format(out, "\"%05u %5llu\"", def->sum, (unsigned long long)def->blocks); break;
	case SYSCK_ATTR_HASH_VALUE:
		for (size_t i = 0; i < sizeof(def->sha256); i++)
			sysck_buf_add_format(out, "%02x", def->sha256[i]);
		break;
	case SYSCK_ATTR_SOURCE:
		if (def->source[0] != '\0')
			sysck_buf_add_quoted(out, sysck_slice_of(def->source), SYSCK_CHARSET_UTF8);
		break;
	case SYSCK_ATTR_PROGRAM:
	case SYSCK_ATTR_CLASS:
	case SYSCK_ATTR_COUNT: break;
	}
}

static void write_database(const struct model *model, struct sysck_buf *out)
{
	sysck_buf_add_text(out, "sysck:\n");
	if (model->further_uid != 0)
		sysck_buf_add_format(out, "\tsetuids = %u\n", model->further_uid);
	if (model->nodir != NULL) {
		sysck_buf_add_text(out, "\ttreeck_nodir = ");
		sysck_buf_add_item(out, sysck_slice_of(model->nodir));
		sysck_buf_add_char(out, '\n');
	}
	for (size_t i = 0; i < model->count; i++) {
		const struct model_def *def = &model->defs[i];

		sysck_buf_add_char(out, '\n');
		sysck_buf_add_quoted(out, sysck_slice_of(def->path), SYSCK_CHARSET_UTF8);
		sysck_buf_add_text(out, ":\n");
		for (int j = 0; j < SYSCK_ATTR_COUNT; j++) {
			if ((def->present & SYSCK_ATTR_BIT(j)) == 0)
				continue;
			sysck_buf_add_format(out, "\t%s = ", sysck_attr_name((enum sysck_attr)j));
			write_value(def, (enum sysck_attr)j, out);
			sysck_buf_add_char(out, '\n');
		}
	}
}

/* --- the comparison --- */

static void count_error(void *context, const struct sysck_err *err)
{
	(void)err;
	(*(size_t *)context)++;
}

static void convert(const struct tcbck_findings *findings, struct model_findings *ret)
{
	ret->count = findings->count;
	must(ret->count <= MODEL_FINDINGS_MAX, "more findings than there can be");
	for (size_t i = 0; i < findings->count; i++) {
		const struct tcbck_finding *finding = &findings->items[i];

		ret->items[i].index = finding->index;
		ret->items[i].kind = finding->kind;
		ret->items[i].unverified = finding->unverified;
		(void)snprintf(ret->items[i].path, MODEL_PATH_MAX, "%.*s", (int)finding->path.len, finding->path.data);
	}
}

static bool is_in(const struct model_finding *finding, const struct model_findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		if (findings->items[i].index == finding->index && findings->items[i].kind == finding->kind &&
		    findings->items[i].unverified == finding->unverified && strcmp(findings->items[i].path, finding->path) == 0)
			return true;
	return false;
}

static void show_missing(const char *who, const struct model_findings *findings, const struct model_findings *others)
{
	for (size_t i = 0; i < findings->count; i++)
		if (!is_in(&findings->items[i], others))
			fprintf(stderr, "only %s: %s: %s%s\n", who, findings->items[i].path,
				tcbck_kind_name(findings->items[i].kind), findings->items[i].unverified ? " unverified" : "");
}

static void compare(const struct model_findings *model, const struct model_findings *program, const struct sysck_buf *text)
{
	bool same = model->count == program->count && model->errors == program->errors;

	for (size_t i = 0; same && i < model->count; i++)
		same = is_in(&model->items[i], program);
	if (same)
		return;
	fprintf(stderr, "%.*s\n", (int)text->len, text->data);
	fprintf(stderr, "errors: %zu in the model, %zu in the program\n", model->errors, program->errors);
	show_missing("in the model", model, program);
	show_missing("in the program", program, model);
	must(false, "the model and the program do not agree");
}

/* The audit as tcbck runs it: the definitions, then the tree. */
static void audit(const struct model *model, const struct sysck_buf *text, unsigned jobs, struct model_findings *ret)
{
	struct tcbck_check_counters counters = { 0 };
	struct sysck_err_sink sink = { count_error, &ret->errors };
	struct tcbck_check_options checking = { .jobs = jobs, .counters = &counters, .errors = &sink };
	struct tcbck_tree_options walking = { .jobs = jobs, .counters = &counters };
	struct sysck_buf bytes = SYSCK_BUF_INIT;
	struct tcbck_check_result result;
	struct tcbck_tree_coverage coverage;
	struct tcbck_users *users = NULL;
	struct tcbck_known *known = NULL;
	struct tcbck_root *root = NULL;
	struct tcbck_targets targets;
	struct sysck_db *db = NULL;
	struct sysck_err err;

	ret->errors = 0;
	sysck_buf_add_slice(&bytes, sysck_buf_slice(text));
	must(sysck_db_parse(&bytes, SYSCK_SLICE("f"), &sink, &db, &err) == 0, "no database");
	must(tcbck_root_open(model->root, &root, &err) == 0 && tcbck_users_open(root, &users, &err) == 0, "no root");
	must(tcbck_known_new(jobs, &known) == 0 && tcbck_targets_all(db, &targets) == 0, "no targets");
	checking.db = walking.db = db;
	checking.root = walking.root = root;
	checking.users = walking.users = users;
	checking.known = known;
	walking.known = known;
	must(tcbck_check_run(&checking, &targets, &result, &err) == 0, "no check");
	must(tcbck_known_freeze(known) == 0, "no table");
	must(tcbck_tree_run(&walking, &result.findings, &coverage, &err) == 0, "no tree");
	must(!result.cancelled && !coverage.cancelled, "not all was looked at");
	convert(&result.findings, ret);
	tcbck_tree_coverage_done(&coverage);
	tcbck_check_result_done(&result);
	tcbck_targets_done(&targets);
	tcbck_known_free(known);
	tcbck_users_free(users);
	tcbck_root_free(root);
	sysck_db_free(db);
}

/* --- one input --- */

static uint64_t seen; /* of fingerprint() */

static int add_to_fingerprint(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	const uint64_t values[] = { st->st_ino,
				    st->st_mode,
				    st->st_uid,
				    st->st_gid,
				    st->st_nlink,
				    (uint64_t)st->st_size,
				    (uint64_t)st->st_ctim.tv_sec,
				    (uint64_t)st->st_ctim.tv_nsec };
	uint64_t hash = 0;

	(void)path;
	(void)type;
	(void)ftw;
	for (size_t i = 0; i < COUNT(values); i++)
		hash = (hash ^ values[i]) * 0x100000001b3u + 1;
	seen += hash;
	return 0;
}

/* Of all that a change of the tree changes; the order of the walk does not matter. */
static uint64_t fingerprint(const char *directory)
{
	seen = 0;
	must(nftw(directory, add_to_fingerprint, 16, FTW_PHYS) == 0, "no walk");
	return seen;
}

static int remove_object(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static char base[256]; /* where trees are built */

static void remove_base(void)
{
	(void)nftw(base, remove_object, 16, FTW_DEPTH | FTW_PHYS);
}

static void make_base(void)
{
	const char *given = getenv("FUZZ_DIRECTORY");

	if (base[0] != '\0')
		return;
	(void)snprintf(base, sizeof(base), "%s/fuzz-tree.XXXXXX", given == NULL ? "/dev/shm" : given);
	must(mkdtemp(base) != NULL, "no directory to build trees in");
	must(atexit(remove_base) == 0, "no memory");
	(void)umask(022);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct model_findings expected, found;
	struct input input = { data, size };
	struct sysck_buf text = SYSCK_BUF_INIT;
	struct model model = { .count = 0 };
	char directory[sizeof(base) + 8];
	unsigned jobs, objects, definitions;
	uint64_t before;
	int root;

	make_base();
	(void)snprintf(directory, sizeof(directory), "%s/root", base);
	must(mkdir(directory, 0700) == 0, "no root");
	root = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	must(root >= 0, "no root");
	model.root = directory;
	jobs = 1 + take(&input, 2);
	model.further_uid = take(&input, 2) == 0 ? 0 : 1001;
	model.nodir = take(&input, 4) != 0 ? NULL : paths[take(&input, COUNT(paths))];
	objects = take(&input, 24);
	definitions = take(&input, MODEL_DEFS_MAX + 1);
	while (objects-- > 0 && input.left > 0)
		build_object(root, &input);
	while (definitions-- > 0 && input.left > 0)
		choose_definition(root, &input, &model.defs[model.count++]);
	close(root);
	write_database(&model, &text);
	before = fingerprint(directory);
	audit(&model, &text, jobs, &found);
	must(fingerprint(directory) == before, "an audit changed the tree");
	model_run(&model, &expected);
	compare(&expected, &found, &text);
	sysck_buf_done(&text);
	must(nftw(directory, remove_object, 16, FTW_DEPTH | FTW_PHYS) == 0, "the tree can't be removed");
	return 0;
}
