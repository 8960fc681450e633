// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "parse.h"
#include "prefix.h"

static unsigned int bits(int family)
{
	return family == AF_INET ? 32 : 128;
}

/* The part of an address that a host of the prefix has, all ones. */
static __uint128_t host_mask(const struct prefix *p)
{
	unsigned int host = bits(p->family) - p->len;

	return host == 128 ? ~(__uint128_t)0 : ((__uint128_t)1 << host) - 1;
}

bool ip_parse(const char *s, int family, __uint128_t *ip)
{
	unsigned char octets[16];
	unsigned int i;

	if (inet_pton(family, s, octets) != 1)
		return false;
	*ip = 0;
	for (i = 0; i < bits(family) / 8; i++)
		*ip = *ip << 8 | octets[i];
	return true;
}

void ip_format(int family, __uint128_t ip, char s[INET6_ADDRSTRLEN])
{
	unsigned char octets[16];
	int i;

	for (i = (int)bits(family) / 8 - 1; i >= 0; i--) {
		octets[i] = ip & 0xff;
		ip >>= 8;
	}
	inet_ntop(family, octets, s, INET6_ADDRSTRLEN);
}

void ip_key(int family, __uint128_t ip, char s[IP_KEYLEN])
{
	if (family == AF_INET)
		snprintf(s, IP_KEYLEN, "%08x", (unsigned int)ip);
	else
		snprintf(s, IP_KEYLEN, "%016llx%016llx", (unsigned long long)(ip >> 64),
			 (unsigned long long)ip);
}

bool ip_from_key(const char *s, __uint128_t *ip)
{
	*ip = 0;
	for (; *s; s++) {
		if (*s >= '0' && *s <= '9')
			*ip = *ip << 4 | (*s - '0');
		else if (*s >= 'a' && *s <= 'f')
			*ip = *ip << 4 | (*s - 'a' + 10);
		else
			return false;
	}
	return true;
}

bool prefix_parse(const char *s, struct prefix *p)
{
	const char *slash = strchr(s, '/');
	char addr[INET6_ADDRSTRLEN];
	struct prefix out = { };
	uint64_t len;

	if (!slash || (size_t)(slash - s) >= sizeof(addr))
		return false;
	memcpy(addr, s, slash - s);
	addr[slash - s] = '\0';
	out.family = strchr(addr, ':') ? AF_INET6 : AF_INET;
	if (!ip_parse(addr, out.family, &out.base) ||
	    !parse_number(slash + 1, bits(out.family), &len))
		return false;
	out.len = len;
	*p = out;
	return true;
}

void prefix_format(const struct prefix *p, char s[PREFIX_STRLEN])
{
	char addr[INET6_ADDRSTRLEN];

	ip_format(p->family, p->base, addr);
	snprintf(s, PREFIX_STRLEN, "%s/%u", addr, p->len);
}

__uint128_t prefix_network(const struct prefix *p)
{
	return p->base & ~host_mask(p);
}

bool prefix_contains(const struct prefix *p, __uint128_t ip)
{
	return (ip & ~host_mask(p)) == prefix_network(p);
}

bool prefix_overlaps(const struct prefix *a, const struct prefix *b)
{
	return a->family == b->family &&
	       (prefix_contains(a, b->base) || prefix_contains(b, a->base));
}

__uint128_t prefix_first(const struct prefix *p)
{
	return prefix_network(p) + (host_mask(p) > 1);
}

__uint128_t prefix_last(const struct prefix *p)
{
	return (prefix_network(p) | host_mask(p)) -
	       (p->family == AF_INET && host_mask(p) > 1);
}
