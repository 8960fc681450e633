// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "http.h"
#include "json.h"
#include "memory.h"

enum {
	CONNECT_TIMEOUT	= 10,		/* seconds */
	ANSWER_MAX	= 64 << 20,	/* octets */
};

/* ---------------------------------------------------------- fingerprints */

bool http_url_valid(const char *url)
{
	static const char scheme[] = "https://";
	const char *host = url + strlen(scheme), *c;

	if (strncmp(url, scheme, strlen(scheme)) || !*host || strlen(url) >= HTTP_URL_SIZE)
		return false;
	for (c = host; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("-._:[]", *c))
			return false;
	return true;
}

static int digit(char c)
{
	if (!isxdigit((unsigned char)c))
		return -1;
	return isdigit((unsigned char)c) ? c - '0' : tolower(c) - 'a' + 10;
}

bool fingerprint_parse(const char *s, uint8_t fingerprint[FINGERPRINT_LEN])
{
	uint8_t out[FINGERPRINT_LEN];
	int i, hi, lo;

	for (i = 0; i < FINGERPRINT_LEN; i++) {
		if (i && *s == ':')
			s++;
		hi = digit(s[0]);
		lo = hi < 0 ? -1 : digit(s[1]);
		if (lo < 0)
			return false;
		out[i] = hi << 4 | lo;
		s += 2;
	}
	if (*s)
		return false;
	memcpy(fingerprint, out, sizeof(out));
	return true;
}

void fingerprint_format(const uint8_t fingerprint[FINGERPRINT_LEN],
			char s[FINGERPRINT_STRLEN])
{
	int i;

	for (i = 0; i < FINGERPRINT_LEN; i++)
		sprintf(s + 3 * i, "%02X%s", fingerprint[i],
			i + 1 < FINGERPRINT_LEN ? ":" : "");
}

/* In the handshake, instead of what would look who signed the certificate. */
static int check_certificate(X509_STORE_CTX *store, void *arg)
{
	X509 *certificate = X509_STORE_CTX_get0_cert(store);
	uint8_t digest[FINGERPRINT_LEN];
	struct http_request *r = arg;
	unsigned int len = 0;

	if (certificate && X509_digest(certificate, EVP_sha256(), digest, &len) &&
	    len == sizeof(digest)) {
		if (!memcmp(digest, r->fingerprint, sizeof(digest)))
			return 1;
		fingerprint_format(digest, r->seen);
	}
	X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
	return 0;
}

static CURLcode set_tls(CURL *easy, void *context, void *arg)
{
	SSL_CTX *ctx = context;

	(void)easy;
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(ctx, check_certificate, arg);
	return CURLE_OK;
}

/* -------------------------------------------------------------- questions */

static size_t take_answer(char *p, size_t size, size_t count, void *arg)
{
	struct http_request *r = arg;
	size_t len = size * count;

	if (r->answer.len + len > ANSWER_MAX)
		return 0;
	buf_add(&r->answer, p, len);
	return len;
}

static void add_header(struct http_request *r, const char *name, const char *value)
{
	char line[HTTP_TOKEN_SIZE + 64];
	struct curl_slist *list;

	snprintf(line, sizeof(line), "%s: %s", name, value);
	list = curl_slist_append(r->headers, line);
	if (!list)
		die(STATUS_REFUSED, "not enough memory");
	r->headers = list;
}

static void set_body(struct http_request *r, const json_t *body)
{
	r->body = json_dumps(body, JSON_COMPACT);
	if (!r->body)
		die(STATUS_REFUSED, "not enough memory");
	add_header(r, "Content-Type", "application/json");
	curl_easy_setopt(r->easy, CURLOPT_POSTFIELDS, r->body);
	curl_easy_setopt(r->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(r->body));
}

static void set_connection(struct http_request *r, unsigned int timeout)
{
	CURL *easy = r->easy;

	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)timeout);
	/* What libcurl would check is replaced by set_tls(). */
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, set_tls);
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, r);
	/* A session that is resumed shows no certificate. */
	curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
}

