/*
 * test_cli.c - tests of src/cli.c: command lines, good and bad, and what is said of the bad ones.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "repair/repair.h"
#include "suites.h"

#define WORDS_MAX 12

/* A command line taken apart at its blanks. `~` stands for an empty word. */
struct line {
	char text[256];
	char *words[WORDS_MAX + 2];
	int count;
};

static void take_apart(struct line *line, const char *text)
{
	char name[] = "tcbck", *rest = line->text;
	static char program[sizeof(name)], empty[1];

	memcpy(program, name, sizeof(name));
	CU_ASSERT_FATAL(strlen(text) < sizeof(line->text));
	memcpy(line->text, text, strlen(text) + 1);
	line->count = 0;
	line->words[line->count++] = program;
	while (rest != NULL && *rest != '\0') {
		char *word = strsep(&rest, " ");

		CU_ASSERT_FATAL(line->count <= WORDS_MAX);
		line->words[line->count++] = strcmp(word, "~") == 0 ? empty : word;
	}
	line->words[line->count] = NULL;
}

static int parse(struct line *line, const char *text, struct tcbck_options *ret, struct sysck_err *err)
{
	take_apart(line, text);
	/* getopt(3) of glibc begins anew. */
	optind = 0;
	return tcbck_cli_parse(line->count, line->words, ret, err);
}

