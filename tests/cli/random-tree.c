/*
 * random-tree.c - trees, and changes of them, drawn from a seed.
 *
 *	random-tree make SEED DIRECTORY
 *		fills it with objects of every type, names, modes, owners, links, ACLs and attributes
 *	random-tree change SEED DIRECTORY
 *		changes some of what is there, takes some away, adds some
 *	random-tree strays DIRECTORY
 *		of objects that nobody defined, which are given as lines of hexadecimal digits, tells what tcbck tree is to
 *		say: a line "PATH FINDING" each
 *
 * The directory is to be on a file system with devices, ACLs and security attributes. The same seed gives the same tree.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/acl.h>
#include <sys/capability.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Most objects, longest path, deepest directory. */
#define OBJECTS 400
#define PATH    1200
#define DEPTH   4
/* The first id that is nobody's of the system. */
#define FIRST_USER 1000

struct tree {
	uint64_t state;
	size_t count;
	char paths[OBJECTS][PATH];
};

/* splitmix64 */
static uint32_t draw(struct tree *tree, uint32_t below)
{
	uint64_t z = tree->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)((z ^ z >> 31) % below);
}

static void must(bool done, const char *what, const char *path)
{
	if (done)
		return;
	(void)fprintf(stderr, "random-tree: %s: %s: %s\n", what, path, strerror(errno));
	exit(1);
}

/* What each of the programs compared can write down; differential.t says what that leaves out. */
static void draw_name(struct tree *tree, const char *directory, char *ret)
{
	static const char *const pieces[] = { "a",
					      "Z",
					      "0",
					      ".",
					      "-",
					      "_",
					      " ",
					      "\"",
					      "'",
					      "\\",
					      "#",
					      "%",
					      "41",
					      "@",
					      "!",
					      "$",
					      "~",
					      "=",
					      ",",
					      ";",
					      "|",
					      "&",
					      "(",
					      "}",
					      "<",
					      ">",
					      "^",
					      "+",
					      "`",
					      "\xc3\xa9",
					      "\xe2\x82\xac",
					      "\xff",
					      "\x80" };
	size_t length = (size_t)snprintf(ret, PATH, "%s%s", directory, directory[0] == '\0' ? "" : "/");
	uint32_t count = 1 + draw(tree, 6);

	for (uint32_t i = 0; i < count; i++)
		length += (size_t)snprintf(ret + length, PATH - length, "%s",
					   pieces[draw(tree, sizeof(pieces) / sizeof(pieces[0]))]);
	/* One of its own, which is never "." or ".."; some of the greatest length. */
	length += (size_t)snprintf(ret + length, PATH - length, "n%zu", tree->count);
	if (draw(tree, 40) == 0)
		(void)snprintf(ret + length, PATH - length, "%0200d", 0);
}

static size_t depth_of(const char *path)
{
	size_t depth = 1;

	for (const char *at = path; *at != '\0'; at++)
		depth += *at == '/';
	return path[0] == '\0' ? 0 : depth;
}

/* The path of an object of one of the types, S_IFMT for any; NULL if it was none after some tries. */
static const char *draw_object(struct tree *tree, mode_t type)
{
	struct stat st;

	for (int i = 0; i < 50 && tree->count > 0; i++) {
		const char *path = tree->paths[draw(tree, (uint32_t)tree->count)];

		if (lstat(path, &st) == 0 && (type == S_IFMT || (st.st_mode & S_IFMT) == type))
			return path;
	}
	return NULL;
}

static void write_file(struct tree *tree, const char *path, off_t size)
{
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	char block[512];

	must(file >= 0, "open", path);
	for (off_t at = 0; at < size;) {
		size_t length = size - at < (off_t)sizeof(block) ? (size_t)(size - at) : sizeof(block);

		for (size_t i = 0; i < length; i++)
			block[i] = (char)draw(tree, 256);
		must(write(file, block, length) == (ssize_t)length, "write", path);
		at += (off_t)length;
	}
	must(close(file) == 0, "close", path);
}

static void make_symlink(struct tree *tree, const char *path)
{
	static const char *const targets[] = { "nowhere", "/etc/nowhere", "a b", "x\\012", "\xff", "..", "q\"q", "#", "" };
	char target[64];

	(void)snprintf(target, sizeof(target), "%s%u", targets[draw(tree, sizeof(targets) / sizeof(targets[0]))],
		       draw(tree, 1000));
	must(symlink(target, path) == 0, "symlink", path);
}

