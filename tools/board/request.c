// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "body.h"
#include "lease.h"
#include "limit.h"
#include "memory.h"
#include "metrics.h"
#include "portal.h"
#include "route.h"
#include "server.h"
#include "watch.h"

enum {
	TRIES_MAX	= 64,
	LIST_DEFAULT	= 1000,
	LIST_MAX	= 10000,
	DISCARD_MAX	= 1 << 20,	/* octets of a body that nobody wants */
};

static const char answer_type[] = "application/json";
static const char problem_type[] = "application/problem+json";

/* ------------------------------------------------------------------ answers */

enum MHD_Result request_reply(struct request *r, unsigned int status,
			      const char *type, struct buf *b)
{
	struct MHD_Response *response;
	enum MHD_Result result;

	response = MHD_create_response_from_buffer(b->len, b->p, MHD_RESPMEM_MUST_FREE);
	if (!response) {
		buf_free(b);
		return MHD_NO;
	}
	*b = (struct buf){ };
	MHD_add_response_header(response, "Content-Type", type);
	MHD_add_response_header(response, "Cache-Control", "no-store");
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	if (status == MHD_HTTP_UNAUTHORIZED)
		MHD_add_response_header(response, "WWW-Authenticate", "Bearer");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, "Allow",
					r->ask.problem.detail + strlen("use one of: "));
	if (status == MHD_HTTP_TOO_MANY_REQUESTS || status == MHD_HTTP_SERVICE_UNAVAILABLE)
		MHD_add_response_header(response, "Retry-After", "1");
	r->board->counters.requests[status / 100]++;
	result = MHD_queue_response(r->conn, status, response);
	MHD_destroy_response(response);
	return result;
}

/* What nobody was allowed to ask, or what changes nothing, is not worth telling. */
static void remember_problem(struct request *r)
{
	const struct caller *c = &r->token.caller;
	struct board *b = r->board;

	if (!c->role || !r->route || r->route->kind == ROUTE_READ ||
	    r->route->kind == ROUTE_WATCH || r->ask.problem.code == RATE_LIMITED)
		return;
	/* Who is in another domain neither writes here nor is named here. */
	if (r->ask.domain && *c->domain && strcmp(c->domain, r->ask.domain))
		return;
	pthread_mutex_lock(&b->lock);
	history_problem(&b->history, &r->ask);
	pthread_mutex_unlock(&b->lock);
}

static enum MHD_Result answer_problem(struct request *r)
{
	struct problem *p = &r->ask.problem;
	struct buf b = { };

	r->board->counters.problems[p->code]++;
	remember_problem(r);
	problem_write(p, &b);
	return request_reply(r, problem_status(p->code), problem_type, &b);
}

enum MHD_Result request_answer(struct request *r)
{
	if (r->ask.problem.code)
		return answer_problem(r);
	buf_putc(&r->ask.answer, '\n');
	return request_reply(r, r->ask.created ? MHD_HTTP_CREATED : MHD_HTTP_OK,
			     answer_type, &r->ask.answer);
}

const char *request_argument(struct request *r, const char *name)
{
	return MHD_lookup_connection_value(r->conn, MHD_GET_ARGUMENT_KIND, name);
}

bool request_number(struct request *r, const char *name, uint64_t max, uint64_t *v)
{
	const char *s = request_argument(r, name);

	if (!s || parse_number(s, max, v))
		return true;
	return problem_set(&r->ask.problem, BAD_REQUEST,
			   "\"%s\" must be a number up to %llu", name,
			   (unsigned long long)max);
}

/* ----------------------------------------------------------------- the store */

/* Decides. Returns false if the answer is known, else the store is to be asked. */
static bool decide(struct request *r)
{
	struct ask *a = &r->ask;

	ask_reset(a);
	if (!r->route->ask(a))
		return false;
	if (!a->txn.write_count && !a->renew)
		return false;
	r->job.txn = a->txn;
	r->job.renew = a->renew;
	a->txn = (struct txn){ };
	return true;
}

/* The object that was written gets its revision. */
static void add_revision(struct request *r, uint64_t revision)
{
	struct buf *b = &r->ask.answer;

	if (b->len)
		b->len--;
	else
		buf_putc(b, '{');
	buf_puts(b, b->len > 1 ? ",\"revision\":" : "\"revision\":");
	buf_u64(b, revision);
	buf_putc(b, '}');
}

