/*
 * fuzz_cli.c - any words as a command line: read, or refused with a reason; never a combination that the manual rules out.
 *
 * NUL separates the words.
 */
#include "must.h"

#include <errno.h>
#include <getopt.h>

#include "cli.h"
#include "observe/walk.h"
#include "repair/repair.h"

#define WORDS_MAX 32

static bool has_operand(const struct tcbck_options *options, const char *word)
{
	for (size_t i = 0; i < options->operand_count; i++)
		if (sysck_slice_equal(options->operands[i], sysck_slice_of(word)))
			return true;
	return false;
}

/* What tcbck(8) says of options that go together. */
static void check(const struct tcbck_options *options)
{
	bool add = options->mode == TCBCK_MODE_ADD, delete = options->mode == TCBCK_MODE_DELETE;

	must(options->jobs <= TCBCK_CREW_MAX && options->fix_limit <= TCBCK_FIX_LIMIT_MAX, "a number above its limit");
	if (options->mode == TCBCK_MODE_HELP || options->mode == TCBCK_MODE_VERSION)
		return;
	must(options->mode != TCBCK_MODE_CHECK || options->operand_count > 0, "a check of nothing");
	must(options->mode != TCBCK_MODE_CHECK || options->operand_count == 1 ||
		     (!has_operand(options, "ALL") && !has_operand(options, "tree")),
	     "ALL or tree does not stand alone");
	must(!options->all || !options->tree, "ALL and tree");
	must(!delete || (!has_operand(options, "ALL") && !has_operand(options, "tree")), "-d of everything");
	must(options->file == NULL || ((add || delete) && options->operand_count == 0), "-f with operands, or alone");
	must(!options->recursive || (add && options->file == NULL), "-r without -a");
	must(!options->below_too || has_operand(options, "tree"), "-i without tree");
	must(!options->if_present || (add && options->file != NULL), "--if-present without -a -f");
	must(!options->json || !tcbck_policy_asks(options->policy), "-t in JSON");
	must((options->mode == TCBCK_MODE_WHY) == (options->why != NULL), "--why without a path");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sysck_slice rest = { (const char *)data, size }, word;
	struct tcbck_options options = { .operands = NULL };
	char name[] = "tcbck", *words[WORDS_MAX + 2] = { name };
	struct sysck_err err;
	int count = 1, r;

	while (count <= WORDS_MAX && must_next(&rest, &word)) {
		words[count] = strndup(word.data, word.len);
		must(words[count] != NULL, "out of memory");
		count++;
	}
	/* 0: getopt_long(3) begins anew. */
	optind = 0;
	sysck_err_clear(&err);
	r = tcbck_cli_parse(count, words, &options, &err);
	if (r == 0) {
		must(count == 1 || options.mode != TCBCK_MODE_SYNOPSIS, "words, but nothing to do");
		check(&options);
		tcbck_cli_done(&options);
	} else {
		must(r == -EINVAL && err.text[0] != '\0', "refused without a word");
		for (const char *p = err.text; *p != '\0'; p++)
			must(*p >= ' ' && *p < 0x7f, "an unprintable byte in an error");
	}
	for (int i = 1; i < count; i++)
		free(words[i]);
	return 0;
}
