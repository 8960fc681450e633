// SPDX-License-Identifier: GPL-2.0
/*
 * Boards: join, leave, show-domains, show-hosts, show-vms, add-vm, del-vm, watch, status,
 * lab.
 * Another program does them, as what it needs takes long to load.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmnetctl.h"

#define HELPER	"vmnetctl-board"

/* Beside this program, as it is built, or where it is installed. */
static void exec_helper(char **argv)
{
	static const char *const places[] = { "/", "/../libexec/vmnet/" };
	char self[PATH_MAX], path[PATH_MAX + 64];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	unsigned int i;

	if (len < 0)
		die(STATUS_REFUSED, "cannot find where this program is: %s", strerror(errno));
	self[len] = '\0';
	*strrchr(self, '/') = '\0';
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		snprintf(path, sizeof(path), "%s%s" HELPER, self, places[i]);
		execv(path, argv);
		if (errno != ENOENT)
			die(STATUS_REFUSED, "cannot run %s: %s", path, strerror(errno));
	}
	die(STATUS_REFUSED, "%s is not installed: build with libcurl (of OpenSSL) and jansson",
	    HELPER);
}

static int run_helper(struct args *a)
{
	unsigned int count = 0, i = 0, n;
	char **argv;

	while (a->words[count])
		count++;
	argv = calloc(count + 4, sizeof(*argv));
	if (!argv)
		die(STATUS_REFUSED, "not enough memory");
	/* What it says is what this program says. */
	argv[i++] = program_invocation_short_name;
	if (want_json)
		argv[i++] = "-j";
	argv[i++] = (char *)a->verb;
	for (n = 0; n < count; n++)
		argv[i++] = a->words[n];
	exec_helper(argv);
	return STATUS_REFUSED;
}

#define WHERE_HELP \
	"  DOMAIN   of those that this host is in; needed if there are several\n" \
	"  FILE     configuration of vmnetd, /etc/vmnetd.conf unless given\n"

