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

/**
 * struct file - a file
 * @name: in the path
 * @type: of media
 * @data: what is in it
 * @size: octets of that
 */
struct file {
	const char *name;
	const char *type;
	const char *data;
	uint32_t size;
};

/* Of all files, as ETag: which are those of one version. */
static char tag[TAG_SIZE];

/* Without a tag all is only loaded each time. */
static void make_tag(void)
{
	uint8_t digest[32];
	unsigned int i;

	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, portal_files, portal_files_size, digest))
		return;
	tag[0] = '"';
	for (i = 0; i < TAG_OCTETS; i++)
		sprintf(tag + 1 + 2 * i, "%02x", digest[i]);
	tag[TAG_SIZE - 2] = '"';
}

static bool find_file(const char *name, struct file *f)
{
	const char *s = portal_files, *end = s + portal_files_size;

	while (s < end) {
		f->name = s;
		f->type = f->name + strlen(f->name) + 1;
		s = f->type + strlen(f->type) + 1;
		memcpy(&f->size, s, sizeof(f->size));
		f->data = s + sizeof(f->size);
		s = f->data + f->size;
		if (!strcmp(f->name, name))
			return true;
	}
	return false;
}

static bool is_known(struct request *r)
{
	const char *theirs;

	theirs = MHD_lookup_connection_value(r->conn, MHD_HEADER_KIND, "If-None-Match");
	return theirs && *tag && strstr(theirs, tag);
}

enum MHD_Result portal_answer(struct request *r)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct MHD_Response *response;
	enum MHD_Result result;
	struct file f;
	bool known;

	pthread_once(&once, make_tag);
	if (!find_file(r->ask.name ? r->ask.name : "index.html", &f)) {
		problem_set(&r->ask.problem, NOT_FOUND,
			    "there is no such file; the portal begins at /");
		return request_answer(r);
	}
	known = is_known(r);
	response = MHD_create_response_from_buffer(known ? 0 : f.size,
						   (void *)f.data, MHD_RESPMEM_PERSISTENT);
	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, "Content-Type", f.type);
	MHD_add_response_header(response, "Content-Security-Policy", policy);
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
	/* Another version of the board has other files: each time it is asked which. */
	MHD_add_response_header(response, "Cache-Control", "no-cache");
	if (*tag)
		MHD_add_response_header(response, "ETag", tag);
	r->board->counters.requests[known ? 3 : 2]++;
	result = MHD_queue_response(r->conn, known ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK,
				    response);
	MHD_destroy_response(response);
	return result;
}
