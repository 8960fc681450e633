// SPDX-License-Identifier: GPL-2.0
#include <linux/bvec.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "compat_ubuf.h"
#include "txring.h"
#include "socket.h"
#include "zerocopy.h"

/* Descriptors to a page. */
#define PER_PAGE	(PAGE_SIZE / sizeof(struct rrdp_ring_frame))

/**
 * struct ring_slot - what the kernel knows of a frame
 * @zc: referenced by each buffer that has the frame's pages; must be first
 * @ring: where it belongs
 * @page: the first of the frame
 * @busy: it is on its way: not to be sent again, whatever the process writes
 * @after: status that the process will see when it is back
 */
struct ring_slot {
	struct ubuf_info_msgzc zc;
	struct rrdp_txring *ring;
	struct page *page;
	bool busy;
	u32 after;
};

/**
 * struct rrdp_txring - the frames of a socket; constant but for @head
 * @sk: the socket, which has no fewer references than frames that are on their way
 * @memory: what is charged to its user
 * @frame_size: octets, a power of two
 * @frames: how many
 * @head: the next to be sent; socket lock
 * @indexes: pages of descriptors
 * @index: them
 * @slot: frames
 */
struct rrdp_txring {
	struct sock *sk;
	struct mmpin memory;
	u32 frame_size;
	u32 frames;
	u32 head;
	u32 indexes;
	struct page **index;
	struct ring_slot slot[];
};

static struct rrdp_ring_frame *descriptor(const struct rrdp_txring *ring, u32 i)
{
	struct rrdp_ring_frame *page = page_address(ring->index[i / PER_PAGE]);

	return page + i % PER_PAGE;
}

/* Octets of its frames. */
static size_t ring_size(const struct rrdp_txring *ring)
{
	return (size_t)ring->frame_size * ring->frames;
}

/* ---- life ---- */

/* A page goes when nobody has it mapped and no buffer refers to it. */
void rrdp_txring_free(struct rrdp_txring *ring)
{
	u32 i;

	if (!ring)
		return;
	for (i = 0; i < ring->frames; i++)
		if (ring->slot[i].page)
			put_page(ring->slot[i].page);
	for (i = 0; i < ring->indexes; i++)
		if (ring->index[i])
			put_page(ring->index[i]);
	mm_unaccount_pinned_pages(&ring->memory);
	kfree(ring->index);
	kvfree(ring);
}

static bool valid(const struct rrdp_ring_req *req)
{
	return is_power_of_2(req->frame_size) && req->frame_size >= PAGE_SIZE &&
	       req->frame_size <= RRDP_MSG_MAX && req->frame_nr &&
	       (u64)req->frame_size * req->frame_nr <= RRDP_RING_MAX;
}

static struct page *new_pages(unsigned int size)
{
	return alloc_pages(GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_COMP |
			   __GFP_NOWARN, get_order(size));
}

static int fill(struct rrdp_txring *ring, u32 indexes)
{
	u32 i;

	ring->index = kcalloc(indexes, sizeof(*ring->index),
			      GFP_KERNEL_ACCOUNT);
	if (!ring->index)
		return -ENOMEM;
	ring->indexes = indexes;
	for (i = 0; i < indexes; i++) {
		ring->index[i] = new_pages(PAGE_SIZE);
		if (!ring->index[i])
			return -ENOMEM;
	}
	for (i = 0; i < ring->frames; i++) {
		ring->slot[i].ring = ring;
		ring->slot[i].page = new_pages(ring->frame_size);
		if (!ring->slot[i].page)
			return -ENOMEM;
	}
	return 0;
}

struct rrdp_txring *rrdp_txring_new(struct sock *sk,
				    const struct rrdp_ring_req *req)
{
	struct rrdp_txring *ring;
	int err;

	if (!valid(req))
		return ERR_PTR(-EINVAL);
	ring = kvzalloc(struct_size(ring, slot, req->frame_nr),
			GFP_KERNEL_ACCOUNT);
	if (!ring)
		return ERR_PTR(-ENOMEM);
	ring->sk = sk;
	ring->frame_size = req->frame_size;
	ring->frames = req->frame_nr;
	err = mm_account_pinned_pages(&ring->memory, ring_size(ring));
	if (!err)
		err = fill(ring, DIV_ROUND_UP(req->frame_nr, PER_PAGE));
	if (!err)
		return ring;
	rrdp_txring_free(ring);
	return ERR_PTR(err);
}

/* ---- what the process sees ---- */

static const struct vm_operations_struct ring_vm_ops;

static int map_pages(struct vm_area_struct *vma, unsigned long *at,
		     struct page *page, unsigned int size)
{
	unsigned int i;
	int err;

	for (i = 0; i < size >> PAGE_SHIFT; i++) {
		err = vm_insert_page(vma, *at, page + i);
		if (err)
			return err;
		*at += PAGE_SIZE;
	}
	return 0;
}

/* The socket lock is not to be taken: whoever has it may fault on user memory. */
int rrdp_txring_mmap(const struct rrdp_txring *ring, struct vm_area_struct *vma)
{
	unsigned long at = vma->vm_start;
	u32 i;
	int err = 0;

	if (!(vma->vm_flags & VM_SHARED) || vma->vm_pgoff ||
	    vma->vm_end - vma->vm_start !=
	    ring->indexes * PAGE_SIZE + ring_size(ring))
		return -EINVAL;
	for (i = 0; !err && i < ring->indexes; i++)
		err = map_pages(vma, &at, ring->index[i], PAGE_SIZE);
	for (i = 0; !err && i < ring->frames; i++)
		err = map_pages(vma, &at, ring->slot[i].page, ring->frame_size);
	/* Whoever lets it grow gets SIGBUS, and no memory of its own. */
	vma->vm_ops = &ring_vm_ops;
	return err;
}

