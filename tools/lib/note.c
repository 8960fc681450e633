// SPDX-License-Identifier: GPL-2.0
#include <assert.h>
#include <endian.h>
#include <string.h>

#include "note.h"

#define MAGIC	0x52445066u	/* no message of a flow has it: those are zeros */

struct wire {
	uint32_t magic;
	uint32_t kind;
	uint64_t size;
	uint64_t count;
	uint64_t ns;
	uint64_t batch;
};

static_assert(sizeof(struct wire) == NOTE_LEN, "the layout has no holes");

void note_write(void *p, enum note_kind kind, const struct note *n)
{
	struct wire wire = {
		.magic = htobe32(MAGIC),
		.kind = htobe32(kind),
		.size = htobe64(n->size),
		.count = htobe64(n->count),
		.ns = htobe64(n->ns),
		.batch = htobe64(n->batch),
	};

	memcpy(p, &wire, sizeof(wire));
}

enum note_kind note_read(const void *p, size_t len, struct note *n)
{
	struct wire wire;

	if (len < sizeof(wire))
		return NOTE_NONE;
	memcpy(&wire, p, sizeof(wire));
	if (wire.magic != htobe32(MAGIC))
		return NOTE_NONE;
	n->size = be64toh(wire.size);
	n->count = be64toh(wire.count);
	n->ns = be64toh(wire.ns);
	n->batch = be64toh(wire.batch);
	return be32toh(wire.kind);
}
