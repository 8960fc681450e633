/* SPDX-License-Identifier: GPL-2.0 */
/* Figures for Prometheus. */
#ifndef BOARD_METRICS_H
#define BOARD_METRICS_H

#include "board.h"

void metrics_write(struct board *b, struct buf *out);

#endif /* BOARD_METRICS_H */
