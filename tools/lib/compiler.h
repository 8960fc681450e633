/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TOOLS_COMPILER_H
#define TOOLS_COMPILER_H

#ifndef __noreturn
#define __noreturn	__attribute((__noreturn__))
#endif
#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif
#ifndef __printf
#define __printf(a, b)	__attribute((__format__(__printf__, a, b)))
#endif

#endif /* TOOLS_COMPILER_H */
