/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How dnsmasq is called. All that it knows is on its command line, and all of that is
 * made here from numbers: a board can have it say nothing else. It has no file of leases:
 * that a guest has an address follows from who the guest is, also after a restart.
 */
#ifndef AGENT_DNSMASQ_H
#define AGENT_DNSMASQ_H

#include <jansson.h>
#include <netinet/in.h>
#include <stdbool.h>

#define DNSMASQ_NIC	"eth0"
#define DNSMASQ_USER	"dnsmasq"
#define DNSMASQ_DNS_MAX	3

/**
 * struct dnsmasq_net - what guests are told of their network
 * @base: its first address
 * @len: length of its prefix
 * @mtu: of it
 * @gateway: router, 0: none
 * @dns: servers of names, 0 behind the last
 */
struct dnsmasq_net {
	struct in_addr base;
	unsigned int len;
	unsigned int mtu;
	struct in_addr gateway;
	struct in_addr dns[DNSMASQ_DNS_MAX];
};

/*
 * Reads what the board says of segment @o; what makes no sense of it is left out. Returns
 * false if it has no IPv4 prefix.
 */
bool dnsmasq_net(const json_t *o, unsigned int mtu, struct dnsmasq_net *net);

/*
 * Its arguments, @program first, without guests: others are not answered. Taken by the
 * caller.
 */
json_t *dnsmasq_args(const char *program, const struct dnsmasq_net *net);

/*
 * Adds a guest. Returns false if it has no such addresses in @net, or somebody in @seen,
 * an object, has one of them already.
 */
bool dnsmasq_add(json_t *args, json_t *seen, const struct dnsmasq_net *net,
		 const char *mac, const char *ipv4);

#endif /* AGENT_DNSMASQ_H */
