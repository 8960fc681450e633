/* SPDX-License-Identifier: GPL-2.0 */
/* What people type. Each returns false, and changes nothing, if it is not that. */
#ifndef TOOLS_PARSE_H
#define TOOLS_PARSE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

/* Decimal, or hexadecimal after 0x; at most @max. */
bool parse_number(const char *s, uint64_t max, uint64_t *v);

/* Seconds with up to nine decimals, at most @max nanoseconds. */
bool parse_seconds(const char *s, uint64_t max, uint64_t *ns);

/* Six octets in hexadecimal, with ':' or '-' between them. */
bool parse_mac(const char *s, uint8_t mac[6]);

/**
 * struct endpoint - an IP address and a UDP port
 * @family: AF_INET or AF_INET6
 * @port: host byte order; 0 = not given
 */
struct endpoint {
	int family;
	union {
		struct in_addr v4;
		struct in6_addr v6;
	};
	uint16_t port;
};

/* ADDR, IPV4:PORT, [IPV6] or [IPV6]:PORT. No names, no zones. */
bool parse_endpoint(const char *s, struct endpoint *ep);

/* Longest result: brackets, address, colon, port, NUL. */
#define ENDPOINT_STRLEN	(INET6_ADDRSTRLEN + 8)

/* The form that parse_endpoint() reads; without the port if it is 0. */
void format_endpoint(const struct endpoint *ep, char s[ENDPOINT_STRLEN]);

#endif /* TOOLS_PARSE_H */
