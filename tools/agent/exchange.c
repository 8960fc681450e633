// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "error.h"
#include "exchange.h"
#include "memory.h"

enum { CONNECTIONS_MAX = 8 };

/* A socket of libcurl's. */
struct watched {
	struct loop_fd fd;
	struct exchange *exchange;
};

static void finish(struct exchange *x, struct question *q, CURLcode code)
{
	struct http_answer answer;

	http_read(&q->request, code, &answer);
	curl_multi_remove_handle(x->multi, q->request.easy);
	http_free(&q->request);
	q->exchange = NULL;
	q->fn(q->arg, &answer);
	http_answer_free(&answer);
}

/* An answer may have others asked or cancelled, so each is looked for anew. */
static void finish_all(struct exchange *x)
{
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(x->multi, &left))) {
		CURLcode code = msg->data.result;
		char *q = NULL;

		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &q);
		finish(x, (struct question *)q, code);
	}
}

static void act(struct exchange *x, curl_socket_t fd, int events)
{
	int running;

	curl_multi_socket_action(x->multi, fd, events, &running);
	finish_all(x);
}

static void on_socket(void *arg, uint32_t events)
{
	struct watched *w = arg;
	int what = 0;

	if (events & (EPOLLIN | EPOLLHUP))
		what |= CURL_CSELECT_IN;
	if (events & EPOLLOUT)
		what |= CURL_CSELECT_OUT;
	if (events & EPOLLERR)
		what |= CURL_CSELECT_ERR;
	act(w->exchange, w->fd.fd, what);
}

static void on_timer(void *arg)
{
	act(arg, CURL_SOCKET_TIMEOUT, 0);
}

static int set_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
	struct exchange *x = arg;
	struct watched *w = socket_arg;
	uint32_t events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (w)
			loop_remove(x->loop, &w->fd);
		free(w);
		return 0;
	}
	if (what & CURL_POLL_IN)
		events |= EPOLLIN;
	if (what & CURL_POLL_OUT)
		events |= EPOLLOUT;
	if (w) {
		loop_change(x->loop, &w->fd, events);
		return 0;
	}
	w = memory_new(sizeof(*w));
	*w = (struct watched){ { fd, on_socket, w }, x };
	curl_multi_assign(x->multi, fd, w);
	loop_add(x->loop, &w->fd, events);
	return 0;
}

static int set_timer(CURLM *multi, long ms, void *arg)
{
	struct exchange *x = arg;

	(void)multi;
	if (ms < 0)
		loop_cancel(x->loop, &x->timer);
	else
		loop_after(x->loop, &x->timer, ms);
	return 0;
}

void exchange_open(struct exchange *x, struct loop *loop)
{
	*x = (struct exchange){
		.loop = loop,
		.multi = curl_multi_init(),
		.timer = { .fn = on_timer, .arg = x },
	};
	if (!x->multi)
		die(STATUS_REFUSED, "cannot begin with HTTPS");
	curl_multi_setopt(x->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
	curl_multi_setopt(x->multi, CURLMOPT_SOCKETDATA, x);
	curl_multi_setopt(x->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(x->multi, CURLMOPT_TIMERDATA, x);
	curl_multi_setopt(x->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_MAX);
}

void exchange_close(struct exchange *x)
{
	curl_multi_cleanup(x->multi);
	loop_cancel(x->loop, &x->timer);
}

void exchange_ask(struct exchange *x, struct question *q, const struct http_board *b,
		  const char *method, const char *path, const json_t *body,
		  unsigned int timeout)
{
	http_make(&q->request, b, method, path, body, timeout);
	curl_easy_setopt(q->request.easy, CURLOPT_PRIVATE, q);
	q->exchange = x;
	curl_multi_add_handle(x->multi, q->request.easy);
}

void exchange_cancel(struct question *q)
{
	if (!q->exchange)
		return;
	curl_multi_remove_handle(q->exchange->multi, q->request.easy);
	http_free(&q->request);
	q->exchange = NULL;
}
