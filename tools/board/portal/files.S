/* SPDX-License-Identifier: GPL-2.0 */
/* The portal's files as they are, in the program's constant data. */
	.section .rodata

.macro file symbol, path
	.global	\symbol, \symbol\()_end
\symbol:
	.incbin	"\path"
\symbol\()_end:
	.byte	0
.endm

#define PORTAL_FILE(symbol, name, type) file portal_##symbol, name
#include "files.h"

	.section .note.GNU-stack, "", %progbits
