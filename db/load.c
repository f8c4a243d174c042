/*
 * load.c - a database from its file, in pieces that several threads can read.
 *
 * Knows where a text can be cut so that each piece reads as it does within the whole; gives the same database, and the same
 * errors in the same order, whatever the number of pieces and threads. Starts no thread itself. Must never believe a file
 * that the store does not trust.
 */
#include <sysck/sysck.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "database.h"

/* Bytes of a piece, as far as its last stanza allows: little enough for the processor's cache. */
#define PIECE_USUAL ((size_t)512 * 1024)
/* Bytes that are read behind a piece to find its end. */
#define BEYOND ((size_t)4096)

/* Bytes before a piece that are given back with it, where they are mapped: the kernel maps up to so many at once. */
#define BEFORE ((size_t)2 * 1024 * 1024)

/* An error of a piece, kept until the pieces before it are known. */
struct fault {
	int code;
	unsigned line, column;
	struct sysck_slice text;
};

struct piece {
	struct sysck_text text; /* with lines, and offsets, of its own */
	struct sysck_buf kept;  /* what text.bytes is, where only some stanzas are kept */
	size_t begin;           /* in the whole, where all are kept; until it is parsed: how much of it was read */
	size_t errors;          /* where nothing is kept */
	struct fault *faults;
	size_t fault_count;
	struct sysck_arena arena; /* of the faults */
	bool out_of_memory;       /* for a fault */
	int error;                /* negative errno */
};

struct load {
	const struct sysck_load_options *options;
	struct sysck_db *db;
	int descriptor;
	struct stat st;           /* of the file, when it was opened */
	struct sysck_slice bytes; /* of the file, where all stanzas are kept */
	struct piece *pieces;
	size_t count, piece_size;
	struct sysck_buf *windows; /* one for each worker, where only some stanzas are kept */
};

static bool keeps_all(const struct load *load)
{
	return load->options->name_count == 0;
}

