/*
 * deb.c - a Debian package's archive, deb(5), read from a descriptor.
 *
 * Knows deb(5), and libarchive, which nobody else does. libarchive reads each of the two tar archives in two steps: one reader
 * undoes the compression that the name tells and nothing else, the other reads tar from what comes out. So neither guesses, and
 * what is unpacked can be counted, looked at by tar.c, and read to its end, where compressors have their checksums. Nothing is
 * unpacked to disk, no program is run.
 *
 * Must never take an archive for good that dpkg would refuse or read in another way: what deb(5) does not have is an error.
 */
#include "observe/deb.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#ifdef TCBCK_HAVE_LIBARCHIVE
#include <archive.h>
#include <archive_entry.h>
#endif

#include "observe/ar.h"
#include "observe/digest.h"
#include "observe/plugin.h"
#include "observe/tar.h"

#ifdef TCBCK_HAVE_LIBARCHIVE

/* clang-format off */
#define SYMBOLS(symbol) \
	symbol(archive_read_new) symbol(archive_read_free) symbol(archive_read_support_filter_gzip) \
	symbol(archive_read_support_filter_bzip2) symbol(archive_read_support_filter_lzma) \
	symbol(archive_read_support_filter_xz) symbol(archive_read_support_filter_zstd) \
	symbol(archive_read_support_format_raw) symbol(archive_read_support_format_tar) symbol(archive_read_open2) \
	symbol(archive_read_next_header) symbol(archive_read_data_block) symbol(archive_filter_count) \
	symbol(archive_filter_code) symbol(archive_filter_bytes) symbol(archive_errno) \
	symbol(archive_error_string) symbol(archive_entry_pathname) symbol(archive_entry_filetype) \
	symbol(archive_entry_perm) symbol(archive_entry_uid) symbol(archive_entry_gid) symbol(archive_entry_uname) \
	symbol(archive_entry_gname) symbol(archive_entry_size) symbol(archive_entry_symlink) \
	symbol(archive_entry_hardlink) symbol(archive_entry_rdevmajor) symbol(archive_entry_rdevminor)
/* clang-format on */

/* What is called of the library. */
struct library {
#define MEMBER(name) __typeof__(&(name)) name;
	SYMBOLS(MEMBER)
#undef MEMBER
};

static int load(struct library *ret, struct sysck_err *err)
{
	static const char *const names[] = { "libarchive.so.13", NULL };
	static const struct tcbck_plugin_symbol symbols[] = {
#define ROW(name) TCBCK_PLUGIN_SYMBOL(struct library, name),
		SYMBOLS(ROW)
#undef ROW
	};

	return tcbck_plugin_load(names, symbols, sizeof(symbols) / sizeof(symbols[0]), ret, err);
}

#define VERSION_SIZE 64 /* most bytes of debian-binary */
#define PARTS_MAX    64 /* of the outer archive: three, and what later versions of deb(5) may add */
#define BUFFER_SIZE  ((size_t)256 * 1024)

/* One archive being read. */
struct reader {
	struct library library;
	struct tcbck_digester *digester;
	const struct tcbck_deb_visitor *visitor;
	const atomic_bool *stop;
	struct sysck_err *err;
	int error; /* what a function that libarchive called failed with; `err` is set */
	struct tcbck_ar ar;
	uint64_t unpacked; /* bytes of the part in hand, and its entries */
	uint64_t members;
	struct sysck_buf control, path, link;
	enum sysck_hash algorithm;
	char *buffer; /* BUFFER_SIZE bytes */
};

static int bad(struct reader *reader, const char *what)
{
	return sysck_err_set(reader->err, -EBADMSG, "%s", what);
}

/* The format's version: 2.0, and what is compatible with it. */
static int read_version(struct reader *reader)
{
	uint64_t size = reader->ar.left, i = 2;
	int r;

	if (size < 4 || size > VERSION_SIZE)
		return bad(reader, "debian-binary is not of this format");
	r = tcbck_ar_read(&reader->ar, reader->buffer, (size_t)size, reader->err);
	if (r < 0)
		return r;
	while (i < size && reader->buffer[i] >= '0' && reader->buffer[i] <= '9')
		i++;
	if (memcmp(reader->buffer, "2.", 2) != 0 || i == 2 || i == size || reader->buffer[i] != '\n')
		return bad(reader, "debian-binary tells no version 2");
	return 0;
}

