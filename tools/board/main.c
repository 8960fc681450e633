// SPDX-License-Identifier: GPL-2.0
/* vmnet-board: knows who is in which virtual network. */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "args.h"
#include "board.h"
#include "command.h"
#include "error.h"
#include "tls.h"

static const char usage[] =
	"usage: vmnet-board [-c FILE] [--store STORE] [--insecure-http]\n"
	"       vmnet-board [-c FILE] token add ROLE [domain DOMAIN] [host HOST]\n"
	"                   [days N]\n"
	"       vmnet-board [-c FILE] token show\n"
	"       vmnet-board [-c FILE] token del ID\n"
	"       vmnet-board [-c FILE] fingerprint\n"
	"\n"
	"The bulletin board of virtual networks: hosts register here, find each other,\n"
	"and get addresses for their VMs. Without a command it serves, by HTTPS; to\n"
	"browsers, a portal that shows all this, at the address that it prints.\n"
	"\n"
	"commands:\n"
	"  token add    make a token and print it. ROLE is \"read\"; or \"host\", which may\n"
	"               write what belongs to HOST; or \"admin\". Without DOMAIN it is\n"
	"               good for all domains, without N for ever\n"
	"  token show   list the tokens\n"
	"  token del    make token ID void\n"
	"  fingerprint  print the SHA-256 of the certificate, for those who join\n"
	"\n"
	"options:\n"
	"  -c, --config FILE    read FILE, not /etc/vmnet-board.conf\n"
	"  -s, --store STORE    \"sqlite\", or a cluster of etcd, in place of \"store\" in\n"
	"                       FILE: etcd://HOST:PORT[,HOST:PORT...][/PREFIX]\n"
	"  -i, --insecure-http  without TLS; the address must be one of loopback\n"
	"  -h, --help           this text\n"
	"  -V, --version        version\n"
	"\n"
	"example, the first steps:\n"
	"  systemctl start vmnet-board\n"
	"  vmnet-board token add admin\n"
	"\n"
	"exit status: 0 done; 1 something failed, the message says what; 2 the command\n"
	"line or the configuration is wrong\n";

static int fingerprint(const struct config *c)
{
	struct identity id = { };

	identity_load(&id, c);
	puts(id.fingerprint);
	identity_free(&id);
	return STATUS_OK;
}

static bool is_loopback(const struct endpoint *ep)
{
	if (ep->family == AF_INET)
		return ntohl(ep->v4.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&ep->v6);
}

static int run(struct config *c, char **words)
{
	struct args args = { .verb = words[0], .words = words + 1 };

	/* Whoever needs it will say why it is not there. */
	mkdir(c->state, 0700);
	if (!words[0]) {
		if (c->insecure && !is_loopback(&c->listen))
			die(STATUS_USAGE,
			    "tokens do not go over a network without TLS: set \"listen\" to 127.0.0.1 or [::1]");
		return board_run(c);
	}
	if (!strcmp(args.verb, "token"))
		return command_token(c, &args);
	if (strcmp(args.verb, "fingerprint"))
		die(STATUS_USAGE, "there is no command \"%s\"; see \"vmnet-board --help\"",
		    args.verb);
	args_end(&args);
	return fingerprint(c);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "store", required_argument, NULL, 's' },
		{ "insecure-http", no_argument, NULL, 'i' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ }
	};
	const char *file = NULL, *store = NULL;
	struct config config;
	bool insecure = false;
	int c;

	while ((c = getopt_long(argc, argv, "c:s:ihV", options, NULL)) != -1) {
		switch (c) {
		case 'c':
			file = optarg;
			break;
		case 's':
			store = optarg;
			break;
		case 'i':
			insecure = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return finish_output(STATUS_OK);
		case 'V':
			puts("vmnet-board " VERSION);
			return finish_output(STATUS_OK);
		default:
			die(STATUS_USAGE, "see \"vmnet-board --help\"");
		}
	}
	config_read(&config, file);
	config.insecure = insecure;
	if (store && !config_store(&config, store))
		die(STATUS_USAGE, "--store must be %s, not \"%s\"", CONFIG_STORE, store);
	return finish_output(run(&config, argv + optind));
}