/* The process has marked it, and not yet asked for it to be sent. */
static bool is_marked(const struct rrdp_txring *ring, u32 i)
{
	/* The process writes the frame, then this. */
	return smp_load_acquire(&descriptor(ring, i)->status) ==
	       RRDP_FRAME_SEND_REQUEST && !READ_ONCE(ring->slot[i].busy);
}

bool rrdp_txring_writable(const struct rrdp_txring *ring)
{
	u32 i, status, next = READ_ONCE(ring->head);

	for (i = 0; i < ring->frames && is_marked(ring, next); i++)
		next = (next + 1) % ring->frames;
	status = READ_ONCE(descriptor(ring, next)->status);
	return status == RRDP_FRAME_AVAILABLE || status == RRDP_FRAME_WRONG;
}

/* ---- send ---- */

/* Nothing refers to the frame any more: the process may have it back. */
static void frame_done(struct sk_buff *skb, struct ubuf_info *uarg, bool sent)
{
	struct ring_slot *slot = container_of(uarg, struct ring_slot, zc.ubuf);
	struct rrdp_txring *ring = slot->ring;
	struct sock *sk = ring->sk;

	if (!refcount_dec_and_test(&uarg->refcnt))
		return;
	WRITE_ONCE(slot->busy, false);
	/* After it, or the process's next send() might find it busy. */
	smp_store_release(&descriptor(ring, slot - ring->slot)->status,
			  slot->after);
	rrdp_sk(sk)->tell_writers(sk);
	sock_put(sk);
}

static const struct ubuf_info_ops ring_ubuf_ops = {
	.complete = frame_done,
};

/* As rrdp_zc_begin(). */
static struct ubuf_info *frame_begin(struct sock *sk, struct ring_slot *slot)
{
	compat_ubuf_init(&slot->zc.ubuf, &ring_ubuf_ops);
	slot->zc.zerocopy = rrdp_zc_possible(sk);
	slot->after = RRDP_FRAME_AVAILABLE;
	WRITE_ONCE(slot->busy, true);
	sock_hold(sk);
	return &slot->zc.ubuf;
}

/* An error leaves the frame as it was: marked, to be sent by the next call. */
static int send_frame(struct sock *sk, struct ring_slot *slot, u32 len,
		      unsigned int flags)
{
	struct rrdp_ring_frame *frame = descriptor(slot->ring,
						   slot - slot->ring->slot);
	struct bio_vec vec = { .bv_page = slot->page, .bv_len = len };
	struct msghdr msg = { .msg_flags = flags };
	struct ubuf_info *uarg = frame_begin(sk, slot);
	long now = 0;
	int err;

	WRITE_ONCE(frame->status, RRDP_FRAME_SENDING);
	iov_iter_bvec(&msg.msg_iter, ITER_SOURCE, &vec, 1, len);
	err = rrdp_sock_send_message(sk, &msg, len, true, uarg, &now);
	if (err)
		slot->after = RRDP_FRAME_SEND_REQUEST;
	rrdp_zc_end(sk, uarg, err);
	return err;
}

/* 0 if @len octets of a frame can be a message. */
static int check_length(const struct rrdp_txring *ring, struct sock *sk, u32 len)
{
	if (!len || len > ring->frame_size)
		return -EINVAL;
	return len > rrdp_conn_msg_max(rrdp_sk(sk)->conn) ? -EMSGSIZE : 0;
}

/*
 * The next frame, if it is marked: sent, or found to be wrong. Returns its length,
 * 0 if it is not marked. Socket lock held.
 */
static int send_next(struct sock *sk, struct rrdp_txring *ring,
		     unsigned int flags)
{
	struct ring_slot *slot = &ring->slot[ring->head];
	struct rrdp_ring_frame *frame = descriptor(ring, ring->head);
	u32 len;
	int err;

	if (!is_marked(ring, ring->head))
		return 0;
	len = READ_ONCE(frame->len);
	err = check_length(ring, sk, len);
	if (err) {
		WRITE_ONCE(frame->status, RRDP_FRAME_WRONG);
	} else {
		err = send_frame(sk, slot, len, flags);
		if (err)
			return err;
	}
	WRITE_ONCE(ring->head, (ring->head + 1) % ring->frames);
	return err ?: len;
}

int rrdp_txring_send(struct sock *sk, unsigned int flags, long *timeo)
{
	struct rrdp_txring *ring = rrdp_sock_ring(sk);
	int sent = 0, n;

	/* A call is long enough with what it says it has sent in an int. */
	do {
		n = rrdp_sock_wait_room(sk, timeo);
		if (n)
			break;
		lock_sock(sk);
		/* Waits for others, to leave together. */
		n = send_next(sk, ring, flags);
		release_sock(sk);
		if (n > 0)
			sent += n;
		else if (n == -EAGAIN)
			n = rrdp_sock_wait_queue(sk, timeo) ?: 1;
	} while (n > 0 && sent < INT_MAX / 2);
	if (sent && !(flags & MSG_MORE))
		rrdp_tx_push(rrdp_sk(sk)->conn);
	return sent ?: n;
}
