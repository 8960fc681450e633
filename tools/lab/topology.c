// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler.h"
#include "memory.h"
#include "parse.h"
#include "topology.h"

enum {
	VNI_MAX		= 16777215,
	MEMORY_MIN	= 16,		/* MiB */
	MEMORY_MAX	= 1 << 20,
	MEMORY_DEFAULT	= 256,
	VCPUS_MAX	= 256,
	PREFIX_SHORTEST	= 8,
	PREFIX_LONGEST	= 30,
};

/**
 * struct maker - a lab that is made of a document
 * @t: the lab
 * @defaults: what holds for each guest that says nothing else, NULL if nothing is said
 * @error: where to say what is wrong
 */
struct maker {
	struct topology *t;
	const struct node *defaults;
	char *error;
};

/* Returns false. */
__printf(3, 4) static bool fail(struct maker *m, unsigned int line, const char *fmt, ...)
{
	va_list ap;
	int len;

	len = snprintf(m->error, DOCUMENT_ERROR_SIZE, "%.200s:%u: ", m->t->file, line);
	va_start(ap, fmt);
	vsnprintf(m->error + len, DOCUMENT_ERROR_SIZE - len, fmt, ap);
	va_end(ap);
	return false;
}

/* ---------------------------------------------------------------------- values */

static bool take_name(struct maker *m, unsigned int line, const char *what,
		      const char *text, char name[NAME_SIZE])
{
	if (!name_valid(text))
		return fail(m, line,
			    "%s has to be a name of up to %d letters, digits, \"-\", \".\" and \"_\", not \"%.80s\"",
			    what, NAME_LEN, text);
	snprintf(name, NAME_SIZE, "%s", text);
	return true;
}

static bool want_text(struct maker *m, const struct node *n)
{
	return n->kind == NODE_TEXT ||
	       fail(m, n->line, "\"%s\" has to be one value", n->key ? n->key : "member");
}

static bool want_map(struct maker *m, const struct node *n, const char *what)
{
	return n->kind == NODE_MAP ||
	       fail(m, n->line, "%s has to be a mapping, lines of \"NAME: VALUE\"", what);
}

static bool take_number(struct maker *m, const struct node *n, uint64_t min, uint64_t max,
			uint64_t *v)
{
	if (!want_text(m, n))
		return false;
	if (parse_number(n->text, max, v) && *v >= min)
		return true;
	return fail(m, n->line, "\"%s\" has to be a number from %llu to %llu, not \"%.80s\"",
		    n->key, (unsigned long long)min, (unsigned long long)max, n->text);
}

static bool take_path(struct maker *m, const struct node *n, char path[PATH_MAX])
{
	if (!want_text(m, n))
		return false;
	/* A comma, a quote or a control character would be one of QEMU's or of xl's. */
	if (*n->text == '/' && strlen(n->text) < PATH_MAX && !strpbrk(n->text, ",'\"\\\n\r\t"))
		return snprintf(path, PATH_MAX, "%s", n->text) > 0;
	return fail(m, n->line,
		    "\"%s\" has to be the whole name of a file on the host of the guest, such as /boot/vmlinuz, without commas and quotes, not \"%.80s\"",
		    n->key, n->text);
}

/* What a table says about a key. */
struct setting {
	const char *key;
	bool (*take)(struct maker *m, const struct node *n, void *arg);
};

static bool take_settings(struct maker *m, const struct node *map,
			  const struct setting *settings, unsigned int count, void *arg)
{
	char known[256] = "";
	unsigned int i, j;
	size_t len = 0;

	for (j = 0; j < count; j++)
		len += snprintf(known + len, sizeof(known) - len, "%s\"%s\"", j ? ", " : "",
				settings[j].key);
	for (i = 0; i < map->count; i++) {
		const struct node *n = &map->members[i];

		for (j = 0; j < count && strcmp(settings[j].key, n->key); j++)
			;
		if (j == count)
			return fail(m, n->line,
				    "there is no key \"%.80s\" here: it has to be one of %s",
				    n->key, known);
		if (!settings[j].take(m, n, arg))
			return false;
	}
	return true;
}

