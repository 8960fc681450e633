// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "agent.h"
#include "dhcp.h"
#include "domain.h"
#include "error.h"
#include "kernel.h"
#include "reconcile.h"
#include "vm.h"

enum { AUDIT_MS = 30000 };	/* between looks at the kernel that nothing asks for */

static bool is_there(void *arg, unsigned int net)
{
	const struct link *l = kernel_link(arg, net);

	return l && l->is_net;
}

static void on_sync(void *arg)
{
	struct agent *a = arg;
	struct domain *d;
	struct kernel k;

	if (kernel_begin(&k) || kernel_read_peers(&k)) {
		if (strcmp(a->kernel_error, k.error))
			complain("%s", k.error);
		snprintf(a->kernel_error, sizeof(a->kernel_error), "%s", k.error);
	} else {
		*a->kernel_error = '\0';
		if (k.has_vmnet)
			made_prune(&a->made, is_there, &k);
		for (d = a->domains; d; d = d->next)
			reconcile_domain(d, &k);
		reconcile_strangers(a, &k);
		made_save(&a->made);
		dhcp_sync(a, &k);
	}
	kernel_end(&k);
	for (d = a->domains; d; d = d->next)
		vm_check(d, 0);
	loop_after(&a->loop, &a->sync_timer, AUDIT_MS);
}

void agent_sync(struct agent *a, unsigned int ms)
{
	loop_within(&a->loop, &a->sync_timer, ms);
}

/* ------------------------------------------------------------- configuration */

static bool same_config(const struct setup_domain *x, const struct setup_domain *y)
{
	struct setup_domain a = *x, b = *y;

	if (a.network_count != b.network_count ||
	    (a.network_count && memcmp(a.networks, b.networks,
				       a.network_count * sizeof(*a.networks))))
		return false;
	a.networks = NULL;
	b.networks = NULL;
	a.line = 0;
	b.line = 0;
	return !memcmp(&a, &b, sizeof(a));
}

static struct domain **find(struct agent *a, const char *name)
{
	struct domain **p = &a->domains;

	while (*p && strcmp((*p)->config.name, name))
		p = &(*p)->next;
	return p;
}

static void apply(struct agent *a)
{
	struct domain *d, *next, **p;
	unsigned int i;

	for (d = a->domains; d; d = next) {
		next = d->next;
		if (!setup_find(&a->setup, d->config.name) && !d->leaving)
			domain_leave(d);
	}
	for (i = 0; i < a->setup.domain_count; i++) {
		const struct setup_domain *config = &a->setup.domains[i];

		p = find(a, config->name);
		if (*p && !(*p)->leaving && same_config(&(*p)->config, config))
			continue;
		d = *p;
		if (d) {
			*p = d->next;
			domain_close(d);
		}
		d = domain_open(a, config);
		p = find(a, config->name);
		*p = d;
	}
	agent_sync(a, 0);
}

bool agent_reload(struct agent *a, char error[512])
{
	struct setup setup;

	/* A file that is not there is no wish to leave. */
	if (setup_read(&setup, a->conf, error))
		return false;
	/* These are where others find it. */
	snprintf(setup.state, sizeof(setup.state), "%s", a->setup.state);
	snprintf(setup.socket, sizeof(setup.socket), "%s", a->setup.socket);
	setup_free(&a->setup);
	a->setup = setup;
	apply(a);
	return true;
}

void agent_open(struct agent *a, const char *conf)
{
	char error[512], file[PATH_MAX];
	int err;

	*a = (struct agent){ .conf = conf };
	a->sync_timer = (struct loop_timer){ .fn = on_sync, .arg = a };
	err = setup_read(&a->setup, conf, error);
	if (err && err != -ENOENT)
		die(STATUS_USAGE, "%s", error);
	if (err)
		complain("there is no %s: \"vmnetctl join\" makes one", conf);
	/* Whoever needs it will say why it is not there. */
	mkdir(a->setup.state, 0700);
	snprintf(file, sizeof(file), "%s.made", a->setup.socket);
	made_open(&a->made, file);
	loop_open(&a->loop);
	apply(a);
}

void agent_close(struct agent *a)
{
	dhcp_close(a);
	while (a->domains) {
		struct domain *d = a->domains;

		a->domains = d->next;
		domain_close(d);
	}
	loop_cancel(&a->loop, &a->sync_timer);
	loop_close(&a->loop);
	made_close(&a->made);
	setup_free(&a->setup);
}