/* --- the two inner archives ------------------------------------------------------------------------------------------- */

/* How a part is packed. */
struct packing {
	const char *suffix;
	int filter;
	bool data_only; /* deb(5) has it for data.tar alone */
};

static const struct packing packings[] = {
	{ "", ARCHIVE_FILTER_NONE, false },     { ".gz", ARCHIVE_FILTER_GZIP, false },  { ".xz", ARCHIVE_FILTER_XZ, false },
	{ ".zst", ARCHIVE_FILTER_ZSTD, false }, { ".bz2", ARCHIVE_FILTER_BZIP2, true }, { ".lzma", ARCHIVE_FILTER_LZMA, true },
};

/* What libarchive, or a function that it called, failed with. */
static int library_error(struct reader *reader, struct archive *archive)
{
	char quoted[SYSCK_QUOTE_MAX];
	const char *text = reader->library.archive_error_string(archive);

	if (reader->error < 0)
		return reader->error;
	if (reader->library.archive_errno(archive) == ENOMEM)
		return sysck_err_set(reader->err, -ENOMEM, "out of memory");
	if (text == NULL)
		return bad(reader, "damaged");
	return sysck_err_set(reader->err, -EBADMSG, "damaged: %s", sysck_quote(sysck_slice_of(text), quoted, sizeof(quoted)));
}

/* archive_read_callback(3) of the reader that unpacks. */
static la_ssize_t give_packed(struct archive *archive, void *context, const void **ret)
{
	struct reader *reader = context;
	size_t size = reader->ar.left < BUFFER_SIZE ? (size_t)reader->ar.left : BUFFER_SIZE;

	(void)archive;
	if (size == 0)
		return 0;
	reader->error = tcbck_ar_read(&reader->ar, reader->buffer, size, reader->err);
	*ret = reader->buffer;
	return reader->error < 0 ? ARCHIVE_FATAL : (la_ssize_t)size;
}

/* A part's readers, one behind the other. */
struct stream {
	struct reader *reader;
	struct archive *packed, *tar;
	struct tcbck_tar look;
};

/* The next unpacked bytes. 1, 0 at the end, or a negative errno. */
static int unpack(struct stream *stream, const void **ret, size_t *ret_size)
{
	struct reader *reader = stream->reader;
	la_int64_t offset;
	int r;

	*ret_size = 0;
	do
		r = reader->library.archive_read_data_block(stream->packed, ret, ret_size, &offset);
	while (r == ARCHIVE_OK && *ret_size == 0);
	if (r == ARCHIVE_EOF)
		return 0;
	if (r != ARCHIVE_OK)
		return library_error(reader, stream->packed);
	if (*ret_size > TCBCK_DEB_UNPACKED_MAX - reader->unpacked)
		return bad(reader, "more unpacked bytes than there may be");
	reader->unpacked += *ret_size;
	r = tcbck_tar_look(&stream->look, (struct sysck_slice){ *ret, *ret_size }, reader->err);
	return r < 0 ? r : 1;
}

/* archive_read_callback(3) of the reader of tar. */
static la_ssize_t give_unpacked(struct archive *archive, void *context, const void **ret)
{
	struct stream *stream = context;
	size_t size;
	int r = unpack(stream, ret, &size);

	(void)archive;
	stream->reader->error = r < 0 ? r : 0;
	return r < 0 ? ARCHIVE_FATAL : (la_ssize_t)size;
}

