/* SPDX-License-Identifier: GPL-2.0 */
/* IP prefixes, and addresses of both families as numbers. */
#ifndef TOOLS_PREFIX_H
#define TOOLS_PREFIX_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

/* Longest text of a prefix, with its NUL. */
#define PREFIX_STRLEN	(INET6_ADDRSTRLEN + 4)

/* Digits of an address in a key, such that keys sort as addresses do, and NUL. */
#define IP_KEYLEN	33

/**
 * struct prefix - a prefix
 * @family: AF_INET or AF_INET6; 0: none
 * @len: its length
 * @base: the address, all of it
 */
struct prefix {
	int family;
	unsigned int len;
	__uint128_t base;
};

bool ip_parse(const char *s, int family, __uint128_t *ip);
void ip_format(int family, __uint128_t ip, char s[INET6_ADDRSTRLEN]);
void ip_key(int family, __uint128_t ip, char s[IP_KEYLEN]);
bool ip_from_key(const char *s, __uint128_t *ip);

/* ADDRESS/LENGTH of either family. */
bool prefix_parse(const char *s, struct prefix *p);

/* The form that prefix_parse() reads. */
void prefix_format(const struct prefix *p, char s[PREFIX_STRLEN]);

/* Its address without the part that the host has. */
__uint128_t prefix_network(const struct prefix *p);

bool prefix_contains(const struct prefix *p, __uint128_t ip);
bool prefix_overlaps(const struct prefix *a, const struct prefix *b);

/*
 * Addresses for guests: without that of the network itself (in IPv6, of its
 * routers) and, in IPv4, that of broadcasts; where there are but one or two, all.
 */
__uint128_t prefix_first(const struct prefix *p);
__uint128_t prefix_last(const struct prefix *p);

#endif /* TOOLS_PREFIX_H */
