// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "etcd.h"
#include "lease.h"
#include "memory.h"

enum {
	AT_ONCE		= 32,		/* calls */
	CONNECT_MS	= 1000,
	CALL_MS		= 4000,
	PAUSE_MS	= 100,		/* before another member is asked */
	TICK_MS		= 100,
	LINE_MAX_LEN	= 256 << 20,	/* of a stream; more is no etcd */
};

/**
 * struct transfer - a call that is being made
 * @easy: libcurl's part, kept for the next
 * @call: the call, NULL if none is being made
 * @text: what came
 */
struct transfer {
	CURL *easy;
	struct etcd_call *call;
	struct buf text;
};

/**
 * struct etcd - a client
 * @address: of the cluster
 * @current: the member that is asked
 * @login: who we are, as body of a call; empty if that does not matter
 * @multi: libcurl's part
 * @headers: of each request
 * @transfers: calls that are made at a time
 */
struct etcd {
	struct etcd_address address;
	unsigned int current;
	struct buf login;
	CURLM *multi;
	struct curl_slist *headers;
	struct transfer transfers[AT_ONCE];
};

static void init_curl(void)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		die(STATUS_REFUSED, "cannot use libcurl");
}

static size_t take(char *data, size_t size, size_t n, void *arg)
{
	struct buf *text = arg;

	if (text->len + size * n > LINE_MAX_LEN)
		return 0;
	buf_add(text, data, size * n);
	return size * n;
}

static void set_secrets(CURL *easy, const struct etcd_secrets *secrets)
{
	if (*secrets->ca)
		curl_easy_setopt(easy, CURLOPT_CAINFO, secrets->ca);
	if (*secrets->certificate) {
		curl_easy_setopt(easy, CURLOPT_SSLCERT, secrets->certificate);
		curl_easy_setopt(easy, CURLOPT_SSLKEY, secrets->key);
	}
}

static void transfer_init(struct etcd *e, struct transfer *t,
			  const struct etcd_secrets *secrets)
{
	t->easy = curl_easy_init();
	if (!t->easy)
		die(STATUS_REFUSED, "cannot use libcurl");
	curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
	curl_easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L);
	/* What this machine's users have as proxy is not for the board. */
	curl_easy_setopt(t->easy, CURLOPT_PROXY, "");
	curl_easy_setopt(t->easy, CURLOPT_PROTOCOLS_STR, e->address.tls ? "https" : "http");
	curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, &t->text);
	set_secrets(t->easy, secrets);
}

/* With the token that a login gave, if there is one. */
static void set_headers(struct etcd *e, const char *token)
{
	struct curl_slist *h;
	char line[512];
	unsigned int i;

	/* A member without a leader refuses, instead of waiting for one. */
	h = curl_slist_append(NULL, "Grpc-Metadata-hasleader: true");
	h = curl_slist_append(h, "Content-Type: application/json");
	h = curl_slist_append(h, "Expect:");
	if (token) {
		snprintf(line, sizeof(line), "Authorization: %s", token);
		h = curl_slist_append(h, line);
	}
	for (i = 0; i < AT_ONCE; i++)
		curl_easy_setopt(e->transfers[i].easy, CURLOPT_HTTPHEADER, h);
	curl_slist_free_all(e->headers);
	e->headers = h;
}

static void read_login(struct etcd *e, const struct etcd_secrets *secrets)
{
	FILE *f = fopen(secrets->password, "re");
	char password[256] = "";

	if (!f || !fgets(password, sizeof(password), f))
		die(STATUS_REFUSED, "cannot read the password in %s: %s", secrets->password,
		    f ? "it is empty" : strerror(errno));
	fclose(f);
	password[strcspn(password, "\r\n")] = '\0';
	buf_puts(&e->login, "{\"name\":");
	buf_json_string(&e->login, secrets->user);
	buf_puts(&e->login, ",\"password\":");
	buf_json_string(&e->login, password);
	buf_putc(&e->login, '}');
}

struct etcd *etcd_new(const struct etcd_address *a, const struct etcd_secrets *secrets)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct etcd *e = memory_new(sizeof(*e));
	unsigned int i;

	pthread_once(&once, init_curl);
	e->address = *a;
	e->multi = curl_multi_init();
	if (!e->multi)
		die(STATUS_REFUSED, "cannot use libcurl");
	/* Connections outlive the calls, however few the next are. */
	curl_multi_setopt(e->multi, CURLMOPT_MAXCONNECTS, (long)AT_ONCE * ETCD_MEMBERS_MAX);
	for (i = 0; i < AT_ONCE; i++)
		transfer_init(e, &e->transfers[i], secrets);
	set_headers(e, NULL);
	if (*secrets->user)
		read_login(e, secrets);
	return e;
}

