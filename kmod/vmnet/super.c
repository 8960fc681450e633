// SPDX-License-Identifier: GPL-2.0
/* Super-frames over RRDP. */
#include <linux/etherdevice.h>

#include "encap.h"
#include "super.h"

/* Octets that go into the head of a copy: more than the headers of a frame. */
#define VMNET_SUPER_HEAD	256

bool vmnet_super_describe(const struct sk_buff *skb, unsigned int max,
			  struct virtio_net_hdr *hdr)
{
	const unsigned int known = SKB_GSO_TCPV4 | SKB_GSO_TCPV6 |
				   SKB_GSO_TCP_ECN | SKB_GSO_DODGY;

	/* RRDP would have to copy a list of buffers into one. */
	if (skb->len > max || skb->ip_summed != CHECKSUM_PARTIAL ||
	    skb_has_frag_list(skb) || skb_shinfo(skb)->gso_type & ~known)
		return false;
	return !virtio_net_hdr_from_skb(skb, hdr, false, false, 0);
}

static bool vmnet_super_known(const struct virtio_net_hdr *hdr)
{
	u8 type = hdr->gso_type & ~VIRTIO_NET_HDR_GSO_ECN;

	return hdr->flags == VIRTIO_NET_HDR_F_NEEDS_CSUM &&
	       (type == VIRTIO_NET_HDR_GSO_TCPV4 ||
		type == VIRTIO_NET_HDR_GSO_TCPV6);
}

/* Copies @from, from octet @offset on, into the pages of @to. */
static int vmnet_super_fill(struct sk_buff *to, const struct sk_buff *from,
			    unsigned int offset)
{
	int i, err;

	for (i = 0; i < skb_shinfo(to)->nr_frags; i++) {
		const skb_frag_t *frag = &skb_shinfo(to)->frags[i];

		err = skb_copy_bits(from, offset, skb_frag_address(frag),
				    skb_frag_size(frag));
		if (err)
			return err;
		offset += skb_frag_size(frag);
	}
	return 0;
}

/*
 * A message of several segments is a list of buffers, cut where the segments of
 * the super-frame are not. Who has to cut that again needs it in one piece.
 */
static struct sk_buff *vmnet_super_copy(const struct sk_buff *skb)
{
	unsigned int head = min_t(unsigned int, skb->len, VMNET_SUPER_HEAD);
	unsigned int room = NET_SKB_PAD + NET_IP_ALIGN;
	struct sk_buff *copy;
	int err;

	copy = alloc_skb_with_frags(room + head, skb->len - head,
				    PAGE_ALLOC_COSTLY_ORDER, &err, GFP_ATOMIC);
	if (!copy)
		return NULL;
	skb_reserve(copy, room);
	skb_copy_bits(skb, 0, skb_put(copy, head), head);
	copy->len += skb->len - head;
	copy->data_len = skb->len - head;
	if (vmnet_super_fill(copy, skb, head)) {
		kfree_skb(copy);
		return NULL;
	}
	return copy;
}

/* A buffer of our own, whose description of segments can be written. */
static struct sk_buff *vmnet_super_own(struct sk_buff *skb)
{
	struct sk_buff *copy;

	if (!skb_has_frag_list(skb))
		return skb_unclone(skb, GFP_ATOMIC) ? NULL : skb;
	copy = vmnet_super_copy(skb);
	if (copy)
		consume_skb(skb);
	return copy;
}

struct sk_buff *vmnet_super_open(struct sk_buff *skb, enum vmnet_stat *why)
{
	struct virtio_net_hdr hdr;
	struct sk_buff *own;

	*why = VMNET_STAT_DROP_SHORT;
	if (skb_copy_bits(skb, 0, &hdr, sizeof(hdr)))
		goto drop;
	*why = VMNET_STAT_DROP_HDR;
	if (!vmnet_super_known(&hdr))
		goto drop;
	*why = VMNET_STAT_DROP_NOMEM;
	if (!pskb_pull(skb, sizeof(hdr)))
		goto drop;
	own = vmnet_super_own(skb);
	if (!own)
		goto drop;
	skb = own;
	*why = VMNET_STAT_DROP_HDR;
	if (virtio_net_hdr_to_skb(skb, &hdr, false))
		goto drop;
	return skb;

drop:
	vmnet_free_dropped(skb, *why);
	return NULL;
}