static void finish(struct request *r, int result, uint64_t revision)
{
	struct problem *p = &r->ask.problem;

	switch (result) {
	case 0:
		if (!r->job.renew)
			add_revision(r, revision);
		break;
	case -EAGAIN:
	case -ENOENT:
		problem_set(p, CONTENTION, "ask again");
		break;
	case -ENOSPC:
		problem_set(p, NO_SPACE, "nothing was changed; make room on the store's disk");
		break;
	case -EHOSTUNREACH:
		problem_set(p, STORE_UNREACHABLE,
			    "ask again, as it may have been done; is there a majority of etcd?");
		break;
	case -E2BIG:
		problem_set(p, STORE_LIMIT,
			    "nothing was changed; start etcd with a higher --max-txn-ops and --max-request-bytes");
		break;
	default:
		problem_set(p, STORE_FAILED, "nothing was changed; see the log of the board");
		break;
	}
}

/* By the thread of the store. */
static void store_done(struct store_job *job, int result, uint64_t revision)
{
	struct request *r = (struct request *)job;
	struct board *b = r->board;
	bool again = false;

	if ((result == -EAGAIN || result == -ENOENT) && ++r->tries < TRIES_MAX) {
		b->counters.retries++;
		txn_clear(&job->txn);
		pthread_mutex_lock(&b->lock);
		again = decide(r);
		pthread_mutex_unlock(&b->lock);
		if (again)
			store_submit(b->store, job);
	} else {
		finish(r, result, revision);
	}
	if (!again)
		MHD_resume_connection(r->conn);
}

/* ---------------------------------------------------------------- questions */

static enum MHD_Result write_records(struct request *r)
{
	struct board *b = r->board;

	pthread_mutex_lock(&b->lock);
	if (b->stopping) {
		problem_set(&r->ask.problem, SHUTTING_DOWN, "ask another board, or again");
	} else if (decide(r)) {
		r->submitted = true;
		r->job.done = store_done;
		MHD_suspend_connection(r->conn);
		store_submit(b->store, &r->job);
	}
	pthread_mutex_unlock(&b->lock);
	return r->submitted ? MHD_YES : request_answer(r);
}

static enum MHD_Result read_records(struct request *r)
{
	uint64_t limit = LIST_DEFAULT;
	struct ask *a = &r->ask;

	a->after = request_argument(r, "after");
	a->host = request_argument(r, "host");
	if (request_number(r, "limit", LIST_MAX, &limit)) {
		a->limit = limit ? limit : 1;
		pthread_mutex_lock(&r->board->lock);
		r->route->ask(a);
		pthread_mutex_unlock(&r->board->lock);
	}
	return request_answer(r);
}

static enum MHD_Result keep_report(struct request *r)
{
	struct board *b = r->board;

	if (report_check(&r->ask)) {
		pthread_mutex_lock(&b->lock);
		r->route->ask(&r->ask);
		pthread_mutex_unlock(&b->lock);
	}
	return request_answer(r);
}

static enum MHD_Result watch_records(struct request *r)
{
	struct board *b = r->board;
	bool answered = true, stream;

	pthread_mutex_lock(&b->lock);
	if (r->submitted || watch_begin(r)) {
		if (!r->stream)
			answered = watch_poll(r);
	}
	stream = r->stream && !r->ask.problem.code;
	r->submitted = true;
	pthread_mutex_unlock(&b->lock);
	if (stream)
		return watch_stream(r);
	return answered ? request_answer(r) : MHD_YES;
}

static enum MHD_Result answer_health(struct request *r)
{
	struct store_stats stats = { };
	struct board *b = r->board;

	pthread_mutex_lock(&b->lock);
	/* Until then the store is there. */
	if (!b->stopping)
		store_stats(b->store, &stats);
	pthread_mutex_unlock(&b->lock);
	if (stats.down)
		problem_set(&r->ask.problem, STORE_UNREACHABLE,
			    "what was known is shown, nothing can be changed");
	buf_puts(&r->ask.answer, "{\"status\":\"ok\",\"version\":\"" VERSION "\"}");
	return request_answer(r);
}

static bool parse_body(struct request *r)
{
	if (!r->body.len)
		return true;
	r->json = body_parse(&r->body, &r->ask.problem);
	r->ask.body = r->json;
	return r->json;
}

static enum MHD_Result dispatch(struct request *r)
{
	switch (r->route->kind) {
	case ROUTE_READ:
		return read_records(r);
	case ROUTE_WRITE:
		if (!parse_body(r))
			return request_answer(r);
		return write_records(r);
	case ROUTE_WATCH:
		return watch_records(r);
	case ROUTE_REPORT:
		return parse_body(r) ? keep_report(r) : request_answer(r);
	case ROUTE_HEALTH:
		return answer_health(r);
	case ROUTE_PORTAL:
		return portal_answer(r);
	case ROUTE_METRICS:
		metrics_write(r->board, &r->ask.answer);
		return request_reply(r, MHD_HTTP_OK, "text/plain; version=0.0.4",
				     &r->ask.answer);
	}
	return MHD_NO;
}

/* ------------------------------------------------------------------- access */

