/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A file of YAML as a tree that knows its lines. It is data only: no anchors, aliases and
 * tags, one document, and no key twice; what remains cannot be larger than its text.
 */
#ifndef LAB_DOCUMENT_H
#define LAB_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

enum {
	DOCUMENT_SIZE_MAX	= 1 << 20,	/* octets */
	DOCUMENT_DEPTH_MAX	= 12,
	DOCUMENT_MEMBERS_MAX	= 4096,		/* of a list, or of a mapping */
	DOCUMENT_ERROR_SIZE	= 512,
};

enum node_kind {
	NODE_TEXT,
	NODE_LIST,
	NODE_MAP,
};

/**
 * struct node - a piece of a document
 * @kind: of it
 * @line: where it begins
 * @key: its name in a mapping, NULL elsewhere
 * @text: of NODE_TEXT
 * @members: of the others
 * @count: of them
 */
struct node {
	enum node_kind kind;
	unsigned int line;
	char *key;
	char *text;
	struct node *members;
	unsigned int count;
};

/*
 * Reads @len octets. Returns true; or false with "FILE:LINE: what is wrong" in @error.
 * Free it with node_free() in any case.
 */
bool document_parse(const char *file, const char *data, size_t len, struct node *root,
		    char error[DOCUMENT_ERROR_SIZE]);

/* The same of the file of that name; "-" is standard input. */
bool document_read(const char *file, struct node *root, char error[DOCUMENT_ERROR_SIZE]);

void node_free(struct node *n);

#endif /* LAB_DOCUMENT_H */
