// SPDX-License-Identifier: GPL-2.0
/* The rules of domains, segments, hosts and VMs, without store or network. */
#include <stdio.h>
#include <string.h>

#include "model.h"
#include "unit.h"

#define HOST "{\"addresses\":[\"192.0.2.1/24\"]"

static void be(struct desk *d, enum role what, const char *host)
{
	d->caller = (struct caller){ .role = what };
	snprintf(d->caller.host, NAME_SIZE, "%s", host);
}

/* A domain with a segment and two hosts. */
static void set_up(struct desk *d)
{
	desk_open(d);
	desk_act(d, domain_put, "lab", NULL);
	desk_act(d, segment_put, "lab/red", "{\"vni\":1,\"ipv4\":\"10.1.0.0/29\"}");
	desk_act(d, host_put, "lab//h1", HOST "}");
	desk_act(d, host_put, "lab//h2", HOST "}");
}

static void names(void)
{
	static const char *const good[] = { "a", "1", "a-b", "a.b_c", "A9" };
	static const char *const bad[] = {
		"", "-", "a-", ".a", "a/b", "a b", "\xc3\xa4", "a\n", "..", "_x",
		"0123456789012345678901234567890123456789012345678901234567890123",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(good); i++)
		ok(name_valid(good[i]), "name %s", good[i]);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		ok(!name_valid(bad[i]), "no name %u", i);
}

static void segments(void)
{
	struct desk d;

	desk_open(&d);
	same(desk_act(&d, segment_put, "lab/red", "{\"vni\":1}"), "not_found",
	     "a segment is in a domain");
	desk_act(&d, domain_put, "lab", NULL);
	same(desk_act(&d, segment_put, "lab/red", "{\"vni\":1}"), "",
	     "a segment needs no addresses");
	same(desk_act(&d, segment_put, "lab/red", "{\"vni\":1,\"ipv4\":\"10.0.0.0/8\"}"), "",
	     "and may get some");
	same(desk_act(&d, segment_put, "lab/blue", "{\"vni\":2,\"ipv4\":\"10.255.0.0/16\"}"),
	     "overlap", "which no other has");
	desk_act(&d, domain_put, "other", NULL);
	same(desk_act(&d, segment_put, "other/blue", "{\"vni\":1,\"ipv4\":\"10.255.0.0/16\"}"), "",
	     "but one in another domain");
	same(desk_act(&d, domain_delete, "lab", NULL), "in_use", "a domain in use stays");
	same(desk_act(&d, segment_delete, "lab/red", NULL), "", "a segment is deleted");
	same(desk_act(&d, domain_delete, "lab", NULL), "", "then the domain is");
	ok(!view_next(&d.view, "vni/lab/", NULL) && !view_next(&d.view, "guard/lab", NULL),
	   "and leaves nothing");
	desk_close(&d);
}

static void hosts(void)
{
	const struct record *r;
	struct desk d;

	set_up(&d);
	r = view_find(&d.view, "host/lab/h1");
	ok(r && r->lease, "a host has a lease");
	same(desk_act(&d, host_put, "lab//h1", HOST ",\"node\":2}"), "node_taken",
	     "numbers are taken once");
	same(desk_act(&d, host_put, "lab//h1", HOST ",\"node\":9,\"segments\":[\"red\"]}"), "",
	     "a host takes another number");
	ok(!view_find(&d.view, "node/lab/00000001") && view_find(&d.view, "node/lab/00000009"),
	   "and returns the one it had");
	ok(view_find(&d.view, "host/lab/h1")->lease == 1 &&
	   view_find(&d.view, "member/lab/red/h1")->lease == 1, "with the same lease");
	same(desk_act(&d, segment_put, "lab/red", "{\"vni\":9}"), "in_use",
	     "a segment with a host does not change");
	desk_act(&d, vm_put, "lab/red/web", "{\"host\":\"h1\"}");
	desk_act(&d, host_put, "lab//h1", HOST ",\"ttl\":5}");
	ok(view_find(&d.view, "host/lab/h1")->lease == 3 &&
	   view_find(&d.view, "on/lab/h1/red/web")->lease == 3,
	   "with another TTL all get another lease");
	ok(desk_ask(&d, host_renew, "lab//h1", NULL) && d.ask.renew == 3 &&
	   !d.ask.txn.write_count, "which is renewed");
	desk_expire(&d, 3);
	ok(!view_find(&d.view, "host/lab/h1") && !view_next(&d.view, "node/lab/00000009", NULL),
	   "and ends with all");
	same(desk_act(&d, host_renew, "lab//h1", NULL), "not_found", "and cannot be renewed");
	desk_ask(&d, vm_get, "lab/red/web", NULL);
	same(desk_member(&d, "live"), "false", "its VM does not run");
	same(desk_member(&d, "ipv4"), "10.1.0.1", "but has its address");
	desk_close(&d);
}

