/*
 * cli.c - argv to one const struct options; usage text.
 *
 * Knows options, operands and which go together; gives a struct that the rest of the program only reads. Must not act on it.
 */
#include "cli.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include <sysck/def.h>

#include "observe/crew.h"
#include "repair/repair.h"
#include "repair/undo.h"

/* Of getopt(3). */
#define SHORT_OPTIONS ":nptyadlf:iorj:vhV"

/* Long options without a letter. */
enum {
	OPTION_DATABASE = 256,
	OPTION_ROOT,
	OPTION_FORMAT,
	OPTION_IF_PRESENT,
	OPTION_WHY,
	OPTION_PROGRESS,
	OPTION_NO_PROGRESS,
	OPTION_FIX_LIMIT,
	OPTION_UNDO,
	OPTION_REPORT,
	OPTION_AUDIT_RULES,
	OPTION_NO_CONFINE,
	OPTION_PACKAGES,
	OPTION_DEB,
	OPTION_FOLLOW,
	OPTION_UNEXPLAINED,
	OPTION_ACCEPT_EXPLAINED
};

static const struct option long_options[] = {
	{ "file", required_argument, NULL, 'f' },
	{ "recursive", no_argument, NULL, 'r' },
	{ "database", required_argument, NULL, OPTION_DATABASE },
	{ "root", required_argument, NULL, OPTION_ROOT },
	{ "jobs", required_argument, NULL, 'j' },
	{ "format", required_argument, NULL, OPTION_FORMAT },
	{ "if-present", no_argument, NULL, OPTION_IF_PRESENT },
	{ "why", required_argument, NULL, OPTION_WHY },
	{ "fix-limit", required_argument, NULL, OPTION_FIX_LIMIT },
	{ "undo", required_argument, NULL, OPTION_UNDO },
	{ "report", required_argument, NULL, OPTION_REPORT },
	{ "audit-rules", no_argument, NULL, OPTION_AUDIT_RULES },
	{ "no-confine", no_argument, NULL, OPTION_NO_CONFINE },
	{ "packages", no_argument, NULL, OPTION_PACKAGES },
	{ "deb", required_argument, NULL, OPTION_DEB },
	{ "follow", no_argument, NULL, OPTION_FOLLOW },
	{ "unexplained", no_argument, NULL, OPTION_UNEXPLAINED },
	{ "accept-explained", no_argument, NULL, OPTION_ACCEPT_EXPLAINED },
	{ "progress", no_argument, NULL, OPTION_PROGRESS },
	{ "no-progress", no_argument, NULL, OPTION_NO_PROGRESS },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static const char synopsis[] = "usage: tcbck {-n|-p|-t|-y} [-i] [-o] [options] {ALL | tree | {PathName|Class} ...}\n"
			       "       tcbck -a [options] {PathName | sysck} Attribute[=Value] ...\n"
			       "       tcbck -a [options] -r Directory Attribute[=Value] ...\n"
			       "       tcbck -a [-i] [options] tree [Attribute[=Value]] ...\n"
			       "       tcbck -a [-n|-p|-t|-y] [options] [--if-present] -f File\n"
			       "       tcbck -a [options] --packages [--deb Dir] [--follow | Package ...]\n"
			       "       tcbck -a [options] --accept-explained [ALL | {PathName|Class} ...]\n"
			       "       tcbck -d [options] {-f File | {PathName|Class} ...}\n"
			       "       tcbck -l [options] /dev/name ...\n"
			       "       tcbck [options] --why PathName\n"
			       "       tcbck [options] --audit-rules [ALL | {PathName|Class} ...]\n";

static const char help[] =
	"\n"
	"Compares how the security-relevant files of a host are installed with their\n"
	"definitions in a stanza file, and says what differs.\n"
	"\n"
	"  -n                 check: report, change nothing\n"
	"  -p                 fix, report only what was not fixed\n"
	"  -t                 report, and ask what to do\n"
	"  -y                 fix and report\n"
	"  -a                 add or change definitions, or settings (sysck); register strays (tree)\n"
	"  -d                 delete definitions\n"
	"  -l                 define devices as they are\n"
	"      --why PathName say why a file is found good or not\n"
	"      --audit-rules  print rules for auditctl(8) that watch the defined files\n"
	"\n"
	"  -f, --file File    definitions come from a stanza file; - is standard input\n"
	"  -r, --recursive    with -a: the directory and every object below it\n"
	"  -i                 with tree: leave out what is mounted below treeck_nodir, too\n"
	"      --if-present   with -a -f: leave out definitions of files that are not there\n"
	"      --packages     with -a: define the files of packages, all or the named\n"
	"      --deb Dir      with --packages: also use the archives in Dir\n"
	"      --follow       with --packages: only what changed, if the setting follow_packages says so\n"
	"      --unexplained  leave out what a newer package explains\n"
	"      --accept-explained  with -t or -a: take what a newer package explains into the database\n"
	"      --database File  another database than " TCBCK_DATABASE "\n"
	"      --root Dir     audit the installation below Dir\n"
	"  -j, --jobs N       worker threads (default: usable CPUs)\n"
	"      --fix-limit N  disable, strip or remove at most N objects in one run (default 100)\n"
	"      --undo Dir     undo records go below Dir, not below " TCBCK_UNDO "\n"
	"  -o                 findings and updates also go to syslog\n"
	"      --report File  append everything as JSON to a file, too\n"
	"      --format text|json  json: one object a line on standard output\n"
	"      --progress, --no-progress  the progress line on standard error\n"
	"      --no-confine   with -n: don't have the kernel forbid everything but reading\n"
	"  -v, --verbose      also say what was covered\n"
	"  -h, --help         this text\n"
	"  -V, --version      the version\n"
	"\n"
	"Exit status, a sum: 0 all good; 1 errors were corrected; 4 errors are left; 8 something could not be\n"
	"examined, or failed; 16 usage; 32 cancelled. See tcbck(8).\n";

void tcbck_cli_synopsis(void)
{
	(void)fputs(synopsis, stderr);
}

void tcbck_cli_help(void)
{
	(void)fputs(synopsis, stdout);
	(void)fputs(help, stdout);
}

void tcbck_cli_version(void)
{
	(void)puts("tcbck " TCBCK_VERSION);
}

void tcbck_cli_complain(const struct sysck_err *err)
{
	(void)fprintf(stderr, "tcbck: %s\nTry `tcbck --help'.\n", err->text);
}

/* What options come to before they are put together. */
struct reading {
	struct tcbck_options options;
	bool policy_given;
};

static int set_policy(struct reading *reading, enum tcbck_policy policy, struct sysck_err *err)
{
	if (reading->policy_given)
		return sysck_err_set(err, -EINVAL, "only one of -n, -p, -t and -y can be given");
	reading->options.policy = policy;
	reading->policy_given = true;
	return 0;
}

static int set_mode(struct tcbck_options *options, enum tcbck_mode mode, struct sysck_err *err)
{
	if (options->mode != TCBCK_MODE_SYNOPSIS)
		return sysck_err_set(err, -EINVAL, "only one of -a, -d, -l, --why and --audit-rules can be given");
	options->mode = mode;
	return 0;
}

static int set_jobs(struct tcbck_options *options, const char *text, struct sysck_err *err)
{
	char quoted[SYSCK_QUOTE_MAX];
	uint64_t jobs;

	if (sysck_number_parse(sysck_slice_of(text), TCBCK_CREW_MAX, &jobs) < 0 || jobs == 0)
		return sysck_err_set(err, -EINVAL, "-j %s: expected a number of threads, 1 to %d",
				     sysck_quote(sysck_slice_of(text), quoted, sizeof(quoted)), TCBCK_CREW_MAX);
	options->jobs = (unsigned)jobs;
	return 0;
}

static int set_format(struct tcbck_options *options, const char *text, struct sysck_err *err)
{
	char quoted[SYSCK_QUOTE_MAX];

	options->json = strcmp(text, "json") == 0;
	if (options->json || strcmp(text, "text") == 0)
		return 0;
	return sysck_err_set(err, -EINVAL, "--format %s: expected text or json",
			     sysck_quote(sysck_slice_of(text), quoted, sizeof(quoted)));
}

static int set_once(const char **place, const char *value, const char *name, struct sysck_err *err)
{
	if (*place != NULL)
		return sysck_err_set(err, -EINVAL, "%s is given twice", name);
	if (value[0] == '\0')
		return sysck_err_set(err, -EINVAL, "%s needs a name", name);
	*place = value;
	return 0;
}

/* True if a short option, of which only the letter is known: it may stand in the middle of a word. */
static bool is_unknown_letter(int option)
{
	return option > 0 && option < 256 && (option == ':' || strchr(SHORT_OPTIONS, option) == NULL);
}

/* An option that getopt_long(3) does not know, or whose argument is missing or too much. `word` is what was being read. */
static int refuse(int option, const char *word, struct sysck_err *err)
{
	const char letter = (char)optopt;
	char quoted[SYSCK_QUOTE_MAX];

	if (is_unknown_letter(optopt) && option != ':')
		return sysck_err_set(err, -EINVAL, "unknown option -%s",
				     sysck_quote((struct sysck_slice){ &letter, 1 }, quoted, sizeof(quoted)));
	sysck_quote(sysck_slice_of(word == NULL ? "" : word), quoted, sizeof(quoted));
	if (option == ':')
		return sysck_err_set(err, -EINVAL, "%s: an argument is missing", quoted);
	/* Known after all: what follows its `=` is too much. */
	if (optopt != 0)
		return sysck_err_set(err, -EINVAL, "%s: takes no argument", quoted);
	return sysck_err_set(err, -EINVAL, "unknown or ambiguous option %s", quoted);
}

static int set_fix_limit(struct tcbck_options *options, const char *text, struct sysck_err *err)
{
	char quoted[SYSCK_QUOTE_MAX];
	uint64_t limit;

	if (sysck_number_parse(sysck_slice_of(text), TCBCK_FIX_LIMIT_MAX, &limit) < 0)
		return sysck_err_set(err, -EINVAL, "--fix-limit %s: expected a number, 0 to %u",
				     sysck_quote(sysck_slice_of(text), quoted, sizeof(quoted)), TCBCK_FIX_LIMIT_MAX);
	options->fix_limit = (unsigned)limit;
	return 0;
}

static int take_option(struct reading *reading, int option, const char *word, struct sysck_err *err)
{
	struct tcbck_options *options = &reading->options;

	switch (option) {
	case 'n': return set_policy(reading, TCBCK_POLICY_REPORT, err);
	case 'p': return set_policy(reading, TCBCK_POLICY_FIX_SILENTLY, err);
	case 't': return set_policy(reading, TCBCK_POLICY_ASK, err);
	case 'y': return set_policy(reading, TCBCK_POLICY_FIX, err);
	case OPTION_FIX_LIMIT: return set_fix_limit(options, optarg, err);
	case OPTION_UNDO: return set_once(&options->undo, optarg, "--undo", err);
	case OPTION_REPORT: return set_once(&options->report, optarg, "--report", err);
	case OPTION_AUDIT_RULES: return set_mode(options, TCBCK_MODE_AUDIT_RULES, err);
	case 'a': return set_mode(options, TCBCK_MODE_ADD, err);
	case 'd': return set_mode(options, TCBCK_MODE_DELETE, err);
	case 'l': return set_mode(options, TCBCK_MODE_DEVICES, err);
	case 'h': options->mode = TCBCK_MODE_HELP; return 1;
	case 'V': options->mode = TCBCK_MODE_VERSION; return 1;
	case 'f': return set_once(&options->file, optarg, "-f", err);
	case 'i': options->below_too = true; return 0;
	case 'r': options->recursive = true; return 0;
	case 'o': options->syslog = true; return 0;
	case OPTION_PACKAGES: options->packages = true; return 0;
	case OPTION_DEB: return set_once(&options->archives, optarg, "--deb", err);
	case OPTION_FOLLOW: options->follow = true; return 0;
	case OPTION_UNEXPLAINED: options->unexplained = true; return 0;
	case OPTION_ACCEPT_EXPLAINED: options->accept = true; return 0;
	case OPTION_NO_CONFINE: options->unconfined = true; return 0;
	case 'j': return set_jobs(options, optarg, err);
	case 'v': options->verbose = true; return 0;
	case OPTION_DATABASE: return set_once(&options->database, optarg, "--database", err);
	case OPTION_ROOT: return set_once(&options->root, optarg, "--root", err);
	case OPTION_FORMAT: return set_format(options, optarg, err);
	case OPTION_IF_PRESENT: options->if_present = true; return 0;
	case OPTION_PROGRESS: options->progress = TCBCK_PROGRESS_ON; return 0;
	case OPTION_NO_PROGRESS: options->progress = TCBCK_PROGRESS_OFF; return 0;
	case OPTION_WHY: options->why = optarg; return set_mode(options, TCBCK_MODE_WHY, err);
	default: return refuse(option, word, err);
	}
}

static bool operand_is(const struct tcbck_options *options, size_t index, const char *word)
{
	return index < options->operand_count && sysck_slice_equal(options->operands[index], sysck_slice_of(word));
}

static int check_check(struct tcbck_options *options, struct sysck_err *err)
{
	if (options->operand_count == 0)
		return sysck_err_set(err, -EINVAL, "name what to check: ALL, tree, paths or classes");
	for (size_t i = 0; i < options->operand_count; i++) {
		options->tree = options->tree || operand_is(options, i, "tree");
		options->all = options->all || operand_is(options, i, "ALL");
	}
	if ((options->all || options->tree) && options->operand_count > 1)
		return sysck_err_set(err, -EINVAL, "%s stands alone", options->tree ? "tree" : "ALL");
	return 0;
}

/* Operands of `option`, which takes definitions: paths, classes or ALL, which none stands for. */
static int check_definitions(struct tcbck_options *options, const char *option, struct sysck_err *err)
{
	options->all = options->operand_count == 0;
	for (size_t i = 0; i < options->operand_count; i++) {
		if (operand_is(options, i, "tree"))
			return sysck_err_set(err, -EINVAL, "%s: tree has no definitions; name paths or classes", option);
		options->all = options->all || operand_is(options, i, "ALL");
	}
	if (options->all && options->operand_count > 1)
		return sysck_err_set(err, -EINVAL, "ALL stands alone");
	return 0;
}

/* Of -a: definitions from packages. */
static int check_packages(const struct tcbck_options *options, struct sysck_err *err)
{
	if (options->recursive || options->file != NULL)
		return sysck_err_set(err, -EINVAL, "--packages takes no -f and no -r");
	if (options->follow && options->operand_count > 0)
		return sysck_err_set(err, -EINVAL, "--follow takes no names: it takes what changed");
	return 0;
}

/* Of -a: what is explained of the definitions that are named, or of all. */
static int check_accept(struct tcbck_options *options, struct sysck_err *err)
{
	if (options->recursive || options->file != NULL || options->packages)
		return sysck_err_set(err, -EINVAL, "-a --accept-explained takes no -f, -r or --packages");
	return check_definitions(options, "--accept-explained", err);
}

static int check_add(struct tcbck_options *options, struct sysck_err *err)
{
	if (options->accept)
		return check_accept(options, err);
	if (options->packages)
		return check_packages(options, err);
	if (options->file != NULL && options->recursive)
		return sysck_err_set(err, -EINVAL, "-a takes -f or -r, not both");
	if (options->file != NULL)
		return options->operand_count == 0 ? 0 : sysck_err_set(err, -EINVAL, "-a -f takes no operands");
	if (options->operand_count == 0)
		return sysck_err_set(err, -EINVAL, "-a: name a path (or sysck), then attributes");
	if (operand_is(options, 0, "ALL"))
		return sysck_err_set(err, -EINVAL, "-a: ALL can't be defined; name a path, or tree");
	options->tree = operand_is(options, 0, "tree");
	if (options->tree && options->recursive)
		return sysck_err_set(err, -EINVAL, "-a tree takes no -r");
	if (operand_is(options, 0, "sysck") && options->operand_count == 1)
		return sysck_err_set(err, -EINVAL, "-a sysck: name settings");
	return 0;
}

static int check_delete(const struct tcbck_options *options, struct sysck_err *err)
{
	if (options->file != NULL)
		return options->operand_count == 0 ? 0 : sysck_err_set(err, -EINVAL, "-d -f takes no operands");
	if (options->operand_count == 0)
		return sysck_err_set(err, -EINVAL, "-d: name paths or classes");
	for (size_t i = 0; i < options->operand_count; i++)
		if (operand_is(options, i, "ALL") || operand_is(options, i, "tree"))
			return sysck_err_set(err, -EINVAL, "-d: ALL and tree can't be deleted; name paths or classes");
	return 0;
}

static int check_rules(struct tcbck_options *options, struct sysck_err *err)
{
	if (options->json)
		return sysck_err_set(err, -EINVAL, "--audit-rules has a form of its own: it can't be used with --format json");
	return check_definitions(options, "--audit-rules", err);
}

/* A policy alone is a check; beside a mode it goes with -a -f, whose check otherwise fixes and reports. */
static int join_policy(struct reading *reading, struct sysck_err *err)
{
	struct tcbck_options *options = &reading->options;

	if (reading->policy_given && options->mode == TCBCK_MODE_SYNOPSIS)
		options->mode = TCBCK_MODE_CHECK;
	else if (reading->policy_given && (options->mode != TCBCK_MODE_ADD || options->file == NULL))
		return sysck_err_set(err, -EINVAL, "-n, -p, -t and -y go with a check, or with -a -f");
	else if (!reading->policy_given && options->mode == TCBCK_MODE_ADD && options->file != NULL)
		options->policy = TCBCK_POLICY_FIX;
	if (options->json && tcbck_policy_asks(options->policy))
		return sysck_err_set(err, -EINVAL, "-t asks a person: it can't be used with --format json");
	return 0;
}

static int check_mode(struct tcbck_options *options, struct sysck_err *err)
{
	bool add = options->mode == TCBCK_MODE_ADD;

	if (options->below_too && !operand_is(options, 0, "tree"))
		return sysck_err_set(err, -EINVAL, "-i goes with tree");
	if (options->recursive && !add)
		return sysck_err_set(err, -EINVAL, "-r goes with -a");
	if (options->file != NULL && !add && options->mode != TCBCK_MODE_DELETE)
		return sysck_err_set(err, -EINVAL, "-f goes with -a or -d");
	if (options->syslog && (options->mode == TCBCK_MODE_WHY || options->mode == TCBCK_MODE_AUDIT_RULES))
		return sysck_err_set(err, -EINVAL, "-o goes with a check or an update");
	if (options->report != NULL && options->mode == TCBCK_MODE_AUDIT_RULES)
		return sysck_err_set(err, -EINVAL, "--report goes with a check, an update or --why");
	if (options->packages && !add)
		return sysck_err_set(err, -EINVAL, "--packages goes with -a");
	if ((options->archives != NULL || options->follow) && !options->packages)
		return sysck_err_set(err, -EINVAL, "--deb and --follow go with -a --packages");
	if (options->unexplained && options->mode != TCBCK_MODE_CHECK)
		return sysck_err_set(err, -EINVAL, "--unexplained goes with a check");
	if (options->accept && !add && (options->mode != TCBCK_MODE_CHECK || !tcbck_policy_asks(options->policy)))
		return sysck_err_set(err, -EINVAL, "--accept-explained goes with -t or -a");
	if (options->if_present && (!add || options->file == NULL))
		return sysck_err_set(err, -EINVAL, "--if-present goes with -a -f");
	switch (options->mode) {
	case TCBCK_MODE_CHECK: return check_check(options, err);
	case TCBCK_MODE_ADD: return check_add(options, err);
	case TCBCK_MODE_DELETE: return check_delete(options, err);
	case TCBCK_MODE_DEVICES:
		return options->operand_count > 0 ? 0 : sysck_err_set(err, -EINVAL, "-l: name devices below /dev");
	case TCBCK_MODE_WHY: return options->operand_count == 0 ? 0 : sysck_err_set(err, -EINVAL, "--why takes one path");
	case TCBCK_MODE_AUDIT_RULES: return check_rules(options, err);
	case TCBCK_MODE_SYNOPSIS:
		return sysck_err_set(err, -EINVAL, "one of -n, -p, -t, -y, -a, -d, -l, --why, --audit-rules is needed");
	case TCBCK_MODE_HELP:
	case TCBCK_MODE_VERSION: break;
	}
	return 0;
}

static int take_operands(struct tcbck_options *options, int count, char **words, struct sysck_err *err)
{
	struct sysck_slice *operands = calloc((size_t)count + 1, sizeof(*operands));

	if (operands == NULL)
		return sysck_err_set(err, -ENOMEM, "out of memory");
	for (int i = 0; i < count; i++)
		operands[i] = sysck_slice_of(words[i]);
	options->operands = operands;
	options->operand_count = (size_t)count;
	return 0;
}

int tcbck_cli_parse(int argc, char **argv, struct tcbck_options *ret, struct sysck_err *err)
{
	struct reading reading = { .options = { .mode = TCBCK_MODE_SYNOPSIS, .fix_limit = TCBCK_FIX_LIMIT } };
	int r = 0;

	opterr = 0;
	while (r == 0) {
		const char *word = optind < argc ? argv[optind] : NULL;
		int option = getopt_long(argc, argv, SHORT_OPTIONS, long_options, NULL);

		if (option == -1)
			break;
		r = take_option(&reading, option, optind > 0 && optind <= argc ? argv[optind - 1] : word, err);
	}
	if (r == 0)
		r = take_operands(&reading.options, argc - optind, argv + optind, err);
	if (r == 0)
		r = join_policy(&reading, err);
	if (r == 0 && argc > 1)
		r = check_mode(&reading.options, err);
	if (r < 0) {
		tcbck_cli_done(&reading.options);
		return r;
	}
	*ret = reading.options;
	return 0;
}

void tcbck_cli_done(struct tcbck_options *options)
{
	struct sysck_slice *operands;

	memcpy(&operands, &options->operands, sizeof(operands));
	free(operands);
	options->operands = NULL;
	options->operand_count = 0;
}