/* -------------------------------------------------------------------- networks */

static int find_network(const struct topology *t, const char *name)
{
	unsigned int i;

	for (i = 0; i < t->network_count; i++)
		if (!strcmp(t->networks[i].name, name))
			return i;
	return -1;
}

static bool set_prefix(struct maker *m, const struct node *n, void *arg)
{
	struct topology_network *net = arg;
	struct prefix *p = &net->prefix;
	char other[PREFIX_STRLEN];
	unsigned int i;

	if (!want_text(m, n))
		return false;
	if (!prefix_parse(n->text, p) || p->family != AF_INET || p->len < PREFIX_SHORTEST ||
	    p->len > PREFIX_LONGEST)
		return fail(m, n->line,
			    "\"ipv4\" has to be a prefix such as 10.1.0.0/24, of a length from %d to %d, not \"%.80s\"",
			    PREFIX_SHORTEST, PREFIX_LONGEST, n->text);
	p->base = prefix_network(p);
	for (i = 0; &m->t->networks[i] != net; i++) {
		if (!prefix_overlaps(p, &m->t->networks[i].prefix))
			continue;
		prefix_format(&m->t->networks[i].prefix, other);
		return fail(m, n->line,
			    "network \"%s\" has %s, of which \"%.80s\" has a part: choose another prefix",
			    m->t->networks[i].name, other, n->text);
	}
	return true;
}

static bool set_vni(struct maker *m, const struct node *n, void *arg)
{
	struct topology_network *net = arg;
	unsigned int i;

	if (!take_number(m, n, 1, VNI_MAX, &net->vni))
		return false;
	for (i = 0; &m->t->networks[i] != net; i++)
		if (m->t->networks[i].vni == net->vni)
			return fail(m, n->line,
				    "network \"%s\" has VNI %s: choose another, or leave it out",
				    m->t->networks[i].name, n->text);
	return true;
}

static bool set_gateway(struct maker *m, const struct node *n, void *arg)
{
	struct topology_network *net = arg;

	net->gateway_line = n->line;
	return want_text(m, n) &&
	       take_name(m, n->line, "\"gateway\"", n->text, net->gateway);
}

/* Takes the list when there are guests. */
static bool set_between(struct maker *m, const struct node *n, void *arg)
{
	(void)arg;
	if (n->kind == NODE_LIST && n->count == 2)
		return true;
	return fail(m, n->line, "\"between\" has to be a list of two guests, such as [a, b]");
}

static const struct setting network_settings[] = {
	{ "ipv4", set_prefix },
	{ "vni", set_vni },
	{ "gateway", set_gateway },
};

static const struct setting link_settings[] = {
	{ "ipv4", set_prefix },
	{ "vni", set_vni },
	{ "gateway", set_gateway },
	{ "between", set_between },
};

static bool add_network(struct maker *m, const struct node *n, bool is_link)
{
	const char *what = is_link ? "link" : "network";
	struct topology *t = m->t;
	struct topology_network *net;
	int len;

	if (t->network_count == TOPOLOGY_NETWORKS)
		return fail(m, n->line, "a lab has at most %d networks and links",
			    TOPOLOGY_NETWORKS);
	if (find_network(t, n->key) >= 0)
		return fail(m, n->line, "there is a network \"%.80s\" already: choose another name",
			    n->key);
	t->networks = memory_grow(t->networks, t->network_count, sizeof(*net));
	net = &t->networks[t->network_count];
	*net = (struct topology_network){ .line = n->line };
	if (!take_name(m, n->line, what, n->key, net->name) || !want_map(m, n, what))
		return false;
	len = snprintf(net->segment, sizeof(net->segment), "%s-%.*s", t->name, NAME_LEN,
		       net->name);
	if (len >= NAME_SIZE)
		return fail(m, n->line,
			    "\"%s-%s\", the segment, is longer than %d characters: choose a shorter name",
			    t->name, net->name, NAME_LEN);
	if (!(is_link ? take_settings(m, n, link_settings, ARRAY_SIZE(link_settings), net) :
			take_settings(m, n, network_settings, ARRAY_SIZE(network_settings), net)))
		return false;
	if (!net->prefix.family)
		return fail(m, n->line, "%s \"%s\" needs \"ipv4\", a prefix such as 10.1.0.0/24",
			    what, net->name);
	t->network_count++;
	return true;
}

