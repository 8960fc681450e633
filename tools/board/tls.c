// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "error.h"
#include "memory.h"
#include "tls.h"

#define DAY	(24 * 3600l)
#define YEARS	10

static void must(int err, const char *what)
{
	if (err < 0)
		die(STATUS_REFUSED, "%s: %s", what, gnutls_strerror(err));
}

/* All of @text in file @path, or no such file. */
static void write_file(const char *path, const gnutls_datum_t *text)
{
	char part[PATH_MAX];
	int fd;

	if (snprintf(part, sizeof(part), "%s.part", path) >= (int)sizeof(part))
		die(STATUS_USAGE, "the name of the state directory is too long");
	fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text->data, text->size) != (ssize_t)text->size ||
	    fsync(fd) || close(fd) || rename(part, path))
		die(STATUS_REFUSED, "cannot write %s: %s; is its directory there and writable?",
		    path, strerror(errno));
}

static void name_certificate(gnutls_x509_crt_t crt)
{
	char host[256] = "vmnet-board";

	gethostname(host, sizeof(host) - 1);
	must(gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, host,
					   strlen(host)), "cannot name the certificate");
	must(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, host,
						  strlen(host), GNUTLS_FSAN_SET),
	     "cannot name the certificate");
	must(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, "localhost", 9,
						  GNUTLS_FSAN_APPEND),
	     "cannot name the certificate");
}

static void sign_certificate(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key)
{
	time_t now = time(NULL);
	unsigned char serial[8];

	if (getrandom(serial, sizeof(serial), 0) != sizeof(serial))
		die(STATUS_REFUSED, "there are no random numbers: %s", strerror(errno));
	serial[0] &= 0x7f;
	must(gnutls_x509_crt_set_version(crt, 3), "cannot make a certificate");
	must(gnutls_x509_crt_set_serial(crt, serial, sizeof(serial)),
	     "cannot make a certificate");
	/* The clock of a host that joins may be late. */
	must(gnutls_x509_crt_set_activation_time(crt, now - DAY),
	     "cannot make a certificate");
	must(gnutls_x509_crt_set_expiration_time(crt, now + YEARS * 365 * DAY),
	     "cannot make a certificate");
	must(gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_DIGITAL_SIGNATURE),
	     "cannot make a certificate");
	must(gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_SERVER, 0),
	     "cannot make a certificate");
	must(gnutls_x509_crt_set_key(crt, key), "cannot make a certificate");
	must(gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0),
	     "cannot sign the certificate");
}

/* The key first: a certificate without one would stay without. */
static void make_identity(const char *certificate, const char *key)
{
	gnutls_x509_privkey_t private;
	gnutls_datum_t text;
	gnutls_x509_crt_t crt;

	must(gnutls_x509_privkey_init(&private), "cannot make a key");
	must(gnutls_x509_privkey_generate(private, GNUTLS_PK_ECDSA,
					  GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
	     "cannot make a key");
	must(gnutls_x509_crt_init(&crt), "cannot make a certificate");
	name_certificate(crt);
	sign_certificate(crt, private);
	must(gnutls_x509_privkey_export2(private, GNUTLS_X509_FMT_PEM, &text),
	     "cannot make a key");
	write_file(key, &text);
	gnutls_memset(text.data, 0, text.size);
	gnutls_free(text.data);
	must(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &text),
	     "cannot make a certificate");
	write_file(certificate, &text);
	gnutls_free(text.data);
	gnutls_x509_crt_deinit(crt);
	gnutls_x509_privkey_deinit(private);
}

/* A file as a string. */
static char *read_file(const char *path)
{
	gnutls_datum_t text;
	char *s;
	int err = gnutls_load_file(path, &text);

	if (err)
		die(STATUS_REFUSED, "cannot read %s: %s", path, strerror(errno));
	s = memory_new(text.size + 1);
	memcpy(s, text.data, text.size);
	gnutls_free(text.data);
	return s;
}

static void read_fingerprint(struct identity *id, const char *path)
{
	const gnutls_datum_t text = {
		(unsigned char *)id->certificate, strlen(id->certificate),
	};
	unsigned char digest[32];
	size_t size = sizeof(digest), i;
	gnutls_x509_crt_t crt;
	int err;

	must(gnutls_x509_crt_init(&crt), "cannot read a certificate");
	err = gnutls_x509_crt_import(crt, &text, GNUTLS_X509_FMT_PEM);
	if (err)
		die(STATUS_REFUSED, "%s is no certificate in PEM: %s", path,
		    gnutls_strerror(err));
	must(gnutls_x509_crt_get_fingerprint(crt, GNUTLS_DIG_SHA256, digest, &size),
	     "cannot read a certificate");
	gnutls_x509_crt_deinit(crt);
	for (i = 0; i < size; i++)
		sprintf(id->fingerprint + 3 * i, "%02X%s", digest[i], i + 1 < size ? ":" : "");
}

void identity_load(struct identity *id, const struct config *c)
{
	char certificate[PATH_MAX + 32], key[PATH_MAX + 32];

	if (*c->certificate) {
		snprintf(certificate, sizeof(certificate), "%s", c->certificate);
		snprintf(key, sizeof(key), "%s", c->key);
	} else {
		snprintf(certificate, sizeof(certificate), "%s/certificate.pem", c->state);
		snprintf(key, sizeof(key), "%s/key.pem", c->state);
		if (access(certificate, F_OK))
			make_identity(certificate, key);
	}
	id->certificate = read_file(certificate);
	id->key = read_file(key);
	read_fingerprint(id, certificate);
}

void identity_free(struct identity *id)
{
	if (id->key)
		gnutls_memset(id->key, 0, strlen(id->key));
	free(id->key);
	free(id->certificate);
	*id = (struct identity){ };
}
