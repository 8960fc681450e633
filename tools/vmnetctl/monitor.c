// SPDX-License-Identifier: GPL-2.0
#include "vmnetctl.h"

const struct verb monitor_verbs[] = {
	{ }
};
