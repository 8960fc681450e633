/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AGENT_STATUS_H
#define AGENT_STATUS_H

#include "agent.h"

/* How things are with boards, networks and peers: an object. */
json_t *status_make(struct agent *a);

#endif /* AGENT_STATUS_H */