void etcd_free(struct etcd *e)
{
	unsigned int i;

	for (i = 0; i < AT_ONCE; i++) {
		curl_easy_cleanup(e->transfers[i].easy);
		buf_free(&e->transfers[i].text);
	}
	curl_multi_cleanup(e->multi);
	curl_slist_free_all(e->headers);
	buf_free(&e->login);
	free(e);
}

void etcd_call_free(struct etcd_call *call)
{
	json_decref(call->answer);
	buf_free(&call->body);
	call->answer = NULL;
}

/* ------------------------------------------------------------------ answers */

/* What is wrong, of what another member may do, or the same one later, EHOSTUNREACH. */
static int error_of(const json_t *answer, const char *said)
{
	switch (json_integer_value(json_object_get(answer, "code"))) {
	case 3:
		if (strstr(said, "auth") || strstr(said, "user name"))
			return -EACCES;
		return strstr(said, "too many operations") || strstr(said, "too large") ?
		       -E2BIG : -EIO;
	case 5:
		return -ENOENT;
	case 7:
	case 16:
		return -EACCES;
	case 8:
		return strstr(said, "space") ? -ENOSPC : -EHOSTUNREACH;
	case 9:
		return -EIO;
	case 11:
		return -ESTALE;
	default:
		return -EHOSTUNREACH;
	}
}

/* All the objects in @text, of which there are several if the answer is a stream. */
static json_t *parse(const struct buf *text)
{
	json_t *all = json_array(), *one;
	json_error_t error;
	size_t at = 0;

	while (at < text->len) {
		if (isspace((unsigned char)text->p[at])) {
			at++;
			continue;
		}
		one = json_loadb(text->p + at, text->len - at, JSON_DISABLE_EOF_CHECK, &error);
		if (!one)
			break;
		json_array_append_new(all, one);
		at += error.position;
	}
	if (at == text->len && json_array_size(all))
		return all;
	json_decref(all);
	return NULL;
}

static void say(struct etcd_call *call, const char *said)
{
	snprintf(call->said, sizeof(call->said), "%s", said);
}

/* The member that was asked is not asked again, unless there is no other. */
static void next_member(struct etcd *e)
{
	e->current = (e->current + 1) % e->address.count;
}

static void take_answer(struct etcd_call *call, struct transfer *t, int result)
{
	const json_t *first;
	const char *said;
	long status = 0;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	call->error = -EHOSTUNREACH;
	if (result) {
		say(call, curl_easy_strerror(result));
		return;
	}
	json_decref(call->answer);
	call->answer = parse(&t->text);
	first = json_array_get(call->answer, 0);
	if (!json_is_object(first)) {
		snprintf(call->said, sizeof(call->said), "this is no answer of etcd: %.*s",
			 (int)t->text.len, t->text.len ? t->text.p : "");
		return;
	}
	said = json_string_value(json_object_get(first, "error"));
	call->error = status == 200 ? 0 : error_of(first, said ? said : "");
	say(call, said ? said : "");
}

/* -------------------------------------------------------------------- calls */

static void begin(struct etcd *e, struct transfer *t, const char *path,
		  const struct buf *body, long timeout_ms)
{
	char url[ETCD_MEMBER_SIZE + 64];

	snprintf(url, sizeof(url), "%s://%s/v3/%s", e->address.tls ? "https" : "http",
		 e->address.members[e->current], path);
	curl_easy_setopt(t->easy, CURLOPT_URL, url);
	curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, body->p);
	curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->len);
	curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, timeout_ms);
	t->text.len = 0;
	curl_multi_add_handle(e->multi, t->easy);
}

/* A transfer that is over, or NULL. */
static struct transfer *ended(struct etcd *e, int *result)
{
	struct transfer *t = NULL;
	int left;
	__auto_type m = curl_multi_info_read(e->multi, &left);

	if (!m || m->msg != CURLMSG_DONE)
		return NULL;
	*result = m->data.result;
	curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
	curl_multi_remove_handle(e->multi, m->easy_handle);
	return t;
}

/* The first call from @at on that is not answered. */
static unsigned int unanswered(const struct etcd_call *calls, unsigned int count,
			       unsigned int at)
{
	while (at < count && calls[at].error != -EHOSTUNREACH)
		at++;
	return at;
}

