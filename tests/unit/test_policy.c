/*
 * test_policy.c - tests of src/repair/policy.c: the four policies, the answers of a person, and the second question.
 */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "judge/finding.h"
#include "repair/policy.h"
#include "suites.h"

#define FIX    "Fix? [y,n,u,a,s,q,?] "
#define UPDATE "Update the database? [y,n] "

/* An asker between two pipes. */
struct talk {
	int answers, questions; /* our ends */
	struct tcbck_asker_options options;
	struct tcbck_asker *asker;
	atomic_bool stop;
};

static void begin(struct talk *talk, const char *answers)
{
	int input[2], output[2];

	*talk = (struct talk){ .answers = -1 };
	CU_ASSERT_EQUAL_FATAL(pipe2(input, O_CLOEXEC), 0);
	CU_ASSERT_EQUAL_FATAL(pipe2(output, O_CLOEXEC | O_NONBLOCK), 0);
	talk->answers = input[1];
	talk->questions = output[0];
	talk->options = (struct tcbck_asker_options){ .input = input[0], .output = output[1], .stop = &talk->stop };
	CU_ASSERT_EQUAL(write(talk->answers, answers, strlen(answers)), (ssize_t)strlen(answers));
	close(talk->answers);
	CU_ASSERT_EQUAL_FATAL(tcbck_asker_new(&talk->options, &talk->asker), 0);
}

static void end(struct talk *talk)
{
	tcbck_asker_free(talk->asker);
	close(talk->options.input);
	close(talk->options.output);
	close(talk->questions);
}

static enum tcbck_answer ask(struct talk *talk, unsigned kind)
{
	return tcbck_asker_ask(talk->asker, kind, SYSCK_SLICE("/x: it is so"), SYSCK_SLICE("more\n"));
}

/* What was asked since the last time. */
static void asked(struct talk *talk, const char *wanted)
{
	char text[2000];
	ssize_t n = read(talk->questions, text, sizeof(text) - 1);

	text[n < 0 ? 0 : n] = '\0';
	CU_ASSERT_STRING_EQUAL(text, wanted);
	if (strcmp(text, wanted) != 0)
		printf("    asks \"%s\", not \"%s\"\n", text, wanted);
}

static void policies_differ(void)
{
	static const struct {
		enum tcbck_policy policy;
		const char *option;
		bool repairs, asks, tells;
	} rows[] = {
		{ TCBCK_POLICY_REPORT, "-n", false, false, true },
		{ TCBCK_POLICY_FIX_SILENTLY, "-p", true, false, false },
		{ TCBCK_POLICY_ASK, "-t", true, true, true },
		{ TCBCK_POLICY_FIX, "-y", true, false, true },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CU_ASSERT_STRING_EQUAL(tcbck_policy_option(rows[i].policy), rows[i].option);
		CU_ASSERT_EQUAL(tcbck_policy_repairs(rows[i].policy), rows[i].repairs);
		CU_ASSERT_EQUAL(tcbck_policy_asks(rows[i].policy), rows[i].asks);
		CU_ASSERT_EQUAL(tcbck_policy_tells_fixed(rows[i].policy), rows[i].tells);
	}
}

static void answers_mean(void)
{
	static const struct {
		const char *line;
		enum tcbck_answer answer;
	} rows[] = {
		{ "y\n", TCBCK_ANSWER_FIX },     { "Y\n", TCBCK_ANSWER_FIX },
		{ " yes \n", TCBCK_ANSWER_FIX }, { "YES\n", TCBCK_ANSWER_FIX },
		{ "u\n", TCBCK_ANSWER_UPDATE },  { "a\n", TCBCK_ANSWER_FIX },
		{ "n\n", TCBCK_ANSWER_LEAVE },   { "\n", TCBCK_ANSWER_LEAVE },
		{ "yy\n", TCBCK_ANSWER_LEAVE },  { "yes please\n", TCBCK_ANSWER_LEAVE },
		{ "s\n", TCBCK_ANSWER_LEAVE },   { "q\n", TCBCK_ANSWER_QUIT },
		{ "", TCBCK_ANSWER_QUIT },       { "y", TCBCK_ANSWER_QUIT },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct talk talk;

		begin(&talk, rows[i].line);
		CU_ASSERT_EQUAL(ask(&talk, 3), rows[i].answer);
		if (rows[i].line[0] != '\0' && strchr(rows[i].line, '\n') != NULL)
			asked(&talk, "/x: it is so\n" FIX);
		end(&talk);
	}
}

static void more_is_shown_and_asked_again(void)
{
	struct talk talk;

	begin(&talk, "?\n?\ny\n");
	CU_ASSERT_EQUAL(ask(&talk, 0), TCBCK_ANSWER_FIX);
	asked(&talk, "/x: it is so\n" FIX "more\n" FIX "more\n" FIX);
	end(&talk);
}

