// SPDX-License-Identifier: GPL-2.0
/*
 * What NICs and taps may do to a frame before anybody else gets it. To the parameter
 * "do" is written, of a device of the writer's network namespace:
 *
 *	keep IFNAME		frames stay shared with who looked on, for a while
 *	clone IFNAME		their octets do, those of frames that are sent as well
 *	cut IFNAME OCTETS	what follows that many is in pages, and the head is full
 *	list IFNAME OCTETS	or in a buffer of its own
 *	lend IFNAME		their pages belong to somebody who wants them back
 *	headroom IFNAME OCTETS	the device wants that much in front of a frame
 *	off			all is as it was
 */
#include <linux/delay.h>
#include <linux/if_ether.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/nsproxy.h>
#include <linux/skbuff.h>

#include "compat_ubuf.h"

#define KEPT	512

struct onlooker {
	struct list_head list;
	struct packet_type pt;
	void (*look)(struct onlooker *who, struct sk_buff *skb);
	unsigned int octets;
	u16 headroom;
	spinlock_t lock;	/* of all below */
	unsigned int n;
	struct sk_buff *kept[KEPT];
};

static LIST_HEAD(onlookers);
static DEFINE_MUTEX(onlookers_lock);

static void take(struct onlooker *who, struct sk_buff *skb)
{
	struct sk_buff *old;

	spin_lock_bh(&who->lock);
	old = who->kept[who->n];
	who->kept[who->n] = skb;
	who->n = (who->n + 1) % KEPT;
	spin_unlock_bh(&who->lock);
	consume_skb(old);
}

static void look_keep(struct onlooker *who, struct sk_buff *skb)
{
	/* Whoever sent it shall not wait for it to be given back. */
	skb_orphan(skb);
	take(who, skb_get(skb));
}

static void look_clone(struct onlooker *who, struct sk_buff *skb)
{
	take(who, skb_clone(skb, GFP_ATOMIC));
}

/*
 * Makes the octets private. Those before us are done with the buffer and those behind us
 * have not got it: that they hold references does not count, as long as there is one
 * processor and nobody keeps the frames of this device.
 */
static int own(struct sk_buff *skb)
{
	unsigned int users = refcount_read(&skb->users);
	int err;

	/* No socket counts what it will be larger. */
	skb_orphan(skb);
	refcount_set(&skb->users, 1);
	err = skb_unclone(skb, GFP_ATOMIC);
	refcount_set(&skb->users, users);
	return err;
}

/* Moves the head to the end of its room, so that no octet can be added to it. */
static void fill_head(struct sk_buff *skb)
{
	unsigned int room = skb->end - skb->tail;
	unsigned char *from = skb_mac_header(skb);

	memmove(from + room, from, skb_tail_pointer(skb) - from);
	skb->data += room;
	skb->tail += room;
	skb_headers_offset_update(skb, room);
}

/* False if the frame is too short, or nothing can be done with it. */
static bool cut(struct sk_buff *skb, unsigned int octets)
{
	unsigned int linear = skb_tail_pointer(skb) - skb_mac_header(skb);
	struct skb_shared_info *shinfo;
	unsigned int len;
	struct page *page;

	if (linear <= octets || linear - octets > PAGE_SIZE ||
	    octets < skb->data - skb_mac_header(skb) || own(skb))
		return false;
	len = linear - octets;
	shinfo = skb_shinfo(skb);
	if (shinfo->nr_frags == MAX_SKB_FRAGS)
		return false;
	page = alloc_page(GFP_ATOMIC);
	if (!page)
		return false;
	memcpy(page_address(page), skb_tail_pointer(skb) - len, len);
	memmove(shinfo->frags + 1, shinfo->frags,
		shinfo->nr_frags * sizeof(*shinfo->frags));
	__skb_fill_page_desc(skb, 0, page, 0, len);
	shinfo->nr_frags++;
	skb->tail -= len;
	skb->data_len += len;
	skb->truesize += PAGE_SIZE;
	fill_head(skb);
	return true;
}

static void look_cut(struct onlooker *who, struct sk_buff *skb)
{
	cut(skb, who->octets);
}

