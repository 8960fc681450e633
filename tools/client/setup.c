// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "compiler.h"
#include "conf.h"
#include "file.h"
#include "memory.h"
#include "parse.h"
#include "setup.h"

enum {
	TTL_DEFAULT	= 30,
	TTL_MAX		= 3600,
	NETWORKS_MAX	= 4096,
};

static const struct setup defaults = {
	.state = "/var/lib/vmnetd",
	.socket = "/run/vmnetd.sock",
	.dhcp = true,
	.dnsmasq = "/usr/sbin/dnsmasq",
};

bool setup_address_valid(const char *s)
{
	const char *slash = strchr(s, '/');
	char address[INET6_ADDRSTRLEN];
	struct in6_addr a;
	uint64_t len;
	bool v6 = strchr(s, ':');

	if (!slash || (size_t)(slash - s) >= sizeof(address) || strlen(s) >= SETUP_ADDRESS_SIZE)
		return false;
	memcpy(address, s, slash - s);
	address[slash - s] = '\0';
	return parse_number(slash + 1, v6 ? 128 : 32, &len) && len &&
	       inet_pton(v6 ? AF_INET6 : AF_INET, address, &a) == 1;
}

void setup_host_name(char name[NAME_SIZE])
{
	char host[NAME_SIZE] = "";

	gethostname(host, sizeof(host) - 1);
	host[strcspn(host, ".")] = '\0';
	snprintf(name, NAME_SIZE, "%s", name_valid(host) ? host : "");
}

/* ---------------------------------------------------------------- reading */

typedef bool (*set_fn)(struct conf *c, struct setup *s, struct setup_domain *d,
		       char *value);

static bool set_path(struct conf *c, char *to, size_t size, const char *value)
{
	if (*value != '/' || strlen(value) >= size)
		return conf_fail(c,
				 "expected a path that begins with \"/\", of less than %zu characters",
				 size);
	memcpy(to, value, strlen(value) + 1);
	return true;
}

static bool set_state(struct conf *c, struct setup *s, struct setup_domain *d, char *value)
{
	(void)d;
	return set_path(c, s->state, sizeof(s->state), value);
}

static bool set_socket(struct conf *c, struct setup *s, struct setup_domain *d,
		       char *value)
{
	(void)d;
	return set_path(c, s->socket, sizeof(s->socket), value);
}

static bool set_dhcp(struct conf *c, struct setup *s, struct setup_domain *d, char *value)
{
	(void)d;
	s->dhcp = !strcmp(value, "yes");
	if (!s->dhcp && strcmp(value, "no"))
		return conf_fail(c, "\"dhcp\" must be \"yes\" or \"no\", not \"%.80s\"", value);
	return true;
}

static bool set_dnsmasq(struct conf *c, struct setup *s, struct setup_domain *d,
			char *value)
{
	(void)d;
	return set_path(c, s->dnsmasq, sizeof(s->dnsmasq), value);
}

static bool set_name(struct conf *c, char name[NAME_SIZE], const char *what,
		     const char *value)
{
	if (!name_valid(value))
		return conf_fail(c,
				 "\"%s\" must be a name of up to %d letters, digits, \"-\", \".\" and \"_\", not \"%.80s\"",
				 what, NAME_LEN, value);
	memcpy(name, value, strlen(value) + 1);
	return true;
}

static bool set_domain(struct conf *c, struct setup *s, struct setup_domain *d,
		       char *value)
{
	char name[NAME_SIZE];

	(void)d;
	if (!set_name(c, name, "domain", value))
		return false;
	if (setup_find(s, name))
		return conf_fail(c, "domain \"%s\" is there twice", name);
	setup_add(s, name)->line = c->line;
	return true;
}

static bool set_host(struct conf *c, struct setup *s, struct setup_domain *d, char *value)
{
	(void)s;
	return set_name(c, d->host, "host", value);
}

static bool set_board(struct conf *c, struct setup *s, struct setup_domain *d, char *value)
{
	(void)s;
	if (!http_url_valid(value))
		return conf_fail(c, "\"board\" must be like https://192.0.2.1:8789, not \"%.80s\"",
				 value);
	if (d->board_count == SETUP_BOARDS)
		return conf_fail(c, "a domain has at most %d boards", SETUP_BOARDS);
	memcpy(d->boards[d->board_count++].url, value, strlen(value) + 1);
	return true;
}

/* The board that was named last. */
static struct http_board *last_board(struct conf *c, struct setup_domain *d,
				     const char *what)
{
	if (d->board_count)
		return &d->boards[d->board_count - 1];
	conf_fail(c, "\"%s\" comes after \"board\"", what);
	return NULL;
}

static bool set_fingerprint(struct conf *c, struct setup *s, struct setup_domain *d,
			    char *value)
{
	struct http_board *b = last_board(c, d, "fingerprint");

	(void)s;
	if (b && !fingerprint_parse(value, b->fingerprint))
		return conf_fail(c,
				 "\"fingerprint\" must be as \"vmnet-board fingerprint\" prints it, not \"%.120s\"",
				 value);
	return b;
}