static void bad_lines_are_refused(void)
{
	static const struct {
		const char *line, *says;
	} cases[] = {
		{ "-x", "unknown option -x" },
		{ "-nx ALL", "unknown option -x" },
		{ "-xn ALL", "unknown option -x" },
		{ "--verbose -xn ALL", "unknown option -x" },
		{ "--format=json -xn ALL", "unknown option -x" },
		{ "ALL --verbose -xn", "unknown option -x" },
		{ "-\x1b ALL", "unknown option -\"\\x1b\"" },
		{ "-: ALL", "unknown option -:" },
		{ "--nonsense", "unknown or ambiguous option --nonsense" },
		{ "--f x", "unknown or ambiguous option --f" },
		{ "--verbose=3 -n ALL", "--verbose=3: takes no argument" },
		{ "--recursive=x -a /y", "--recursive=x: takes no argument" },
		{ "--progress=1 -n ALL", "--progress=1: takes no argument" },
		{ "--help=x", "--help=x: takes no argument" },
		{ "-n ALL -j", "-j: an argument is missing" },
		{ "-n ALL --jobs", "--jobs: an argument is missing" },
		{ "-a -f", "-f: an argument is missing" },
		{ "--why", "--why: an argument is missing" },
		{ "-n ALL --\x01", "unknown or ambiguous option \"--\\x01\"" },
		{ "ALL", "is needed" },
		{ "-v", "is needed" },
		{ "-n", "name what to check" },
		{ "-y", "name what to check" },
		{ "-n -y ALL", "only one of -n, -p, -t and -y can be given" },
		{ "-nn ALL", "only one of -n, -p, -t and -y can be given" },
		{ "-ad /x", "only one of -a, -d, -l, --why and --audit-rules can be given" },
		{ "-a -l /x", "only one of -a, -d, -l, --why and --audit-rules can be given" },
		{ "--why /x -d", "only one of -a, -d, -l, --why and --audit-rules can be given" },
		{ "-n ALL /x", "ALL stands alone" },
		{ "-n /x ALL", "ALL stands alone" },
		{ "-n ALL ALL", "ALL stands alone" },
		{ "-n -j 0 ALL", "-j 0: expected a number of threads, 1 to 256" },
		{ "-n -j 257 ALL", "-j 257: expected" },
		{ "-n -j -1 ALL", "-j -1: expected" },
		{ "-n -j 4x ALL", "-j 4x: expected" },
		{ "-n -j ~ ALL", "-j \"\": expected" },
		{ "-n --jobs=99999999999999999999 ALL", "expected a number of threads" },
		{ "-n --format xml ALL", "--format xml: expected text or json" },
		{ "-n --format JSON ALL", "--format JSON: expected text or json" },
		{ "-n --format ~ ALL", "--format \"\": expected text or json" },
		{ "-n --database a --database b ALL", "--database is given twice" },
		{ "-n --database ~ ALL", "--database needs a name" },
		{ "-n --root ~ ALL", "--root needs a name" },
		{ "-n --root a --root a ALL", "--root is given twice" },
		{ "-a -f a -f b", "-f is given twice" },
		{ "-a -f ~", "-f needs a name" },
		{ "-n -f x ALL", "-f goes with -a or -d" },
		{ "-l -f x /dev/null", "-f goes with -a or -d" },
		{ "-n -r ALL", "-r goes with -a" },
		{ "-d -r /x", "-r goes with -a" },
		{ "-n --if-present ALL", "--if-present goes with -a -f" },
		{ "-a --if-present /x", "--if-present goes with -a -f" },
		{ "-d --if-present -f x", "--if-present goes with -a -f" },
		{ "-a", "-a: name a path" },
		{ "-a -r", "name" },
		{ "-a -r -f x", "-a takes -f or -r, not both" },
		{ "-a -f x /y", "-a -f takes no operands" },
		{ "-a ALL owner", "ALL can't be defined; name a path, or tree" },
		{ "-n tree ALL", "tree stands alone" },
		{ "-n ALL tree", "tree stands alone" },
		{ "-n tree tree", "tree stands alone" },
		{ "-n tree /x", "tree stands alone" },
		{ "-n x tree", "tree stands alone" },
		{ "-n -i ALL", "-i goes with tree" },
		{ "-i", "-i goes with tree" },
		{ "-n -i", "-i goes with tree" },
		{ "-n -i /x tree", "-i goes with tree" },
		{ "-a -i /x", "-i goes with tree" },
		{ "-a -i -f x", "-i goes with tree" },
		{ "-d -i x", "-i goes with tree" },
		{ "-d -i tree", "-d: ALL and tree can't be deleted" },
		{ "-i tree", "is needed" },
		{ "-a -r tree", "-a tree takes no -r" },
		{ "-a -y tree", "go with a check, or with -a -f" },
		{ "-a sysck", "-a sysck: name settings" },
		{ "-d", "-d: name paths or classes" },
		{ "-d ALL", "-d: ALL and tree can't be deleted" },
		{ "-d /x ALL", "-d: ALL and tree can't be deleted" },
		{ "-d tree", "-d: ALL and tree can't be deleted" },
		{ "-d -f x /y", "-d -f takes no operands" },
		{ "-l", "-l: name devices below /dev" },
		{ "--why /x /y", "--why takes one path" },
		{ "-y --fix-limit x ALL", "--fix-limit x: expected a number" },
		{ "-y --fix-limit 1000000001 ALL", "--fix-limit 1000000001: expected a number" },
		{ "-y --undo ~ ALL", "--undo needs a name" },
		{ "-t --format json ALL", "-t asks a person" },
		{ "-a -y /x", "go with a check, or with -a -f" },
		{ "-d -n /x", "go with a check, or with -a -f" },
		{ "--why /x -n", "go with a check, or with -a -f" },
		{ "-n --report ~ ALL", "--report needs a name" },
		{ "-n --report a --report a ALL", "--report is given twice" },
		{ "-o --why /x", "-o goes with a check or an update" },
		{ "-o --audit-rules", "-o goes with a check or an update" },
		{ "--audit-rules --report x", "--report goes with a check, an update or --why" },
		{ "--audit-rules --format json", "--audit-rules has a form of its own" },
		{ "--audit-rules ALL x", "ALL stands alone" },
		{ "--audit-rules x tree", "--audit-rules: tree has no definitions" },
		{ "--audit-rules -n", "go with a check, or with -a -f" },
		{ "--audit-rules -a /x", "only one of -a, -d, -l, --why and --audit-rules can be given" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tcbck_options options = { .jobs = 12345 };
		struct sysck_err err = { .code = 0 };
		struct line line;
		bool good = parse(&line, cases[i].line, &options, &err) == -EINVAL && strstr(err.text, cases[i].says) != NULL;

		if (!good)
			printf("    %s\n    says \"%s\", not \"%s\"\n", cases[i].line, err.text, cases[i].says);
		CU_ASSERT_TRUE(good);
		CU_ASSERT_EQUAL(options.jobs, 12345);
	}
}

/* The options as words, those that are not the defaults. */
static void describe(const struct tcbck_options *o, char *out, size_t size)
{
	static const char *const modes[] = { "synopsis", "help",    "version", "check",      "add",
					     "delete",   "devices", "why",     "audit-rules" };
	size_t len = 0;

#define TELL(condition, ...)                                                         \
	do {                                                                         \
		if (condition)                                                       \
			len += (size_t)snprintf(out + len, size - len, __VA_ARGS__); \
	} while (0)
	TELL(true, "%s", modes[o->mode]);
	TELL(o->mode == TCBCK_MODE_CHECK || (o->mode == TCBCK_MODE_ADD && o->file != NULL), " policy=%d", (int)o->policy);
	TELL(o->database != NULL, " database=%s", o->database);
	TELL(o->root != NULL, " root=%s", o->root);
	TELL(o->file != NULL, " file=%s", o->file);
	TELL(o->why != NULL, " why=%s", o->why);
	TELL(o->undo != NULL, " undo=%s", o->undo);
	TELL(o->report != NULL, " report=%s", o->report);
	TELL(o->syslog, " syslog");
	TELL(o->recursive, " recursive");
	TELL(o->if_present, " if-present");
	TELL(o->json, " json");
	TELL(o->verbose, " verbose");
	TELL(o->all, " all");
	TELL(o->tree, " tree");
	TELL(o->below_too, " below-too");
	TELL(o->jobs != 0, " jobs=%u", o->jobs);
	TELL(o->fix_limit != TCBCK_FIX_LIMIT, " limit=%u", o->fix_limit);
	TELL(o->progress == TCBCK_PROGRESS_ON, " progress");
	TELL(o->progress == TCBCK_PROGRESS_OFF, " no-progress");
	for (size_t i = 0; i < o->operand_count; i++)
		TELL(true, " %.*s", (int)o->operands[i].len, o->operands[i].data);
#undef TELL
	CU_ASSERT_FATAL(len < size);
}

static void good_lines_are_understood(void)
{
	static const struct {
		const char *line, *says;
	} cases[] = {
		{ "", "synopsis" },
		{ "-h", "help" },
		{ "-nh", "help" },
		{ "-n -V ALL", "version" },
		{ "--version", "version" },
		{ "--vers", "version" },
		{ "-n ALL", "check policy=0 all ALL" },
		{ "-nvj4 ALL", "check policy=0 verbose all jobs=4 ALL" },
		{ "-n -j 256 /a b", "check policy=0 jobs=256 /a b" },
		{ "/a -n b", "check policy=0 /a b" },
		{ "-n -- -x", "check policy=0 -x" },
		{ "-n -- ALL", "check policy=0 all ALL" },
		{ "-n --database=db --root / --format=json ALL", "check policy=0 database=db root=/ json all ALL" },
		{ "-n --format json --format text ALL", "check policy=0 all ALL" },
		{ "-n --data db --no-p ALL", "check policy=0 database=db all no-progress ALL" },
		{ "-n --progress ALL", "check policy=0 all progress ALL" },
		{ "-n --progress --no-progress ALL", "check policy=0 all no-progress ALL" },
		{ "-p ALL", "check policy=1 all ALL" },
		{ "-n tree", "check policy=0 tree tree" },
		{ "-nvi tree", "check policy=0 verbose tree below-too tree" },
		{ "-t tree -i", "check policy=2 tree below-too tree" },
		{ "-n Tree", "check policy=0 Tree" },
		{ "-a tree", "add tree tree" },
		{ "-a -i tree class=x mode", "add tree below-too tree class=x mode" },
		{ "-a /tree tree", "add /tree tree" },
		{ "-t x", "check policy=2 x" },
		{ "-y --fix-limit 0 --undo /u x", "check policy=3 undo=/u limit=0 x" },
		{ "-a /x owner=root mode", "add /x owner=root mode" },
		{ "-a sysck hash=sha512", "add sysck hash=sha512" },
		{ "-a -r /x", "add recursive /x" },
		{ "-ar /x mode", "add recursive /x mode" },
		{ "-a -f -", "add policy=3 file=-" },
		{ "-af x", "add policy=3 file=x" },
		{ "-a --file=x --if-present", "add policy=3 file=x if-present" },
		{ "-a -n -f x", "add policy=0 file=x" },
		{ "-d -f x", "delete file=x" },
		{ "-d /x class", "delete /x class" },
		{ "-l /dev/null", "devices /dev/null" },
		{ "--why /x", "why why=/x" },
		{ "--why=/x -v", "why why=/x verbose" },
		{ "--why=/x --report=r", "why why=/x report=r" },
		{ "-no --report r ALL", "check policy=0 report=r syslog all ALL" },
		{ "-a -o /x", "add syslog /x" },
		{ "--audit-rules", "audit-rules all" },
		{ "--audit-rules ALL", "audit-rules all ALL" },
		{ "--audit-rules x /y", "audit-rules x /y" },
	};

	CU_ASSERT_EQUAL(TCBCK_POLICY_REPORT, 0);
	CU_ASSERT_EQUAL(TCBCK_POLICY_FIX_SILENTLY, 1);
	CU_ASSERT_EQUAL(TCBCK_POLICY_ASK, 2);
	CU_ASSERT_EQUAL(TCBCK_POLICY_FIX, 3);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tcbck_options options;
		struct sysck_err err;
		struct line line;
		char says[512] = "";
		int r = parse(&line, cases[i].line, &options, &err);

		if (r == 0)
			describe(&options, says, sizeof(says));
		if (r != 0 || strcmp(says, cases[i].says) != 0)
			printf("    %s\n    says \"%s\", not \"%s\"\n", cases[i].line, r == 0 ? says : err.text, cases[i].says);
		CU_ASSERT_EQUAL(r, 0);
		CU_ASSERT_STRING_EQUAL(says, cases[i].says);
		if (r == 0)
			tcbck_cli_done(&options);
	}
}

void suite_cli(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(bad_lines_are_refused),
		UNIT_TEST(good_lines_are_understood),
	};

	unit_add("cli", tests, sizeof(tests) / sizeof(tests[0]));
}
