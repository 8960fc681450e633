// SPDX-License-Identifier: GPL-2.0
/*
 * Command lines of vmnetctl, a word a line, to a kernel that grants everything and has
 * every device. No libnl and no kernel is asked: what would be is here.
 */
#include <fcntl.h>
#include <net/if.h>
#include <netlink/genl/ctrl.h>
#include <netlink/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include "die.h"
#include "input.h"
#include "vmnetctl.h"

enum { WORDS_MAX = 24, FAMILY = 30 };

bool want_json;

/* ------------------------------------------------------------------ kernel */

static struct nlmsghdr sent;

int nl_connect(struct nl_sock *sock, int protocol)
{
	(void)sock;
	(void)protocol;
	return 0;
}

int genl_ctrl_resolve(struct nl_sock *sock, const char *name)
{
	(void)sock;
	(void)name;
	return FAMILY;
}

int nl_send(struct nl_sock *sock, struct nl_msg *msg)
{
	const struct nlmsghdr *nlh = nlmsg_hdr(msg);
	const char *p = (const char *)nlh;
	unsigned int i, sum = 0;

	(void)sock;
	/* All of it would be read. */
	for (i = 0; i < nlh->nlmsg_len; i++)
		sum += p[i];
	sent = *nlh;
	return sum ? (int)nlh->nlmsg_len : 0;
}

ssize_t recvfrom(int fd, void *restrict p, size_t size, int flags,
		 struct sockaddr *restrict from, socklen_t *restrict len)
{
	struct {
		struct nlmsghdr nlh;
		struct nlmsgerr e;
	} done = {
		.nlh = {
			.nlmsg_len = sizeof(done),
			.nlmsg_type = NLMSG_ERROR,
			.nlmsg_flags = NLM_F_CAPPED,
			.nlmsg_seq = sent.nlmsg_seq,
		},
	};

	(void)fd;
	(void)flags;
	must(size >= sizeof(done) && *len >= sizeof(struct sockaddr_nl), "room for an answer");
	memset(from, 0, sizeof(struct sockaddr_nl));
	memcpy(p, &done, sizeof(done));
	return sizeof(done);
}

unsigned int if_nametoindex(const char *name)
{
	return 1 + strlen(name);
}

/* -------------------------------------------------------------------- words */

/* Not "monitor", which never ends, and not what is another program's. */
static const struct verb *const families[] = {
	node_verbs, net_verbs, peer_verbs, fdb_verbs, port_verbs, mdb_verbs, neigh_verbs,
	stats_verbs, conn_verbs,
};

static const struct verb *find(const char *name)
{
	const struct verb *v;
	unsigned int i;

	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		for (v = families[i]; v->name; v++)
			if (!strcmp(v->name, name))
				return v;
	return NULL;
}

static void run(char **words)
{
	const struct verb *verb = find(words[0]);
	struct args args = { .words = words + 1 };

	if (!verb)
		return;
	args.verb = verb->name;
	verb->run(&args);
}

/* Tables are of no use to anybody. */
static void be_quiet(void)
{
	static int null = -1;

	if (null >= 0)
		return;
	null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	must(null >= 0 && dup2(null, STDOUT_FILENO) >= 0, "standard output");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = input_text(data, size), *rest = text, *words[WORDS_MAX + 1];
	unsigned int n = 0;

	be_quiet();
	while (n < WORDS_MAX && rest)
		words[n++] = strsep(&rest, "\n");
	words[n] = NULL;
	if (!setjmp(die_to))
		run(words);
	free(text);
	return 0;
}