static bool set_token(struct conf *c, struct setup *s, struct setup_domain *d, char *value)
{
	struct http_board *b = last_board(c, d, "token");
	const char *p;

	(void)s;
	if (!b)
		return false;
	for (p = value; isgraph((unsigned char)*p); p++)
		;
	/* It is secret: what it was is not said. */
	if (*p || p == value || strlen(value) >= sizeof(b->token))
		return conf_fail(c, "\"token\" must be as \"vmnet-board token add\" prints it");
	memcpy(b->token, value, strlen(value) + 1);
	return true;
}

static bool set_address(struct conf *c, struct setup *s, struct setup_domain *d,
			char *value)
{
	(void)s;
	if (!setup_address_valid(value))
		return conf_fail(c, "\"address\" must be like 192.0.2.1/24, not \"%.80s\"", value);
	if (d->address_count == SETUP_ADDRESSES)
		return conf_fail(c, "a host has at most %d addresses", SETUP_ADDRESSES);
	memcpy(d->addresses[d->address_count++], value, strlen(value) + 1);
	return true;
}

static bool set_transports(struct conf *c, struct setup *s, struct setup_domain *d,
			   char *value)
{
	(void)s;
	d->rrdp = !strcmp(value, "udp rrdp");
	if (!d->rrdp && strcmp(value, "udp"))
		return conf_fail(c, "\"transports\" must be \"udp\" or \"udp rrdp\", not \"%.80s\"",
				 value);
	return true;
}

static bool set_number(struct conf *c, const char *what, const char *value, uint64_t max,
		       uint64_t *v)
{
	if (parse_number(value, max, v) && *v)
		return true;
	return conf_fail(c, "\"%s\" must be a number from 1 to %llu, not \"%.80s\"", what,
			 (unsigned long long)max, value);
}

static bool set_ttl(struct conf *c, struct setup *s, struct setup_domain *d, char *value)
{
	(void)s;
	return set_number(c, "ttl", value, TTL_MAX, &d->ttl);
}

static bool set_node(struct conf *c, struct setup *s, struct setup_domain *d, char *value)
{
	(void)s;
	return set_number(c, "node", value, UINT32_MAX, &d->node);
}

static bool is_device(const char *name)
{
	size_t len = strlen(name), i;

	for (i = 0; i < len; i++)
		if (!isgraph((unsigned char)name[i]) || name[i] == '/' || name[i] == ':')
			return false;
	return len && len < IF_NAMESIZE && strcmp(name, ".") && strcmp(name, "..");
}

/* "SEGMENT", or "SEGMENT DEVICE" */
static bool set_network(struct conf *c, struct setup *s, struct setup_domain *d,
			char *value)
{
	char *device = value + strcspn(value, " \t");
	struct setup_network *n;

	(void)s;
	if (*device)
		*device++ = '\0';
	device += strspn(device, " \t");
	if (*device && !is_device(device))
		return conf_fail(c, "\"%.80s\" is no name of a network device", device);
	if (d->network_count == NETWORKS_MAX)
		return conf_fail(c, "a host is in at most %d networks", NETWORKS_MAX);
	d->networks = memory_grow(d->networks, d->network_count, sizeof(*n));
	n = &d->networks[d->network_count];
	*n = (struct setup_network){ };
	if (!set_name(c, n->segment, "network", value))
		return false;
	snprintf(n->device, sizeof(n->device), "%s", device);
	d->network_count++;
	return true;
}

static const struct setting {
	const char *name;
	bool global;
	set_fn set;
} settings[] = {
	{ "state", true, set_state },
	{ "socket", true, set_socket },
	{ "dhcp", true, set_dhcp },
	{ "dnsmasq", true, set_dnsmasq },
	{ "domain", true, set_domain },
	{ "host", false, set_host },
	{ "board", false, set_board },
	{ "fingerprint", false, set_fingerprint },
	{ "token", false, set_token },
	{ "address", false, set_address },
	{ "transports", false, set_transports },
	{ "ttl", false, set_ttl },
	{ "node", false, set_node },
	{ "network", false, set_network },
};

static bool set_named(struct conf *c, void *arg, const char *name, char *value)
{
	struct setup *s = arg;
	struct setup_domain *d = s->domain_count ? &s->domains[s->domain_count - 1] : NULL;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		if (strcmp(settings[i].name, name))
			continue;
		if (!settings[i].global && !d)
			return conf_fail(c, "\"%s\" comes after \"domain\"", name);
		return settings[i].set(c, s, d, value);
	}
	return conf_fail(c, "there is no setting \"%.80s\"; vmnetd(8) lists them", name);
}

