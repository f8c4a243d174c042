/*
 * rpm.c - what rpm(8) knows of the packages of an installation.
 *
 * Knows where rpm's database may be, and librpm, which nobody else does. librpm is told where the database is and of which
 * kind, and reads no configuration, neither the root's nor the host's. It reads a private copy: what it is built on makes
 * and locks files beside a database even where that is only read, and nothing below the root may change.
 *
 * Must never verify anything itself, nor take a name of a path or user from anywhere but the database and `names`.
 */
#include "observe/rpm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef TCBCK_HAVE_LIBRPM
#include <rpm/header.h>
#include <rpm/rpmdb.h>
#include <rpm/rpmfiles.h>
#include <rpm/rpmlog.h>
#include <rpm/rpmmacro.h>
#include <rpm/rpmpgp.h>
#include <rpm/rpmts.h>
#endif

#include "observe/plugin.h"
#include "observe/snapshot.h"

/* A kind of database, by the name of the file that it always has; and what else belongs to it. */
struct kind {
	const char *name; /* as rpm's macro _db_backend has it */
	const char *files[4];
};

static const struct kind kinds[] = {
	{ "sqlite", { "rpmdb.sqlite", "rpmdb.sqlite-wal", NULL } },
	{ "ndb", { "Packages.db", "Index.db", NULL } },
	{ "bdb_ro", { "Packages", NULL } },
};

/* Where distributions have it. The second is a symlink to the first on some. */
static const char *const places[] = { "/usr/lib/sysimage/rpm", "/var/lib/rpm", "/usr/share/rpm" };

/* The kind of the database in `directory`: 0, -ENOENT or what the system said. */
static int find_kind(int directory, const struct kind **ret)
{
	struct stat st;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (fstatat(directory, kinds[i].files[0], &st, AT_SYMLINK_NOFOLLOW) == 0) {
			*ret = &kinds[i];
			return 0;
		}
		if (errno != ENOENT)
			return -errno;
	}
	return -ENOENT;
}

/* The database of the root. On success *ret_directory is the caller's. */
static int find_database(const struct tcbck_root *root, int *ret_directory, const struct kind **ret, struct sysck_err *err)
{
	struct tcbck_opener *opener = NULL;
	int directory = -1, r = tcbck_opener_new(root, &opener);

	if (r < 0)
		return sysck_err_set(err, r, "out of memory");
	r = -ENOENT;
	for (size_t i = 0; r == -ENOENT && i < sizeof(places) / sizeof(places[0]); i++) {
		r = tcbck_path_follow(opener, sysck_slice_of(places[i]), &directory, err);
		if (r == -ENOTDIR)
			r = -ENOENT;
		if (r < 0) {
			sysck_err_place(err, sysck_slice_of(places[i]), 0, 0);
			continue;
		}
		r = find_kind(directory, ret);
		if (r == -ENOTDIR)
			r = -ENOENT;
		if (r < 0) {
			sysck_err_errno(err, r, "no database of rpm");
			sysck_err_place(err, sysck_slice_of(places[i]), 0, 0);
			close(directory);
		}
	}
	tcbck_opener_free(opener);
	if (r == -ENOENT)
		sysck_err_set(err, r, "no database of rpm");
	if (r == 0)
		*ret_directory = directory;
	return r;
}

bool tcbck_rpm_is_there(const struct tcbck_root *root)
{
	const struct kind *kind;
	int directory;

	if (find_database(root, &directory, &kind, NULL) < 0)
		return false;
	close(directory);
	return true;
}

#ifdef TCBCK_HAVE_LIBRPM

