// SPDX-License-Identifier: GPL-2.0
/* Answers of the kernel, made by hand: what is read of them. */
#include <errno.h>
#include <limits.h>
#include <linux/rrdp.h>
#include <linux/vmnet.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/netlink.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "unit.h"
#include "vmnetctl.h"

#define SEQ 7

/* A datagram that grows. Exactly as long as it claims, for memory checkers. */
struct datagram {
	char *data;
	size_t len;
};

static struct nlmsghdr *add_message(struct datagram *d, int type, int flags,
				    const void *payload, size_t len)
{
	size_t total = NLMSG_ALIGN(NLMSG_HDRLEN + len);
	struct nlmsghdr *nlh;

	d->data = realloc(d->data, d->len + total);
	nlh = (struct nlmsghdr *)(d->data + d->len);
	d->len += total;
	memset(nlh, 0, total);
	nlh->nlmsg_len = NLMSG_HDRLEN + len;
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = flags;
	nlh->nlmsg_seq = SEQ;
	memcpy((char *)nlh + NLMSG_HDRLEN, payload, len);
	return nlh;
}

struct payload {
	char data[512];
	size_t len;
};

static void put(struct payload *p, const void *data, size_t len)
{
	memcpy(p->data + p->len, data, len);
	p->len += NLMSG_ALIGN(len);
}

static void put_attr(struct payload *p, int type, const void *data, size_t len)
{
	struct nlattr a = { .nla_len = NLA_HDRLEN + len, .nla_type = type };

	put(p, &a, sizeof(a));
	put(p, data, len);
}

static void put_u32(struct payload *p, int type, uint32_t v)
{
	put_attr(p, type, &v, sizeof(v));
}

/* An answer with @error to a request of which all but the header is cut off. */
static void put_error(struct payload *p, int error)
{
	struct nlmsgerr e = { .error = error, .msg.nlmsg_len = 100 };

	put(p, &e, sizeof(e));
}

static int count_reply(const struct nlmsghdr *nlh, void *arg)
{
	int *count = arg;

	return nlh->nlmsg_type == 99 ? -EBADMSG : (++*count, 0);
}

static int consume(struct nlk *nl, struct datagram *d, int *replies)
{
	int ret;

	*replies = 0;
	ret = nlk_consume(nl, d->data, d->len, SEQ, count_reply, replies);
	free(d->data);
	*d = (struct datagram) { };
	return ret;
}

static void exchanges(void)
{
	const int zero = 0, busy = -EBUSY;
	struct datagram d = { };
	struct payload p = { };
	struct nlk nl = { };
	int replies;

	add_message(&d, 50, 0, "abcd", 4);
	add_message(&d, 50, 0, "abcde", 5);
	ok(consume(&nl, &d, &replies) == 1 && replies == 2, "replies, more to come");

	add_message(&d, 50, 0, "abcd", 4)->nlmsg_seq = SEQ + 1;
	add_message(&d, NLMSG_NOOP, 0, "", 0);
	add_message(&d, 50, NLM_F_MULTI, "abcd", 4);
	add_message(&d, NLMSG_DONE, NLM_F_MULTI, &zero, sizeof(zero));
	add_message(&d, 50, 0, "abcd", 4);
	ok(consume(&nl, &d, &replies) == 0 && replies == 1 && !nl.interrupted,
	   "a dump, with an answer to something else");

	add_message(&d, 50, NLM_F_DUMP_INTR, "abcd", 4);
	add_message(&d, NLMSG_DONE, 0, &zero, sizeof(zero));
	ok(consume(&nl, &d, &replies) == 0 && nl.interrupted, "a dump that was disturbed");
	nl.interrupted = false;
	add_message(&d, NLMSG_DONE, NLM_F_DUMP_INTR, &zero, sizeof(zero));
	ok(consume(&nl, &d, &replies) == 0 && nl.interrupted, "a dump disturbed at its end");

	add_message(&d, NLMSG_DONE, 0, "", 0);
	ok(consume(&nl, &d, &replies) == 0, "an end without a number");
	add_message(&d, NLMSG_DONE, 0, &busy, sizeof(busy));
	ok(consume(&nl, &d, &replies) == -EBUSY && nl.fault.error == EBUSY,
	   "a dump that failed");
	add_message(&d, NLMSG_OVERRUN, 0, "", 0);
	ok(consume(&nl, &d, &replies) == -ENOBUFS, "an overrun");
	add_message(&d, NLMSG_ERROR, 0, &busy, sizeof(busy));
	ok(consume(&nl, &d, &replies) == -EBADMSG, "an error cut short");
	add_message(&d, 99, 0, "", 0);
	ok(consume(&nl, &d, &replies) == -EBADMSG, "a reply that makes no sense");
	add_message(&d, 50, 0, "abcd", 4)->nlmsg_len = 1000;
	ok(consume(&nl, &d, &replies) == 1 && !replies, "a reply longer than what came");

	put_error(&p, 0);
	add_message(&d, NLMSG_ERROR, NLM_F_CAPPED, p.data, p.len);
	ok(consume(&nl, &d, &replies) == 0, "a request that was granted");
}

