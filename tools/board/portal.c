// SPDX-License-Identifier: GPL-2.0
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "board.h"
#include "portal.h"

enum {
	TAG_OCTETS	= 12,	/* of the digest, in a tag */
	TAG_SIZE	= 2 * TAG_OCTETS + 3,
};

/* Nothing but the portal's own files is loaded, run, or asked. */
static const char policy[] =
	"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
	"img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/* files.S has them. */
#define PORTAL_FILE(symbol, name, type) \
	extern const char portal_##symbol[], portal_##symbol##_end[];
#include "portal/files.h"
#undef PORTAL_FILE

/**
 * struct file - a file
 * @name: in the path
 * @type: of media
 * @data: from there
 * @end: to there
 * @tag: its version, as ETag
 */
static struct file {
	const char *name;
	const char *type;
	const char *data;
	const char *end;
	char tag[TAG_SIZE];
} files[] = {
#define PORTAL_FILE(symbol, name, type) { name, type, portal_##symbol, portal_##symbol##_end },
#include "portal/files.h"
#undef PORTAL_FILE
};

static void make_tags(void)
{
	uint8_t digest[32];
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		struct file *f = &files[i];
		char *to = f->tag;

		/* Without a tag it is only loaded each time. */
		if (gnutls_hash_fast(GNUTLS_DIG_SHA256, f->data, f->end - f->data, digest))
			continue;
		*to++ = '"';
		for (n = 0; n < TAG_OCTETS; n++)
			to += sprintf(to, "%02x", digest[n]);
		*to++ = '"';
		*to = '\0';
	}
}

static const struct file *find_file(const char *name)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	unsigned int i;

	pthread_once(&once, make_tags);
	for (i = 0; i < ARRAY_SIZE(files); i++)
		if (!strcmp(files[i].name, name))
			return &files[i];
	return NULL;
}

static bool is_known(struct request *r, const struct file *f)
{
	const char *tag;

	tag = MHD_lookup_connection_value(r->conn, MHD_HEADER_KIND, "If-None-Match");
	return tag && *f->tag && strstr(tag, f->tag);
}

enum MHD_Result portal_answer(struct request *r)
{
	const struct file *f = find_file(r->ask.name ? r->ask.name : "index.html");
	struct MHD_Response *response;
	enum MHD_Result result;
	bool known;

	if (!f) {
		problem_set(&r->ask.problem, NOT_FOUND,
			    "there is no such file; the portal begins at /");
		return request_answer(r);
	}
	known = is_known(r, f);
	response = MHD_create_response_from_buffer(known ? 0 : f->end - f->data,
						   (void *)f->data, MHD_RESPMEM_PERSISTENT);
	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, "Content-Type", f->type);
	MHD_add_response_header(response, "Content-Security-Policy", policy);
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
	/* Another version of the board has other files: each time it is asked which. */
	MHD_add_response_header(response, "Cache-Control", "no-cache");
	if (*f->tag)
		MHD_add_response_header(response, "ETag", f->tag);
	r->board->counters.requests[known ? 3 : 2]++;
	result = MHD_queue_response(r->conn, known ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK,
				    response);
	MHD_destroy_response(response);
	return result;
}
