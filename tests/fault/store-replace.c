/*
 * store-replace.c - one update of a database, as small as there is one: for being killed and failed at each of its calls.
 *
 * `store-replace DATABASE [PATH]` takes the lock, reads, adds a definition of PATH (default /new), replaces the database, and
 * writes "confirmed". Exit status 0: confirmed; 8: not, with the reason on standard error. It knows nothing but the library.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <sysck/sysck.h>

static const struct sysck_edit edits[] = { { { "type", 4 }, { "FILE", 4 }, false } };

/* The database of `bytes` with a definition of `path` added, in `out`. */
static int add_definition(struct sysck_buf *bytes, const char *file, const char *path, struct sysck_buf *out,
			  struct sysck_err *err)
{
	struct sysck_rewrite *rewrite = NULL;
	struct sysck_db *db = NULL;
	int r = sysck_db_parse(bytes, sysck_slice_of(file), NULL, &db, err);

	if (r < 0)
		return r;
	r = sysck_rewrite_new(db, &rewrite);
	if (r == 0)
		r = sysck_rewrite_add(rewrite, sysck_slice_of(path), edits, 1);
	if (r == 0)
		r = sysck_rewrite_finish(rewrite, out);
	if (r < 0)
		(void)sysck_err_errno(err, r, "the new text");
	sysck_rewrite_free(rewrite);
	sysck_db_free(db);
	return r;
}

int main(int argc, char **argv)
{
	struct sysck_buf bytes = SYSCK_BUF_INIT, out = SYSCK_BUF_INIT;
	struct sysck_store *store = NULL;
	struct sysck_err err;
	char message[2048];
	int r;

	if (argc < 2)
		return 16;
	sysck_err_clear(&err);
	r = sysck_store_open(argv[1], SYSCK_STORE_FOLLOW, &store, &err);
	if (r == 0)
		r = sysck_store_lock(store, &err);
	if (r == 0) {
		r = sysck_store_read(store, &bytes, &err);
		r = r == -ENOENT ? 0 : r;
	}
	if (r == 0)
		r = add_definition(&bytes, argv[1], argc > 2 ? argv[2] : "/new", &out, &err);
	if (r == 0)
		r = sysck_store_replace(store, sysck_buf_slice(&out), &err);
	sysck_store_close(store);
	sysck_buf_done(&bytes);
	sysck_buf_done(&out);
	if (r < 0) {
		(void)fprintf(stderr, "%s\n", sysck_err_format(&err, message, sizeof(message)));
		return 8;
	}
	return write(STDOUT_FILENO, "confirmed\n", 10) == 10 ? 0 : 8;
}
