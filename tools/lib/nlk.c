// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "error.h"
#include "nlk.h"

/* linux/err.h */
#define MAX_ERRNO	4095

static void set_option(int fd, int level, int option, int value)
{
	/* without it an older kernel says less: not worth failing for */
	(void)setsockopt(fd, level, option, &value, sizeof(value));
}

void nlk_open(struct nlk *nl, int protocol, size_t header)
{
	int ret;

	memset(nl, 0, sizeof(*nl));
	nl->header = header;
	nl->buffer = malloc(NLK_BUFFER);
	nl->sock = nl_socket_alloc();
	if (!nl->buffer || !nl->sock)
		die(STATUS_REFUSED, "not enough memory for a netlink socket");
	ret = nl_connect(nl->sock, protocol);
	if (ret < 0)
		die(STATUS_REFUSED, "cannot open a netlink socket: %s",
		    nl_geterror(ret));

	nl->fd = nl_socket_get_fd(nl->sock);
	set_option(nl->fd, SOL_NETLINK, NETLINK_EXT_ACK, 1);
	set_option(nl->fd, SOL_NETLINK, NETLINK_CAP_ACK, 1);
	set_option(nl->fd, SOL_SOCKET, SO_RCVBUF, NLK_RCVBUF);
	set_option(nl->fd, SOL_SOCKET, SO_RCVBUFFORCE, NLK_RCVBUF);
}

bool nlk_open_family(struct nlk *nl, const char *name)
{
	nlk_open(nl, NETLINK_GENERIC, GENL_HDRLEN);
	nl->family = genl_ctrl_resolve(nl->sock, name);
	if (nl->family > 0)
		return true;
	nlk_close(nl);
	return false;
}

void nlk_close(struct nlk *nl)
{
	nl_socket_free(nl->sock);
	free(nl->buffer);
	memset(nl, 0, sizeof(*nl));
	nl->fd = -1;
}

struct nl_msg *nlk_genl_request(const struct nlk *nl, uint8_t cmd, int flags)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (!msg || !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, nl->family, 0,
				 flags, cmd, 1))
		die(STATUS_REFUSED, "not enough memory for a netlink message");
	return msg;
}

ssize_t nlk_receive(struct nlk *nl)
{
	struct sockaddr_nl from;
	socklen_t len;
	ssize_t n;

	do {
		len = sizeof(from);
		n = recvfrom(nl->fd, nl->buffer, NLK_BUFFER, MSG_TRUNC,
			     (struct sockaddr *)&from, &len);
	} while ((n < 0 && errno == EINTR) || (n >= 0 && from.nl_pid));
	if (n < 0)
		return -errno;
	return n > NLK_BUFFER ? -EMSGSIZE : n;
}

static void fault_text(struct nlk_fault *f, const struct nlattr *a)
{
	snprintf(f->text, sizeof(f->text), "%.*s", nla_len(a),
		 (const char *)nla_data(a));
}

/* Reads the attributes that follow the error number in an answer. */
static void fault_attrs(struct nlk_fault *f, const void *attrs, int len)
{
	const struct nlattr *a;
	int rem;

	for (a = attrs, rem = len; nla_ok(a, rem); a = nla_next(a, &rem)) {
		switch (nla_type(a)) {
		case NLMSGERR_ATTR_MSG:
			fault_text(f, a);
			break;
		case NLMSGERR_ATTR_OFFS:
			f->offset = nlk_uint(a);
			break;
		case NLMSGERR_ATTR_MISS_TYPE:
			f->missing = nlk_uint(a);
			f->is_missing = true;
			break;
		case NLMSGERR_ATTR_MISS_NEST:
			f->missing_nest = nlk_uint(a);
			break;
		}
	}
}

/*
 * The end of an exchange: NLMSG_ERROR carries the error and the request, or
 * its header only; NLMSG_DONE the error alone. Attributes follow both if the
 * flags say so.
 */
static int fault_read(struct nlk *nl, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *e = nlmsg_data(nlh);
	size_t len = nlmsg_datalen(nlh), skip = sizeof(int);

	memset(&nl->fault, 0, sizeof(nl->fault));
	if (len < skip)
		return nlh->nlmsg_type == NLMSG_DONE ? 0 : -EBADMSG;
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		skip = sizeof(*e);
		if (len < skip)
			return -EBADMSG;
		if (!(nlh->nlmsg_flags & NLM_F_CAPPED) &&
		    e->msg.nlmsg_len > sizeof(e->msg))
			skip += NLMSG_ALIGN((size_t)e->msg.nlmsg_len) - sizeof(e->msg);
	}
	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS && len > skip)
		fault_attrs(&nl->fault, (const char *)e + skip, len - skip);
	if (e->error >= 0)
		return 0;
	if (e->error < -MAX_ERRNO)
		return -EBADMSG;
	nl->fault.error = -e->error;
	return e->error;
}

