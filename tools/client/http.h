/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Questions to a board, by HTTPS. Who it is its certificate says: nothing is sent, and
 * no token, to one whose fingerprint is another.
 */
#ifndef CLIENT_HTTP_H
#define CLIENT_HTTP_H

#include <curl/curl.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

#define FINGERPRINT_LEN		32
#define FINGERPRINT_STRLEN	(3 * FINGERPRINT_LEN)

/* Longest URL of a board, and longest token, with NUL. */
#define HTTP_URL_SIZE		256
#define HTTP_TOKEN_SIZE		256

/**
 * struct http_board - a board, and who asks it
 * @url: "https://HOST:PORT"
 * @fingerprint: SHA-256 of its certificate
 * @token: what to show it
 */
struct http_board {
	char url[HTTP_URL_SIZE];
	uint8_t fingerprint[FINGERPRINT_LEN];
	char token[HTTP_TOKEN_SIZE];
};

/**
 * struct http_answer - what came of a question
 * @status: of HTTP; 0: no answer came
 * @json: the body; NULL if there is none
 * @code: of a problem, "" if there is none
 * @error: why there is no good answer, "" if there is
 * @local: own address of the connection, "" if that is not known
 */
struct http_answer {
	unsigned int status;
	json_t *json;
	char code[32];
	char error[512];
	char local[64];
};

/**
 * struct http_request - a question on its way
 * @easy: libcurl's part
 * @headers: that it has
 * @body: text of the body
 * @answer: what has come of the answer
 * @fingerprint: what the certificate has to have
 * @seen: what it has instead, "" if that is not so
 * @error: of libcurl
 */
struct http_request {
	CURL *easy;
	struct curl_slist *headers;
	char *body;
	struct buf answer;
	uint8_t fingerprint[FINGERPRINT_LEN];
	char seen[FINGERPRINT_STRLEN];
	char error[CURL_ERROR_SIZE];
};

/* "https://HOST[:PORT]", without a path. */
bool http_url_valid(const char *url);

/* 32 pairs of hexadecimal digits, with or without ":" between. */
bool fingerprint_parse(const char *s, uint8_t fingerprint[FINGERPRINT_LEN]);
void fingerprint_format(const uint8_t fingerprint[FINGERPRINT_LEN],
			char s[FINGERPRINT_STRLEN]);

/*
 * Makes a question: @body may be NULL; @timeout in seconds. The request must stay
 * where it is until http_free().
 */
void http_make(struct http_request *r, const struct http_board *b, const char *method,
	       const char *path, const json_t *body, unsigned int timeout);

/* What came of it, by libcurl's @code. Free it with http_answer_free(). */
void http_read(struct http_request *r, CURLcode code, struct http_answer *a);

void http_free(struct http_request *r);
void http_answer_free(struct http_answer *a);

/* Asks and waits. Returns true if the answer is good. */
bool http_ask(const struct http_board *b, const char *method, const char *path,
	      const json_t *body, unsigned int timeout, struct http_answer *a);

#endif /* CLIENT_HTTP_H */