/* A library without this compressor would run a program for it, and says so with ARCHIVE_WARN. */
static int support(struct reader *reader, struct archive *archive, int filter)
{
	const struct library *library = &reader->library;
	int r = ARCHIVE_FATAL;

	if (filter == ARCHIVE_FILTER_NONE)
		r = ARCHIVE_OK;
	else if (filter == ARCHIVE_FILTER_GZIP)
		r = library->archive_read_support_filter_gzip(archive);
	else if (filter == ARCHIVE_FILTER_XZ)
		r = library->archive_read_support_filter_xz(archive);
	else if (filter == ARCHIVE_FILTER_ZSTD)
		r = library->archive_read_support_filter_zstd(archive);
	else if (filter == ARCHIVE_FILTER_BZIP2)
		r = library->archive_read_support_filter_bzip2(archive);
	else if (filter == ARCHIVE_FILTER_LZMA)
		r = library->archive_read_support_filter_lzma(archive);
	if (r != ARCHIVE_OK)
		return sysck_err_set(reader->err, -ENOTSUP, "libarchive here cannot unpack this");
	return library->archive_read_support_format_raw(archive) == ARCHIVE_OK ? 0 : library_error(reader, archive);
}

static int open_packed(struct stream *stream, const struct packing *packing)
{
	struct reader *reader = stream->reader;
	const struct library *library = &reader->library;
	/* The last one is the file itself. */
	int filters = packing->filter == ARCHIVE_FILTER_NONE ? 1 : 2, r;
	struct archive_entry *entry;

	r = support(reader, stream->packed, packing->filter);
	if (r < 0)
		return r;
	if (library->archive_read_open2(stream->packed, reader, NULL, give_packed, NULL, NULL) != ARCHIVE_OK ||
	    library->archive_read_next_header(stream->packed, &entry) != ARCHIVE_OK)
		return library_error(reader, stream->packed);
	if (library->archive_filter_count(stream->packed) != filters ||
	    library->archive_filter_code(stream->packed, 0) != packing->filter)
		return bad(reader, "a part that is not packed as its name tells");
	return 0;
}

/* Opens the part in hand; stream_close() is due in any case. */
static int stream_open(struct stream *stream, struct reader *reader, const struct packing *packing)
{
	const struct library *library = &reader->library;
	int r;

	*stream = (struct stream){ .reader = reader };
	reader->unpacked = 0;
	stream->packed = library->archive_read_new();
	stream->tar = library->archive_read_new();
	if (stream->packed == NULL || stream->tar == NULL)
		return sysck_err_set(reader->err, -ENOMEM, "out of memory");
	r = open_packed(stream, packing);
	if (r < 0)
		return r;
	if (library->archive_read_support_format_tar(stream->tar) != ARCHIVE_OK ||
	    library->archive_read_open2(stream->tar, stream, NULL, give_unpacked, NULL, NULL) != ARCHIVE_OK)
		return library_error(reader, stream->tar);
	return 0;
}

static void stream_close(struct stream *stream)
{
	if (stream->tar != NULL)
		(void)stream->reader->library.archive_read_free(stream->tar);
	if (stream->packed != NULL)
		(void)stream->reader->library.archive_read_free(stream->packed);
}

/* What stands behind the end of tar is nothing to dpkg either; but the compressor's checksum does. */
static int stream_end(struct stream *stream, uint64_t part_size)
{
	const void *bytes;
	size_t size;
	int r;

	do
		r = unpack(stream, &bytes, &size);
	while (r > 0);
	if (r == 0 && (uint64_t)stream->reader->library.archive_filter_bytes(stream->packed, -1) != part_size)
		r = bad(stream->reader, "a part with bytes behind its end");
	return r;
}

/* The next entry: 0, 1 at the end, or a negative errno. */
static int next_entry(struct stream *stream, struct archive_entry **ret)
{
	struct reader *reader = stream->reader;
	int r = reader->library.archive_read_next_header(stream->tar, ret);

	if (r == ARCHIVE_EOF)
		return reader->error < 0 ? reader->error : 1;
	/* A warning is about an entry that would be read otherwise than it was written. */
	if (r != ARCHIVE_OK)
		return library_error(reader, stream->tar);
	if (++reader->members > TCBCK_DEB_MEMBERS_MAX)
		return bad(reader, "more members than there may be");
	return 0;
}

