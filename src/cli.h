/*
 * cli.h - the command line as one const struct.
 */
#ifndef TCBCK_CLI_H
#define TCBCK_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include <sysck/buf.h>
#include <sysck/err.h>

#include "repair/policy.h"

enum tcbck_mode {
	TCBCK_MODE_SYNOPSIS, /* called with nothing */
	TCBCK_MODE_HELP,
	TCBCK_MODE_VERSION,
	TCBCK_MODE_CHECK, /* -n, -p, -t or -y: see policy */
	TCBCK_MODE_ADD,
	TCBCK_MODE_DELETE,
	TCBCK_MODE_DEVICES,
	TCBCK_MODE_WHY,
	TCBCK_MODE_AUDIT_RULES
};

enum tcbck_progress_choice { TCBCK_PROGRESS_AUTOMATIC, TCBCK_PROGRESS_ON, TCBCK_PROGRESS_OFF };

/* Everything the command line says. Strings are argv's. */
struct tcbck_options {
	enum tcbck_mode mode;
	enum tcbck_policy policy; /* of TCBCK_MODE_CHECK, and of the check after -a -f */
	const char *undo;         /* directory of undo records; NULL: the default */
	unsigned fix_limit;
	const char *database; /* NULL: the default of the root */
	const char *root;     /* NULL: the running system */
	const char *file;     /* -f; NULL: none */
	const char *why;      /* --why */
	const char *report;   /* --report; NULL: none */
	const char *archives; /* --deb; NULL: none */
	bool packages;        /* --packages: operands are names of packages */
	bool follow;          /* --follow */
	bool unexplained;     /* --unexplained */
	bool accept;          /* --accept-explained */
	bool syslog;          /* -o */
	bool recursive;
	bool if_present;
	bool json;
	bool unconfined; /* --no-confine */
	bool verbose;
	bool all;       /* the operand ALL */
	bool tree;      /* the operand tree */
	bool below_too; /* -i */
	unsigned jobs;  /* 0: as many as there are usable CPUs */
	enum tcbck_progress_choice progress;
	const struct sysck_slice *operands; /* owned by the options; see tcbck_cli_done() */
	size_t operand_count;
};

/*
 * Reads the command line. Returns 0, or -EINVAL with `err` saying what is wrong with it: the caller then ends with
 * TCBCK_EXIT_USAGE. -ENOMEM when memory has run out.
 */
int tcbck_cli_parse(int argc, char **argv, struct tcbck_options *ret, struct sysck_err *err);
void tcbck_cli_done(struct tcbck_options *options);

/* Prints the synopsis, or all of the usage text. */
void tcbck_cli_synopsis(void);
void tcbck_cli_help(void);
void tcbck_cli_version(void);
/* Prints what is wrong with the command line, and where to read on. */
void tcbck_cli_complain(const struct sysck_err *err);

#endif