static mode_t draw_type(struct tree *tree)
{
	static const mode_t types[] = { S_IFREG, S_IFREG, S_IFREG, S_IFREG, S_IFREG,  S_IFREG, S_IFDIR,
					S_IFDIR, S_IFLNK, S_IFLNK, S_IFIFO, S_IFSOCK, S_IFCHR, S_IFBLK };

	return types[draw(tree, sizeof(types) / sizeof(types[0]))];
}

static mode_t draw_mode(struct tree *tree)
{
	return draw(tree, 4) == 0 ? (mode_t)draw(tree, 010000) : (mode_t)draw(tree, 01000);
}

static uid_t draw_id(struct tree *tree)
{
	static const uid_t ids[] = { 0, 0, 1, 5, 999, FIRST_USER, 4711, 70000, UINT32_MAX - 1 };

	return ids[draw(tree, sizeof(ids) / sizeof(ids[0]))];
}

static void set_acl(struct tree *tree, const char *path, acl_type_t type)
{
	static const char rights[] = "rwx";
	char text[256];
	size_t length = (size_t)snprintf(text, sizeof(text), "u::rwx,g::r-x,o::--x,m::rwx");
	acl_t acl;

	for (uint32_t i = draw(tree, 3) + 1, id = 10; i > 0; i--, id += 1 + draw(tree, 3))
		length += (size_t)snprintf(text + length, sizeof(text) - length, ",%c:%u:%c", draw(tree, 2) == 0 ? 'u' : 'g',
					   id, rights[draw(tree, 3)]);
	acl = acl_from_text(text);
	must(acl != NULL && acl_set_file(path, type, acl) == 0, "acl", path);
	(void)acl_free(acl);
}

static void set_capabilities(struct tree *tree, const char *path)
{
	static const char *const texts[] = { "cap_net_raw=ep", "cap_net_raw,cap_chown=p", "cap_kill=ei", "cap_setuid=eip" };
	cap_t caps = cap_from_text(texts[draw(tree, sizeof(texts) / sizeof(texts[0]))]);

	must(caps != NULL && cap_set_file(path, caps) == 0, "capabilities", path);
	(void)cap_free(caps);
}

static void set_attributes(struct tree *tree, const char *path, mode_t type)
{
	must(lchown(path, draw_id(tree), draw_id(tree)) == 0, "chown", path);
	if (type == S_IFLNK)
		return;
	must(chmod(path, draw_mode(tree)) == 0, "chmod", path);
	if (draw(tree, 8) == 0)
		set_acl(tree, path, ACL_TYPE_ACCESS);
	if (type == S_IFDIR && draw(tree, 4) == 0)
		set_acl(tree, path, ACL_TYPE_DEFAULT);
	if (type == S_IFREG && draw(tree, 10) == 0)
		set_capabilities(tree, path);
	if (draw(tree, 12) == 0)
		must(setxattr(path, "security.tcb", "1", 1, 0) == 0, "TCB flag", path);
	if (draw(tree, 12) == 0)
		must(setxattr(path, "trusted.other", "yes", 3, 0) == 0, "attribute", path);
}

static void make_object(struct tree *tree, const char *path, mode_t type)
{
	static const dev_t devices[] = { 0x103, 0x105, 0x700 };

	if (type == S_IFREG)
		write_file(tree, path, draw(tree, 20) == 0 ? 100000 : draw(tree, 6) == 0 ? 0 : (off_t)draw(tree, 3000));
	else if (type == S_IFDIR)
		must(mkdir(path, 0755) == 0, "mkdir", path);
	else if (type == S_IFLNK)
		make_symlink(tree, path);
	else
		must(mknod(path, type | 0600, type == S_IFCHR || type == S_IFBLK ? devices[draw(tree, 3)] : 0) == 0, "mknod",
		     path);
}

/* Below an object that is a directory, or at the top. */
static void make_one(struct tree *tree, bool directories)
{
	char *path = tree->paths[tree->count];
	const char *directory = draw(tree, 6) == 0 ? "" : draw_object(tree, S_IFDIR);
	const char *other = draw(tree, 8) == 0 ? draw_object(tree, S_IFREG) : NULL;
	mode_t type = draw_type(tree);

	if (directory == NULL || depth_of(directory) >= DEPTH)
		directory = "";
	while (type == S_IFDIR && !directories)
		type = draw_type(tree);
	draw_name(tree, directory, path);
	if (other != NULL) {
		must(link(other, path) == 0, "link", path);
	} else {
		make_object(tree, path, type);
		set_attributes(tree, path, type);
	}
	tree->count++;
}