/* The content of an entry goes to the digester, or to `text`. It must be of the length that its header tells. */
static int read_content(struct stream *stream, uint64_t size, struct sysck_buf *text)
{
	struct reader *reader = stream->reader;
	struct sysck_slice piece;
	const void *data = NULL;
	la_int64_t offset = 0;
	uint64_t done = 0;
	int r;

	for (;;) {
		piece = (struct sysck_slice){ NULL, 0 };
		r = reader->library.archive_read_data_block(stream->tar, &data, &piece.len, &offset);
		if (r == ARCHIVE_EOF)
			return done == size ? 0 : bad(reader, "a content that is shorter than it should be");
		if (r != ARCHIVE_OK)
			return library_error(reader, stream->tar);
		/* A hole: GNU tar's sparse files are no part of deb(5). */
		if (offset < 0 || (uint64_t)offset != done || piece.len > size - done)
			return bad(reader, "a content with holes");
		piece.data = data;
		done += piece.len;
		if (text != NULL)
			sysck_buf_add_slice(text, piece);
		else
			r = tcbck_digest_add(reader->digester, piece);
		if (r < 0 || (text != NULL && sysck_buf_error(text) < 0))
			return sysck_err_set(reader->err, r < 0 ? r : -ENOMEM, "cannot be read");
	}
}

/* Makes "./usr/bin/x", or "usr/bin/x", /usr/bin/x in `buf`; "./" is /. A directory's name may end in a slash. */
static int normalise(struct reader *reader, const char *name, bool directory, struct sysck_buf *buf, struct sysck_slice *ret)
{
	struct sysck_slice rest = sysck_slice_of(name);

	if (rest.len > TCBCK_DEB_NAME_MAX)
		return bad(reader, "a longer name than there may be");
	if (rest.len == 0 || rest.data[0] == '/')
		return bad(reader, "a member with an empty or absolute name");
	if (rest.len >= 2 && memcmp(rest.data, "./", 2) == 0)
		rest = (struct sysck_slice){ rest.data + 2, rest.len - 2 };
	else if (rest.len == 1 && rest.data[0] == '.')
		rest.len = 0;
	if (directory && rest.len > 1 && rest.data[rest.len - 1] == '/')
		rest.len--;
	sysck_buf_clear(buf);
	sysck_buf_add_char(buf, '/');
	sysck_buf_add_slice(buf, rest);
	if (sysck_buf_error(buf) < 0)
		return sysck_err_set(reader->err, -ENOMEM, "out of memory");
	if ((rest.len == 0 && !directory) || sysck_path_check(sysck_buf_slice(buf), NULL) < 0)
		return bad(reader, "a member whose name is no path");
	*ret = sysck_buf_slice(buf);
	return 0;
}

/* --- control ---------------------------------------------------------------------------------------------------------- */

/* One field of interest, once. */
static int set_field(struct reader *reader, struct sysck_slice value, struct sysck_slice *ret)
{
	if (ret->len > 0)
		return bad(reader, "control has a field twice");
	value = sysck_slice_trim(value);
	if (!sysck_text_is_plain(value, SYSCK_CHARSET_ASCII) || memchr(value.data, ' ', value.len) != NULL)
		return bad(reader, "control has a name, version or architecture that can be none");
	*ret = value;
	return 0;
}

static int parse_line(struct reader *reader, struct sysck_slice line, struct tcbck_deb_control *ret)
{
	const char *colon = line.len == 0 ? NULL : memchr(line.data, ':', line.len);
	struct sysck_slice name, value;

	/* A field that goes on, or a comment. */
	if (line.len == 0 || line.data[0] == ' ' || line.data[0] == '\t' || line.data[0] == '#')
		return 0;
	if (colon == NULL)
		return bad(reader, "control has a line that is no field");
	name = sysck_slice_trim((struct sysck_slice){ line.data, (size_t)(colon - line.data) });
	value = (struct sysck_slice){ colon + 1, line.len - (size_t)(colon - line.data) - 1 };
	if (sysck_slice_is(name, "Package"))
		return set_field(reader, value, &ret->package);
	if (sysck_slice_is(name, "Version"))
		return set_field(reader, value, &ret->version);
	if (sysck_slice_is(name, "Architecture"))
		return set_field(reader, value, &ret->architecture);
	return 0;
}

