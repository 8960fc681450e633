// SPDX-License-Identifier: GPL-2.0
#include "buf.h"
#include "report.h"

static double msec(double ns)
{
	return ns / 1e6;
}

static unsigned long long ull(uint64_t v)
{
	return v;
}

/* The part of an object that all have. */
static void begin_object(const struct report *r)
{
	fprintf(r->out, "{\"node\":%u,\"port\":%u", r->node, r->port);
}

void report_begin(const struct report *r)
{
	if (!r->json)
		fprintf(r->out, "PING node %u port %u: %zu bytes of data\n",
			r->node, r->port, r->size);
}

void report_reply(const struct report *r, uint64_t seq, uint64_t ns)
{
	if (r->quiet)
		return;
	if (!r->json) {
		fprintf(r->out, "%zu bytes from node %u: seq=%llu time=%.3f ms\n",
			r->size, r->node, ull(seq), msec((double)ns));
		return;
	}
	begin_object(r);
	fprintf(r->out, ",\"bytes\":%zu,\"seq\":%llu,\"time_ns\":%llu}\n", r->size,
		ull(seq), ull(ns));
}

void report_trouble(const struct report *r, uint64_t seq, const char *why)
{
	struct buf text = { };

	if (r->quiet)
		return;
	if (!r->json) {
		fprintf(r->out, "node %u: seq=%llu %s\n", r->node, ull(seq), why);
		return;
	}
	buf_json_string(&text, why);
	begin_object(r);
	fprintf(r->out, ",\"seq\":%llu,\"error\":%.*s}\n", ull(seq), (int)text.len,
		text.p);
	buf_free(&text);
}

static void end_json(const struct report *r, const struct tally *t, uint64_t ns)
{
	begin_object(r);
	fprintf(r->out, ",\"transmitted\":%llu,\"received\":%llu,\"errors\":%llu",
		ull(t->sent), ull(t->received), ull(t->errors));
	fprintf(r->out, ",\"loss_percent\":%g,\"time_ns\":%llu", tally_loss(t),
		ull(ns));
	if (t->received)
		fprintf(r->out,
			",\"rtt_ns\":{\"min\":%llu,\"avg\":%.0f,\"max\":%llu,\"mdev\":%.0f}",
			ull(t->min), t->mean, ull(t->max), tally_deviation(t));
	fputs("}\n", r->out);
}

/* Programs that read the last two lines of ping read these. */
void report_end(const struct report *r, const struct tally *t, uint64_t ns)
{
	if (r->json) {
		end_json(r, t, ns);
		return;
	}
	fprintf(r->out, "\n--- node %u ping statistics ---\n", r->node);
	fprintf(r->out, "%llu packets transmitted, %llu received", ull(t->sent),
		ull(t->received));
	if (t->errors)
		fprintf(r->out, ", +%llu errors", ull(t->errors));
	fprintf(r->out, ", %g%% packet loss, time %llums\n", tally_loss(t),
		ull(ns / 1000000));
	if (t->received)
		fprintf(r->out, "rtt min/avg/max/mdev = %.3f/%.3f/%.3f/%.3f ms\n",
			msec((double)t->min), msec(t->mean), msec((double)t->max),
			msec(tally_deviation(t)));
}
