/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A service of a distributed VMM, as an example of <net/rrdp.h>.
 *
 * The VMMs of several hosts make one machine for a guest. A vCPU on one of them
 * interrupts a vCPU on another, accesses a device that another has, and needs a
 * page of memory that is there: these are the three services here. Instead of a
 * guest, it is files in debugfs that ask for them, and instead of a VMM, a table
 * of interrupts, a few registers and some pages that answer.
 *
 *	main.c		parameters, and the order in which all begins and ends
 *	serve.c		the end that listens
 *	call.c		the end that connects
 *	files.c		debugfs, which a real service has not; nothing of RRDP
 *
 * Every message begins with &struct dvmm_msg. An interrupt has no reply. Any other
 * request has one with the same id, and that of a page has the page behind it.
 */
#ifndef _DVMM_H
#define _DVMM_H

#include <linux/atomic.h>
#include <linux/build_bug.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/types.h>

struct net;

enum {
	DVMM_VCPUS	= 8,
	DVMM_VECTORS	= 256,
	/* Registers: octets of memory, and one on which to wait. */
	DVMM_REGS	= 64,
	DVMM_DOORBELL	= DVMM_REGS,
	/* Octets of a page of the guest. */
	DVMM_PAGE_SIZE	= 4096,
	/*
	 * Requests of one client that have no reply yet. RRDP lets 1024 segments
	 * wait in a connection: replies to so many fit, also with a small MTU.
	 */
	DVMM_CALLS	= 256,
	/* Reads of the doorbell that wait, of all clients. */
	DVMM_WAITERS	= 64,
};

/* ---- what is on the wire ---- */

enum dvmm_op {
	DVMM_OP_INTERRUPT = 1,	/* vcpu, vector */
	DVMM_OP_READ,		/* addr, size; the reply has value */
	DVMM_OP_WRITE,		/* addr, size, value */
	DVMM_OP_PAGE,		/* addr is the guest's number of the page */
	DVMM_OP_REPLY = 128,	/* status */
};

/* An error number of one kernel need not be that of another. */
enum dvmm_status {
	DVMM_OK,
	DVMM_INVALID,		/* no such request */
	DVMM_NOWHERE,		/* nothing is at that address */
	DVMM_BUSY,
};

/**
 * struct dvmm_msg - what every message begins with, 32 octets
 * @op: enum dvmm_op
 * @size: octets of an access to a register: 1, 2, 4 or 8, not across a multiple
 * @vcpu: to be interrupted
 * @vector: of the interrupt
 * @status: enum dvmm_status
 * @id: chosen by who calls, repeated in the reply. So long that none comes again
 *	while a call waits
 * @addr: of a register in octets, or of a page in pages
 * @value: of a register
 */
struct dvmm_msg {
	u8 op;
	u8 size;
	__be16 vcpu;
	__be16 vector;
	__be16 status;
	__be64 id;
	__be64 addr;
	__be64 value;
};

static_assert(sizeof(struct dvmm_msg) == 32);
static_assert(PAGE_SIZE >= DVMM_PAGE_SIZE);

/* ---- main.c ---- */

enum dvmm_stat {
	DVMM_STAT_INTERRUPTS_SENT,
	DVMM_STAT_INTERRUPTS,		/* received */
	DVMM_STAT_CALLS,		/* requests sent */
	DVMM_STAT_FAILED,		/* of these, whatever the reason */
	DVMM_STAT_SERVED,		/* requests with a good reply */
	DVMM_STAT_REFUSED,		/* those with another */
	DVMM_STAT_MALFORMED,		/* messages that are no request, or no reply */
	DVMM_STAT_UNKNOWN_ID,		/* replies to nothing */
	DVMM_STAT_UNSENT,		/* replies that were not accepted */
	DVMM_STATS
};

extern atomic_long_t dvmm_stats[DVMM_STATS];

static inline void dvmm_count(enum dvmm_stat stat)
{
	atomic_long_inc(&dvmm_stats[stat]);
}

/* ---- serve.c ---- */

/*
 * Listens on @port, and has @pages pages to give away. Both may sleep; after
 * dvmm_serve_exit() no callback runs.
 */
int dvmm_serve_init(struct net *net, u16 port, unsigned int pages);
void dvmm_serve_exit(void);

/* Interrupts that have come. */
unsigned long dvmm_interrupts(unsigned int vcpu, unsigned int vector);

/* Page @gfn of those to give away; NULL if there is none. */
struct page *dvmm_page(u64 gfn);

/* ---- call.c ---- */

/**
 * struct dvmm_call - a request, from dvmm_submit() to its reply
 * @op: %DVMM_OP_READ, %DVMM_OP_WRITE or %DVMM_OP_PAGE
 * @size: see &struct dvmm_msg
 * @addr: the same
 * @value: to write, or what was read
 * @page: where to put a page: the caller's, and written to before @done only
 * @done: the reply is there, or there will be none. @err is 0, -EINVAL, -ENXIO,
 *	-EBUSY or -EPROTO as the server says, or what became of the connection.
 *	In softirq context or with bottom halves off; must not sleep, and may
 *	submit. Called once; the call is its owner's again from then on
 * @list: of those without a reply
 * @id: in the message
 */
struct dvmm_call {
	u8 op;
	u8 size;
	u64 addr;
	u64 value;
	struct page *page;
	void (*done)(struct dvmm_call *call, int err);

	struct list_head list;
	u64 id;
};

/* Calls go to @port of @node, or nowhere if it is 0. */
void dvmm_call_init(struct net *net, u32 node, u16 port);
/* May sleep. There is no caller any more, and no callback runs afterwards. */
void dvmm_call_exit(void);

/*
 * Makes sure that there is a connection. May sleep, a few seconds if the node does
 * not answer. Errors as of rrdp_connect() and closed(), -EDESTADDRREQ if there is
 * no node to call.
 */
int dvmm_connect(void);

/*
 * Sends a request. Any context with interrupts on. 0 if @call->done() is going to
 * be called, or was already; -EAGAIN if too many wait, -ENOTCONN, -ENOMEM.
 */
int dvmm_submit(struct dvmm_call *call);

/*
 * Gives up waiting. False if @call->done() has been called, or is just about to be.
 * Any context with interrupts on.
 */
bool dvmm_cancel(struct dvmm_call *call);

/*
 * Submits a call, with the connection and the reply waited for. May sleep; -EINTR if
 * the caller is killed.
 */
int dvmm_wait(struct dvmm_call *call);

/*
 * Interrupts a vCPU of the other host. Any context with interrupts on. 0 if it
 * will arrive unless the connection ends before; else as dvmm_submit().
 */
int dvmm_interrupt(u16 vcpu, u16 vector);

/* ---- files.c ---- */

void dvmm_files_init(void);
void dvmm_files_exit(void);

#endif /* _DVMM_H */
