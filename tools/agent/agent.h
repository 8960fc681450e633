/* SPDX-License-Identifier: GPL-2.0 */
/* vmnetd: the domains that this host is in, and what they have in common. */
#ifndef AGENT_AGENT_H
#define AGENT_AGENT_H

#include "backoff.h"
#include "database.h"
#include "exchange.h"
#include "loop.h"
#include "made.h"
#include "setup.h"

struct agent;
struct dhcp;
struct kernel;

/**
 * struct domain - a domain that this host is in, or is leaving
 * @agent: of it
 * @next: another domain
 * @config: what the administrator wants
 * @board: which of the boards is asked
 * @exchange: with the board
 * @db: what is known
 * @member: question of Membership
 * @member_timer: of its next
 * @member_backoff: of it
 * @registered: this host is, as far as is known
 * @said: body with which it registered
 * @node: number of this host, 0: not known yet
 * @rrdp_ready: RRDP is wanted, and the kernel has @node as its own number
 * @forget_node: the number it had is somebody else's now
 * @lease_end: when, by loop_now()
 * @watch: question of node query
 * @watch_timer: of its next
 * @watch_backoff: of it
 * @watching: the last one was answered
 * @reachable_since: seconds of the calendar, 0: it is not
 * @local: own address towards the board
 * @vm: question about a VM
 * @vm_timer: of its next
 * @vm_key: "SEGMENT/NAME" that it is about
 * @vm_port: port that the VM is behind, "" for none
 * @vm_gives: it gives the VM away, or deletes it
 * @vm_backoff: while the board takes nothing
 * @vm_later: of VMs that were refused, by key: when to ask again, and why
 * @expire_timer: when something has been held for long enough
 * @report: question that carries a report
 * @report_timer: of its next
 * @reported: what was reported last
 * @reported_at: when, by loop_now()
 * @differs: array of texts: what the kernel has not as it should
 * @error: what went wrong last, "" if nothing
 * @error_at: seconds of the calendar
 * @save_error: why the database is not on the disk, 0: it is
 * @events: array of what has happened, for the report
 * @leaving: it is
 * @left: times that it was tried
 */
struct domain {
	struct agent *agent;
	struct domain *next;
	struct setup_domain config;
	unsigned int board;
	struct exchange exchange;
	struct database db;
	struct question member;
	struct loop_timer member_timer;
	struct backoff member_backoff;
	bool registered;
	json_t *said;
	uint32_t node;
	bool rrdp_ready;
	bool forget_node;
	uint64_t lease_end;
	struct question watch;
	struct loop_timer watch_timer;
	struct backoff watch_backoff;
	bool watching;
	uint64_t reachable_since;
	char local[64];
	struct question vm;
	struct loop_timer vm_timer;
	char vm_key[2 * NAME_SIZE];
	char vm_port[IF_NAMESIZE];
	bool vm_gives;
	struct backoff vm_backoff;
	json_t *vm_later;
	struct loop_timer expire_timer;
	struct question report;
	struct loop_timer report_timer;
	json_t *reported;
	uint64_t reported_at;
	json_t *differs;
	char error[512];
	uint64_t error_at;
	int save_error;
	json_t *events;
	bool leaving;
	unsigned int left;
};

/**
 * struct agent - the program
 * @loop: it waits in
 * @conf: name of the configuration file
 * @setup: what is in it
 * @domains: that this host is in, or is leaving
 * @dhcp: servers of its guests
 * @made: peers of it in the kernel
 * @sync_timer: when the kernel is compared with what it should have
 * @kernel_error: why that could not be done, "" if it could
 */
struct agent {
	struct loop loop;
	const char *conf;
	struct setup setup;
	struct domain *domains;
	struct dhcp *dhcp;
	struct made made;
	struct loop_timer sync_timer;
	char kernel_error[512];
};

/* Begins with what is in the configuration. Dies if that is wrong. */
void agent_open(struct agent *a, const char *conf);

/* Reads the configuration again. Returns false, and changes nothing, if it is wrong. */
bool agent_reload(struct agent *a, char error[512]);

void agent_close(struct agent *a);

/* Compares the kernel with what it should have soon; @ms milliseconds at most. */
void agent_sync(struct agent *a, unsigned int ms);

#endif /* AGENT_AGENT_H */
