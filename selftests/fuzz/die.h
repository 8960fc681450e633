/* SPDX-License-Identifier: GPL-2.0 */
/* For what ends the program when something is wrong: it only ends the attempt. */
#ifndef FUZZ_DIE_H
#define FUZZ_DIE_H

#include <setjmp.h>

/*
 * Where die() goes on: "if (!setjmp(die_to)) attempt();". What the attempt had
 * allocated is lost, and no checker asks for it.
 */
extern jmp_buf die_to;

/* The status it would have ended with. */
extern int die_status;

#endif /* FUZZ_DIE_H */
