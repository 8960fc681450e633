// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "etcd_address.h"
#include "parse.h"

#define PREFIX_DEFAULT	"vmnet/"
#define PORT_DEFAULT	"2379"

/* A name or an IPv4 address, or an IPv6 address in brackets. */
static bool host_valid(const char *s, size_t len)
{
	bool brackets = len > 2 && s[0] == '[' && s[len - 1] == ']';
	size_t i;

	for (i = brackets; i < len - brackets; i++)
		if (!(brackets ? isxdigit((unsigned char)s[i]) || strchr(":.", s[i]) :
				 isalnum((unsigned char)s[i]) || strchr("-.", s[i])))
			return false;
	return len > 0;
}

static bool read_member(const char *s, size_t len, char out[ETCD_MEMBER_SIZE])
{
	char text[ETCD_MEMBER_SIZE - sizeof(PORT_DEFAULT)];
	const char *port, *end;
	uint64_t number;

	if (len >= sizeof(text))
		return false;
	memcpy(text, s, len);
	text[len] = '\0';
	end = strrchr(text, ']');
	port = strchr(end ? end : text, ':');
	if (port && (port[1 + strspn(port + 1, "0123456789")] ||
		     !parse_number(port + 1, 65535, &number) || !number))
		return false;
	if (!host_valid(text, port ? (size_t)(port - text) : len))
		return false;
	snprintf(out, ETCD_MEMBER_SIZE, "%s%s", text, port ? "" : ":" PORT_DEFAULT);
	return true;
}

/* What follows the members: "/some/prefix", with or without a slash at its end. */
static bool read_prefix(const char *s, char out[ETCD_PREFIX_SIZE])
{
	size_t len, i;

	if (!*s || !strcmp(s, "/")) {
		snprintf(out, ETCD_PREFIX_SIZE, PREFIX_DEFAULT);
		return true;
	}
	len = strlen(++s);
	if (s[len - 1] == '/')
		len--;
	if (!len || len + 2 > ETCD_PREFIX_SIZE)
		return false;
	for (i = 0; i < len; i++)
		if (!isalnum((unsigned char)s[i]) && !strchr("-_./", s[i]))
			return false;
	snprintf(out, ETCD_PREFIX_SIZE, "%.*s/", (int)len, s);
	return true;
}

bool etcd_address_parse(const char *text, struct etcd_address *a)
{
	struct etcd_address got = { };

	got.tls = !strncmp(text, "etcds://", 8);
	if (!got.tls && strncmp(text, "etcd://", 7))
		return false;
	text += got.tls ? 8 : 7;
	for (;;) {
		size_t len = strcspn(text, ",/");

		if (got.count == ETCD_MEMBERS_MAX ||
		    !read_member(text, len, got.members[got.count++]))
			return false;
		text += len;
		if (*text != ',')
			break;
		text++;
	}
	if (!read_prefix(text, got.prefix))
		return false;
	*a = got;
	return true;
}
