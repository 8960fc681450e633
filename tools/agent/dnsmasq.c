// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "compiler.h"
#include "dnsmasq.h"
#include "json.h"
#include "parse.h"

/* Seconds; half of it after a guest's address was changed the guest knows. */
#define LEASE	43200

/* Only those that it is told of have any: all of them may. */
#define LEASES_MAX	1000000

#define ROUTER_TAG	"router"

static in_addr_t mask_of(unsigned int len)
{
	return htonl(len ? ~0u << (32 - len) : 0);
}

static bool is_inside(struct in_addr addr, const struct dnsmasq_net *net)
{
	return (addr.s_addr & mask_of(net->len)) == net->base.s_addr;
}

static bool read_prefix(const char *s, struct dnsmasq_net *net)
{
	char addr[INET_ADDRSTRLEN];
	const char *slash = strchr(s, '/');
	uint64_t len;

	if (!slash || (size_t)(slash - s) >= sizeof(addr))
		return false;
	memcpy(addr, s, slash - s);
	addr[slash - s] = '\0';
	if (inet_pton(AF_INET, addr, &net->base) != 1 ||
	    !parse_number(slash + 1, 32, &len) || !len)
		return false;
	net->len = len;
	net->base.s_addr &= mask_of(len);
	return true;
}

bool dnsmasq_net(const json_t *o, unsigned int mtu, struct dnsmasq_net *net)
{
	const json_t *list = json_object_get(o, "dns");
	unsigned int n = 0;
	size_t i;

	*net = (struct dnsmasq_net){ .mtu = mtu };
	if (!read_prefix(json_text(o, "ipv4"), net))
		return false;
	if (inet_pton(AF_INET, json_text(o, "gateway"), &net->gateway) != 1 ||
	    !is_inside(net->gateway, net))
		net->gateway.s_addr = 0;
	for (i = 0; i < json_array_size(list) && n < DNSMASQ_DNS_MAX; i++) {
		const char *s = json_string_value(json_array_get(list, i));

		if (s && inet_pton(AF_INET, s, &net->dns[n]) == 1)
			n++;
	}
	return true;
}

__printf(2, 3) static void add(json_t *args, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	json_array_append_new(args, json_string(text));
}

/* An option without value is one that nobody is sent, and dnsmasq would. */
static void add_router(json_t *args, const struct dnsmasq_net *net)
{
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &net->gateway, text, sizeof(text));
	if (net->gateway.s_addr)
		add(args, "--dhcp-option=tag:!" ROUTER_TAG ",3,%s", text);
	else
		add(args, "--dhcp-option=3");
}

static void add_dns(json_t *args, const struct dnsmasq_net *net)
{
	char list[DNSMASQ_DNS_MAX * (INET_ADDRSTRLEN + 1) + 1] = "";
	size_t len = 0;
	unsigned int i;

	for (i = 0; i < DNSMASQ_DNS_MAX && net->dns[i].s_addr; i++) {
		list[len++] = ',';
		inet_ntop(AF_INET, &net->dns[i], list + len, INET_ADDRSTRLEN);
		len += strlen(list + len);
	}
	add(args, "--dhcp-option=6%s", list);
}

json_t *dnsmasq_args(const char *program, const struct dnsmasq_net *net)
{
	static const char *const always[] = {
		"--conf-file=/dev/null", "--keep-in-foreground", "--log-facility=-",
		/* It is another user from the start, not root, and changes that no more. */
		"--user=root", "--group=root", "--pid-file",
		/* No DNS */
		"--port=0", "--no-hosts", "--no-resolv",
		("--interface=" DNSMASQ_NIC), "--bind-interfaces",
		"--leasefile-ro", "--no-ping", "--dhcp-authoritative",
		"--dhcp-ignore=tag:!known",
		/* How much is logged is not for guests to say. */
		"--quiet-dhcp",
	};
	char base[INET_ADDRSTRLEN], mask[INET_ADDRSTRLEN];
	const struct in_addr m = { mask_of(net->len) };
	json_t *args = json_array();
	unsigned int i;

	inet_ntop(AF_INET, &net->base, base, sizeof(base));
	inet_ntop(AF_INET, &m, mask, sizeof(mask));
	json_array_append_new(args, json_string(program));
	for (i = 0; i < ARRAY_SIZE(always); i++)
		add(args, "%s", always[i]);
	add(args, "--dhcp-lease-max=%d", LEASES_MAX);
	add(args, "--dhcp-range=%s,static,%s,%d", base, mask, LEASE);
	/* Its own address is in no segment. */
	add(args, "--shared-network=" DNSMASQ_NIC ",%s", base);
	add(args, "--dhcp-option=26,%u", net->mtu);
	add_router(args, net);
	add_dns(args, net);
	return args;
}

static bool is_new(json_t *seen, const char *what)
{
	if (json_object_get(seen, what))
		return false;
	json_object_set_new(seen, what, json_true());
	return true;
}

bool dnsmasq_add(json_t *args, json_t *seen, const struct dnsmasq_net *net,
		 const char *mac, const char *ipv4)
{
	char text[INET_ADDRSTRLEN], octets[18];
	struct in_addr addr;
	uint8_t m[6];

	if (!parse_mac(mac, m) || m[0] & 1 || inet_pton(AF_INET, ipv4, &addr) != 1 ||
	    !is_inside(addr, net))
		return false;
	inet_ntop(AF_INET, &addr, text, sizeof(text));
	snprintf(octets, sizeof(octets), "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2],
		 m[3], m[4], m[5]);
	if (!is_new(seen, octets) || !is_new(seen, text))
		return false;
	/* The router is not its own. */
	add(args, "--dhcp-host=%s,%s%s", octets,
	    addr.s_addr == net->gateway.s_addr ? "set:" ROUTER_TAG "," : "", text);
	return true;
}