static bool authenticate(struct request *r)
{
	struct problem *p = &r->ask.problem;
	struct board *b = r->board;
	const char *text;
	bool good;

	text = MHD_lookup_connection_value(r->conn, MHD_HEADER_KIND, "Authorization");
	if (!text || strncasecmp(text, "Bearer ", 7))
		return problem_set(p, NO_TOKEN,
				   "send \"Authorization: Bearer TOKEN\"; \"vmnet-board token add\" makes one");
	pthread_mutex_lock(&b->lock);
	good = token_check(&b->view, text + 7, &r->token, p);
	if (good && !limit_take(&b->buckets, r->token.id, lease_now(), b->config.rate,
				b->config.burst))
		good = problem_set(p, RATE_LIMITED, "at most %llu requests a second",
				   (unsigned long long)b->config.rate);
	pthread_mutex_unlock(&b->lock);
	return good;
}

static bool authorize(struct request *r)
{
	const struct caller *c = &r->token.caller;
	struct problem *p = &r->ask.problem;

	r->ask.caller = c;
	if (c->role < r->route->role || (r->route->everywhere && *c->domain))
		return problem_set(p, FORBIDDEN, "this needs a token of role \"%s\"%s",
				   role_name(r->route->role),
				   r->route->everywhere ? " for all domains" : "");
	if (r->ask.domain && *c->domain && strcmp(c->domain, r->ask.domain))
		return problem_set(p, FORBIDDEN, "the token is for domain \"%s\"", c->domain);
	return true;
}

/* Octets of the body, as far as the head says. */
static uint64_t body_length(struct request *r)
{
	uint64_t length = 0;
	const char *s;

	s = MHD_lookup_connection_value(r->conn, MHD_HEADER_KIND, "Content-Length");
	if (s && !parse_number(s, UINT64_MAX, &length))
		length = UINT64_MAX;
	return length;
}

static uint64_t body_max(const struct request *r)
{
	return r->route && r->route->body_max ? r->route->body_max :
						r->board->config.body_max;
}

/* What can be said before the body. */
static bool check_head(struct request *r, const char *method)
{
	struct problem *p = &r->ask.problem;
	char allow[64];

	if (!route_find(r, method, allow, sizeof(allow)))
		return false;
	if (r->route->role != ROLE_NONE && (!authenticate(r) || !authorize(r)))
		return false;
	if (body_length(r) > body_max(r))
		return problem_set(p, TOO_LARGE, "at most %llu octets",
				   (unsigned long long)body_max(r));
	return true;
}

static enum MHD_Result begin(struct board *b, struct MHD_Connection *conn,
			     const char *url, const char *method, void **context)
{
	struct request *r = memory_new(sizeof(*r));

	r->board = b;
	r->conn = conn;
	r->path = memory_string(url);
	r->ask.view = &b->view;
	r->ask.pool = &b->pool;
	r->ask.reports = &b->reports;
	r->ask.history = &b->history;
	*context = r;
	r->refused = !check_head(r, method);
	/* An answer before the body ends the connection, and may then be lost. */
	return r->refused && body_length(r) > DISCARD_MAX ? request_answer(r) : MHD_YES;
}

static enum MHD_Result take_body(struct request *r, const char *data, size_t *size)
{
	r->received += *size;
	if (r->received > DISCARD_MAX + body_max(r))
		return MHD_NO;
	if (!r->refused && r->received > body_max(r)) {
		r->refused = true;
		problem_set(&r->ask.problem, TOO_LARGE, "at most %llu octets",
			    (unsigned long long)body_max(r));
	}
	if (!r->refused)
		buf_add(&r->body, data, *size);
	*size = 0;
	return MHD_YES;
}

enum MHD_Result request_handle(void *arg, struct MHD_Connection *conn,
			       const char *url, const char *method,
			       const char *version, const char *data, size_t *size,
			       void **context)
{
	struct request *r = *context;

	(void)version;
	if (!r)
		return begin(arg, conn, url, method, context);
	if (*size)
		return take_body(r, data, size);
	server_received(conn);
	if (r->refused || (r->submitted && r->route->kind == ROUTE_WRITE))
		return request_answer(r);
	return dispatch(r);
}

void request_completed(void *arg, struct MHD_Connection *conn, void **context,
		       enum MHD_RequestTerminationCode why)
{
	struct request *r = *context;

	(void)arg;
	(void)why;
	server_completed(conn);
	if (!r)
		return;
	*context = NULL;
	pthread_mutex_lock(&r->board->lock);
	watch_end(r);
	r->board->watches -= r->counted;
	pthread_mutex_unlock(&r->board->lock);
	txn_clear(&r->job.txn);
	txn_clear(&r->ask.txn);
	json_decref(r->json);
	buf_free(&r->ask.answer);
	buf_free(&r->body);
	buf_free(&r->out);
	free(r->path);
	free(r);
}
