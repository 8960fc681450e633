/* SPDX-License-Identifier: GPL-2.0 */
/* What those who measure say to the end that answers, about the messages. */
#ifndef TOOLS_NOTE_H
#define TOOLS_NOTE_H

#include <stddef.h>
#include <stdint.h>

/* Where the answering end waits unless told otherwise, and its largest message. */
#define NOTE_PORT	5201
#define NOTE_SIZE_MAX	65536

enum note_kind {
	NOTE_NONE,	/* a message that is no note */
	NOTE_ECHO,	/* send back what follows */
	NOTE_FLOW,	/* count what follows */
	NOTE_READY,	/* the answer to both */
	NOTE_END,	/* of what followed */
	NOTE_REPORT,	/* the answer to the end of a flow */
};

/**
 * struct note - a message about the messages
 * @size: octets of a message
 * @count: messages
 * @ns: nanoseconds
 * @batch: of them in a call
 */
struct note {
	uint64_t size;
	uint64_t count;
	uint64_t ns;
	uint64_t batch;
};

/* A note as it is sent: a magic number, the kind, the members; big endian. */
#define NOTE_LEN	40

void note_write(void *p, enum note_kind kind, const struct note *n);

/*
 * Reads a note from the start of a message; a frame may have padded it. Returns
 * what it says, NOTE_NONE if it is none.
 */
enum note_kind note_read(const void *p, size_t len, struct note *n);

#endif /* TOOLS_NOTE_H */
