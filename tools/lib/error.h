/* SPDX-License-Identifier: GPL-2.0 */
/* How the tools fail. */
#ifndef TOOLS_ERROR_H
#define TOOLS_ERROR_H

/* Exit status of every tool. */
enum status {
	STATUS_OK,
	STATUS_REFUSED,		/* the kernel refused, or something failed */
	STATUS_USAGE,		/* the command line is wrong */
	STATUS_NO_MODULE,	/* a kernel module is not loaded */
};

/* Says "TOOL: message" on standard error. */
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Complains and ends the program. */
void die(enum status status, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 2, 3)));

#endif /* TOOLS_ERROR_H */