/* The first paragraph, which has to be the only one. */
static int parse_control(struct reader *reader, struct tcbck_deb_control *ret)
{
	struct sysck_slice rest = sysck_buf_slice(&reader->control);
	int r = 0;

	*ret = (struct tcbck_deb_control){ .package = { NULL, 0 } };
	if (rest.len > 0 && memchr(rest.data, '\0', rest.len) != NULL)
		return bad(reader, "control is no text");
	while (r == 0 && rest.len > 0) {
		const char *end = memchr(rest.data, '\n', rest.len);
		struct sysck_slice line = { rest.data, end == NULL ? rest.len : (size_t)(end - rest.data) };

		rest = end == NULL ? (struct sysck_slice){ NULL, 0 } : (struct sysck_slice){ end + 1, rest.len - line.len - 1 };
		if (sysck_slice_trim(line).len == 0 && ret->package.len > 0 && sysck_slice_trim(rest).len > 0)
			return bad(reader, "control has a second paragraph");
		r = parse_line(reader, line, ret);
	}
	if (r == 0 && (ret->package.len == 0 || ret->version.len == 0 || ret->architecture.len == 0))
		r = bad(reader, "control lacks a name, version or architecture");
	return r;
}

static int read_control_entry(struct stream *stream, struct archive_entry *entry, bool *found)
{
	struct reader *reader = stream->reader;
	const struct library *library = &reader->library;
	const char *name = library->archive_entry_pathname(entry);
	la_int64_t size = library->archive_entry_size(entry);

	if (name == NULL || (strcmp(name, "./control") != 0 && strcmp(name, "control") != 0))
		return 0;
	if (*found || library->archive_entry_filetype(entry) != AE_IFREG || library->archive_entry_hardlink(entry) != NULL)
		return bad(reader, "control is there twice, or is no file");
	if (size < 0 || size > (la_int64_t)TCBCK_DEB_CONTROL_MAX)
		return bad(reader, "control is longer than it may be");
	*found = true;
	return read_content(stream, (uint64_t)size, &reader->control);
}

/* 0, 1 if the visitor does not want this package, or a negative errno. */
static int read_control(struct reader *reader, const struct packing *packing)
{
	struct tcbck_deb_control control;
	uint64_t part_size = reader->ar.left;
	struct archive_entry *entry;
	struct stream stream;
	bool found = false;
	int r = stream_open(&stream, reader, packing);

	while (r == 0) {
		r = next_entry(&stream, &entry);
		if (r == 0)
			r = read_control_entry(&stream, entry, &found);
	}
	if (r == 1)
		r = stream_end(&stream, part_size);
	stream_close(&stream);
	if (r == 0 && !found)
		r = bad(reader, "no control");
	if (r == 0)
		r = parse_control(reader, &control);
	if (r < 0)
		return r;
	r = reader->visitor->control(reader->visitor->context, &control);
	return r < 0 ? sysck_err_errno(reader->err, r, "cannot be taken") : r;
}

/* --- data ------------------------------------------------------------------------------------------------------------- */

static int take_ids(struct reader *reader, struct archive_entry *entry, struct tcbck_deb_member *member)
{
	la_int64_t user = reader->library.archive_entry_uid(entry), group = reader->library.archive_entry_gid(entry);

	if (user < 0 || user > (la_int64_t)SYSCK_ID_MAX || group < 0 || group > (la_int64_t)SYSCK_ID_MAX)
		return bad(reader, "a member of a user or group that can't be");
	member->user_id = (uint32_t)user;
	member->group_id = (uint32_t)group;
	member->user = sysck_slice_of(reader->library.archive_entry_uname(entry));
	member->group = sysck_slice_of(reader->library.archive_entry_gname(entry));
	return 0;
}