/* clang-format off */
#define SYMBOLS(symbol) \
	symbol(rpmlogSetCallback) symbol(rpmlogRecMessage) symbol(rpmlogRecPriority) symbol(rpmPushMacro) \
	symbol(rpmPopMacro) symbol(rpmtsCreate) symbol(rpmtsFree) symbol(rpmtsSetVSFlags) symbol(rpmtsOpenDB) \
	symbol(rpmtsCloseDB) symbol(rpmtsInitIterator) symbol(rpmdbNextIterator) symbol(rpmdbFreeIterator) \
	symbol(headerGetString) symbol(headerGetAsString) symbol(headerGetNumber) symbol(rpmfilesNew) symbol(rpmfilesFree) \
	symbol(rpmfilesFC) symbol(rpmfilesFN) symbol(rpmfilesFState) symbol(rpmfilesFFlags) symbol(rpmfilesVFlags) \
	symbol(rpmfilesFMode) symbol(rpmfilesFUser) symbol(rpmfilesFGroup) symbol(rpmfilesFSize) symbol(rpmfilesFLink) \
	symbol(rpmfilesFRdev) symbol(rpmfilesFCaps) symbol(rpmfilesFDigest)
/* clang-format on */

/* What is called of the library. */
struct library {
#define MEMBER(name) __typeof__(&(name)) name;
	SYMBOLS(MEMBER)
#undef MEMBER
};

static int load(struct library *ret, struct sysck_err *err)
{
	/* What is called of them is the same in both. */
	static const char *const names[] = { "librpm.so.9", "librpm.so.10", NULL };
	static const struct tcbck_plugin_symbol symbols[] = {
#define ROW(name) TCBCK_PLUGIN_SYMBOL(struct library, name),
		SYMBOLS(ROW)
#undef ROW
	};

	return tcbck_plugin_load(names, symbols, sizeof(symbols) / sizeof(symbols[0]), ret, err);
}

/* One reading. */
struct reader {
	struct library library;
	struct sysck_names *names;
	const struct sysck_err_sink *errors;
	struct tcbck_packages *packages;
	struct sysck_err *err;
	char said[SYSCK_QUOTE_MAX]; /* librpm's last complaint, quoted; empty: none */
};

/* rpmlogCallback: nothing is printed. */
static int keep_message(rpmlogRec rec, rpmlogCallbackData data)
{
	struct reader *reader = data;
	const char *text = reader->library.rpmlogRecMessage(rec);

	/* Warnings too: where librpm does not know a kind of database, it warns, and reads an empty one. */
	if (text != NULL && reader->library.rpmlogRecPriority(rec) <= RPMLOG_WARNING)
		(void)sysck_quote(sysck_slice_trim(sysck_slice_of(text)), reader->said, sizeof(reader->said));
	return 0;
}

static int failed(struct reader *reader, int code, const char *what)
{
	return sysck_err_set(reader->err, code, "%s%s%s", what, reader->said[0] != '\0' ? ": " : "", reader->said);
}

/* Something of one package that does not read. */
static void complain(struct reader *reader, const char *package, const char *what, struct sysck_slice about)
{
	char quoted[SYSCK_QUOTE_MAX], name[SYSCK_QUOTE_MAX];
	struct sysck_err err;

	sysck_err_set(&err, -EBADMSG, "rpm database: package %s: %s%s%s",
		      sysck_quote(sysck_slice_of(package), name, sizeof(name)), what, about.len > 0 ? ": " : "",
		      about.len > 0 ? sysck_quote(about, quoted, sizeof(quoted)) : "");
	sysck_err_report(reader->errors, &err);
}

/* PGPHASHALGO_*, RFC 4880 section 9.4. */
static bool hash_of(int number, enum sysck_hash *ret)
{
	static const struct {
		int number;
		enum sysck_hash hash;
	} rows[] = {
		{ PGPHASHALGO_MD5, SYSCK_HASH_MD5 },
		{ PGPHASHALGO_SHA256, SYSCK_HASH_SHA256 },
		{ PGPHASHALGO_SHA384, SYSCK_HASH_SHA384 },
		{ PGPHASHALGO_SHA512, SYSCK_HASH_SHA512 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].number == number) {
			*ret = rows[i].hash;
			return true;
		}
	}
	return false;
}

/* A file of one package, being asked about. */
struct file {
	struct reader *reader;
	const char *package;
	rpmfiles files;
	int index;
	rpmVerifyAttrs vouched; /* %verify: what the package stands for */
	struct tcbck_packaged packaged;
};