static void errors(void)
{
	static const char text[] = "Node 2 is in the table";
	struct datagram d = { };
	struct payload p = { };
	struct nlk nl = { };
	int replies;

	put_error(&p, -EEXIST);
	put_attr(&p, NLMSGERR_ATTR_MSG, text, sizeof(text));
	put_u32(&p, NLMSGERR_ATTR_OFFS, 20);
	add_message(&d, NLMSG_ERROR, NLM_F_CAPPED | NLM_F_ACK_TLVS, p.data, p.len);
	ok(consume(&nl, &d, &replies) == -EEXIST && nl.fault.offset == 20 &&
	   !nl.fault.is_missing, "a refusal with the place");
	same(nl.fault.text, text, "its text");

	/* the same with a request of 8 octets given back */
	p.len = 0;
	put(&p, &(struct nlmsgerr) {
		.error = -EEXIST, .msg.nlmsg_len = NLMSG_HDRLEN + 8
	    }, sizeof(struct nlmsgerr));
	put(&p, "requests", 8);
	put_attr(&p, NLMSGERR_ATTR_MSG, text, sizeof(text));
	add_message(&d, NLMSG_ERROR, NLM_F_ACK_TLVS, p.data, p.len);
	ok(consume(&nl, &d, &replies) == -EEXIST && !nl.fault.offset,
	   "a refusal with the request");
	same(nl.fault.text, text, "its text");

	/* the same, but of the request there is less than it says */
	((struct nlmsgerr *)p.data)->msg.nlmsg_len = 0x80000000;
	add_message(&d, NLMSG_ERROR, NLM_F_ACK_TLVS, p.data, p.len);
	ok(consume(&nl, &d, &replies) == -EEXIST && !*nl.fault.text,
	   "a refusal with a request that is cut short");
	((struct nlmsgerr *)p.data)->msg.nlmsg_len = 0xffffffff;
	add_message(&d, NLMSG_ERROR, NLM_F_ACK_TLVS, p.data, p.len);
	ok(consume(&nl, &d, &replies) == -EEXIST && !*nl.fault.text,
	   "a refusal with a request of all there could be");

	p.len = 0;
	put_u32(&p, 0, 0);
	p.len = sizeof(int);
	*(int *)p.data = -EINVAL;
	put_attr(&p, NLMSGERR_ATTR_MSG, text, sizeof(text));
	add_message(&d, NLMSG_DONE, NLM_F_ACK_TLVS, p.data, p.len);
	ok(consume(&nl, &d, &replies) == -EINVAL, "a dump that was refused");
	same(nl.fault.text, text, "its text");

	p.len = 0;
	put_error(&p, INT_MIN);
	add_message(&d, NLMSG_ERROR, NLM_F_CAPPED, p.data, p.len);
	ok(consume(&nl, &d, &replies) == -EBADMSG, "an error that is no number of one");

	p.len = 0;
	put_error(&p, -EINVAL);
	put_attr(&p, NLMSGERR_ATTR_MSG, "not ended", 9);
	add_message(&d, NLMSG_ERROR, NLM_F_CAPPED | NLM_F_ACK_TLVS, p.data, p.len);
	consume(&nl, &d, &replies);
	same(nl.fault.text, "not ended", "a text without a NUL");
}

/* What the kernel would say of the attribute at @a in @msg. */
static void same_attr(struct nl_msg *msg, const void *a, const struct nlk_names *names,
		      size_t header, const char *want, const char *what)
{
	struct nlk nl = { .header = header };
	char name[128];

	nl.fault.offset = (const char *)a - (const char *)nlmsg_hdr(msg);
	nlk_fault_attr(&nl, nlmsg_hdr(msg), names, name, sizeof(name));
	same(name, want, what);
}

static void same_missing(struct nl_msg *msg, const void *nest, unsigned int type,
			 const char *want, const char *what)
{
	struct nlk nl = {
		.header = GENL_HDRLEN,
		.fault = { .is_missing = true, .missing = type },
	};
	char name[128];

	if (nest)
		nl.fault.missing_nest = (const char *)nest - (const char *)nlmsg_hdr(msg);
	if (!nlk_fault_attr(&nl, nlmsg_hdr(msg), &vmnet_names, name, sizeof(name)))
		*name = '\0';
	same(name, want, what);
}

