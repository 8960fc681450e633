/* SPDX-License-Identifier: GPL-2.0 */
/* The certificate of the board. */
#ifndef BOARD_TLS_H
#define BOARD_TLS_H

#include "config.h"

/* SHA-256 as pairs of digits with ':' between, NUL */
#define FINGERPRINT_SIZE	96

/**
 * struct identity - certificate and key, as PEM
 * @certificate: with those that signed it, if it is the administrator's
 * @key: its key
 * @fingerprint: of the certificate
 */
struct identity {
	char *certificate;
	char *key;
	char fingerprint[FINGERPRINT_SIZE];
};

/*
 * Reads the certificate that @c names, or the one in its state directory, which is
 * made if there is none. Dies when it cannot.
 */
void identity_load(struct identity *id, const struct config *c);
void identity_free(struct identity *id);

#endif /* BOARD_TLS_H */