const struct verb board_verbs[] = {
	{
		.name = "join",
		.args = "URL DOMAIN fingerprint FINGERPRINT token TOKEN [host HOST]\n"
			"     [address ADDRESS] [transports udp|udp,rrdp] [segments LIST]\n"
			"     [node NODE] [ttl SECONDS] [config FILE]",
		.summary = "take part in the networks of a domain",
		.help =
		"Asks the board whether all is right, writes it into the configuration of\n"
		"vmnetd, and has vmnetd read that or, by systemd, start. A second board of a\n"
		"domain is one more that can be asked; one that is known gets the new token.\n"
		"\n"
		"  URL          of the board, such as https://192.0.2.1:8789\n"
		"  FINGERPRINT  of its certificate: \"vmnet-board fingerprint\"\n"
		"  TOKEN        \"vmnet-board token add host domain DOMAIN host HOST\";\n"
		"               \"-\": it is read from standard input\n"
		"  HOST         name of this host in the domain, its own unless given\n"
		"  ADDRESS      of this host in the underlay, such as 192.0.2.1/24; that by\n"
		"               which it reaches the board unless given\n"
		"  udp,rrdp     hosts of the same subnet that also say so are reached by RRDP\n"
		"  LIST         names of segments, such as lan,dmz; all unless given\n"
		"  NODE         number of this host, any that is free unless given\n"
		"  SECONDS      after which this host, if it is silent, is gone; 30 unless given\n"
		"  FILE         configuration of vmnetd, /etc/vmnetd.conf unless given\n"
		"\n"
		"example:\n"
		"  vmnetctl join https://192.0.2.1:8789 lab fingerprint 5A:...:C3 token -\n",
		.run = run_helper,
	}, {
		.name = "leave",
		.args = "[domain DOMAIN] [config FILE]",
		.summary = "take part no more",
		.help =
		"The networks of the domain are deleted on this host, its VMs lose their\n"
		"addresses, and the board tells the others.\n"
		"\n"
		WHERE_HELP
		"\n"
		"example:\n"
		"  vmnetctl leave\n",
		.run = run_helper,
	}, {
		.name = "show-domains",
		.args = "[domain DOMAIN] [config FILE]",
		.summary = "list the domains that the board shows this host",
		.help =
		"The board of DOMAIN is asked.\n"
		"\n"
		WHERE_HELP
		"\n"
		"example:\n"
		"  vmnetctl show-domains\n",
		.run = run_helper,
	}, {
		.name = "show-hosts",
		.args = "[domain DOMAIN] [config FILE]",
		.summary = "list the hosts of a domain",
		.help =
		"Those are listed that are there: who was silent for TTL seconds is not.\n"
		"\n"
		WHERE_HELP
		"\n"
		"examples:\n"
		"  vmnetctl show-hosts\n"
		"  vmnetctl -j show-hosts domain lab | jq -r '.[].host'\n",
		.run = run_helper,
	}, {
		.name = "show-vms",
		.args = "[segment SEGMENT] [domain DOMAIN] [config FILE]",
		.summary = "list the VMs of a domain, or of a segment",
		.help =
		"LIVE says that HOST is there and has the VM.\n"
		"\n"
		WHERE_HELP
		"\n"
		"example:\n"
		"  vmnetctl show-vms segment lan\n",
		.run = run_helper,
	}, {
		.name = "add-vm",
		.args = "SEGMENT NAME [mac MAC] [ipv4 ADDRESS] [ipv6 ADDRESS]\n"
			"     [host HOST|none] [domain DOMAIN] [config FILE]",
		.summary = "give a VM its addresses, and print them",
		.help =
		"What is not given is what the VM has, or what is free. It keeps that until it is\n"
		"deleted. HOST is this one unless given, as far as the token is a host's; \"none\":\n"
		"any host may take it.\n"
		"\n"
		"A guest whose NIC has that MAC address is this VM wherever it appears,\n"
		"and gets that IPv4 address by DHCP.\n"
		"\n"
		WHERE_HELP
		"\n"
		"examples:\n"
		"  vmnetctl add-vm lan web1\n"
		"  vmnetctl -j add-vm lan web2 mac 52:54:00:12:34:56 | jq -r '.[].ipv4'\n",
		.run = run_helper,
	}, {
		.name = "del-vm",
		.args = "SEGMENT NAME [domain DOMAIN] [config FILE]",
		.summary = "take the addresses of a VM from it",
		.help =
		"Others may get them.\n"
		"\n"
		WHERE_HELP
		"\n"
		"example:\n"
		"  vmnetctl del-vm lan web1\n",
		.run = run_helper,
	}, {
		.name = "watch",
		.args = "[domain DOMAIN] [config FILE]",
		.summary = "print what changes in a domain, as it changes",
		.help =
		"Prints a line for each segment, host and VM that there is, and from then on for\n"
		"each that changes, until it is interrupted. With --json each line is an object.\n"
		"\n"
		WHERE_HELP
		"\n"
		"examples:\n"
		"  vmnetctl watch\n"
		"  vmnetctl -j watch | jq -c 'select(.event == \"delete\")'\n",
		.run = run_helper,
	}, {
		.name = "status",
		.args = "[config FILE]",
		.summary = "show how vmnetd is doing",
		.help =
		"Of each domain: the board and since when it answers, the lease, the revision\n"
		"up to which all is known, the last error; networks, peers, VMs; servers of DHCP;\n"
		"VMs that the board refused; and what the kernel does not have as it should.\n"
		"\n"
		"  FILE     configuration of vmnetd, /etc/vmnetd.conf unless given\n"
		"\n"
		"examples:\n"
		"  vmnetctl status\n"
		"  vmnetctl -j status | jq -r '.domains[].state'\n",
		.run = run_helper,
	}, {
		.name = "lab",
		.args = "up FILE [dry-run] [token FILE] [rsh COMMAND] [domain DOMAIN]\n"
			"     [config FILE]\n"
			"down FILE|NAME [token FILE] [rsh COMMAND] [domain DOMAIN]\n"
			"     [config FILE]\n"
			"status [NAME] [rsh COMMAND] [domain DOMAIN] [config FILE]\n"
			"check FILE\n"
			"hand [config FILE]",
		.summary = "run guests on networks of their own, as a file describes them",
		.help =
		"\"up\" makes the networks and guests of a lab, on the hosts of a domain: with xl\n"
		"in Xen's Dom0, with QEMU elsewhere. All of it is there then, or nothing.\n"
		"\"down\" undoes it, also if only a part is left. \"status\" shows the guests of\n"
		"what was begun here. \"check\" only reads the file, whose form vmnet-lab(5) has.\n"
		"\"hand\" is what these run on each host.\n"
		"\n"
		"  FILE     of the lab, of YAML; \"-\": standard input\n"
		"  NAME     of a lab that was begun here\n"
		"  dry-run  print where guests would be, and change nothing\n"
		"  token FILE\n"
		"           has an admin's token of the domain in its first line; needed unless\n"
		"           this host has joined with one\n"
		"  COMMAND  that reaches other hosts, \"ssh -o BatchMode=yes -o ConnectTimeout=10\"\n"
		"           unless given; the name of the host, and what to run there, follow\n"
		WHERE_HELP
		"\n"
		"examples:\n"
		"  vmnetctl lab up cluster.yaml token /root/admin.token\n"
		"  vmnetctl lab status\n"
		"  vmnetctl lab down cluster token /root/admin.token\n",
		.run = run_helper,
	},
	{ }
};