int nlk_consume(struct nlk *nl, const void *data, size_t len, uint32_t seq,
		nlk_reply_fn reply, void *arg)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)data;
	int left = len, ret;

	for (; nlmsg_ok(nlh, left); nlh = nlmsg_next(nlh, &left)) {
		if (nlh->nlmsg_seq != seq)
			continue;
		if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
			nl->interrupted = true;
		switch (nlh->nlmsg_type) {
		case NLMSG_NOOP:
			break;
		case NLMSG_OVERRUN:
			return -ENOBUFS;
		case NLMSG_ERROR:
		case NLMSG_DONE:
			return fault_read(nl, nlh);
		default:
			ret = reply ? reply(nlh, arg) : 0;
			if (ret)
				return ret;
		}
	}
	return 1;
}

int nlk_transact(struct nlk *nl, struct nl_msg *msg, nlk_reply_fn reply, void *arg)
{
	uint32_t seq;
	ssize_t n;
	int ret;

	nl->interrupted = false;
	memset(&nl->fault, 0, sizeof(nl->fault));
	nl_complete_msg(nl->sock, msg);
	seq = nlmsg_hdr(msg)->nlmsg_seq;
	ret = nl_send(nl->sock, msg);
	if (ret < 0)
		die(STATUS_REFUSED, "cannot ask the kernel: %s", nl_geterror(ret));

	do {
		n = nlk_receive(nl);
		ret = n < 0 ? n : nlk_consume(nl, nl->buffer, n, seq, reply, arg);
	} while (ret > 0);
	if (ret < 0 && !nl->fault.error)
		nl->fault.error = -ret;
	return ret;
}

int nlk_genl_parse(const struct nlmsghdr *nlh, struct nlattr **tb, int max)
{
	int len = nlmsg_datalen(nlh) - GENL_HDRLEN;

	if (len < 0)
		return -EBADMSG;
	if (nla_parse(tb, max, (struct nlattr *)((char *)nlmsg_data(nlh) + GENL_HDRLEN),
		      len, NULL) < 0)
		return -EBADMSG;
	return 0;
}

void nlk_nest_parse(const struct nlattr *nest, struct nlattr **tb, int max)
{
	/* fails only where there is a policy */
	nla_parse_nested(tb, max, (struct nlattr *)nest, NULL);
}

uint64_t nlk_uint(const struct nlattr *a)
{
	uint64_t v64;
	uint32_t v32;
	uint16_t v16;

	switch (nla_len(a)) {
	case 1:
		return *(const uint8_t *)nla_data(a);
	case 2:
		memcpy(&v16, nla_data(a), sizeof(v16));
		return v16;
	case 4:
		memcpy(&v32, nla_data(a), sizeof(v32));
		return v32;
	case 8:
		memcpy(&v64, nla_data(a), sizeof(v64));
		return v64;
	}
	return 0;
}

static const char *lookup(const struct nlk_names *names, unsigned int type)
{
	return type < names->count ? names->names[type] : NULL;
}

static void append(char *name, size_t size, const char *part)
{
	size_t len = strlen(name);

	snprintf(name + len, size - len, "%s%s", len ? " > " : "", part);
}

/*
 * Descends to the attribute at @target and gathers the names on the way.
 * Returns the names of what is inside of it (NULL if unknown), and says in
 * @found whether it was there.
 */
static const struct nlk_names *
descend(const struct nlk_names *names, const struct nlattr *head, int len,
	const char *target, char *name, size_t size, bool *found)
{
	const struct nlattr *a;
	int rem;

	for (a = head, rem = len; nla_ok(a, rem); a = nla_next(a, &rem)) {
		const char *start = (const char *)a, *part;
		const struct nlk_names *inner = NULL;

		if (target < start || target >= start + nla_total_size(nla_len(a)))
			continue;
		part = lookup(names, nla_type(a));
		if (names->nested && (unsigned int)nla_type(a) < names->count)
			inner = names->nested[nla_type(a)];
		if (part)
			append(name, size, part);
		if (target == start || !inner) {
			*found = target == start;
			return inner;
		}
		return descend(inner, nla_data(a), nla_len(a), target, name,
			       size, found);
	}
	return NULL;
}

bool nlk_fault_attr(const struct nlk *nl, const struct nlmsghdr *request,
		    const struct nlk_names *names, char *name, size_t size)
{
	const struct nlk_fault *f = &nl->fault;
	unsigned int offset = f->is_missing ? f->missing_nest : f->offset;
	const char *head = (const char *)nlmsg_data(request) + NLMSG_ALIGN(nl->header);
	int len = (const char *)request + request->nlmsg_len - head;
	const char *part;
	bool found = true;

	*name = '\0';
	if (!names || (!offset && !f->is_missing) || len < 0)
		return false;
	if (offset)
		names = descend(names, (const struct nlattr *)head, len,
				(const char *)request + offset, name, size, &found);
	if (f->is_missing) {
		part = names ? lookup(names, f->missing) : NULL;
		if (!part)
			return false;
		append(name, size, part);
	}
	return found && *name;
}

const char *nlk_fault_hint(const struct nlk *nl)
{
	const struct nlk_fault *f = &nl->fault;
	bool no_command = f->error == EOPNOTSUPP && !*f->text;
	bool no_attr = f->error == EINVAL && (!strcmp(f->text, "Unknown attribute type") ||
					      !strcmp(f->text, "Unsupported attribute"));

	return nl->family && (no_command || no_attr) ?
	       "; the kernel module that is loaded is older than this program" : "";
}
