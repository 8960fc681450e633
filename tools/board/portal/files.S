/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The portal's files as they are, in the program's constant data: of each its name, its
 * type, its size, and what is in it.
 */
	.section .rodata

.macro file name, type
	.asciz	"\name"
	.asciz	"\type"
	.long	2f - 1f
1:
	.incbin	"\name"
2:
.endm

	.global	portal_files, portal_files_size
portal_files:
	file	"index.html", "text/html; charset=utf-8"
	file	"icon.svg", "image/svg+xml"
	file	"style.css", "text/css; charset=utf-8"
	file	"app.js", "text/javascript; charset=utf-8"
	file	"api.js", "text/javascript; charset=utf-8"
	file	"changes.js", "text/javascript; charset=utf-8"
	file	"dialog.js", "text/javascript; charset=utf-8"
	file	"dom.js", "text/javascript; charset=utf-8"
	file	"domain.js", "text/javascript; charset=utf-8"
	file	"domains.js", "text/javascript; charset=utf-8"
	file	"drawing.js", "text/javascript; charset=utf-8"
	file	"host.js", "text/javascript; charset=utf-8"
	file	"lists.js", "text/javascript; charset=utf-8"
	file	"live.js", "text/javascript; charset=utf-8"
	file	"operations.js", "text/javascript; charset=utf-8"
	file	"table.js", "text/javascript; charset=utf-8"
1:
	.balign	4
portal_files_size:
	.long	1b - portal_files

	.section .note.GNU-stack, "", %progbits
