// SPDX-License-Identifier: GPL-2.0
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <net/checksum.h>

#include "compat_frag.h"
#include "compat_gso.h"
#include "conn.h"

/* ---- buffers of several segments ---- */

struct rrdp_parts *rrdp_parts_new(struct sk_buff *skb, unsigned int size,
				  gfp_t gfp)
{
	unsigned int i, n = DIV_ROUND_UP(skb->len, size);
	struct rrdp_parts *parts;

	if (n > RRDP_PARTS)
		return NULL;
	parts = kzalloc(struct_size(parts, part, n), gfp);
	if (!parts)
		return NULL;
	parts->skb = skb;
	parts->size = size;
	parts->n = n;
	parts->left = n;
	for (i = 0; i < n; i++) {
		parts->part[i].seg.len = min(size, skb->len - i * size);
		parts->part[i].seg.part = i + 1;
	}
	return parts;
}

struct sk_buff *rrdp_parts_acked(struct rrdp_parts *parts,
				 struct rrdp_txseg *tx)
{
	struct rrdp_part *part = container_of(tx, struct rrdp_part, seg);
	struct sk_buff *skb = parts->skb;

	/* NULL is fine. */
	consume_skb(part->sent);
	part->sent = NULL;
	if (--parts->left)
		return NULL;
	RRDP_TX_CB(skb)->parts = NULL;
	kfree(parts);
	return skb;
}

struct sk_buff *rrdp_parts_sent(struct rrdp_parts *parts,
				struct rrdp_txseg *tx)
{
	return container_of(tx, struct rrdp_part, seg)->sent ?: parts->skb;
}

/*
 * A buffer of its own that refers to @len octets of @skb from @off on, with @room
 * in front. It has a reference of its own to what completes @skb, which
 * pskb_extract() of kernels before 2026 lacks. @skb has no list of further buffers.
 */
static struct sk_buff *slice_new(struct sk_buff *skb, unsigned int off,
				 unsigned int len, unsigned int room)
{
	unsigned int head = skb_headlen(skb) - min(skb_headlen(skb), off);
	struct skb_shared_info *from = skb_shinfo(skb), *to;
	struct sk_buff *slice;
	unsigned int i, size;

	head = min(head, len);
	slice = alloc_skb_fclone(room + head, GFP_ATOMIC);
	if (!slice)
		return NULL;
	skb_reserve(slice, room);
	skb_put_data(slice, skb->data + off, head);
	to = skb_shinfo(slice);
	off -= min(off, skb_headlen(skb));
	slice->data_len = len - head;
	for (i = 0; i < from->nr_frags && slice->len < len; i++) {
		size = skb_frag_size(&from->frags[i]);
		if (off >= size) {
			off -= size;
			continue;
		}
		size = min(size - off, len - slice->len);
		to->frags[to->nr_frags] = from->frags[i];
		skb_frag_off_add(&to->frags[to->nr_frags], off);
		skb_frag_size_set(&to->frags[to->nr_frags], size);
		skb_frag_ref(slice, to->nr_frags++);
		slice->len += size;
		off = 0;
	}
	to->flags |= from->flags & SKBFL_SHARED_FRAG;
	skb_zcopy_set(slice, skb_zcopy(skb), NULL);
	slice->truesize += slice->data_len;
	return slice;
}

struct sk_buff *rrdp_parts_slice(struct rrdp_parts *parts, unsigned int first,
				 unsigned int n, unsigned int room)
{
	unsigned int off = first * parts->size;
	struct sk_buff *slice;
	unsigned int i;

	if (n == parts->n)
		return parts->skb;
	slice = slice_new(parts->skb, off,
			  min(n * parts->size, parts->skb->len - off), room);
	if (!slice)
		return NULL;
	/* Its clones own the header space, as of the whole. */
	__skb_header_release(slice);
	for (i = first; i < first + n; i++) {
		consume_skb(parts->part[i].sent);
		parts->part[i].sent = skb_get(slice);
	}
	/* The parts hold it from here on. */
	consume_skb(slice);
	return slice;
}

/* ---- out ---- */

bool rrdp_train_add(struct rrdp_train *train, const struct rrdp_seg *seg,
		    struct rrdp_parts *parts, struct rrdp_txseg *tx)
{
	if (!train->parts) {
		train->parts = parts;
		train->first = tx->part - 1;
		train->n = 1;
		train->seg = *seg;
		train->seg.var = train->var;
		memcpy(train->var, seg->var, min(2 * seg->nvar, 2));
		return true;
	}
	/* The pseudo-header of all is the same only up to a wrap. */
	if (train->parts != parts || train->first + train->n + 1 != tx->part ||
	    !seg->seq)
		return false;
	train->n++;
	train->seg.flags = seg->flags;
	return true;
}

void rrdp_train_mark(struct sk_buff *skb, const struct rrdp_train *train,
		     u16 pseudo, bool header_only)
{
	struct skb_shared_info *shinfo = skb_shinfo(skb);

	shinfo->gso_type = SKB_GSO_FRAGLIST;
	shinfo->gso_size = train->parts->size;
	shinfo->gso_segs = train->n;
	/* Who asks how long a segment will be adds gso_size to this. */
	skb_set_transport_header(skb, rrdp_wire_hlen(&train->seg));
	/* The buffer may be of a frame that had been in a tunnel. */
	skb->encapsulation = 0;
	if (header_only) {
		skb->ip_summed = CHECKSUM_UNNECESSARY;
		/* Also behind tunnels, each of which takes one off. */
		skb->csum_level = SKB_MAX_CSUM_LEVEL;
		return;
	}
	rrdp_put16(skb->data + RRDP_CSUM_OFF, pseudo);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_headroom(skb);
	skb->csum_offset = RRDP_CSUM_OFF;
}