static void collect(struct tree *tree, const char *directory)
{
	struct dirent **entries;
	struct stat st;
	int count = scandir(directory[0] == '\0' ? "." : directory, &entries, NULL, alphasort);

	must(count >= 0, "scandir", directory);
	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;
		char *path = tree->paths[tree->count];

		if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && tree->count < OBJECTS - 1) {
			(void)snprintf(path, PATH, "%s%s%s", directory, directory[0] == '\0' ? "" : "/", name);
			tree->count++;
			must(lstat(path, &st) == 0, "lstat", path);
			if (S_ISDIR(st.st_mode))
				collect(tree, path);
		}
		free(entries[i]);
	}
	free(entries);
}

static void take_away(const char *path)
{
	struct stat st;
	struct dirent **entries;
	char inner[PATH + 256];
	int count;

	must(lstat(path, &st) == 0, "lstat", path);
	if (!S_ISDIR(st.st_mode)) {
		must(unlink(path) == 0, "unlink", path);
		return;
	}
	count = scandir(path, &entries, NULL, NULL);
	must(count >= 0, "scandir", path);
	for (int i = 0; i < count; i++) {
		(void)snprintf(inner, sizeof(inner), "%s/%s", path, entries[i]->d_name);
		if (strcmp(entries[i]->d_name, ".") != 0 && strcmp(entries[i]->d_name, "..") != 0)
			take_away(inner);
		free(entries[i]);
	}
	free(entries);
	must(rmdir(path) == 0, "rmdir", path);
}

static void change_content(struct tree *tree, const char *path, off_t size)
{
	struct stat st;
	bool bigger = draw(tree, 2) == 0;

	if (size > 0 && !bigger) {
		int file = open(path, O_RDWR | O_CLOEXEC);
		char byte;

		must(file >= 0 && pread(file, &byte, 1, size / 2) == 1, "read", path);
		byte ^= 1;
		must(pwrite(file, &byte, 1, size / 2) == 1 && close(file) == 0, "write", path);
	} else {
		write_file(tree, path, size + 1 + draw(tree, 5));
	}
	must(lstat(path, &st) == 0, "lstat", path);
}

static void change_type(struct tree *tree, const char *path, mode_t was)
{
	mode_t type = draw_type(tree);

	while (type == was)
		type = draw_type(tree);
	take_away(path);
	make_object(tree, path, type);
}

static void change_node(struct tree *tree, const char *path, const struct stat *st)
{
	must(unlink(path) == 0, "unlink", path);
	if (S_ISLNK(st->st_mode))
		make_symlink(tree, path);
	else
		must(mknod(path, st->st_mode, makedev(major(st->st_rdev), minor(st->st_rdev) + 2)) == 0, "mknod", path);
	must(lchown(path, st->st_uid, st->st_gid) == 0, "chown", path);
	if (!S_ISLNK(st->st_mode))
		must(chmod(path, st->st_mode & 07777) == 0, "chmod", path);
}

static void change_attribute(const char *path, const char *name, const char *value)
{
	if (removexattr(path, name) != 0)
		must(setxattr(path, name, value, strlen(value), 0) == 0, name, path);
}

/* What is one change for a type may be nothing for another: then it is another draw's turn. */
static void change_one(struct tree *tree, const char *path)
{
	struct stat st;
	mode_t type;

	must(lstat(path, &st) == 0, "lstat", path);
	type = st.st_mode & S_IFMT;
	switch (draw(tree, 16)) {
	case 0: must(lchown(path, st.st_uid + 1 + draw(tree, 9), (gid_t)-1) == 0, "chown", path); break;
	case 1: must(lchown(path, (uid_t)-1, st.st_gid + 1 + draw(tree, 9)) == 0, "chown", path); break;
	case 2:
	case 3:
		if (type != S_IFLNK)
			must(chmod(path, (st.st_mode & 07777) ^ (1U << draw(tree, 12))) == 0, "chmod", path);
		break;
	case 4: change_type(tree, path, type); break;
	case 5:
		if (type != S_IFDIR || draw(tree, 4) == 0)
			take_away(path);
		break;
	case 6:
		if (type != S_IFLNK)
			set_acl(tree, path, ACL_TYPE_ACCESS);
		break;
	case 7:
		if (type == S_IFDIR && acl_delete_def_file(path) == 0 && draw(tree, 2) == 0)
			set_acl(tree, path, ACL_TYPE_DEFAULT);
		break;
	case 8:
		if (type == S_IFREG && removexattr(path, "security.capability") != 0)
			set_capabilities(tree, path);
		break;
	case 9:
		if (type != S_IFLNK)
			change_attribute(path, "security.tcb", "1");
		break;
	case 10:
		if (type != S_IFLNK)
			change_attribute(path, "trusted.other", "no");
		break;
	case 11:
		if (type != S_IFLNK)
			(void)removexattr(path, "system.posix_acl_access");
		break;
	case 12:
		if (type == S_IFCHR || type == S_IFBLK || type == S_IFLNK)
			change_node(tree, path, &st);
		break;
	default:
		if (type == S_IFREG)
			change_content(tree, path, st.st_size);
		else if (type == S_IFLNK)
			change_node(tree, path, &st);
		break;
	}
}

