/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Included before all else in modules built with RACES=y: what the kernel's headers
 * say to KCSAN of atomics and of data_race(), they say to race_watch.c. The layout of
 * no structure depends on this header, as it would on the option.
 */
#ifndef _RACE_WATCH_H
#define _RACE_WATCH_H

#define CONFIG_KCSAN 1
#include <linux/kcsan-checks.h>
#undef CONFIG_KCSAN

#endif /* _RACE_WATCH_H */
