// SPDX-License-Identifier: GPL-2.0
/* In the place of tools/lib/error.c */
#include <stdarg.h>
#include <stdio.h>

#include "die.h"
#include "error.h"

jmp_buf die_to;
int die_status;

const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

/* What is said is made, for the checkers, and goes nowhere. */
static void say(const char *fmt, va_list ap)
{
	char text[1024];

	vsnprintf(text, sizeof(text), fmt, ap);
}

void complain(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

void die(enum status status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	die_status = status;
	longjmp(die_to, 1);
}

int finish_output(int status)
{
	return status;
}