static int take_device(struct reader *reader, struct archive_entry *entry, struct tcbck_deb_member *member)
{
	dev_t number_major = reader->library.archive_entry_rdevmajor(entry);
	dev_t number_minor = reader->library.archive_entry_rdevminor(entry);

	if (number_major > 0xfff || number_minor > 0xfffff)
		return bad(reader, "a device that can't be");
	member->device = (struct sysck_device){ (uint32_t)number_major, (uint32_t)number_minor };
	return 0;
}

/* Type, and the name that it has for it. */
static int take_type(struct reader *reader, struct archive_entry *entry, struct tcbck_deb_member *member)
{
	const struct library *library = &reader->library;
	const char *link = library->archive_entry_hardlink(entry);

	if (link != NULL) {
		member->type = SYSCK_TYPE_FILE;
		return normalise(reader, link, false, &reader->link, &member->link);
	}
	member->type = sysck_type_of_mode(library->archive_entry_filetype(entry));
	switch (library->archive_entry_filetype(entry)) {
	case AE_IFREG:
	case AE_IFDIR:
	case AE_IFIFO: return 0;
	case AE_IFLNK:
		member->target = sysck_slice_of(library->archive_entry_symlink(entry));
		return member->target.len > 0 && member->target.len <= TCBCK_DEB_NAME_MAX
			       ? 0
			       : bad(reader, "a symlink that leads nowhere");
	case AE_IFBLK:
	case AE_IFCHR: return take_device(reader, entry, member);
	default: return bad(reader, "a member of a type that deb(5) does not have");
	}
}

/* Size and digests; only a regular file that is no further name of another has a content. */
static int take_content(struct stream *stream, struct archive_entry *entry, struct tcbck_deb_member *member)
{
	struct reader *reader = stream->reader;
	bool has_content = member->type == SYSCK_TYPE_FILE && member->link.len == 0;
	struct tcbck_content content = { .want_hash = true, .want_proof = true };
	la_int64_t size = reader->library.archive_entry_size(entry);
	int r;

	member->hash_value.algorithm = content.hash.algorithm = reader->algorithm;
	member->proof.algorithm = content.proof.algorithm = SYSCK_HASH_MD5;
	if (size < 0 || (!has_content && size > 0))
		return bad(reader, "a member of a size that can't be");
	if (!has_content)
		return 0;
	r = tcbck_digest_begin(reader->digester, &content);
	if (r < 0)
		return sysck_err_errno(reader->err, r, "no digests");
	r = read_content(stream, (uint64_t)size, NULL);
	if (r < 0)
		return r;
	r = tcbck_digest_end(reader->digester, &content);
	if (r < 0)
		return sysck_err_errno(reader->err, r, "no digests");
	member->size = content.size;
	member->hash_value = content.hash;
	member->proof = content.proof;
	return 0;
}

static int read_member(struct stream *stream, struct archive_entry *entry)
{
	struct reader *reader = stream->reader;
	const struct library *library = &reader->library;
	struct tcbck_deb_member member = { .mode = (uint32_t)library->archive_entry_perm(entry) & 07777u };
	int r = take_type(reader, entry, &member);

	if (r == 0)
		r = normalise(reader, library->archive_entry_pathname(entry), member.type == SYSCK_TYPE_DIRECTORY,
			      &reader->path, &member.path);
	if (r == 0)
		r = take_ids(reader, entry, &member);
	if (r == 0)
		r = take_content(stream, entry, &member);
	if (r < 0)
		return r;
	r = reader->visitor->member(reader->visitor->context, &member);
	return r < 0 ? sysck_err_errno(reader->err, r, "cannot be taken") : 0;
}

static int read_data(struct reader *reader, const struct packing *packing)
{
	uint64_t part_size = reader->ar.left;
	struct archive_entry *entry;
	struct stream stream;
	int r = stream_open(&stream, reader, packing);

	reader->members = 0;
	while (r == 0) {
		r = next_entry(&stream, &entry);
		if (r == 0)
			r = read_member(&stream, entry);
	}
	if (r == 1)
		r = stream_end(&stream, part_size);
	stream_close(&stream);
	return r;
}

/* --- all of it -------------------------------------------------------------------------------------------------------- */

