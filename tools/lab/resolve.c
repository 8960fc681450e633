// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resolve.h"

static void put_mask(struct buf *out, unsigned int len)
{
	struct in_addr mask = { .s_addr = htonl(~0u << (32 - len)) };
	char text[INET_ADDRSTRLEN];

	buf_puts(out, inet_ntop(AF_INET, &mask, text, sizeof(text)));
}

const char *resolve_gateway(const struct topology *t, unsigned int network)
{
	const struct topology_guest *gateway = topology_guest(t, t->networks[network].gateway);
	unsigned int i;

	for (i = 0; gateway && i < gateway->nic_count; i++)
		if (gateway->nics[i].network == network)
			return gateway->nics[i].ipv4;
	return NULL;
}

/* The same, NULL too if that is the guest itself. */
static const char *gateway_of(const struct topology *t, const struct topology_guest *g,
			      unsigned int network)
{
	return topology_guest(t, t->networks[network].gateway) == g ? NULL :
	       resolve_gateway(t, network);
}

/* ip=ADDRESS::GATEWAY:MASK:NAME:DEVICE:none */
static void put_nic(struct buf *out, const struct topology *t, const struct topology_guest *g,
		    unsigned int index, const char *gateway)
{
	const struct topology_nic *nic = &g->nics[index];

	buf_puts(out, " ip=");
	buf_puts(out, nic->ipv4);
	buf_puts(out, "::");
	buf_puts(out, gateway ? gateway : "");
	buf_putc(out, ':');
	put_mask(out, t->networks[nic->network].prefix.len);
	buf_putc(out, ':');
	buf_puts(out, g->name);
	buf_puts(out, ":eth");
	buf_u64(out, index);
	buf_puts(out, ":none");
}

void resolve_append(const struct topology *t, const struct topology_guest *g,
		    struct buf *out)
{
	const char *gateway = NULL;
	unsigned int i;

	buf_puts(out, g->append);
	for (i = 0; i < g->nic_count; i++) {
		/* Of several the first one is the way to everywhere. */
		const char *its = gateway ? NULL : gateway_of(t, g, g->nics[i].network);

		gateway = its ? its : gateway;
		if (!g->dhcp)
			put_nic(out, t, g, i, its);
	}
	if (g->dhcp)
		buf_puts(out, " ip=dhcp");
	if (g->forward)
		buf_puts(out, " sysctl.net.ipv4.ip_forward=1");
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void resolve_place(struct topology *t, const char *const *hosts, unsigned int count)
{
	unsigned int *loads = calloc(count + 1, sizeof(*loads)), i, j, least;
	const char **sorted = calloc(count + 1, sizeof(*sorted));

	if (!loads || !sorted || !count)
		goto out;
	memcpy(sorted, hosts, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), by_name);
	for (i = 0; i < t->guest_count; i++)
		for (j = 0; j < count; j++)
			loads[j] += !strcmp(t->guests[i].host, sorted[j]);
	for (i = 0; i < t->guest_count; i++) {
		if (*t->guests[i].host)
			continue;
		for (j = 1, least = 0; j < count; j++)
			if (loads[j] < loads[least])
				least = j;
		snprintf(t->guests[i].host, NAME_SIZE, "%s", sorted[least]);
		loads[least]++;
	}
out:
	free(loads);
	free(sorted);
}