static void kinds_are_remembered(void)
{
	struct talk talk;

	begin(&talk, "a\ns\nn\n");
	CU_ASSERT_EQUAL(ask(&talk, 1), TCBCK_ANSWER_FIX);
	CU_ASSERT_EQUAL(ask(&talk, 2), TCBCK_ANSWER_LEAVE);
	asked(&talk, "/x: it is so\n" FIX "/x: it is so\n" FIX);
	CU_ASSERT_EQUAL(ask(&talk, 1), TCBCK_ANSWER_FIX);
	CU_ASSERT_EQUAL(ask(&talk, 2), TCBCK_ANSWER_LEAVE);
	asked(&talk, "");
	CU_ASSERT_EQUAL(ask(&talk, 3), TCBCK_ANSWER_LEAVE);
	asked(&talk, "/x: it is so\n" FIX);
	end(&talk);
}

static void only_a_yes_updates(void)
{
	static const struct {
		const char *line;
		bool yes;
	} rows[] = { { "y\n", true },    { "YES\n", true }, { " y\t\n", true }, { "n\n", false },
		     { "\n", false },    { "u\n", false },  { "a\n", false },   { "?\n", false },
		     { "yep\n", false }, { "", false },     { "y", false } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct talk talk;

		begin(&talk, rows[i].line);
		CU_ASSERT_EQUAL(tcbck_asker_confirm(talk.asker, TCBCK_KIND_TREE_SETUID), rows[i].yes);
		asked(&talk, strchr(rows[i].line, '\n') != NULL ? UPDATE : UPDATE "\n");
		end(&talk);
	}
}

static void a_long_line_is_no_yes(void)
{
	char line[TCBCK_ANSWER_MAX * 2];
	struct talk talk;

	memset(line, ' ', sizeof(line));
	line[0] = 'y';
	line[sizeof(line) - 4] = '\n';
	line[sizeof(line) - 3] = 'y';
	line[sizeof(line) - 2] = '\n';
	line[sizeof(line) - 1] = '\0';
	begin(&talk, line);
	CU_ASSERT_FALSE(tcbck_asker_confirm(talk.asker, 1));
	CU_ASSERT_TRUE(tcbck_asker_confirm(talk.asker, 1));
	end(&talk);
}

static void nothing_more_is_asked_after_the_end(void)
{
	struct talk talk;

	begin(&talk, "");
	CU_ASSERT_FALSE(tcbck_asker_confirm(talk.asker, 1));
	asked(&talk, UPDATE "\n");
	CU_ASSERT_FALSE(tcbck_asker_confirm(talk.asker, 1));
	CU_ASSERT_EQUAL(ask(&talk, 2), TCBCK_ANSWER_QUIT);
	asked(&talk, "");
	end(&talk);
	/* Nor after q, nor about a kind that is left as a whole. */
	begin(&talk, "s\nq\ny\ny\n");
	CU_ASSERT_EQUAL(ask(&talk, 1), TCBCK_ANSWER_LEAVE);
	asked(&talk, "/x: it is so\n" FIX);
	CU_ASSERT_FALSE(tcbck_asker_confirm(talk.asker, 1));
	asked(&talk, "");
	CU_ASSERT_EQUAL(ask(&talk, 2), TCBCK_ANSWER_QUIT);
	CU_ASSERT_FALSE(tcbck_asker_confirm(talk.asker, 2));
	asked(&talk, "/x: it is so\n" FIX);
	end(&talk);
}

static void a_signal_ends_it(void)
{
	struct talk talk;

	begin(&talk, "y\ny\n");
	atomic_store(&talk.stop, true);
	CU_ASSERT_FALSE(tcbck_asker_confirm(talk.asker, 1));
	CU_ASSERT_EQUAL(ask(&talk, 1), TCBCK_ANSWER_QUIT);
	asked(&talk, "");
	end(&talk);
}

/* A question that nobody sees is not asked. */
static void an_unshown_question_is_no_yes(void)
{
	struct talk talk;

	begin(&talk, "y\ny\n");
	close(talk.options.output);
	CU_ASSERT_FALSE(tcbck_asker_confirm(talk.asker, 1));
	CU_ASSERT_EQUAL(ask(&talk, 1), TCBCK_ANSWER_QUIT);
	talk.options.output = open("/dev/null", O_WRONLY | O_CLOEXEC);
	end(&talk);
}

static void colour_is_for_the_question(void)
{
	struct talk talk;

	begin(&talk, "y\n");
	tcbck_asker_free(talk.asker);
	talk.options.colour = true;
	CU_ASSERT_EQUAL_FATAL(tcbck_asker_new(&talk.options, &talk.asker), 0);
	CU_ASSERT_TRUE(tcbck_asker_confirm(talk.asker, 1));
	asked(&talk, "\033[1mUpdate the database? [y,n]\033[0m ");
	end(&talk);
}

void suite_policy(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(policies_differ),
		UNIT_TEST(answers_mean),
		UNIT_TEST(more_is_shown_and_asked_again),
		UNIT_TEST(kinds_are_remembered),
		UNIT_TEST(only_a_yes_updates),
		UNIT_TEST(a_long_line_is_no_yes),
		UNIT_TEST(nothing_more_is_asked_after_the_end),
		UNIT_TEST(a_signal_ends_it),
		UNIT_TEST(an_unshown_question_is_no_yes),
		UNIT_TEST(colour_is_for_the_question),
	};

	unit_add("policy", tests, sizeof(tests) / sizeof(tests[0]));
}