/* Reads up to `len` bytes at `offset`, fewer only at the end of the file. Their number or a negative errno. */
static ssize_t read_at(int descriptor, char *to, size_t len, size_t offset)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = pread(descriptor, to + done, len - done, (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static void keep_fault(void *context, const struct sysck_err *err)
{
	struct piece *piece = context;
	struct fault fault = { err->code, err->line, err->column, { "", 0 } };
	struct fault *more = piece->faults;

	/* Twice as much room each time it is used up. */
	if ((piece->fault_count & (piece->fault_count - 1)) == 0)
		more = reallocarray(piece->faults, piece->fault_count == 0 ? 1 : piece->fault_count * 2, sizeof(*more));
	if (more != NULL)
		piece->faults = more;
	if (more == NULL || sysck_arena_copy(&piece->arena, sysck_slice_of(err->text), &fault.text) < 0) {
		piece->out_of_memory = true;
		return;
	}
	piece->faults[piece->fault_count++] = fault;
}

static int parse(const struct load *load, struct piece *piece, struct sysck_slice bytes, struct sysck_text *ret)
{
	const struct sysck_err_sink sink = { keep_fault, piece };
	struct sysck_err err;
	int r = sysck_text_parse(bytes, load->db->file, &sink, ret, &err);

	return r == 0 && piece->out_of_memory ? -ENOMEM : r;
}

/*
 * The first place behind `from` where the text can be cut: before a blank line, or one at whose very beginning a stanza is
 * named. Nothing that stands before such a line bears on it, nor on what follows, not even a quote left open. The end of
 * `bytes` if there is none. *ret_sure: it is the same whatever follows `bytes`.
 */
static size_t find_cut(struct sysck_slice bytes, size_t from, bool *ret_sure)
{
	const char *p = bytes.data + from, *end = bytes.data + bytes.len, *newline;

	while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL && ++p < end) {
		newline = memchr(p, '\n', (size_t)(end - p));
		if (sysck_stanza_ends_quote((struct sysck_slice){ p, (size_t)((newline == NULL ? end : newline) - p) })) {
			*ret_sure = newline != NULL;
			return (size_t)(p - bytes.data);
		}
	}
	*ret_sure = false;
	return bytes.len;
}

/* --- all stanzas: the whole file is read, then taken apart where it stands --- */

static void read_piece(void *context, unsigned worker, size_t index)
{
	struct load *load = context;
	size_t begin = index * load->piece_size, left = (size_t)load->st.st_size - begin,
	       len = left < load->piece_size ? left : load->piece_size;
	ssize_t n = read_at(load->descriptor, load->db->bytes.data + begin, len, begin);

	(void)worker;
	load->pieces[index].begin = n < 0 ? 0 : (size_t)n;
	load->pieces[index].error = n < 0 ? (int)n : 0;
}

/* The bytes of a piece, where they stand. */
static struct sysck_slice cut_piece(const struct load *load, size_t index)
{
	struct sysck_slice bytes = load->bytes;
	bool sure;
	size_t begin = index == 0 ? 0 : find_cut(bytes, index * load->piece_size, &sure);
	size_t end = index + 1 == load->count ? bytes.len : find_cut(bytes, (index + 1) * load->piece_size, &sure);

	return (struct sysck_slice){ bytes.data + begin, end - begin };
}

static void parse_piece(void *context, unsigned worker, size_t index)
{
	struct load *load = context;
	struct piece *piece = &load->pieces[index];
	struct sysck_slice bytes = cut_piece(load, index);

	(void)worker;
	piece->begin = (size_t)(bytes.data - load->bytes.data);
	piece->error = parse(load, piece, bytes, &piece->text);
	/* What stands before it was read before it, as a rule; but to look for a cut may have brought much of that back. */
	sysck_mapping_leave(&load->db->mapping, piece->begin > BEFORE ? piece->begin - BEFORE : 0, piece->begin + bytes.len);
}

/* --- some stanzas: pieces are read, and forgotten but for what is kept --- */

/* Reads what piece `index` needs into the window. *ret_begin, *ret_end: the piece in it. 0 or a negative errno. */
static int read_window(struct load *load, struct sysck_buf *window, size_t index, size_t *ret_begin, size_t *ret_end)
{
	size_t offset = index * load->piece_size, wanted = load->piece_size + BEYOND;
	bool last = index + 1 == load->count, sure = false, ended = false;

	sysck_buf_clear(window);
	while (!sure && !ended) {
		size_t len = wanted - window->len;
		ssize_t n;

		if (sysck_buf_reserve(window, len) < 0)
			return -ENOMEM;
		n = read_at(load->descriptor, window->data + window->len, len, offset + window->len);
		if (n < 0)
			return (int)n;
		window->len += (size_t)n;
		if (offset + window->len > SYSCK_TEXT_MAX)
			return -EFBIG;
		ended = (size_t)n < len;
		*ret_end = window->len;
		if (!last && window->len > load->piece_size)
			*ret_end = find_cut(sysck_buf_slice(window), load->piece_size, &sure);
		wanted *= 2;
	}
	*ret_begin = index == 0 ? 0 : find_cut(sysck_buf_slice(window), 0, &sure);
	return 0;
}

/* Settings, what is asked for, and what is wrong with its name. */
static bool is_kept(const struct load *load, const struct sysck_stanza *stanza, struct sysck_slice name)
{
	if (!stanza->name_is_path)
		return true;
	for (size_t i = 0; i < load->options->name_count; i++)
		if (sysck_slice_equal(name, load->options->names[i]))
			return true;
	return false;
}

/* Moves what is kept of `from` to the piece's own text. */
static int keep_stanzas(const struct load *load, struct piece *piece, const struct sysck_text *from)
{
	struct sysck_text *to = &piece->text;

	to->lines = from->lines;
	to->errors = from->errors;
	to->initials = from->initials;
	for (size_t i = 0; i < from->count; i++) {
		struct sysck_stanza stanza = from->stanzas[i], *more;
		struct sysck_slice name = sysck_stanza_name(from, &stanza);
		uint32_t begin = (uint32_t)piece->kept.len;

		if (!is_kept(load, &stanza, name))
			continue;
		more = reallocarray(to->stanzas, to->count + 1, sizeof(*more));
		if (more == NULL)
			return -ENOMEM;
		to->stanzas = more;
		sysck_buf_add(&piece->kept, from->bytes.data + stanza.begin, stanza.end - stanza.begin);
		stanza.name = stanza.name_decoded ? (uint32_t)to->names.len : begin + (stanza.name - stanza.begin);
		if (stanza.name_decoded)
			sysck_buf_add_slice(&to->names, name);
		stanza.end = begin + (stanza.end - stanza.begin);
		stanza.begin = begin;
		to->stanzas[to->count++] = stanza;
	}
	to->bytes = sysck_buf_slice(&piece->kept);
	return sysck_buf_error(&piece->kept) < 0 ? -ENOMEM : sysck_buf_error(&to->names);
}

static void filter_piece(void *context, unsigned worker, size_t index)
{
	struct load *load = context;
	struct piece *piece = &load->pieces[index];
	struct sysck_buf *window = &load->windows[worker];
	struct sysck_text text = { .names = SYSCK_BUF_INIT };
	size_t begin = 0, end = 0;

	piece->error = read_window(load, window, index, &begin, &end);
	if (piece->error == 0)
		piece->error = parse(load, piece, (struct sysck_slice){ window->data + begin, end - begin }, &text);
	if (piece->error == 0)
		piece->error = keep_stanzas(load, piece, &text);
	sysck_text_done(&text);
}

/* --- the pieces together --- */

static void report_faults(const struct load *load, const struct piece *piece, uint32_t lines)
{
	for (size_t i = 0; i < piece->fault_count; i++) {
		const struct fault *fault = &piece->faults[i];
		struct sysck_err err;

		sysck_err_set(&err, fault->code, "%.*s", (int)fault->text.len, fault->text.data);
		sysck_err_place(&err, load->db->file, lines + fault->line, fault->column);
		sysck_err_report(load->options->errors, &err);
	}
}

/* Adds a piece to the whole text, which has `lines` lines before it. */
static void join_piece(struct load *load, struct piece *piece, uint32_t lines)
{
	struct sysck_text *whole = &load->db->text;
	uint32_t base = (uint32_t)(keeps_all(load) ? piece->begin : load->db->bytes.len), names = (uint32_t)whole->names.len;

	for (size_t i = 0; i < piece->text.count; i++) {
		struct sysck_stanza *stanza = &whole->stanzas[whole->count++];

		*stanza = piece->text.stanzas[i];
		stanza->begin += base;
		stanza->end += base;
		stanza->line += lines;
		stanza->name += stanza->name_decoded ? names : base;
	}
	sysck_buf_add_slice(&whole->names, sysck_buf_slice(&piece->text.names));
	if (!keeps_all(load))
		sysck_buf_add_slice(&load->db->bytes, sysck_buf_slice(&piece->kept));
	whole->errors += piece->text.errors;
	whole->initials |= piece->text.initials;
	report_faults(load, piece, lines);
	sysck_text_done(&piece->text);
	sysck_buf_done(&piece->kept);
}

static int join(struct load *load)
{
	struct sysck_db *db = load->db;
	uint32_t lines = 0;
	size_t count = 0;

	for (size_t i = 0; i < load->count; i++) {
		if (load->pieces[i].error < 0)
			return load->pieces[i].error;
		count += load->pieces[i].text.count;
	}
	db->text.file = db->file;
	db->text.stanzas = calloc(count + 1, sizeof(*db->text.stanzas));
	if (db->text.stanzas == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < load->count; i++) {
		uint32_t more = load->pieces[i].text.lines;

		join_piece(load, &load->pieces[i], lines);
		lines += more;
	}
	db->text.lines = lines;
	db->text.bytes = keeps_all(load) ? load->bytes : sysck_buf_slice(&db->bytes);
	return sysck_buf_error(&db->bytes) < 0 ? -ENOMEM : sysck_buf_error(&db->text.names);
}

static void run(struct load *load, void (*work)(void *context, unsigned worker, size_t index))
{
	const struct sysck_crew *crew = load->options->crew;

	if (crew != NULL) {
		crew->run(crew->context, load->count, work, load);
		return;
	}
	for (size_t i = 0; i < load->count; i++)
		work(load, 0, i);
}

/* What came to the file's end since its size was asked for, or left it. */
static int read_end(struct load *load)
{
	struct sysck_buf *bytes = &load->db->bytes;
	size_t size = (size_t)load->st.st_size;

	bytes->len = size;
	for (size_t i = 0; i < load->count; i++) {
		size_t here = load->pieces[i].begin;

		if (load->pieces[i].error < 0)
			return load->pieces[i].error;
		if (here < load->piece_size && i * load->piece_size + here < bytes->len)
			bytes->len = i * load->piece_size + here;
	}
	while (bytes->len >= size) {
		ssize_t n;

		if (sysck_buf_reserve(bytes, BEYOND) < 0)
			return -ENOMEM;
		n = read_at(load->descriptor, bytes->data + bytes->len, BEYOND, bytes->len);
		if (n <= 0)
			return (int)n;
		bytes->len += (size_t)n;
		if (bytes->len > SYSCK_TEXT_MAX)
			return -EFBIG;
	}
	return 0;
}

static int read_all(struct load *load)
{
	int r;

	if (sysck_buf_reserve(&load->db->bytes, (size_t)load->st.st_size + BEYOND) < 0)
		return -ENOMEM;
	run(load, read_piece);
	r = read_end(load);
	load->bytes = sysck_buf_slice(&load->db->bytes);
	return r;
}

static int map_all(struct load *load)
{
	int r = sysck_mapping_open(load->descriptor, &load->st, &load->db->mapping);

	load->bytes = load->db->mapping.bytes;
	return r;
}

static int load_all(struct load *load)
{
	int r = load->options->mapped && load->st.st_size > 0 ? map_all(load) : read_all(load);

	if (r < 0)
		return r;
	run(load, parse_piece);
	return join(load);
}

static int load_some(struct load *load)
{
	unsigned workers = load->options->crew == NULL ? 1 : load->options->crew->workers;
	int r;

	load->windows = calloc(workers, sizeof(*load->windows));
	if (load->windows == NULL)
		return -ENOMEM;
	run(load, filter_piece);
	r = join(load);
	for (unsigned i = 0; i < workers; i++)
		sysck_buf_done(&load->windows[i]);
	free(load->windows);
	return r;
}

static void pieces_done(struct load *load)
{
	for (size_t i = 0; load->pieces != NULL && i < load->count; i++) {
		sysck_text_done(&load->pieces[i].text);
		sysck_buf_done(&load->pieces[i].kept);
		sysck_arena_done(&load->pieces[i].arena);
		free(load->pieces[i].faults);
	}
	free(load->pieces);
}

static int new_pieces(struct load *load, size_t size)
{
	if (size > SYSCK_TEXT_MAX)
		return -EFBIG;
	load->piece_size = load->options->piece != 0 ? load->options->piece : PIECE_USUAL;
	load->count = size / load->piece_size + (size % load->piece_size != 0 || size == 0);
	load->pieces = calloc(load->count, sizeof(*load->pieces));
	return load->pieces == NULL ? -ENOMEM : 0;
}

static int load_pieces(struct load *load)
{
	int r = new_pieces(load, (size_t)load->st.st_size);

	if (r < 0)
		return r;
	r = keeps_all(load) ? load_all(load) : load_some(load);
	pieces_done(load);
	return r;
}

static void check_piece(void *context, unsigned worker, size_t index)
{
	struct load *load = context;
	struct piece *piece = &load->pieces[index];
	struct sysck_err err;

	(void)worker;
	piece->error = sysck_text_parse(cut_piece(load, index), SYSCK_SLICE(""), NULL, &piece->text, &err);
	if (piece->error < 0)
		return;
	piece->errors = piece->text.errors;
	sysck_text_done(&piece->text);
}

int sysck_text_check(struct sysck_slice bytes, const struct sysck_crew *crew, size_t *ret_errors)
{
	const struct sysck_load_options options = { .crew = crew };
	struct load load = { .options = &options, .descriptor = -1, .bytes = bytes };
	size_t errors = 0;
	int r;

	if (bytes.len == 0) {
		*ret_errors = 0;
		return 0;
	}
	r = new_pieces(&load, bytes.len);
	if (r < 0)
		return r;
	run(&load, check_piece);
	for (size_t i = 0; r == 0 && i < load.count; i++) {
		r = load.pieces[i].error;
		errors += load.pieces[i].errors;
	}
	pieces_done(&load);
	*ret_errors = errors;
	return r;
}

int sysck_db_read(struct sysck_store *store, struct sysck_slice file, const struct sysck_load_options *options,
		  struct sysck_db **ret, struct sysck_err *err)
{
	struct load load = { .options = options, .descriptor = -1 };
	struct sysck_db *db = NULL;
	int r = sysck_store_enter(store, &load.descriptor, &load.st, err);

	if (r < 0)
		return r;
	r = sysck_db_new(file, &db);
	if (r < 0) {
		sysck_err_set(err, r, "out of memory");
		goto out;
	}
	load.db = db;
	r = load_pieces(&load);
	if (r == -ENOMEM)
		sysck_err_set(err, r, "out of memory");
	else if (r == -EFBIG)
		sysck_err_set(err, r, "larger than 4 GiB");
	else if (r < 0)
		sysck_err_errno(err, r, "cannot be read");
	if (r < 0)
		sysck_err_place(err, file, 0, 0);
	else
		r = sysck_db_complete(db, options->errors, err);
	if (r == 0) {
		/* Names were compared, where there are duplicates. */
		sysck_mapping_leave(&db->mapping, 0, load.bytes.len);
		*ret = db;
		db = NULL;
	}
out:
	sysck_db_free(db);
	close(load.descriptor);
	return r;
}

int sysck_db_load(const char *path, const struct sysck_err_sink *errors, struct sysck_db **ret, struct sysck_err *err)
{
	const struct sysck_load_options options = { .errors = errors };
	struct sysck_store *store;
	int r = sysck_store_open(path, SYSCK_STORE_FOLLOW, &store, err);

	if (r < 0)
		return r;
	r = sysck_db_read(store, sysck_slice_of(path), &options, ret, err);
	sysck_store_close(store);
	return r;
}