static void look_list(struct onlooker *who, struct sk_buff *skb)
{
	unsigned int left = who->octets - (skb->data - skb_mac_header(skb));
	unsigned int len = skb->len - left;
	struct sk_buff *rest;

	if (skb->len <= left || skb_is_gso(skb) || skb_has_frag_list(skb) ||
	    own(skb))
		return;
	rest = alloc_skb(len, GFP_ATOMIC);
	if (!rest)
		return;
	if (skb_copy_bits(skb, left, skb_put(rest, len), len) ||
	    pskb_trim(skb, left)) {
		kfree_skb(rest);
		return;
	}
	skb_shinfo(skb)->frag_list = rest;
	skb->len += len;
	skb->data_len += len;
	skb->truesize += rest->truesize;
	fill_head(skb);
}

static void lent_complete(struct sk_buff *skb, struct ubuf_info *uarg,
			  bool success)
{
	refcount_dec(&uarg->refcnt);
}

static const struct ubuf_info_ops lent_ops = {
	.complete = lent_complete,
};

static struct ubuf_info lent;

static void look_lend(struct onlooker *who, struct sk_buff *skb)
{
	if (cut(skb, who->octets))
		skb_zcopy_set(skb, &lent, NULL);
}

static int look(struct sk_buff *skb, struct net_device *dev,
		struct packet_type *pt, struct net_device *orig_dev)
{
	struct onlooker *who = container_of(pt, struct onlooker, pt);

	who->look(who, skb);
	consume_skb(skb);
	return NET_RX_SUCCESS;
}

static const struct {
	const char *name;
	void (*look)(struct onlooker *who, struct sk_buff *skb);
} hows[] = {
	{ "keep", look_keep },
	{ "clone", look_clone },
	{ "cut", look_cut },
	{ "list", look_list },
	{ "lend", look_lend },
	{ "headroom", NULL },
};

static int add(const char *name, const char *ifname, unsigned int octets)
{
	struct onlooker *who;
	int i;

	for (i = 0; i < ARRAY_SIZE(hows); i++)
		if (!strcmp(hows[i].name, name))
			break;
	if (i == ARRAY_SIZE(hows))
		return -EINVAL;
	who = kzalloc(sizeof(*who), GFP_KERNEL);
	if (!who)
		return -ENOMEM;
	who->pt.dev = dev_get_by_name(current->nsproxy->net_ns, ifname);
	if (!who->pt.dev) {
		kfree(who);
		return -ENODEV;
	}
	spin_lock_init(&who->lock);
	who->octets = max_t(unsigned int, octets, ETH_HLEN);
	who->look = hows[i].look;
	list_add(&who->list, &onlookers);
	if (!who->look) {
		who->headroom = who->pt.dev->needed_headroom;
		WRITE_ONCE(who->pt.dev->needed_headroom, octets);
		return 0;
	}
	who->pt.type = htons(ETH_P_ALL);
	who->pt.func = look;
	who->pt.ignore_outgoing = who->look != look_clone;
	dev_add_pack(&who->pt);
	return 0;
}

static void off(struct onlooker *who)
{
	int i;

	if (who->look)
		dev_remove_pack(&who->pt);
	else
		WRITE_ONCE(who->pt.dev->needed_headroom, who->headroom);
	dev_put(who->pt.dev);
	for (i = 0; i < KEPT; i++)
		consume_skb(who->kept[i]);
	list_del(&who->list);
	kfree(who);
}

static void all_off(void)
{
	struct onlooker *who, *next;

	list_for_each_entry_safe(who, next, &onlookers, list)
		off(who);
}

static int do_set(const char *words, const struct kernel_param *kp)
{
	char name[16], ifname[IFNAMSIZ];
	unsigned int octets = 0;
	int n, err = 0;

	n = sscanf(words, "%15s %15s %u", name, ifname, &octets);
	mutex_lock(&onlookers_lock);
	if (n == 1 && !strcmp(name, "off"))
		all_off();
	else
		err = n < 2 ? -EINVAL : add(name, ifname, octets);
	mutex_unlock(&onlookers_lock);
	return err;
}

static const struct kernel_param_ops do_ops = {
	.set = do_set,
};

module_param_cb(do, &do_ops, NULL, 0200);

static int __init onlooker_init(void)
{
	compat_ubuf_init(&lent, &lent_ops);
	/* As virtual machines lend their pages: who keeps them copies them first. */
	lent.flags = SKBFL_ZEROCOPY_FRAG;
	return 0;
}

static void __exit onlooker_exit(void)
{
	all_off();
	while (refcount_read(&lent.refcnt) > 1)
		msleep(20);
	/* The last one may be on its way back from lent_complete(). */
	synchronize_rcu();
}

module_init(onlooker_init);
module_exit(onlooker_exit);
MODULE_DESCRIPTION("What NICs and taps may do to a frame, for tests");
MODULE_LICENSE("GPL");