static void vms(void)
{
	char mac[32];
	struct desk d;

	set_up(&d);
	be(&d, ROLE_HOST, "h1");
	same(desk_act(&d, vm_put, "lab/red/web", NULL), "", "a host has a VM");
	snprintf(mac, sizeof(mac), "%s", desk_member(&d, "mac"));
	ok(desk_ask(&d, vm_put, "lab/red/web", NULL) && !d.ask.txn.write_count,
	   "again changes nothing");
	same(desk_member(&d, "mac"), mac, "and says the same");
	be(&d, ROLE_HOST, "h2");
	same(desk_act(&d, vm_put, "lab/red/web", NULL), "vm_elsewhere",
	     "another host cannot have it");
	same(desk_act(&d, vm_put, "lab/red/web", "{\"host\":null}"), "forbidden",
	     "nor give it away");
	same(desk_act(&d, vm_put, "lab/red/web", "{\"host\":\"h1\"}"), "forbidden",
	     "nor act for the other");
	same(desk_act(&d, vm_delete, "lab/red/web", NULL), "forbidden", "nor delete it");
	desk_expire(&d, view_find(&d.view, "host/lab/h1")->lease);
	same(desk_act(&d, vm_put, "lab/red/web", NULL), "", "until the first is gone");
	same(desk_member(&d, "ipv4"), "10.1.0.1", "with the same address");
	same(desk_member(&d, "mac"), mac, "and MAC");
	same(desk_act(&d, host_delete, "lab//h2", NULL), "", "the host leaves");
	ok(!view_next(&d.view, "vm/", NULL) && !view_next(&d.view, "addr/", NULL) &&
	   !view_next(&d.view, "mac/", NULL) && !view_next(&d.view, "on/", NULL),
	   "and returns all it had");
	be(&d, ROLE_ADMIN, "");
	same(desk_act(&d, segment_delete, "lab/red", NULL), "", "the segment is free");
	desk_close(&d);
}

static void full(void)
{
	char path[32];
	struct desk d;
	int i;

	set_up(&d);
	for (i = 0; i < 6; i++) {
		snprintf(path, sizeof(path), "lab/red/v%d", i);
		same(desk_act(&d, vm_put, path, NULL), "", "an address is given");
	}
	same(desk_act(&d, vm_put, "lab/red/v6", NULL), "segment_full", "as long as there are any");
	same(desk_act(&d, vm_put, "lab/red/v0", "{\"ipv4\":\"10.1.0.2\"}"), "address_taken",
	     "none is taken from another");
	desk_act(&d, vm_delete, "lab/red/v3", NULL);
	same(desk_act(&d, vm_put, "lab/red/v0", "{\"ipv4\":\"10.1.0.4\"}"), "",
	     "one that was returned is");
	same(desk_act(&d, vm_put, "lab/red/v6", NULL), "", "as is that of who changed");
	same(desk_member(&d, "ipv4"), "10.1.0.1", "which is the one it had");
	desk_close(&d);
}

void test_model(void)
{
	names();
	segments();
	hosts();
	vms();
	full();
}

/* Decides both before either is done: only one can be. */
static void check_race(struct desk *d, ask_fn first, const char *path, const char *body,
		       ask_fn second, const char *other, const char *with, const char *what)
{
	struct txn t;

	if (!ok(desk_ask(d, first, path, body), "%s: one", what))
		return;
	t = d->ask.txn;
	d->ask.txn = (struct txn){ };
	if (ok(desk_ask(d, second, other, with), "%s: the other", what)) {
		ok(desk_do(d, &d->ask.txn), "%s: the other is faster", what);
		ok(!desk_do(d, &t), "%s: the one is not done", what);
	}
	txn_clear(&t);
}

void test_races(void)
{
	struct desk d;

	set_up(&d);
	check_race(&d, segment_put, "lab/a", "{\"vni\":2,\"ipv4\":\"10.2.0.0/16\"}",
		   segment_put, "lab/b", "{\"vni\":3,\"ipv4\":\"10.2.1.0/24\"}",
		   "two segments that overlap");
	check_race(&d, segment_put, "lab/c", "{\"vni\":4}", segment_put, "lab/d", "{\"vni\":4}",
		   "two with one VNI");
	check_race(&d, host_put, "lab//h3", HOST ",\"node\":5}",
		   host_put, "lab//h4", HOST ",\"node\":5}", "two hosts with one number");
	check_race(&d, vm_put, "lab/red/v1", "{\"ipv4\":\"10.1.0.1\"}",
		   vm_put, "lab/red/v2", "{\"ipv4\":\"10.1.0.1\"}", "two VMs with one address");
	check_race(&d, vm_put, "lab/red/v3", "{\"mac\":\"02:00:00:00:00:01\"}",
		   vm_put, "lab/red/v4", "{\"mac\":\"02:00:00:00:00:01\"}",
		   "two VMs with one MAC");
	check_race(&d, vm_put, "lab/red/v2", "{\"host\":\"h1\"}",
		   vm_put, "lab/red/v2", "{\"host\":\"h2\"}", "two hosts with one VM");
	check_race(&d, vm_put, "lab/red/v5", "{\"host\":\"h1\"}",
		   host_delete, "lab//h1", NULL, "a VM on a host that leaves");
	check_race(&d, segment_delete, "lab/b", NULL, vm_put, "lab/b/v", NULL,
		   "a VM in a segment that goes");
	desk_act(&d, vm_delete, "lab/b/v", NULL);
	check_race(&d, vm_put, "lab/b/v", NULL, segment_delete, "lab/b", NULL,
		   "and the other way");
	desk_act(&d, domain_put, "empty", NULL);
	check_race(&d, domain_delete, "empty", NULL, host_put, "empty//h", HOST "}",
		   "a host in a domain that goes");
	desk_close(&d);
}
