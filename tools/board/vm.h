/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BOARD_VM_H
#define BOARD_VM_H

#include "ask.h"

/* Deletes VM @path, SEGMENT/NAME, and all it has, which others can then have. */
void vm_release(struct ask *a, const char *path);

#endif /* BOARD_VM_H */
