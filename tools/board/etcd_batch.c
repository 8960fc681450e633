// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>

#include "error.h"
#include "etcd_batch.h"
#include "etcd_group.h"
#include "etcd_text.h"
#include "lease.h"
#include "memory.h"

#define ASK_MS	8000	/* an election takes one or two seconds */

static bool is_renewal(const struct store_job *job)
{
	return job->renew;
}

/* -------------------------------------------------------------------- asking */

/* Says what is wrong with etcd when that begins, and that it is not any more. */
static void complain_once(struct asker *a, const struct etcd_call *calls,
			  unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		int err = calls[i].error;

		if (err != -EHOSTUNREACH && err != -EACCES && err != -EIO)
			continue;
		if (err != a->complained)
			complain("etcd: %s: %s", calls[i].path, calls[i].said);
		a->complained = err;
		return;
	}
	if (a->complained)
		complain("etcd: it works again");
	a->complained = 0;
}

bool asker_is_down(const struct asker *a)
{
	return a->complained == -EHOSTUNREACH;
}

bool asker_ask(struct asker *a, struct etcd_call *calls, unsigned int count)
{
	uint64_t now = lease_now();
	bool good;

	good = etcd_ask(a->client, calls, count, asker_is_down(a) ? now : now + ASK_MS);
	complain_once(a, calls, count);
	return good;
}

void asker_write_mark(const struct asker *a, struct buf *b)
{
	buf_puts(b, "{\"request_put\":{");
	etcd_write_key(b, a->prefix, MARK);
	buf_puts(b, "}}");
}

/* A transaction of the jobs @which, and the mark. */
static void write_group(const struct asker *a, const struct batch *b,
			const unsigned int *which, unsigned int count, struct buf *body)
{
	unsigned int i;

	buf_puts(body, "{\"success\":[");
	for (i = 0; i < count; i++) {
		const struct txn *t = &b->jobs[which[i]]->txn;

		buf_puts(body, "{\"request_txn\":{\"compare\":[");
		etcd_write_checks(body, a->prefix, t);
		buf_puts(body, "],\"success\":[");
		etcd_write_writes(body, a->prefix, t, b->leases[which[i]]);
		buf_puts(body, "]}},");
	}
	asker_write_mark(a, body);
	buf_puts(body, "]}");
}

static bool succeeded(const json_t *answer, unsigned int i)
{
	const json_t *one = json_array_get(json_object_get(answer, "responses"), i);

	return json_is_true(json_object_get(json_object_get(one, "response_txn"), "succeeded"));
}

/* Does the jobs @which, all of those that can be done or none. Returns 0 or -errno. */
static int do_group(struct asker *a, struct batch *b, const unsigned int *which,
		    unsigned int count)
{
	struct etcd_call call = { .path = "kv/txn" };
	const json_t *got;
	unsigned int i;

	write_group(a, b, which, count, &call.body);
	if (asker_ask(a, &call, 1)) {
		got = json_array_get(call.answer, 0);
		b->need = etcd_revision(got);
		for (i = 0; i < count; i++) {
			b->results[which[i]] = succeeded(got, i) ? 0 : -EAGAIN;
			b->revisions[which[i]] = b->need;
		}
		a->commits++;
	}
	etcd_call_free(&call);
	return call.error;
}

/* Jobs that are left and can be done as one. */
static unsigned int choose(const struct batch *b, bool alone, unsigned int which[GROUP_MAX])
{
	struct group g = { };
	unsigned int i, count = 0;

	for (i = 0; i < b->count && count < (alone ? 1 : GROUP_MAX); i++)
		if (b->left[i] && group_add(&g, &b->jobs[i]->txn))
			which[count++] = i;
	group_clear(&g);
	return count;
}

static void do_transactions(struct asker *a, struct batch *b)
{
	unsigned int which[GROUP_MAX], count, i;
	bool alone = false;
	int err;

	while ((count = choose(b, alone, which))) {
		err = do_group(a, b, which, count);
		/* One of them is refused, and etcd does not say which. */
		if (err && err != -EHOSTUNREACH && count > 1) {
			alone = true;
			continue;
		}
		for (i = 0; i < count; i++) {
			b->left[which[i]] = false;
			/* What it would be bound to has ended. */
			if (err)
				b->results[which[i]] = err == -ENOENT ? -EAGAIN : err;
		}
	}
}

