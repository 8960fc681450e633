/* SPDX-License-Identifier: GPL-2.0 */
/* What the administrator does on the board's own machine. */
#ifndef BOARD_COMMAND_H
#define BOARD_COMMAND_H

#include "args.h"
#include "config.h"

/* "token add", "token show", "token del". Returns the exit status. */
int command_token(const struct config *c, struct args *a);

#endif /* BOARD_COMMAND_H */
