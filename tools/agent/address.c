// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "address.h"

bool address_endpoint(const char *s, struct endpoint *ep)
{
	char text[SETUP_ADDRESS_SIZE];

	if (!s || !setup_address_valid(s))
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)strcspn(s, "/"), s);
	return parse_endpoint(text, ep);
}

bool address_usable(const json_t *self, int family)
{
	const json_t *list = json_object_get(self, "addresses");
	struct endpoint ep;
	size_t i;

	for (i = 0; i < json_array_size(list); i++)
		if (address_endpoint(json_string_value(json_array_get(list, i)), &ep) &&
		    ep.family == family)
			return true;
	return !json_array_size(list);
}

static const void *octets(const struct sockaddr *sa, size_t *len)
{
	if (sa->sa_family == AF_INET) {
		*len = sizeof(struct in_addr);
		return &((const struct sockaddr_in *)sa)->sin_addr;
	}
	*len = sizeof(struct in6_addr);
	return &((const struct sockaddr_in6 *)sa)->sin6_addr;
}

static unsigned int mask_length(const struct sockaddr *sa)
{
	unsigned int bits = 0;
	const uint8_t *p;
	size_t len, i;

	p = octets(sa, &len);
	for (i = 0; i < len; i++)
		bits += __builtin_popcount(p[i]);
	return bits;
}

/* Others could reach it, and it is there to stay. */
static bool is_global(const struct ifaddrs *i)
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)i->ifa_addr;

	if (!i->ifa_addr || !i->ifa_netmask || i->ifa_flags & IFF_LOOPBACK ||
	    !(i->ifa_flags & IFF_UP))
		return false;
	if (i->ifa_addr->sa_family == AF_INET)
		return true;
	return i->ifa_addr->sa_family == AF_INET6 && !IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr);
}

static bool is_address(const struct ifaddrs *i, const struct endpoint *ep)
{
	const void *p;
	size_t len;

	if (i->ifa_addr->sa_family != ep->family)
		return false;
	p = octets(i->ifa_addr, &len);
	return !memcmp(p, &ep->v4, len);
}

static void format(const struct ifaddrs *i, char address[SETUP_ADDRESS_SIZE])
{
	char text[INET6_ADDRSTRLEN];
	const void *p;
	size_t len;

	p = octets(i->ifa_addr, &len);
	inet_ntop(i->ifa_addr->sa_family, p, text, sizeof(text));
	snprintf(address, SETUP_ADDRESS_SIZE, "%s/%u", text, mask_length(i->ifa_netmask));
}

bool address_find(const char *local, char address[SETUP_ADDRESS_SIZE])
{
	const struct ifaddrs *found = NULL, *i;
	struct ifaddrs *all;
	struct endpoint ep;
	bool known;

	known = parse_endpoint(local, &ep);
	if (getifaddrs(&all))
		return false;
	for (i = all; i; i = i->ifa_next) {
		if (!is_global(i) || !strncmp(i->ifa_name, "vmnet", 5))
			continue;
		if (known && is_address(i, &ep)) {
			found = i;
			break;
		}
		if (!found || (found->ifa_addr->sa_family == AF_INET6 &&
			       i->ifa_addr->sa_family == AF_INET))
			found = i;
	}
	if (found)
		format(found, address);
	freeifaddrs(all);
	return found;
}

unsigned int address_device(const char *s)
{
	unsigned int index = 0;
	struct ifaddrs *all, *i;
	struct endpoint ep;

	if (!address_endpoint(s, &ep) || getifaddrs(&all))
		return 0;
	for (i = all; i && !index; i = i->ifa_next)
		if (i->ifa_addr && is_address(i, &ep))
			index = if_nametoindex(i->ifa_name);
	freeifaddrs(all);
	return index;
}