/* All members of @map, which need not be there; @flag is for @add. */
static bool add_each(struct maker *m, const struct node *map, const char *what,
		     bool (*add)(struct maker *m, const struct node *n, bool flag), bool flag)
{
	unsigned int i;

	if (!map)
		return true;
	if (!want_map(m, map, what))
		return false;
	for (i = 0; i < map->count; i++)
		if (!add(m, &map->members[i], flag))
			return false;
	return true;
}

/* ------------------------------------------------------------------------ NICs */

/* Nobody else of the lab has the address, which is one of a guest. */
static bool check_address(struct maker *m, const struct topology_nic *nic)
{
	const struct topology_network *net = &m->t->networks[nic->network];
	char text[PREFIX_STRLEN];
	unsigned int i, j;
	__uint128_t ip;

	prefix_format(&net->prefix, text);
	if (!ip_parse(nic->ipv4, AF_INET, &ip) || ip < prefix_first(&net->prefix) ||
	    ip > prefix_last(&net->prefix))
		return fail(m, nic->line,
			    "%s is no address for a guest in network \"%s\": choose one of %s",
			    nic->ipv4, net->name, text);
	for (i = 0; i < m->t->guest_count; i++) {
		const struct topology_guest *g = &m->t->guests[i];

		for (j = 0; j < g->nic_count; j++)
			if (&g->nics[j] != nic && !strcmp(g->nics[j].ipv4, nic->ipv4))
				return fail(m, nic->line,
					    "guest \"%s\" has %s: choose another address",
					    g->name, nic->ipv4);
	}
	return true;
}

static bool add_nic(struct maker *m, struct topology_guest *g, unsigned int line,
		    const char *network, const char *ipv4)
{
	int index = find_network(m->t, network);
	struct topology_nic *nic = &g->nics[g->nic_count];
	__uint128_t ip;
	unsigned int i;

	if (index < 0)
		return fail(m, line, "there is no network \"%.80s\": \"networks\" has to list it",
			    network);
	if (g->nic_count == TOPOLOGY_NICS)
		return fail(m, line, "a guest has at most %d NICs", TOPOLOGY_NICS);
	for (i = 0; i < g->nic_count; i++)
		if (g->nics[i].network == (unsigned int)index)
			return fail(m, line,
				    "guest \"%s\" has a NIC in network \"%s\" already: one is enough",
				    g->name, network);
	*nic = (struct topology_nic){ .network = index, .line = line };
	if (*ipv4 && !ip_parse(ipv4, AF_INET, &ip))
		return fail(m, line,
			    "\"ipv4\" has to be an address such as 10.1.0.5, not \"%.80s\"",
			    ipv4);
	g->nic_count++;
	snprintf(nic->ipv4, sizeof(nic->ipv4), "%s", ipv4);
	return !*ipv4 || check_address(m, nic);
}

/* "NETWORK", or "{network: NETWORK, ipv4: ADDRESS}" */
static bool read_nic(struct maker *m, struct topology_guest *g, const struct node *n)
{
	const char *network = n->text, *ipv4 = "";
	unsigned int i;

	if (n->kind == NODE_LIST)
		return fail(m, n->line,
			    "a NIC has to be NETWORK, or {network: NETWORK, ipv4: ADDRESS}");
	for (i = 0; i < n->count; i++) {
		const struct node *member = &n->members[i];

		if (!want_text(m, member))
			return false;
		if (!strcmp(member->key, "network"))
			network = member->text;
		else if (!strcmp(member->key, "ipv4"))
			ipv4 = member->text;
		else
			return fail(m, member->line,
				    "there is no key \"%.80s\" here: it has to be one of \"network\", \"ipv4\"",
				    member->key);
	}
	if (!network)
		return fail(m, n->line, "a NIC needs \"network\"");
	return add_nic(m, g, n->line, network, ipv4);
}

