// SPDX-License-Identifier: GPL-2.0
/* The configuration of vmnetd: what is taken is the same when it was written and read. */
#include <sys/stat.h>

#include "file.h"
#include "setup.h"

#define DIR_FORM	"/dev/shm/fuzz-setup-XXXXXX"

static char dir[sizeof(DIR_FORM)], file[sizeof(DIR_FORM) + sizeof("/conf")];

static void clean_up(void)
{
	unlink(file);
	rmdir(dir);
}

static const char *where(void)
{
	if (!*file) {
		memcpy(dir, DIR_FORM, sizeof(dir));
		must(mkdtemp(dir), "a directory in memory");
		snprintf(file, sizeof(file), "%s/conf", dir);
		atexit(clean_up);
	}
	return file;
}

static bool same_board(const struct http_board *a, const struct http_board *b)
{
	return !strcmp(a->url, b->url) && !strcmp(a->token, b->token) &&
	       !memcmp(a->fingerprint, b->fingerprint, sizeof(a->fingerprint));
}

static bool same_domain(const struct setup_domain *a, const struct setup_domain *b)
{
	bool same = !strcmp(a->name, b->name) && !strcmp(a->host, b->host) &&
		    a->board_count == b->board_count && a->address_count == b->address_count &&
		    a->rrdp == b->rrdp && a->ttl == b->ttl && a->node == b->node &&
		    a->network_count == b->network_count;
	unsigned int i;

	for (i = 0; i < a->board_count && same; i++)
		same = same_board(&a->boards[i], &b->boards[i]);
	for (i = 0; i < a->address_count && same; i++)
		same = !strcmp(a->addresses[i], b->addresses[i]);
	for (i = 0; i < a->network_count && same; i++)
		same = !strcmp(a->networks[i].segment, b->networks[i].segment) &&
		       !strcmp(a->networks[i].device, b->networks[i].device);
	return same;
}

static void check_again(const struct setup *s)
{
	struct setup again;
	char error[512];
	unsigned int i;

	must(!setup_write(s, where()) && !setup_read(&again, where(), error),
	     "a configuration is refused when it was written");
	must(!strcmp(s->state, again.state) && !strcmp(s->socket, again.socket) &&
	     s->dhcp == again.dhcp && !strcmp(s->dnsmasq, again.dnsmasq) &&
	     s->domain_count == again.domain_count, "it is another");
	for (i = 0; i < s->domain_count; i++)
		must(same_domain(&s->domains[i], &again.domains[i]), "a domain is another");
	setup_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char error[512] = "";
	struct setup s;
	int err = setup_read(&s, file_of(data, size), error);

	must(!err == !*error, "an error that is not told, or none");
	if (!err) {
		check_again(&s);
		setup_free(&s);
	}
	return 0;
}