static void begin_call(struct etcd *e, struct transfer *t, struct etcd_call *call)
{
	t->call = call;
	begin(e, t, call->path, &call->body, CALL_MS);
}

/* Makes all calls that are not answered once. Returns whether all now are. */
static bool ask_once(struct etcd *e, struct etcd_call *calls, unsigned int count)
{
	unsigned int at = unanswered(calls, count, 0), i, running = 0;
	bool all = true;

	for (i = 0; i < AT_ONCE && at < count; i++, running++) {
		begin_call(e, &e->transfers[i], &calls[at]);
		at = unanswered(calls, count, at + 1);
	}
	while (running) {
		struct transfer *t;
		int result;
		int left;

		curl_multi_perform(e->multi, &left);
		while ((t = ended(e, &result))) {
			take_answer(t->call, t, result);
			all &= t->call->error != -EHOSTUNREACH;
			running--;
			/* What one member does not do, it is not asked again for now. */
			if (at < count && all) {
				begin_call(e, t, &calls[at]);
				at = unanswered(calls, count, at + 1);
				running++;
			}
		}
		if (running)
			curl_multi_poll(e->multi, NULL, 0, TICK_MS, NULL);
	}
	return all && at == count;
}

/* A token of etcd is good for a while. */
static bool log_in(struct etcd *e)
{
	struct etcd_call call = {
		.path = "auth/authenticate",
		.body = e->login,
		.error = -EHOSTUNREACH,
	};
	const char *token;

	if (!e->login.len)
		return false;
	/* A token that is not good is not taken with this either. */
	set_headers(e, NULL);
	ask_once(e, &call, 1);
	token = json_string_value(json_object_get(json_array_get(call.answer, 0), "token"));
	if (token)
		set_headers(e, token);
	json_decref(call.answer);
	return token;
}

/* Those that were refused may be asked again, once, by somebody who is known. */
static void ask_refused(struct etcd *e, struct etcd_call *calls, unsigned int count)
{
	bool refused = false;
	unsigned int i;

	for (i = 0; i < count; i++)
		refused |= calls[i].error == -EACCES;
	if (!refused || !log_in(e))
		return;
	for (i = 0; i < count; i++)
		if (calls[i].error == -EACCES)
			calls[i].error = -EHOSTUNREACH;
	ask_once(e, calls, count);
}

bool etcd_ask(struct etcd *e, struct etcd_call *calls, unsigned int count, uint64_t until)
{
	unsigned int i, members = 0;
	bool all = true;

	for (i = 0; i < count; i++) {
		calls[i].error = -EHOSTUNREACH;
		say(&calls[i], "");
	}
	while (!ask_once(e, calls, count)) {
		next_member(e);
		/* Each once, however short the time is. */
		if (++members >= e->address.count && lease_now() >= until)
			break;
		usleep(PAUSE_MS * 1000);
	}
	ask_refused(e, calls, count);
	for (i = 0; i < count; i++)
		all &= !calls[i].error;
	return all;
}

/* ------------------------------------------------------------------- streams */

/* Tells of each line that is complete. Returns false to end the stream. */
static bool take_lines(struct buf *text, const struct etcd_reader *reader)
{
	size_t done = 0;
	bool more = true;

	while (more && done < text->len) {
		char *line = text->p + done, *end = memchr(line, '\n', text->len - done);
		json_t *o;

		if (!end)
			break;
		done += end - line + 1;
		if (end == line)
			continue;
		o = json_loadb(line, end - line, 0, NULL);
		more = json_object_get(o, "result") &&
		       reader->result(reader->arg, json_object_get(o, "result"));
		json_decref(o);
	}
	memmove(text->p, text->p + done, text->len - done);
	text->len -= done;
	return more;
}

void etcd_stream(struct etcd *e, const char *path, const struct buf *body,
		 const struct etcd_reader *reader)
{
	struct transfer *t = &e->transfers[0];
	int result;
	int left;

	log_in(e);
	begin(e, t, path, body, 0);
	do {
		curl_multi_perform(e->multi, &left);
		if (t->text.len && !take_lines(&t->text, reader))
			break;
		if (ended(e, &result))
			goto out;
		curl_multi_poll(e->multi, NULL, 0, TICK_MS, NULL);
	} while (reader->tick(reader->arg));
	curl_multi_remove_handle(e->multi, t->easy);
out:
	buf_free(&t->text);
	next_member(e);
}