/* ---------------------------------------------------------------------- guests */

struct topology_guest *topology_guest(const struct topology *t, const char *name)
{
	unsigned int i;

	for (i = 0; i < t->guest_count; i++)
		if (!strcmp(t->guests[i].name, name))
			return &t->guests[i];
	return NULL;
}

static bool set_host(struct maker *m, const struct node *n, void *arg)
{
	struct topology_guest *g = arg;

	g->host_line = n->line;
	return want_text(m, n) && take_name(m, n->line, "\"host\"", n->text, g->host);
}

static bool set_kernel(struct maker *m, const struct node *n, void *arg)
{
	return take_path(m, n, ((struct topology_guest *)arg)->kernel);
}

static bool set_initrd(struct maker *m, const struct node *n, void *arg)
{
	return take_path(m, n, ((struct topology_guest *)arg)->initrd);
}

static bool set_disk(struct maker *m, const struct node *n, void *arg)
{
	return take_path(m, n, ((struct topology_guest *)arg)->disk);
}

static bool set_append(struct maker *m, const struct node *n, void *arg)
{
	struct topology_guest *g = arg;
	const char *c;

	if (!want_text(m, n))
		return false;
	if (strlen(n->text) >= sizeof(g->append))
		return fail(m, n->line, "\"append\" is longer than %zu octets",
			    sizeof(g->append) - 1);
	for (c = n->text; *c; c++)
		if ((unsigned char)*c < ' ' || strchr("\"'\\", *c))
			return fail(m, n->line,
				    "\"append\" has to be words without quotes and of one line");
	snprintf(g->append, sizeof(g->append), "%s", n->text);
	return true;
}

static bool set_memory(struct maker *m, const struct node *n, void *arg)
{
	return take_number(m, n, MEMORY_MIN, MEMORY_MAX, &((struct topology_guest *)arg)->memory);
}

static bool set_vcpus(struct maker *m, const struct node *n, void *arg)
{
	return take_number(m, n, 1, VCPUS_MAX, &((struct topology_guest *)arg)->vcpus);
}

static bool set_address(struct maker *m, const struct node *n, void *arg)
{
	struct topology_guest *g = arg;

	if (!want_text(m, n))
		return false;
	g->dhcp = !strcmp(n->text, "dhcp");
	return g->dhcp || !strcmp(n->text, "static") ||
	       fail(m, n->line, "\"address\" has to be \"static\" or \"dhcp\", not \"%.80s\"",
		    n->text);
}

static bool set_nics(struct maker *m, const struct node *n, void *arg)
{
	unsigned int i;

	if (n->kind != NODE_LIST)
		return fail(m, n->line, "\"nics\" has to be a list of networks, such as [lan]");
	for (i = 0; i < n->count; i++)
		if (!read_nic(m, arg, &n->members[i]))
			return false;
	return true;
}

static const struct setting guest_settings[] = {
	{ "kernel", set_kernel },
	{ "initrd", set_initrd },
	{ "append", set_append },
	{ "disk", set_disk },
	{ "memory", set_memory },
	{ "vcpus", set_vcpus },
	{ "address", set_address },
	/* Those before this one may be among the defaults. */
	{ "host", set_host },
	{ "nics", set_nics },
};

#define DEFAULT_SETTINGS	(ARRAY_SIZE(guest_settings) - 2)

static bool has_key(const struct node *map, const char *key)
{
	unsigned int i;

	for (i = 0; map && i < map->count; i++)
		if (!strcmp(map->members[i].key, key))
			return true;
	return false;
}

/* Of a disk the guest itself knows how it gets its address. */
static bool check_boot(struct maker *m, const struct node *n, struct topology_guest *g)
{
	if (!*g->kernel && !*g->disk)
		return fail(m, n->line, "guest \"%s\" needs \"kernel\" or \"disk\" to boot from",
			    g->name);
	if (!*g->kernel && *g->initrd)
		return fail(m, n->line, "guest \"%s\" has \"initrd\": it needs \"kernel\", too",
			    g->name);
	if (*g->kernel)
		return true;
	if (*g->append)
		return fail(m, n->line, "guest \"%s\" has \"append\": it needs \"kernel\", too",
			    g->name);
	if (!g->dhcp && (has_key(n, "address") || has_key(m->defaults, "address")))
		return fail(m, n->line,
			    "guest \"%s\" boots from its disk: \"address\" has to be \"dhcp\"",
			    g->name);
	g->dhcp = true;
	return true;
}

