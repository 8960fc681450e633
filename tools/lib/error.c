// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

static void vcomplain(const char *fmt, va_list ap)
{
	char text[1024];

	/* one write: messages of several programs do not mix */
	vsnprintf(text, sizeof(text), fmt, ap);
	fprintf(stderr, "%s: %s\n", program_invocation_short_name, text);
}

void complain(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vcomplain(fmt, ap);
	va_end(ap);
}

void die(enum status status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vcomplain(fmt, ap);
	va_end(ap);
	exit(status);
}

int finish_output(int status)
{
	if (fflush(stdout) || ferror(stdout))
		die(STATUS_REFUSED, "cannot write: %s", strerror(errno));
	return status;
}