/* ------------------------------------------------------------------- leases */

static void set_grant(struct batch *b, unsigned int i, const struct etcd_call *call)
{
	b->leases[i] = etcd_number(json_array_get(call->answer, 0), "ID");
	if (!call->error && !b->leases[i])
		b->results[i] = -EIO;
	if (call->error)
		b->results[i] = call->error;
}

static void set_renewal(struct batch *b, unsigned int i, const struct etcd_call *call,
			unsigned int at)
{
	const json_t *got = json_object_get(json_array_get(call->answer, at), "result");

	if (call->error || !got)
		b->results[i] = call->error ? call->error : -EHOSTUNREACH;
	else if (!etcd_number(got, "TTL"))
		b->results[i] = is_renewal(b->jobs[i]) ? -ENOENT : -EAGAIN;
}

/* The lease that a job renews, also by what it binds to it; 0 if none. */
static uint64_t renewed(const struct store_job *job)
{
	return is_renewal(job) ? job->renew : job->txn.lease;
}

static bool is_granted(const struct store_job *job)
{
	return !renewed(job) && job->txn.ttl;
}

/* One call renews all, and each lease is granted by one. */
static void do_leases(struct asker *a, struct batch *b)
{
	struct etcd_call *calls = memory_new((b->count + 1) * sizeof(*calls));
	unsigned int i, count = 1, at = 0;

	calls[0].path = "lease/keepalive";
	for (i = 0; i < b->count; i++) {
		struct store_job *job = b->jobs[i];

		if (is_granted(job)) {
			calls[count].path = "lease/grant";
			buf_putc(&calls[count].body, '{');
			etcd_write_number(&calls[count].body, "TTL", job->txn.ttl);
			buf_putc(&calls[count++].body, '}');
		} else if (renewed(job)) {
			buf_putc(&calls[0].body, '{');
			etcd_write_number(&calls[0].body, "ID", renewed(job));
			buf_puts(&calls[0].body, "}\n");
			b->leases[i] = renewed(job);
		}
	}
	if (calls[0].body.len)
		asker_ask(a, calls, count);
	else if (count > 1)
		asker_ask(a, calls + 1, count - 1);
	for (i = 0, count = 1; i < b->count; i++) {
		if (is_granted(b->jobs[i]))
			set_grant(b, i, &calls[count++]);
		else if (renewed(b->jobs[i]))
			set_renewal(b, i, &calls[0], at++);
	}
	for (i = 0; i < count; i++)
		etcd_call_free(&calls[i]);
	free(calls);
}

/* Leases that end by what was done; what cannot be ended now ends by itself. */
static void do_revocations(struct asker *a, struct batch *b)
{
	struct etcd_call *calls = memory_new(b->count * sizeof(*calls));
	unsigned int i, count = 0;

	for (i = 0; i < b->count; i++) {
		if (b->results[i] || is_renewal(b->jobs[i]) || !b->jobs[i]->txn.revoke)
			continue;
		calls[count].path = "lease/revoke";
		buf_putc(&calls[count].body, '{');
		etcd_write_number(&calls[count].body, "ID", b->jobs[i]->txn.revoke);
		buf_putc(&calls[count++].body, '}');
	}
	if (count)
		asker_ask(a, calls, count);
	for (i = 0; i < count; i++)
		etcd_call_free(&calls[i]);
	free(calls);
}

void batch_do(struct batch *b, struct asker *a)
{
	bool again = false, revoke = false;
	unsigned int i;

	do_leases(a, b);
	for (i = 0; i < b->count; i++) {
		b->left[i] = !b->results[i] && !is_renewal(b->jobs[i]);
		again |= b->results[i] == -ENOENT || b->results[i] == -EAGAIN;
		revoke |= !is_renewal(b->jobs[i]) && b->jobs[i]->txn.revoke;
	}
	do_transactions(a, b);
	/* Who finds that a lease has ended is to see what else has. */
	if (again && !b->need)
		do_group(a, b, NULL, 0);
	if (revoke)
		do_revocations(a, b);
}