static bool add_guest(struct maker *m, const struct node *n, bool forward)
{
	struct topology *t = m->t;
	struct topology_guest *g;

	if (t->guest_count == TOPOLOGY_GUESTS)
		return fail(m, n->line, "a lab has at most %d guests", TOPOLOGY_GUESTS);
	if (topology_guest(t, n->key))
		return fail(m, n->line, "there is a guest \"%.80s\" already: choose another name",
			    n->key);
	t->guests = memory_grow(t->guests, t->guest_count, sizeof(*g));
	g = &t->guests[t->guest_count];
	*g = (struct topology_guest){
		.line = n->line, .memory = MEMORY_DEFAULT, .vcpus = 1, .forward = forward,
	};
	if (!take_name(m, n->line, "guest", n->key, g->name))
		return false;
	t->guest_count++;
	if (!want_map(m, n, "a guest"))
		return false;
	if (m->defaults &&
	    !take_settings(m, m->defaults, guest_settings, DEFAULT_SETTINGS, g))
		return false;
	return take_settings(m, n, guest_settings, ARRAY_SIZE(guest_settings), g) &&
	       check_boot(m, n, g);
}

/* ----------------------------------------------------------------------- links */

static bool connect_end(struct maker *m, const struct node *n, const char *link)
{
	const char *name = n->kind == NODE_TEXT ? n->text : NULL, *ipv4 = "";
	struct topology_guest *g;
	unsigned int i;

	for (i = 0; n->kind == NODE_MAP && i < n->count; i++) {
		if (!want_text(m, &n->members[i]))
			return false;
		if (!strcmp(n->members[i].key, "guest"))
			name = n->members[i].text;
		else if (!strcmp(n->members[i].key, "ipv4"))
			ipv4 = n->members[i].text;
		else
			return fail(m, n->members[i].line,
				    "there is no key \"%.80s\" here: it has to be one of \"guest\", \"ipv4\"",
				    n->members[i].key);
	}
	if (!name)
		return fail(m, n->line,
			    "an end of a link has to be GUEST, or {guest: GUEST, ipv4: ADDRESS}");
	g = topology_guest(m->t, name);
	if (!g)
		return fail(m, n->line, "there is no guest \"%.80s\": \"guests\" has to list it",
			    name);
	return add_nic(m, g, n->line, link, ipv4);
}