static void know(struct file *file, enum sysck_attr attribute)
{
	file->packaged.known |= SYSCK_ATTR_BIT(attribute);
}

/* A digest of zeros, as of files that were not there when the package was built, is none. */
static void take_digest(struct file *file)
{
	static const unsigned char zeros[SYSCK_DIGEST_MAX];
	struct sysck_digest digest = { .is_volatile = false };
	int algorithm = 0;
	size_t length = 0;
	const unsigned char *bytes = file->reader->library.rpmfilesFDigest(file->files, file->index, &algorithm, &length);

	if (bytes == NULL || !hash_of(algorithm, &digest.algorithm) || length != sysck_hash_length(digest.algorithm) ||
	    memcmp(bytes, zeros, length) == 0)
		return;
	memcpy(digest.bytes, bytes, length);
	file->packaged.hash_value = digest;
	know(file, SYSCK_ATTR_HASH_VALUE);
}

static void take_capabilities(struct file *file)
{
	const char *text = file->reader->library.rpmfilesFCaps(file->files, file->index);
	struct sysck_err err;

	if (sysck_capabilities_parse(sysck_slice_of(text), &file->packaged.capabilities, &err) == 0)
		know(file, SYSCK_ATTR_CAPABILITIES);
	else
		complain(file->reader, file->package, "capabilities that do not read", file->packaged.path);
}

static void take_owner(struct file *file)
{
	const struct library *library = &file->reader->library;
	struct sysck_slice user = sysck_slice_of(library->rpmfilesFUser(file->files, file->index));
	struct sysck_slice group = sysck_slice_of(library->rpmfilesFGroup(file->files, file->index));
	struct sysck_names *names = file->reader->names;

	if (user.len > 0 && (file->vouched & RPMVERIFY_USER) != 0 &&
	    sysck_names_user_id(names, user, &file->packaged.owner) == 0)
		know(file, SYSCK_ATTR_OWNER);
	if (group.len > 0 && (file->vouched & RPMVERIFY_GROUP) != 0 &&
	    sysck_names_group_id(names, group, &file->packaged.group) == 0)
		know(file, SYSCK_ATTR_GROUP);
}

/* What only files of the type have. */
static void take_content(struct file *file)
{
	const struct library *library = &file->reader->library;
	struct tcbck_packaged *packaged = &file->packaged;
	uint32_t number;

	switch (packaged->type) {
	case SYSCK_TYPE_FILE:
		packaged->size = library->rpmfilesFSize(file->files, file->index);
		if ((file->vouched & RPMVERIFY_FILESIZE) != 0)
			know(file, SYSCK_ATTR_SIZE);
		if ((file->vouched & RPMVERIFY_FILEDIGEST) != 0)
			take_digest(file);
		if ((file->vouched & RPMVERIFY_CAPS) != 0)
			take_capabilities(file);
		return;
	case SYSCK_TYPE_SYMLINK:
		packaged->target = sysck_slice_of(library->rpmfilesFLink(file->files, file->index));
		if (packaged->target.len > 0 && (file->vouched & RPMVERIFY_LINKTO) != 0)
			know(file, SYSCK_ATTR_TARGET);
		return;
	case SYSCK_TYPE_BLK_DEV:
	case SYSCK_TYPE_CHAR_DEV:
		/* A header has 16 bits for it. */
		number = library->rpmfilesFRdev(file->files, file->index);
		packaged->device = (struct sysck_device){ number >> 8 & 0xff, number & 0xff };
		if ((file->vouched & RPMVERIFY_RDEV) != 0)
			know(file, SYSCK_ATTR_DEVICE);
		return;
	case SYSCK_TYPE_DIRECTORY:
	case SYSCK_TYPE_FIFO:
	case SYSCK_TYPE_SOCKET:
	case SYSCK_TYPE_NONE:
	case SYSCK_TYPE_ABSENT:
	case SYSCK_TYPE_COUNT: return;
	}
}