static void attr_names(void)
{
	const struct nlk nl = { .family = 30 };
	struct nl_msg *msg = nlk_genl_request(&nl, VMNET_CMD_FDB_NEW, 0);
	const struct peer peer = { .transport = VMNET_TRANSPORT_RRDP, .node = 2 };
	struct ifinfomsg ifi = { };
	struct nlattr *fdb, *info, *data, *in_peer;

	nla_put_u32(msg, VMNET_A_IFINDEX, 3);
	fdb = nla_nest_start(msg, VMNET_A_FDB);
	put_peer(msg, VMNET_A_FDB_PEER, &peer);
	nla_nest_end(msg, fdb);
	same_attr(msg, (char *)fdb - 8, &vmnet_names, GENL_HDRLEN, "net", "a top attribute");
	same_attr(msg, fdb, &vmnet_names, GENL_HDRLEN, "fdb", "a nest");
	in_peer = nla_data(nla_data(fdb));
	same_attr(msg, in_peer, &vmnet_names, GENL_HDRLEN, "fdb > peer > transport",
		  "an attribute of a nest of a nest");
	same_attr(msg, nla_next(in_peer, &(int){ 100 }), &vmnet_names, GENL_HDRLEN,
		  "fdb > peer > node", "the attribute after it");
	same_missing(msg, NULL, VMNET_A_PEER, "peer", "a missing attribute");
	same_missing(msg, fdb, VMNET_A_FDB_LLADDR, "fdb > MAC",
		     "an attribute missing in a nest");
	same_missing(msg, NULL, 200, "", "a missing attribute without a name");
	same_attr(msg, (char *)nlmsg_hdr(msg) + 4000, &vmnet_names, GENL_HDRLEN, "",
		  "a place outside of the request");
	nlmsg_free(msg);

	msg = nlmsg_alloc_simple(RTM_NEWLINK, 0);
	nlmsg_append(msg, &ifi, sizeof(ifi), NLMSG_ALIGNTO);
	info = nla_nest_start(msg, IFLA_LINKINFO);
	nla_put_string(msg, IFLA_INFO_KIND, VMNET_LINK_KIND);
	data = nla_nest_start(msg, IFLA_INFO_DATA);
	nla_put_u32(msg, IFLA_VMNET_VNI, 0);
	nla_nest_end(msg, data);
	nla_nest_end(msg, info);
	same_attr(msg, nla_data(data), &link_names, sizeof(ifi), "vni",
		  "an attribute of a link");
	nlmsg_free(msg);
}

static void same_hint(int family, int error, const char *text, bool want, const char *what)
{
	struct nlk nl = { .family = family, .fault.error = error };

	snprintf(nl.fault.text, sizeof(nl.fault.text), "%s", text);
	ok(!strstr(nlk_fault_hint(&nl), "is older") == !want, "%s", what);
}

/* As the kernel puts it: net/netlink/genetlink.c, lib/nlattr.c */
static void hints(void)
{
	same_hint(30, EOPNOTSUPP, "", true, "a command that the module lacks");
	same_hint(30, EINVAL, "Unknown attribute type", true, "an attribute that it lacks");
	same_hint(30, EINVAL, "Unsupported attribute", true, "one that it only answers with");
	same_hint(30, EOPNOTSUPP, "not on this device", false, "what it will not do");
	same_hint(30, EINVAL, "", false, "a request that is wrong");
	same_hint(0, EOPNOTSUPP, "", false, "a command of another protocol");
}

static void same_integer(const void *data, size_t len, uint64_t want)
{
	struct payload p = { };

	put_attr(&p, 1, data, len);
	ok(nlk_uint((struct nlattr *)p.data) == want, "an integer of %zu octets", len);
}

static void integers(void)
{
	const uint8_t v8 = 0xfe;
	const uint16_t v16 = 0xfedc;
	const uint32_t v32 = 0xfedcba98;
	const uint64_t v64 = 0xfedcba9876543210;

	same_integer(&v8, sizeof(v8), v8);
	same_integer(&v16, sizeof(v16), v16);
	same_integer(&v32, sizeof(v32), v32);
	same_integer(&v64, sizeof(v64), v64);
	same_integer("", 0, 0);
	same_integer("abc", 3, 0);
}

void test_netlink(void)
{
	exchanges();
	errors();
	attr_names();
	hints();
	integers();
}
