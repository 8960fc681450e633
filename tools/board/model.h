/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Domains, segments, hosts and VMs: see ask.h for how they are asked, and
 * Documentation/vmnet-board.yaml for what. Their records, of which those in
 * brackets end with the lease of the host:
 *
 *  domain/DOMAIN		the domain
 *  guard/DOMAIN		written with any segment, so that none overlap
 *  segment/DOMAIN/SEGMENT	the segment
 *  vni/DOMAIN/VNI		name of the segment that has it
 *  [host/DOMAIN/HOST]		the host
 *  [node/DOMAIN/NODE]		name of the host that has the number
 *  [member/DOMAIN/SEGMENT/HOST]	the host is in the segment
 *  vm/DOMAIN/SEGMENT/VM	the VM: addresses stay until it is deleted
 *  [on/DOMAIN/HOST/SEGMENT/VM]	it is there
 *  addr/DOMAIN/SEGMENT/4/ADDR	name of the VM that has the address; so 6/
 *  mac/DOMAIN/MAC		segment and name of the VM that has it
 *  token/ID			see token.h
 */
#ifndef BOARD_MODEL_H
#define BOARD_MODEL_H

#include "ask.h"

bool domain_put(struct ask *a);
bool domain_get(struct ask *a);
bool domain_list(struct ask *a);
bool domain_delete(struct ask *a);

bool segment_put(struct ask *a);
bool segment_get(struct ask *a);
bool segment_list(struct ask *a);
bool segment_delete(struct ask *a);

bool host_put(struct ask *a);
bool host_get(struct ask *a);
bool host_list(struct ask *a);
bool host_delete(struct ask *a);
bool host_renew(struct ask *a);

bool vm_put(struct ask *a);
bool vm_get(struct ask *a);
bool vm_list(struct ask *a);
bool vm_delete(struct ask *a);

/* Adds a VM as JSON object: also whether it is where it says. */
void vm_write(const struct view *v, const char *domain, const struct record *r,
	      struct buf *b);

#endif /* BOARD_MODEL_H */