/* What is missing is so for the line where the domain begins. */
static bool is_whole(struct conf *c, const struct setup_domain *d)
{
	static const uint8_t none[FINGERPRINT_LEN];
	unsigned int i;

	c->line = d->line;
	if (!d->board_count)
		return conf_fail(c, "domain \"%s\" needs a \"board\"", d->name);
	if (!*d->host)
		return conf_fail(c, "domain \"%s\" needs \"host\", the name of this host in it",
				 d->name);
	for (i = 0; i < d->board_count; i++) {
		if (!memcmp(d->boards[i].fingerprint, none, sizeof(none)))
			return conf_fail(c, "board \"%s\" of domain \"%s\" needs a \"fingerprint\"",
					 d->boards[i].url, d->name);
		if (!*d->boards[i].token)
			return conf_fail(c, "board \"%s\" of domain \"%s\" needs a \"token\"",
					 d->boards[i].url, d->name);
	}
	return true;
}

int setup_read(struct setup *s, const char *file, char error[512])
{
	struct conf conf;
	unsigned int i;
	int err;

	*s = defaults;
	err = conf_read(&conf, file, set_named, s);
	for (i = 0; i < s->domain_count && !err; i++) {
		struct setup_domain *d = &s->domains[i];

		if (!*d->host)
			setup_host_name(d->host);
		if (!is_whole(&conf, d))
			err = -EINVAL;
	}
	snprintf(error, 512, "%s", conf.error);
	if (err)
		setup_free(s);
	if (err == -ENOENT)
		*s = defaults;
	return err;
}

struct setup_domain *setup_find(const struct setup *s, const char *name)
{
	unsigned int i;

	for (i = 0; i < s->domain_count; i++)
		if (!strcmp(s->domains[i].name, name))
			return &s->domains[i];
	return NULL;
}

struct setup_domain *setup_add(struct setup *s, const char *name)
{
	struct setup_domain *d;

	s->domains = memory_grow(s->domains, s->domain_count, sizeof(*d));
	d = &s->domains[s->domain_count++];
	*d = (struct setup_domain){ .ttl = TTL_DEFAULT };
	snprintf(d->name, sizeof(d->name), "%s", name);
	return d;
}

void setup_remove(struct setup *s, struct setup_domain *d)
{
	struct setup_domain *end = s->domains + s->domain_count--;

	free(d->networks);
	memmove(d, d + 1, (end - d - 1) * sizeof(*d));
}

void setup_free(struct setup *s)
{
	while (s->domain_count)
		setup_remove(s, &s->domains[s->domain_count - 1]);
	free(s->domains);
	*s = (struct setup){ };
}

/* ---------------------------------------------------------------- writing */

static void put(struct buf *b, const char *name, const char *value)
{
	buf_puts(b, name);
	buf_puts(b, " = ");
	buf_puts(b, value);
	buf_putc(b, '\n');
}

static void put_number(struct buf *b, const char *name, uint64_t v)
{
	buf_puts(b, name);
	buf_puts(b, " = ");
	buf_u64(b, v);
	buf_putc(b, '\n');
}

static void put_board(struct buf *b, const struct http_board *board)
{
	char fingerprint[FINGERPRINT_STRLEN];

	fingerprint_format(board->fingerprint, fingerprint);
	put(b, "board", board->url);
	put(b, "fingerprint", fingerprint);
	put(b, "token", board->token);
}

static void put_domain(struct buf *b, const struct setup_domain *d)
{
	unsigned int i;

	buf_putc(b, '\n');
	put(b, "domain", d->name);
	put(b, "host", d->host);
	for (i = 0; i < d->board_count; i++)
		put_board(b, &d->boards[i]);
	for (i = 0; i < d->address_count; i++)
		put(b, "address", d->addresses[i]);
	if (d->rrdp)
		put(b, "transports", "udp rrdp");
	if (d->ttl != TTL_DEFAULT)
		put_number(b, "ttl", d->ttl);
	if (d->node)
		put_number(b, "node", d->node);
	for (i = 0; i < d->network_count; i++) {
		const struct setup_network *n = &d->networks[i];
		char line[NAME_SIZE + IF_NAMESIZE + 1];

		snprintf(line, sizeof(line), "%s%s%s", n->segment, *n->device ? " " : "",
			 n->device);
		put(b, "network", line);
	}
}

int setup_write(const struct setup *s, const char *file)
{
	struct buf b = { };
	unsigned int i;
	int err;

	buf_puts(&b,
		 "# What this host takes part in; see vmnetd(8). \"vmnetctl join\" and \"vmnetctl\n"
		 "# leave\" write this file anew.\n\n");
	put(&b, "state", s->state);
	put(&b, "socket", s->socket);
	if (!s->dhcp)
		put(&b, "dhcp", "no");
	if (strcmp(s->dnsmasq, defaults.dnsmasq))
		put(&b, "dnsmasq", s->dnsmasq);
	for (i = 0; i < s->domain_count; i++)
		put_domain(&b, &s->domains[i]);
	err = file_replace(file, b.p, b.len);
	buf_free(&b);
	return err;
}