/* The packing of a part called `stem` and a suffix; NULL: it is not called so. */
static const struct packing *packing_of(struct sysck_slice name, const char *stem, bool data)
{
	size_t length = strlen(stem);

	if (name.len < length || memcmp(name.data, stem, length) != 0)
		return NULL;
	name = (struct sysck_slice){ name.data + length, name.len - length };
	for (size_t i = 0; i < sizeof(packings) / sizeof(packings[0]); i++)
		if (sysck_slice_equal(name, sysck_slice_of(packings[i].suffix)) && (data || !packings[i].data_only))
			return &packings[i];
	return NULL;
}

/* The parts behind debian-binary. 0, 1 (not wanted) or a negative errno. */
static int read_parts(struct reader *reader)
{
	const struct packing *control, *data;
	bool had_control = false, had_data = false;
	struct sysck_slice name;
	int r = 0;

	for (unsigned count = 0; r == 0 && count < PARTS_MAX; count++) {
		r = tcbck_ar_next(&reader->ar, &name, reader->err);
		if (r == 1)
			return had_data ? 0 : bad(reader, "ends before its data");
		if (r < 0)
			return r;
		control = packing_of(name, "control.tar", false);
		data = packing_of(name, "data.tar", true);
		if (control != NULL && !had_control && !had_data)
			r = read_control(reader, control);
		else if (data != NULL && had_control && !had_data)
			r = read_data(reader, data);
		else if (control != NULL || data != NULL || sysck_slice_equal(name, SYSCK_SLICE("debian-binary")))
			r = bad(reader, "a part twice, or parts in another order");
		/* Room for what is to come. */
		else if (!had_data && (name.len == 0 || name.data[0] != '_'))
			r = bad(reader, "a part that is not known");
		had_control = had_control || control != NULL;
		had_data = had_data || data != NULL;
	}
	return r != 0 ? r : bad(reader, "more parts than there may be");
}

static int read_all(struct reader *reader, int descriptor)
{
	struct sysck_slice name;
	int r = tcbck_ar_begin(&reader->ar, descriptor, reader->stop, reader->err);

	if (r == 0)
		r = tcbck_ar_next(&reader->ar, &name, reader->err);
	if (r == 1 || (r == 0 && !sysck_slice_equal(name, SYSCK_SLICE("debian-binary"))))
		return bad(reader, "no archive of a package");
	if (r == 0)
		r = read_version(reader);
	return r == 0 ? read_parts(reader) : r;
}

bool tcbck_deb_available(void)
{
	struct library library;

	return load(&library, NULL) == 0;
}

int tcbck_deb_read(int descriptor, enum sysck_hash algorithm, const struct tcbck_deb_visitor *visitor, const atomic_bool *stop,
		   struct sysck_err *err)
{
	struct reader reader = { .visitor = visitor,
				 .stop = stop,
				 .err = err,
				 .control = SYSCK_BUF_INIT,
				 .path = SYSCK_BUF_INIT,
				 .link = SYSCK_BUF_INIT,
				 .algorithm = algorithm };
	int r = load(&reader.library, err);

	if (r < 0)
		return r;
	reader.buffer = malloc(BUFFER_SIZE);
	r = reader.buffer == NULL ? -ENOMEM : tcbck_digester_new(&reader.digester);
	if (r < 0)
		sysck_err_errno(err, r, "cannot be read");
	else
		r = read_all(&reader, descriptor);
	tcbck_digester_free(reader.digester);
	free(reader.buffer);
	sysck_buf_done(&reader.control);
	sysck_buf_done(&reader.path);
	sysck_buf_done(&reader.link);
	return r;
}

#else

bool tcbck_deb_available(void)
{
	return false;
}

int tcbck_deb_read(int descriptor, enum sysck_hash algorithm, const struct tcbck_deb_visitor *visitor, const atomic_bool *stop,
		   struct sysck_err *err)
{
	(void)descriptor;
	(void)algorithm;
	(void)visitor;
	(void)stop;
	return sysck_err_set(err, -ENOTSUP, "built without libarchive: archives of packages cannot be read");
}

#endif