static bool connect_links(struct maker *m, const struct node *map)
{
	unsigned int i, j;

	for (i = 0; map && i < map->count; i++) {
		const struct node *link = &map->members[i], *ends = NULL;

		for (j = 0; j < link->count; j++)
			if (!strcmp(link->members[j].key, "between"))
				ends = &link->members[j];
		if (!ends)
			return fail(m, link->line,
				    "link \"%s\" needs \"between\", a list of two guests",
				    link->key);
		if (!connect_end(m, &ends->members[0], link->key) ||
		    !connect_end(m, &ends->members[1], link->key))
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------- the whole */

static const struct topology_nic *nic_in(const struct topology_guest *g, unsigned int network)
{
	unsigned int i;

	for (i = 0; i < g->nic_count; i++)
		if (g->nics[i].network == network)
			return &g->nics[i];
	return NULL;
}

/* A gateway is an appliance with a NIC there; who has addresses to give has enough. */
static bool check_network(struct maker *m, unsigned int index)
{
	const struct topology_network *net = &m->t->networks[index];
	const struct topology_guest *g;
	unsigned int users = 0, i;

	for (i = 0; i < m->t->guest_count; i++)
		users += !!nic_in(&m->t->guests[i], index);
	if (users > prefix_last(&net->prefix) - prefix_first(&net->prefix) + 1)
		return fail(m, net->line,
			    "network \"%s\" has fewer addresses than its %u guests: choose a shorter prefix",
			    net->name, users);
	if (!*net->gateway)
		return true;
	g = topology_guest(m->t, net->gateway);
	if (!g || !g->forward)
		return fail(m, net->gateway_line,
			    "\"gateway\" has to be one of the \"appliances\", which \"%s\" is not",
			    net->gateway);
	return nic_in(g, index) ||
	       fail(m, net->gateway_line,
		    "appliance \"%s\" needs a NIC in network \"%s\" to be its gateway", g->name,
		    net->name);
}

static bool check(struct maker *m)
{
	unsigned int i;

	for (i = 0; i < m->t->network_count; i++)
		if (!check_network(m, i))
			return false;
	for (i = 0; i < m->t->guest_count; i++) {
		const struct topology_guest *g = &m->t->guests[i];

		if (!g->nic_count)
			return fail(m, g->line, "guest \"%s\" needs \"nics\", a list of networks",
				    g->name);
		if (g->forward && g->nic_count < 2)
			return fail(m, g->line,
				    "appliance \"%s\" has one NIC only: it needs two to forward, or is a guest",
				    g->name);
	}
	return m->t->guest_count || fail(m, 1, "a lab needs \"guests\"");
}

enum { PART_NAME, PART_DEFAULTS, PART_NETWORKS, PART_LINKS, PART_GUESTS, PART_APPLIANCES, PARTS };

static bool find_parts(struct maker *m, const struct node *root, const struct node *parts[PARTS])
{
	static const char *const names[PARTS] = {
		"name", "defaults", "networks", "links", "guests", "appliances",
	};
	unsigned int i, j;

	if (!want_map(m, root, "a lab"))
		return false;
	for (i = 0; i < root->count; i++) {
		for (j = 0; j < PARTS && strcmp(names[j], root->members[i].key); j++)
			;
		if (j == PARTS)
			return fail(m, root->members[i].line,
				    "there is no key \"%.80s\" here: it has to be one of \"name\", \"defaults\", \"networks\", \"links\", \"guests\", \"appliances\"",
				    root->members[i].key);
		parts[j] = &root->members[i];
	}
	return parts[PART_NAME] || fail(m, root->line, "a lab needs \"name\"");
}

bool topology_parse(struct topology *t, const char *file, const struct node *root,
		    char error[DOCUMENT_ERROR_SIZE])
{
	struct maker m = { .t = t, .error = error };
	const struct node *parts[PARTS] = { };
	struct topology_guest nobody = { };

	*t = (struct topology){ .file = file };
	*error = '\0';
	if (!find_parts(&m, root, parts))
		return false;
	m.defaults = parts[PART_DEFAULTS];
	/* Also those that no guest makes use of have to be right. */
	if (m.defaults && (!want_map(&m, m.defaults, "\"defaults\"") ||
			   !take_settings(&m, m.defaults, guest_settings, DEFAULT_SETTINGS,
					  &nobody)))
		return false;
	return want_text(&m, parts[PART_NAME]) &&
	       take_name(&m, parts[PART_NAME]->line, "\"name\"", parts[PART_NAME]->text,
			 t->name) &&
	       add_each(&m, parts[PART_NETWORKS], "\"networks\"", add_network, false) &&
	       add_each(&m, parts[PART_LINKS], "\"links\"", add_network, true) &&
	       add_each(&m, parts[PART_GUESTS], "\"guests\"", add_guest, false) &&
	       add_each(&m, parts[PART_APPLIANCES], "\"appliances\"", add_guest, true) &&
	       connect_links(&m, parts[PART_LINKS]) && check(&m);
}

bool topology_read(struct topology *t, const char *file, char error[DOCUMENT_ERROR_SIZE])
{
	struct node root;
	bool good;

	*t = (struct topology){ };
	good = document_read(file, &root, error) &&
	       topology_parse(t, strcmp(file, "-") ? file : "standard input", &root, error);
	node_free(&root);
	return good;
}

void topology_free(struct topology *t)
{
	free(t->networks);
	free(t->guests);
	*t = (struct topology){ };
}
