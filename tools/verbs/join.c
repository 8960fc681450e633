// SPDX-License-Identifier: GPL-2.0
/* join, leave */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "json.h"
#include "memory.h"
#include "verbs.h"

static bool has_systemd(void)
{
	return !access("/run/systemd/system", F_OK);
}

/* Returns whether the unit does so now. */
static bool systemctl(const char *verb)
{
	char *const argv[] = { "systemctl", "--quiet", (char *)verb, "--now", "vmnetd", NULL };
	int status;
	pid_t pid;

	pid = fork();
	if (!pid) {
		execvp(argv[0], argv);
		_exit(127);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}

/* Has vmnetd know of the configuration, or says who has to. */
static void tell_agent(const struct setup *s, const char *conf)
{
	bool is_usual = !strcmp(conf, SETUP_FILE);

	if (agent_reload(s))
		return;
	/* That of the system reads no other file. */
	if (is_usual && has_systemd() && systemctl("enable"))
		return;
	if (is_usual && has_systemd())
		complain("vmnetd does not run here: start it, with \"systemctl start vmnetd\"");
	else
		complain("vmnetd does not run here: start it, with \"vmnetd -c %s\"", conf);
}

/* A token that is not on the command line is not seen by others. */
static char *read_token(struct args *a, char *word)
{
	static char line[HTTP_TOKEN_SIZE];

	if (strcmp(word, "-"))
		return word;
	if (!fgets(line, sizeof(line), stdin))
		usage_error(a, "expected TOKEN on standard input");
	line[strcspn(line, "\r\n")] = '\0';
	return line;
}

enum {
	KW_FINGERPRINT, KW_TOKEN, KW_HOST, KW_ADDRESS, KW_TRANSPORTS, KW_NETWORKS, KW_NODE,
	KW_TTL, KW_CONFIG,
};

static void read_board(struct args *a, const struct keyword *kw, struct http_board *b)
{
	char *token;

	if (!kw[KW_FINGERPRINT].given)
		usage_error(a,
			    "expected \"fingerprint FINGERPRINT\", as \"vmnet-board fingerprint\" prints it");
	if (!kw[KW_TOKEN].given)
		usage_error(a, "expected \"token TOKEN\", as \"vmnet-board token add\" prints it");
	if (!fingerprint_parse(kw[KW_FINGERPRINT].text, b->fingerprint))
		usage_error(a, "expected FINGERPRINT of 32 pairs of hexadecimal digits, not \"%s\"",
			    kw[KW_FINGERPRINT].text);
	token = read_token(a, kw[KW_TOKEN].text);
	if (!*token || strlen(token) >= sizeof(b->token) || strpbrk(token, " \t"))
		usage_error(a, "expected TOKEN as \"vmnet-board token add\" prints it");
	snprintf(b->token, sizeof(b->token), "%s", token);
}

static void read_networks(struct args *a, char *list, struct setup_domain *d)
{
	char *name;

	for (name = strtok(list, ","); name; name = strtok(NULL, ",")) {
		if (!name_valid(name))
			usage_error(a,
				    "expected LIST of names of segments such as lan,dmz, not \"%s\"",
				    name);
		d->networks = memory_grow(d->networks, d->network_count, sizeof(*d->networks));
		d->networks[d->network_count] = (struct setup_network){ };
		snprintf(d->networks[d->network_count++].segment, NAME_SIZE, "%s", name);
	}
}

static void read_domain(struct args *a, const struct keyword *kw, struct setup_domain *d)
{
	const struct keyword *host = &kw[KW_HOST], *address = &kw[KW_ADDRESS];
	const struct keyword *transports = &kw[KW_TRANSPORTS];

	if (host->given && !name_valid(host->text))
		usage_error(a,
			    "expected HOST of up to %d letters, digits, \"-\", \".\" and \"_\", not \"%s\"",
			    NAME_LEN, host->text);
	if (host->given)
		snprintf(d->host, sizeof(d->host), "%s", host->text);
	else
		setup_host_name(d->host);
	if (!*d->host)
		usage_error(a, "expected \"host HOST\": this host has no name that is one");
	if (address->given && !setup_address_valid(address->text))
		usage_error(a, "expected ADDRESS such as 192.0.2.1/24, not \"%s\"", address->text);
	if (address->given)
		snprintf(d->addresses[d->address_count++], SETUP_ADDRESS_SIZE, "%s",
			 address->text);
	d->rrdp = transports->given && !strcmp(transports->text, "udp,rrdp");
	if (transports->given && !d->rrdp && strcmp(transports->text, "udp"))
		usage_error(a, "expected \"udp\" or \"udp,rrdp\" after \"transports\", not \"%s\"",
			    transports->text);
	if (kw[KW_NETWORKS].given)
		read_networks(a, kw[KW_NETWORKS].text, d);
	d->node = kw[KW_NODE].number;
	if (kw[KW_TTL].given)
		d->ttl = kw[KW_TTL].number ? kw[KW_TTL].number : 1;
}

/* The board is the one, and lets this host in: it may say that it is still there. */
static void check(const struct setup_domain *d)
{
	const struct http_board *b = &d->boards[d->board_count - 1];
	char path[PATH_SIZE];
	struct http_answer a;

	snprintf(path, sizeof(path), "/v1/domains/%s", d->name);
	if (!http_ask(b, "GET", path, NULL, ANSWER_TIMEOUT, &a))
		die(STATUS_REFUSED, "%s: %s", b->url, a.error);
	http_answer_free(&a);
	snprintf(path, sizeof(path), "/v1/domains/%s/hosts/%s/renew", d->name, d->host);
	if (!http_ask(b, "POST", path, NULL, ANSWER_TIMEOUT, &a) &&
	    strcmp(a.code, "not_found"))
		die(STATUS_REFUSED, "%s: %s", b->url, a.error);
	http_answer_free(&a);
}

static void write_setup(const struct setup *s, const char *conf)
{
	int err = setup_write(s, conf);

	if (err)
		die(STATUS_REFUSED, "cannot write %s: %s", conf, strerror(-err));
}

/* Another board of the same domain, or the same with a new token. */
static struct http_board *board_of(struct args *a, struct setup_domain *d, const char *url)
{
	unsigned int i;

	for (i = 0; i < d->board_count; i++)
		if (!strcmp(d->boards[i].url, url))
			break;
	if (i == SETUP_BOARDS)
		usage_error(a, "a domain has at most %d boards", SETUP_BOARDS);
	if (i < d->board_count) {
		/* The one that is checked is the last. */
		struct http_board last = d->boards[d->board_count - 1];

		d->boards[d->board_count - 1] = d->boards[i];
		d->boards[i] = last;
	} else {
		d->board_count++;
	}
	return &d->boards[d->board_count - 1];
}

int verb_join(struct args *a)
{
	struct keyword kw[] = {
		[KW_FINGERPRINT] = { .name = "fingerprint", .value = "FINGERPRINT" },
		[KW_TOKEN] = { .name = "token", .value = "TOKEN" },
		[KW_HOST] = { .name = "host", .value = "HOST" },
		[KW_ADDRESS] = { .name = "address", .value = "ADDRESS" },
		[KW_TRANSPORTS] = { .name = "transports", .value = "\"udp\" or \"udp,rrdp\"" },
		[KW_NETWORKS] = { .name = "segments", .value = "LIST" },
		[KW_NODE] = { .name = "node", .value = "NODE", .max = UINT32_MAX },
		[KW_TTL] = { .name = "ttl", .value = "SECONDS", .max = 3600 },
		[KW_CONFIG] = { .name = "config", .value = "FILE" },
	};
	const char *url = args_take(a, "URL"), *name, *conf;
	struct setup_domain *d;
	struct http_board *b;
	struct setup setup;
	char error[512];
	int err;

	if (!http_url_valid(url))
		usage_error(a, "expected URL such as https://192.0.2.1:8789, not \"%s\"", url);
	name = args_name(a, "DOMAIN");
	args_keywords(a, kw, ARRAY_SIZE(kw));
	conf = kw[KW_CONFIG].given ? kw[KW_CONFIG].text : SETUP_FILE;
	err = setup_read(&setup, conf, error);
	if (err && err != -ENOENT)
		die(err == -EINVAL ? STATUS_USAGE : STATUS_REFUSED, "%s", error);
	d = setup_find(&setup, name);
	if (!d || kw[KW_HOST].given || kw[KW_ADDRESS].given || kw[KW_TRANSPORTS].given ||
	    kw[KW_NETWORKS].given || kw[KW_NODE].given || kw[KW_TTL].given) {
		struct setup_domain old = { };

		if (d) {
			memcpy(old.boards, d->boards, sizeof(old.boards));
			old.board_count = d->board_count;
			setup_remove(&setup, d);
		}
		d = setup_add(&setup, name);
		memcpy(d->boards, old.boards, sizeof(old.boards));
		d->board_count = old.board_count;
		read_domain(a, kw, d);
	}
	b = board_of(a, d, url);
	snprintf(b->url, sizeof(b->url), "%s", url);
	read_board(a, kw, b);
	check(d);
	write_setup(&setup, conf);
	tell_agent(&setup, conf);
	setup_free(&setup);
	return STATUS_OK;
}

int verb_leave(struct args *a)
{
	struct keyword kw[PLACE_KEYWORDS];
	struct setup_domain gone;
	char path[PATH_SIZE];
	struct http_answer answer;
	struct place p;

	args_place(a, kw, ARRAY_SIZE(kw));
	place_open(&p, kw);
	gone = *p.domain;
	gone.networks = NULL;
	setup_remove(&p.setup, p.domain);
	/* From now on it would not be joined again. */
	write_setup(&p.setup, p.conf);
	if (agent_reload(&p.setup)) {
		place_close(&p);
		return STATUS_OK;
	}
	p.domain = &gone;
	snprintf(path, sizeof(path), "/v1/domains/%s/hosts/%s", gone.name, gone.host);
	if (!http_ask(&gone.boards[0], "DELETE", path, NULL, ANSWER_TIMEOUT, &answer) &&
	    strcmp(answer.code, "not_found"))
		die(STATUS_REFUSED,
		    "%s; it is left, but the board was not told: it will find that this host is gone",
		    answer.error);
	http_answer_free(&answer);
	place_close(&p);
	return STATUS_OK;
}
