/* SPDX-License-Identifier: GPL-2.0 */
/* How the tools fail. */
#ifndef TOOLS_ERROR_H
#define TOOLS_ERROR_H

#include "compiler.h"

/* Exit status of every tool. */
enum status {
	STATUS_OK,
	STATUS_REFUSED,		/* the kernel refused, or something failed */
	STATUS_USAGE,		/* the command line is wrong */
	STATUS_NO_MODULE,	/* a kernel module is not loaded */
};

/* Says "TOOL: message" on standard error. */
__printf(1, 2) void complain(const char *fmt, ...);

/* Complains and ends the program. */
__noreturn __printf(2, 3) void die(enum status status, const char *fmt, ...);

/* Ends what goes to standard output; dies if some was lost. Returns @status. */
int finish_output(int status);

#endif /* TOOLS_ERROR_H */
