// SPDX-License-Identifier: GPL-2.0
/* What the store in etcd is made of: base64, addresses, groups, its JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "etcd_address.h"
#include "etcd_group.h"
#include "etcd_text.h"
#include "unit.h"

static void check_base64(void)
{
	static const char *const pairs[][2] = {
		{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" }, { "\xff\xfe\xfd", "//79" },
	};
	static const char *const bad[] = {
		"Z", "Zg=", "Zg", "Zm9v=", "Zg==Zm9v", "Zh==", "====", "Z===", "Zm9\n", "AAAA",
	};
	struct buf b = { };
	unsigned int i;
	char *s;

	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		b.len = 0;
		base64_add(&b, pairs[i][0], strlen(pairs[i][0]));
		buf_putc(&b, '\0');
		same(b.p, pairs[i][1], "base64");
		s = base64_string(pairs[i][1]);
		same(s ? s : "none", pairs[i][0], "and back");
		free(s);
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		s = base64_string(bad[i]);
		ok(!s, "\"%s\" is none", bad[i]);
		free(s);
	}
	buf_free(&b);
}

static void check_addresses(void)
{
	static const char *const bad[] = {
		"", "etcd:", "etcd://", "etcd:///x", "http://x:1", "etcd://x:0", "etcd://x:65536",
		"etcd://x:", "etcd://x,", "etcd://,x", "etcd://a b", "etcd://[::1", "etcd://x/\"",
		"etcd://x//", "etcd://x:0x10",
	};
	struct etcd_address a;
	unsigned int i;

	ok(etcd_address_parse("etcd://x", &a) && a.count == 1 && !a.tls, "one member");
	same(a.members[0], "x:2379", "has the usual port");
	same(a.prefix, "vmnet/", "and the usual prefix");
	ok(etcd_address_parse("etcds://a.b:1,[fd00::1]:2,192.0.2.1/some/where/", &a) &&
	   a.count == 3 && a.tls, "three members, by TLS");
	same(a.members[1], "[fd00::1]:2", "of which one has an IPv6 address");
	same(a.prefix, "some/where/", "and a prefix");
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		ok(!etcd_address_parse(bad[i], &a), "\"%s\" is none", bad[i]);
}

static void fill(struct txn *t, const char *checked, enum check_kind kind, const char *written)
{
	txn_clear(t);
	if (checked)
		txn_check(t, kind, checked, 0);
	if (written)
		txn_put(t, written, "");
}

static void check_groups(void)
{
	struct txn first = { }, second = { }, other = { };
	struct group g = { };
	unsigned int i;

	fill(&first, "a", CHECK_MODIFIED, "b");
	ok(group_add(&g, &first), "one transaction is a group");
	fill(&second, "a", CHECK_MODIFIED, "c");
	ok(group_add(&g, &second), "two may look at one record");
	fill(&other, NULL, CHECK_MODIFIED, "a");
	ok(!group_add(&g, &other), "none writes what another looks at");
	fill(&other, "b", CHECK_CREATED, "d");
	ok(!group_add(&g, &other), "nor looks at what another writes");
	fill(&other, NULL, CHECK_CREATED, "b");
	ok(!group_add(&g, &other), "nor writes it");
	group_clear(&g);

	fill(&first, "x/", CHECK_EMPTY, "y");
	group_add(&g, &first);
	fill(&other, NULL, CHECK_EMPTY, "x/1");
	ok(!group_add(&g, &other), "nor what must not be there");
	group_clear(&g);
	group_add(&g, &other);
	ok(!group_add(&g, &first), "and the other way round");
	group_clear(&g);

	for (i = 0; i < GROUP_OPS_MAX + 1; i++)
		txn_delete(&first, "z");
	ok(group_add(&g, &first), "what is large goes");
	fill(&other, NULL, CHECK_EMPTY, "x/1");
	ok(!group_add(&g, &other), "alone");
	group_clear(&g);
	txn_clear(&first);
	txn_clear(&second);
	txn_clear(&other);
}

static void check_text(void)
{
	struct etcd_record r;
	struct buf b = { };
	json_t *o;

	etcd_write_key(&b, "p/", "k");
	buf_putc(&b, ' ');
	etcd_write_next(&b, "p/", "k");
	buf_putc(&b, ' ');
	etcd_write_end(&b, "p/", "");
	buf_putc(&b, '\0');
	same(b.p, "\"key\":\"cC9r\" \"key\":\"cC9rAA==\" \"range_end\":\"cDA=\"", "keys");
	buf_free(&b);
	o = json_pack("{ss ss ss}", "key", "cC9r", "mod_revision", "7", "lease", "9");
	ok(etcd_read_record(o, false, "p/", &r) && r.modified == 7 && r.lease == 9 && !r.created,
	   "a record");
	same(r.key, "k", "has a key");
	same(r.value, "", "and a value");
	etcd_record_free(&r);
	ok(!etcd_read_record(o, false, "q/", &r), "or is somebody else's");
	ok(etcd_read_record(o, true, "p/", &r) && !r.value, "it was deleted");
	etcd_record_free(&r);
	json_decref(o);
}

void test_etcd(void)
{
	check_base64();
	check_addresses();
	check_groups();
	check_text();
}