/* Type, mode and owner; and what a %ghost file does not have: it may even be of another type. */
static void take_attributes(struct file *file, uint32_t mode)
{
	const rpmfileAttrs flags = file->reader->library.rpmfilesFFlags(file->files, file->index);
	struct tcbck_packaged *packaged = &file->packaged;

	packaged->type = sysck_type_of_mode(mode);
	packaged->mode = mode & 07777u;
	packaged->configuration = (flags & RPMFILE_CONFIG) != 0;
	packaged->optional = (flags & (RPMFILE_GHOST | RPMFILE_MISSINGOK)) != 0;
	if (packaged->type != SYSCK_TYPE_SYMLINK && (file->vouched & RPMVERIFY_MODE) != 0)
		know(file, SYSCK_ATTR_MODE);
	take_owner(file);
	if ((flags & RPMFILE_GHOST) != 0)
		return;
	know(file, SYSCK_ATTR_TYPE);
	take_content(file);
}

/* Is it on the host because of this package? Others have replaced it, or it was left out. */
static bool is_installed(const struct file *file)
{
	rpmfileState state = file->reader->library.rpmfilesFState(file->files, file->index);

	/* A header without states is of a package that was installed whole; so rpm's own verification has it. */
	return state == RPMFILE_STATE_NORMAL || state == RPMFILE_STATE_MISSING;
}

static int add_file(struct file *file)
{
	const struct library *library = &file->reader->library;
	uint32_t mode = library->rpmfilesFMode(file->files, file->index);
	char *path;
	int r = 0;

	if (!is_installed(file) || S_ISDIR(mode) || sysck_type_of_mode(mode) == SYSCK_TYPE_NONE)
		return 0;
	path = library->rpmfilesFN(file->files, file->index);
	file->packaged.path = sysck_slice_of(path);
	file->vouched = library->rpmfilesVFlags(file->files, file->index);
	if (sysck_path_check(file->packaged.path, NULL) < 0) {
		complain(file->reader, file->package, "a name that is no path", file->packaged.path);
	} else {
		take_attributes(file, mode);
		r = tcbck_packages_add_file(file->reader->packages, &file->packaged);
	}
	free(path);
	return r;
}

static int add_files(struct reader *reader, const char *name, rpmfiles files, size_t package)
{
	int count = (int)reader->library.rpmfilesFC(files), r = 0;

	for (int i = 0; r == 0 && i < count; i++) {
		struct file file = {
			.reader = reader, .package = name, .files = files, .index = i, .packaged = { .package = package }
		};

		r = add_file(&file);
	}
	return r;
}

static int add_package(struct reader *reader, Header header)
{
	const struct library *library = &reader->library;
	const char *name = library->headerGetString(header, RPMTAG_NAME);
	/* Epoch, version and release, as rpm prints them. */
	char *version = library->headerGetAsString(header, RPMTAG_EVR);
	struct tcbck_package package = { .name = sysck_slice_of(name), .version = sysck_slice_of(version) };
	rpmfiles files = library->rpmfilesNew(NULL, header, RPMTAG_BASENAMES, 0);
	size_t index;
	int r = 0;

	package.architecture = sysck_slice_of(library->headerGetString(header, RPMTAG_ARCH));
	package.installed.tv_sec = (time_t)library->headerGetNumber(header, RPMTAG_INSTALLTIME);
	package.whole = files != NULL;
	if (package.name.len == 0 || package.version.len == 0)
		complain(reader, name == NULL ? "" : name, "no name or version", (struct sysck_slice){ NULL, 0 });
	else if (strcmp(name, "gpg-pubkey") != 0) {
		/* That would be a key, which rpm keeps as if it were a package. */
		if (files == NULL)
			complain(reader, name, "its files do not read", (struct sysck_slice){ NULL, 0 });
		r = tcbck_packages_add(reader->packages, &package, &index);
		if (r == 0 && files != NULL)
			r = add_files(reader, name, files, index);
	}
	if (files != NULL)
		library->rpmfilesFree(files);
	free(version);
	return r < 0 ? sysck_err_errno(reader->err, r, "rpm database") : 0;
}

