// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parse.h"

bool parse_number(const char *s, uint64_t max, uint64_t *v)
{
	bool hex = s[0] == '0' && (s[1] == 'x' || s[1] == 'X');
	unsigned long long n;
	char *end;

	/* strtoull() takes a sign and blanks, and stops at what it dislikes */
	if (hex ? !isxdigit((unsigned char)s[2]) : !isdigit((unsigned char)s[0]))
		return false;
	errno = 0;
	n = strtoull(s, &end, hex ? 16 : 10);
	if (*end || errno || n > max)
		return false;
	*v = n;
	return true;
}

bool parse_seconds(const char *s, uint64_t max, uint64_t *ns)
{
	uint64_t sum = 0, unit = 1000000000;
	bool digits = false, point = false;

	for (; *s; s++) {
		uint64_t digit;

		if (*s == '.' && !point) {
			point = true;
			continue;
		}
		if (!isdigit((unsigned char)*s))
			return false;
		digit = (uint64_t)(*s - '0');
		digits = true;
		if (point)
			unit /= 10;
		/* More decimals than there are nanoseconds, or too many seconds. */
		if (!unit || sum > max)
			return false;
		sum = point ? sum + digit * unit : sum * 10 + digit * unit;
	}
	if (!digits || sum > max)
		return false;
	*ns = sum;
	return true;
}

static int hex_digit(char c)
{
	if (!isxdigit((unsigned char)c))
		return -1;
	return isdigit((unsigned char)c) ? c - '0' : tolower(c) - 'a' + 10;
}

bool parse_mac(const char *s, uint8_t mac[6])
{
	uint8_t out[6];
	int i;

	for (i = 0; i < 6; i++) {
		int hi = hex_digit(s[0]);
		int lo = hi < 0 ? -1 : hex_digit(s[1]);

		if (hi < 0)
			return false;
		out[i] = lo < 0 ? hi : hi << 4 | lo;
		s += lo < 0 ? 1 : 2;
		if (i < 5 && *s != ':' && *s != '-')
			return false;
		if (i < 5)
			s++;
	}
	if (*s)
		return false;
	memcpy(mac, out, sizeof(out));
	return true;
}

/* Copies @len characters of @from, which must fit with a NUL. */
static bool cut(char *to, size_t size, const char *from, size_t len)
{
	if (len >= size)
		return false;
	memcpy(to, from, len);
	to[len] = '\0';
	return true;
}

bool parse_endpoint(const char *s, struct endpoint *ep)
{
	char addr[INET6_ADDRSTRLEN];
	struct endpoint e = { };
	const char *port = NULL;
	const char *end;
	uint64_t n;

	if (*s == '[') {
		end = strchr(s, ']');
		if (!end || (end[1] && end[1] != ':') ||
		    !cut(addr, sizeof(addr), s + 1, end - s - 1))
			return false;
		if (end[1])
			port = end + 2;
		if (!strchr(addr, ':'))
			return false;
	} else {
		end = strchr(s, ':');
		/* one colon: a port follows; several: a bare IPv6 address */
		if (end && !strchr(end + 1, ':'))
			port = end + 1;
		if (!cut(addr, sizeof(addr), s, port ? (size_t)(end - s) : strlen(s)))
			return false;
	}

	if (inet_pton(AF_INET, addr, &e.v4) == 1)
		e.family = AF_INET;
	else if (inet_pton(AF_INET6, addr, &e.v6) == 1)
		e.family = AF_INET6;
	else
		return false;
	if (port) {
		if (!parse_number(port, UINT16_MAX, &n) || !n)
			return false;
		e.port = n;
	}
	*ep = e;
	return true;
}

void format_endpoint(const struct endpoint *ep, char s[ENDPOINT_STRLEN])
{
	bool bracket = ep->family == AF_INET6 && ep->port;
	char *p = s;

	if (bracket)
		*p++ = '[';
	inet_ntop(ep->family, &ep->v4, p, INET6_ADDRSTRLEN);
	p += strlen(p);
	if (bracket)
		*p++ = ']';
	if (ep->port)
		snprintf(p, s + ENDPOINT_STRLEN - p, ":%u", ep->port);
}