static int make(struct tree *tree)
{
	size_t wanted = 100 + draw(tree, 100);

	while (tree->count < wanted)
		make_one(tree, true);
	return 0;
}

static int change(struct tree *tree)
{
	size_t before;

	collect(tree, "");
	before = tree->count;
	for (size_t i = 0; i < before / 2; i++) {
		const char *path = draw_object(tree, S_IFMT);

		if (path != NULL)
			change_one(tree, path);
	}
	while (tree->count < before + 15)
		make_one(tree, false);
	return 0;
}

/* How many of the objects are names of the same one. */
static nlink_t count_names(const struct tree *tree, const struct stat *st)
{
	nlink_t count = 0;
	struct stat other;

	for (size_t i = 0; i < tree->count; i++)
		count += lstat(tree->paths[i] + 1, &other) == 0 && other.st_dev == st->st_dev && other.st_ino == st->st_ino;
	return count;
}

/* What tcbck(8) says of objects without a definition. If there are names beside the new ones, one of them has a definition. */
static void tell_stray(const struct tree *tree, const char *path)
{
	struct stat st;
	char value[64], hex[2 * PATH + 1] = "";

	for (size_t i = 0; path[i] != '\0'; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", (unsigned char)path[i]);
	/* Below the directory, not below the root. */
	path++;
	must(lstat(path, &st) == 0, "lstat", path);
	if (!S_ISDIR(st.st_mode) && count_names(tree, &st) < st.st_nlink) {
		(void)printf("%s tree-link\n", hex);
		return;
	}
	if (lgetxattr(path, "security.tcb", value, sizeof(value)) == 1 && value[0] == '1')
		(void)printf("%s tree-tcb\n", hex);
	if (S_ISREG(st.st_mode) && (st.st_mode & S_ISUID) != 0 && st.st_uid < FIRST_USER)
		(void)printf("%s tree-setuid\n", hex);
	if (S_ISREG(st.st_mode) && (st.st_mode & S_ISGID) != 0 && st.st_gid < FIRST_USER)
		(void)printf("%s tree-setgid\n", hex);
	if (S_ISREG(st.st_mode) && lgetxattr(path, "security.capability", value, sizeof(value)) > 0)
		(void)printf("%s tree-capabilities\n", hex);
	if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
		(void)printf("%s tree-device\n", hex);
}

static int strays(struct tree *tree)
{
	char line[2 * PATH + 2];

	for (; tree->count < OBJECTS && fgets(line, sizeof(line), stdin) != NULL; tree->count++)
		for (size_t i = 0; i < strcspn(line, "\n") / 2; i++) {
			char digits[3] = { line[2 * i], line[2 * i + 1], '\0' };

			tree->paths[tree->count][i] = (char)strtoul(digits, NULL, 16);
		}
	for (size_t i = 0; i < tree->count; i++)
		tell_stray(tree, tree->paths[i]);
	return 0;
}

int main(int argc, char **argv)
{
	static struct tree tree;

	if (argc == 3 && strcmp(argv[1], "strays") == 0 && chdir(argv[2]) == 0)
		return strays(&tree);
	if (argc != 4 || chdir(argv[3]) != 0) {
		(void)fputs("usage: random-tree {make | change} SEED DIRECTORY | strays DIRECTORY\n", stderr);
		return 16;
	}
	(void)umask(0);
	tree.state = strtoull(argv[2], NULL, 10) * 2 + (argv[1][0] == 'c');
	return strcmp(argv[1], "make") == 0 ? make(&tree) : change(&tree);
}
