/*
 * list-setuid.c - prints the paths of all definitions that have SUID in their mode. An example of libsysck(3):
 *
 *	cc -o list-setuid list-setuid.c $(pkg-config --cflags --libs libsysck)
 *	./list-setuid /etc/security/sysck.cfg
 */
#include <stdio.h>
#include <sys/stat.h>

#include <sysck/sysck.h>

static void show(void *context, const struct sysck_err *err)
{
	char text[SYSCK_ERR_FILE_MAX + SYSCK_ERR_TEXT_MAX + 32];

	fprintf(context, "%s\n", sysck_err_format(err, text, sizeof(text)));
}

int main(int argc, char **argv)
{
	struct sysck_err_sink errors = { show, stderr };
	struct sysck_arena arena = SYSCK_ARENA_INIT;
	struct sysck_buf list = SYSCK_BUF_INIT;
	struct sysck_names *names = NULL;
	struct sysck_db *db = NULL;
	struct sysck_err err;
	int status = 0;

	if (argc != 2 || sysck_names_new(&names) < 0)
		return 16;
	if (sysck_db_load(argv[1], &errors, &db, &err) < 0) {
		show(stderr, &err);
		sysck_names_free(names);
		return 8;
	}
	for (size_t i = 0; i < sysck_db_count(db); i++) {
		struct sysck_def_options options = { .names = names, .arena = &arena, .errors = &errors };
		struct sysck_def def;

		if (sysck_db_def(db, i, &options, &def) != 0)
			status = 8;
		else if (sysck_def_has(&def, SYSCK_ATTR_MODE) && (def.mode & S_ISUID) != 0) {
			sysck_buf_add_quoted(&list, def.path, SYSCK_CHARSET_UTF8);
			sysck_buf_add_char(&list, '\n');
		}
		sysck_arena_reset(&arena);
	}
	if (sysck_db_errors(db) > 0 || sysck_buf_error(&list) < 0)
		status = 8;
	printf("%.*s", (int)list.len, list.data);
	sysck_buf_done(&list);
	sysck_arena_done(&arena);
	sysck_db_free(db);
	sysck_names_free(names);
	return status;
}