void http_make(struct http_request *r, const struct http_board *b, const char *method,
	       const char *path, const json_t *body, unsigned int timeout)
{
	char url[HTTP_URL_SIZE + 512], bearer[HTTP_TOKEN_SIZE + 8];

	*r = (struct http_request){ .easy = curl_easy_init() };
	if (!r->easy)
		die(STATUS_REFUSED, "cannot begin with HTTPS");
	memcpy(r->fingerprint, b->fingerprint, sizeof(r->fingerprint));
	snprintf(url, sizeof(url), "%s%s", b->url, path);
	snprintf(bearer, sizeof(bearer), "Bearer %s", b->token);
	set_connection(r, timeout);
	curl_easy_setopt(r->easy, CURLOPT_URL, url);
	curl_easy_setopt(r->easy, CURLOPT_ERRORBUFFER, r->error);
	curl_easy_setopt(r->easy, CURLOPT_USERAGENT, "vmnet/" VERSION);
	curl_easy_setopt(r->easy, CURLOPT_WRITEFUNCTION, take_answer);
	curl_easy_setopt(r->easy, CURLOPT_WRITEDATA, r);
	curl_easy_setopt(r->easy, CURLOPT_CUSTOMREQUEST, method);
	add_header(r, "Authorization", bearer);
	if (body)
		set_body(r, body);
	curl_easy_setopt(r->easy, CURLOPT_HTTPHEADER, r->headers);
}

/* ---------------------------------------------------------------- answers */

static void read_failure(struct http_request *r, CURLcode code, struct http_answer *a)
{
	char want[FINGERPRINT_STRLEN];

	if (*r->seen) {
		fingerprint_format(r->fingerprint, want);
		snprintf(a->error, sizeof(a->error),
			 "the certificate of the board has the fingerprint %s, not %s: if it is the right board, join it anew",
			 r->seen, want);
		return;
	}
	snprintf(a->error, sizeof(a->error), "%s",
		 *r->error ? r->error : curl_easy_strerror(code));
}

static void read_problem(struct http_answer *a)
{
	const char *detail = json_text(a->json, "detail");

	snprintf(a->code, sizeof(a->code), "%s", json_text(a->json, "code"));
	if (*a->code)
		snprintf(a->error, sizeof(a->error), "%s: %s", json_text(a->json, "title"),
			 detail);
	else
		snprintf(a->error, sizeof(a->error), "the board answers with status %u",
			 a->status);
}

void http_read(struct http_request *r, CURLcode code, struct http_answer *a)
{
	char *local = NULL;
	long status = 0;

	*a = (struct http_answer){ };
	if (!curl_easy_getinfo(r->easy, CURLINFO_LOCAL_IP, &local) && local)
		snprintf(a->local, sizeof(a->local), "%s", local);
	if (code) {
		read_failure(r, code, a);
		return;
	}
	curl_easy_getinfo(r->easy, CURLINFO_RESPONSE_CODE, &status);
	a->status = status;
	a->json = json_loadb(r->answer.p ? r->answer.p : "", r->answer.len, 0, NULL);
	if (status / 100 != 2) {
		read_problem(a);
	} else if (!json_is_object(a->json)) {
		a->status = 0;
		snprintf(a->error, sizeof(a->error),
			 "what answers is no board: it does not say an object of JSON");
	}
}

void http_free(struct http_request *r)
{
	curl_easy_cleanup(r->easy);
	curl_slist_free_all(r->headers);
	free(r->body);
	buf_free(&r->answer);
	*r = (struct http_request){ };
}

void http_answer_free(struct http_answer *a)
{
	json_decref(a->json);
	a->json = NULL;
}

bool http_ask(const struct http_board *b, const char *method, const char *path,
	      const json_t *body, unsigned int timeout, struct http_answer *a)
{
	struct http_request r;

	http_make(&r, b, method, path, body, timeout);
	http_read(&r, curl_easy_perform(r.easy), a);
	http_free(&r);
	return !*a->error;
}