/* ---- cut ---- */

/* Sum of the pseudo-header of a train, whose header is at @p. */
static u32 pseudo_of(const struct sk_buff *train, const u8 *p,
		     unsigned int hlen)
{
	if (train->ip_summed == CHECKSUM_PARTIAL)
		return rrdp_get16(p + RRDP_CSUM_OFF);
	return (u16)~rrdp_csum_fold(rrdp_csum_data(p, hlen, 0));
}

/* One's complement sum of what follows the first @off octets. */
static u16 whole_sum(const struct sk_buff *skb, unsigned int off)
{
	__wsum sum = skb_checksum(skb, off, skb->len - off, 0);

	return ntohs((__force __be16)~csum_fold(sum));
}

/* Completes the header of a segment, which is a copy of the train's. */
static void make_segment(struct sk_buff *skb, unsigned int off,
			 unsigned int hlen, unsigned int number, u32 sum,
			 bool header_only, bool more)
{
	u8 *p = skb->data + off;

	p[0] = more ? p[0] | RRDP_F_MORE : p[0] & ~RRDP_F_MORE;
	rrdp_put16(p + 6, skb->len - off - hlen);
	rrdp_put16(p + 8, rrdp_get16(p + 8) + number);
	rrdp_put16(p + RRDP_CSUM_OFF, 0);
	if (header_only)
		sum = rrdp_csum_data(p, hlen, sum);
	else
		sum += whole_sum(skb, off);
	rrdp_put16(p + RRDP_CSUM_OFF, ~rrdp_csum_fold(sum));
	skb->ip_summed = CHECKSUM_NONE;
	/* For the sum of a tunnel's header around it. */
	if (skb->encap_hdr_csum) {
		SKB_GSO_CB(skb)->csum = skb_checksum(skb, off, skb->len - off, 0);
		SKB_GSO_CB(skb)->csum_start = skb_headroom(skb) + off;
	}
}

/* In a tunnel it has that one's bits as well. */
static bool is_train(const struct sk_buff *skb)
{
	unsigned int type = skb_shinfo(skb)->gso_type;

	return type & SKB_GSO_FRAGLIST &&
	       !(type & (SKB_GSO_TCPV4 | SKB_GSO_TCPV6 | SKB_GSO_UDP_L4 |
			 SKB_GSO_SCTP));
}

/* Called by the stack with the train's header at skb->data. */
static struct sk_buff *rrdp_gso_segment(struct sk_buff *skb,
					netdev_features_t features)
{
	bool header_only = skb->ip_summed != CHECKSUM_PARTIAL;
	struct sk_buff *segs, *seg;
	unsigned int off, hlen, n = 0;
	bool more;
	u32 sum;

	if (!is_train(skb) || !pskb_may_pull(skb, RRDP_HDR_LEN))
		return ERR_PTR(-EINVAL);
	/* Somebody may have altered it on its way. */
	hlen = rrdp_wire_hlen_peek(skb->data);
	if (hlen < RRDP_HDR_LEN || !pskb_may_pull(skb, hlen) ||
	    skb->len - hlen <= skb_shinfo(skb)->gso_size)
		return ERR_PTR(-EINVAL);
	more = skb->data[0] & RRDP_F_MORE;
	sum = pseudo_of(skb, skb->data, hlen);
	off = skb->data - skb_mac_header(skb);

	__skb_pull(skb, hlen);
	/* The sum is our own affair. */
	segs = skb_segment(skb, features | NETIF_F_HW_CSUM);
	if (IS_ERR_OR_NULL(segs))
		return segs;
	for (seg = segs; seg; seg = seg->next)
		make_segment(seg, off, hlen, n++, sum, header_only,
			     more || seg->next);
	return segs;
}

static struct packet_offload rrdp_offload __read_mostly = {
	.callbacks = {
		.gso_segment = rrdp_gso_segment,
	},
};

/* ---- in ---- */

bool rrdp_train_parse(const struct sk_buff *skb, struct rrdp_seg *seg,
		      unsigned int hlen)
{
	const struct skb_shared_info *shinfo = skb_shinfo(skb);
	unsigned int n;

	if (shinfo->gso_type != SKB_GSO_FRAGLIST ||
	    shinfo->gso_size != seg->len || !seg->len ||
	    seg->flags & ~(RRDP_F_ACK | RRDP_F_MORE))
		return false;
	n = DIV_ROUND_UP(skb->len - hlen, seg->len);
	if (n < 2 || n > RRDP_PARTS)
		return false;
	seg->extra = n - 1;
	return true;
}

struct sk_buff *rrdp_train_split(struct sk_buff *skb)
{
	unsigned int mac_len = skb->data - skb_mac_header(skb);
	struct sk_buff *segs, *seg;

	skb_push(skb, mac_len);
	segs = skb_gso_segment(skb, NETIF_F_SG);
	if (IS_ERR_OR_NULL(segs))
		return NULL;
	for (seg = segs; seg; seg = seg->next) {
		skb_reset_mac_header(seg);
		__skb_pull(seg, mac_len);
	}
	return segs;
}

void __init rrdp_train_init(void)
{
	rrdp_offload.type = rrdp_ethertype;
	dev_add_offload(&rrdp_offload);
}

void rrdp_train_exit(void)
{
	dev_remove_offload(&rrdp_offload);
}