/* Every header of an open database. */
static int read_headers(struct reader *reader, rpmts transaction)
{
	const struct library *library = &reader->library;
	rpmdbMatchIterator iterator = library->rpmtsInitIterator(transaction, RPMDBI_PACKAGES, NULL, 0);
	Header header;
	int r = 0;

	/* None is what an empty database has, too. */
	while (r == 0 && iterator != NULL && (header = library->rpmdbNextIterator(iterator)) != NULL)
		r = add_package(reader, header);
	if (iterator != NULL)
		library->rpmdbFreeIterator(iterator);
	if (r == 0 && reader->said[0] != '\0')
		r = failed(reader, -EBADMSG, "rpm database");
	return r;
}

static int read_transaction(struct reader *reader)
{
	const struct library *library = &reader->library;
	rpmts transaction = library->rpmtsCreate();
	int r = 0;

	if (transaction == NULL)
		return sysck_err_set(reader->err, -ENOMEM, "out of memory");
	/* Headers have digests of themselves. Who signed a package was looked at when it was installed. */
	(void)library->rpmtsSetVSFlags(transaction, RPMVSF_MASK_NOSIGNATURES);
	if (library->rpmtsOpenDB(transaction, O_RDONLY) != 0 || reader->said[0] != '\0')
		r = failed(reader, -EBADMSG, "rpm database: cannot be opened");
	if (r == 0)
		r = read_headers(reader, transaction);
	(void)library->rpmtsCloseDB(transaction);
	(void)library->rpmtsFree(transaction);
	return r;
}

/* The database in the directory `path`. */
static int read_copy(struct reader *reader, const char *path, const struct kind *kind)
{
	const struct library *library = &reader->library;
	rpmlogCallback before = library->rpmlogSetCallback(keep_message, reader);
	int r;

	(void)library->rpmPushMacro(NULL, "_dbpath", NULL, path, RMIL_CMDLINE);
	(void)library->rpmPushMacro(NULL, "_db_backend", NULL, kind->name, RMIL_CMDLINE);
	r = read_transaction(reader);
	(void)library->rpmPopMacro(NULL, "_db_backend");
	(void)library->rpmPopMacro(NULL, "_dbpath");
	(void)library->rpmlogSetCallback(before, NULL);
	return r;
}

static int read_database(int directory, const struct kind *kind, struct sysck_names *names, const struct sysck_err_sink *errors,
			 struct tcbck_packages *packages, struct sysck_err *err)
{
	struct reader reader = { .names = names, .errors = errors, .packages = packages, .err = err };
	struct tcbck_snapshot copy;
	int r = load(&reader.library, err);

	if (r == 0)
		r = tcbck_snapshot_take(directory, kind->files, &copy, err);
	if (r < 0)
		return r;
	r = read_copy(&reader, copy.path, kind);
	tcbck_snapshot_drop(&copy);
	return r;
}

bool tcbck_rpm_available(void)
{
	struct library library;

	return load(&library, NULL) == 0;
}

#else

static int read_database(int directory, const struct kind *kind, struct sysck_names *names, const struct sysck_err_sink *errors,
			 struct tcbck_packages *packages, struct sysck_err *err)
{
	(void)directory;
	(void)kind;
	(void)names;
	(void)errors;
	(void)packages;
	return sysck_err_set(err, -ENOTSUP, "built without librpm: the database of rpm cannot be read");
}

bool tcbck_rpm_available(void)
{
	return false;
}

#endif

int tcbck_rpm_read(const struct tcbck_root *root, struct sysck_names *names, const struct sysck_err_sink *errors,
		   struct tcbck_packages *packages, struct sysck_err *err)
{
	const struct kind *kind = NULL;
	int directory = -1, r = find_database(root, &directory, &kind, err);

	if (r < 0)
		return r;
	r = read_database(directory, kind, names, errors, packages, err);
	close(directory);
	return r;
}
