// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "table.h"
#include "tap.h"
#include "unit.h"
#include "vmnetctl.h"

static const char *text_of(struct buf *b)
{
	buf_putc(b, '\0');
	b->len--;
	return b->p;
}

static void json_strings(void)
{
	static const struct {
		const char *in, *out, *what;
	} cases[] = {
		{ "", "\"\"", "empty" },
		{ "eth0", "\"eth0\"", "plain" },
		{ "a\"b\\c", "\"a\\\"b\\\\c\"", "quote and backslash" },
		{ "\n\t\x01\x1f\x7f", "\"\\u000a\\u0009\\u0001\\u001f\\u007f\"", "control" },
		{ "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
		  "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"", "UTF-8 of 2, 3 and 4 octets" },
		{ "\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\"", "U+10FFFF" },
		{ "\xffx", "\"\\ufffdx\"", "an octet that is never in UTF-8" },
		{ "\xc3", "\"\\ufffd\"", "UTF-8 cut short at the end" },
		{ "\xe2\x82x", "\"\\ufffd\\ufffdx\"", "UTF-8 cut short" },
		{ "\xc0\xaf", "\"\\ufffd\\ufffd\"", "an overlong form" },
		{ "\xe0\x80\xaf", "\"\\ufffd\\ufffd\\ufffd\"", "an overlong form of 3" },
		{ "\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"", "a surrogate" },
		{ "\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"", "beyond U+10FFFF" },
	};
	struct buf b = { };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		b.len = 0;
		buf_json_string(&b, cases[i].in);
		same(text_of(&b), cases[i].out, cases[i].what);
	}
	b.len = 0;
	buf_text(&b, "\x1b[2Ja\x7f\xc3\xa4");
	same(text_of(&b), "?[2Ja?\xc3\xa4", "no escape sequence reaches a terminal");
	buf_free(&b);
}

static void buffers(void)
{
	static const uint64_t numbers[] = { 0, 9, 10, 4294967295, UINT64_MAX };
	struct buf b = { };
	int fds[2], full;
	unsigned int i;
	char want[128] = "", got[128] = "";
	size_t len = 0;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		buf_u64(&b, numbers[i]);
		buf_putc(&b, ' ');
		len += snprintf(want + len, sizeof(want) - len, "%llu ",
				(unsigned long long)numbers[i]);
	}
	same(text_of(&b), want, "numbers");

	if (!pipe(fds)) {
		ok(!buf_flush(&b, fds[1]) && !b.len, "flush empties the buffer");
		ok(read(fds[0], got, sizeof(got) - 1) == (ssize_t)len, "flush writes all");
		same(got, want, "flush writes what was there");
		close(fds[0]);
		close(fds[1]);
	}

	for (i = 0; i < 100000; i++)
		buf_puts(&b, "0123456789");
	ok(b.len == 1000000 && !memcmp(b.p + 999990, "0123456789", 10), "a long text");
	full = open("/dev/full", O_WRONLY);
	ok(buf_flush(&b, full) == -ENOSPC, "flush tells that it cannot write");
	close(full);
	buf_free(&b);
}

enum { A, B, C, D, UNLISTED };

static const struct column columns[] = {
	{ A, COL_BOTH, 6,  "a", "A" },
	{ B, COL_BOTH, -5, "b", "B" },
	{ C, COL_TEXT, 4,  "c", "C" },
	{ D, COL_JSON, 0,  "d", NULL },
};

static void fill(struct table *t)
{
	static const uint8_t mac[] = { 0, 1, 0x2f, 0xff, 0xa, 0x90 };

	table_string(t, A, "one");
	table_number(t, B, 12);
	table_flag(t, C, true);
	table_flag(t, D, false);
	table_string(t, UNLISTED, "never seen");
	table_row(t);
	table_mac(t, A, mac);
	table_number(t, B, 1234567);
	table_format(t, C, "%d-%s", 5, "x");
	table_row(t);
	table_string(t, A, "");
	table_copy(t, D, "only in JSON");
	table_row(t);
	table_row(t);
}

static void tables(void)
{
	static const struct {
		enum table_style style;
		const char *want, *what;
	} cases[] = {
		{ TABLE_TEXT,
		  "A           B  C\n"
		  "one        12  yes\n"
		  "00:01:2f:ff:0a:90  1234567  5-x\n"
		  "-           -  -\n"
		  "-           -  -\n", "text" },
		{ TABLE_JSON,
		  "[\n"
		  "{\"a\":\"one\",\"b\":12,\"d\":false},\n"
		  "{\"a\":\"00:01:2f:ff:0a:90\",\"b\":1234567},\n"
		  "{\"a\":\"\",\"d\":\"only in JSON\"},\n"
		  "{}\n"
		  "]\n", "JSON" },
		{ TABLE_EVENT_JSON,
		  "{\"a\":\"one\",\"b\":12,\"d\":false}\n"
		  "{\"a\":\"00:01:2f:ff:0a:90\",\"b\":1234567}\n"
		  "{\"a\":\"\",\"d\":\"only in JSON\"}\n"
		  "{}\n", "events in JSON" },
		{ TABLE_EVENT_TEXT,
		  "one b 12 c\n"
		  "00:01:2f:ff:0a:90 b 1234567 c 5-x\n"
		  "\n"
		  "\n", "events in text" },
	};
	struct buf b = { };
	struct table t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		b.len = 0;
		table_begin(&t, &b, cases[i].style, columns, ARRAY_SIZE(columns));
		t.lead = 1;
		fill(&t);
		table_end(&t);
		same(text_of(&b), cases[i].want, cases[i].what);
	}

	b.len = 0;
	table_begin(&t, &b, TABLE_JSON, columns, ARRAY_SIZE(columns));
	table_end(&t);
	same(text_of(&b), "[]\n", "an empty table in JSON");

	b.len = 0;
	table_begin(&t, &b, TABLE_EVENT_JSON, columns, ARRAY_SIZE(columns));
	for (i = 0; i < 2 * TABLE_SCRATCH; i++)
		table_copy(&t, A, "text that does not fit in the end");
	table_row(&t);
	same(text_of(&b), "{\"a\":\"text that does not fit in the end\"}\n",
	     "a row that is full");
	buf_free(&b);
}

void test_output(void)
{
	json_strings();
	buffers();
	tables();
}
