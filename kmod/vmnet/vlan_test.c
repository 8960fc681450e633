// SPDX-License-Identifier: GPL-2.0
/* KUnit: VLANs of a port, and the tags of frames. */
#include <kunit/test.h>
#include <linux/etherdevice.h>

#include "vlan.h"

#define VID_PVID	10
#define VID_TAGGED	20
#define VID_OTHER	30

struct vlan_test {
	struct vmnet_vlans vlans;
	struct vmnet_dest dest;
};

static int vlan_test_init(struct kunit *test)
{
	struct vlan_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	t->vlans.pvid = VID_PVID;
	__set_bit(VID_PVID, t->vlans.member);
	__set_bit(VID_PVID, t->vlans.untagged);
	__set_bit(VID_TAGGED, t->vlans.member);
	RCU_INIT_POINTER(t->dest.vlans, &t->vlans);
	test->priv = t;
	return 0;
}

static void vlan_test_classify(struct kunit *test)
{
	struct vlan_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, vmnet_vlans_classify(&t->vlans, 0), VID_PVID);
	KUNIT_EXPECT_EQ(test, vmnet_vlans_classify(&t->vlans, VID_PVID),
			VID_PVID);
	KUNIT_EXPECT_EQ(test, vmnet_vlans_classify(&t->vlans, VID_TAGGED),
			VID_TAGGED);
	KUNIT_EXPECT_EQ(test, vmnet_vlans_classify(&t->vlans, VID_OTHER), 0);
	KUNIT_EXPECT_EQ(test, vmnet_vlans_classify(&t->vlans, VLAN_VID_MASK), 0);
	t->vlans.pvid = 0;
	KUNIT_EXPECT_EQ(test, vmnet_vlans_classify(&t->vlans, 0), 0);
}

static void vlan_test_carries(struct kunit *test)
{
	struct vlan_test *t = test->priv;
	struct vmnet_dest all = { .kind = VMNET_DEST_PEER };

	rcu_read_lock();
	KUNIT_EXPECT_TRUE(test, vmnet_vlan_carries(&t->dest, VID_TAGGED));
	KUNIT_EXPECT_FALSE(test, vmnet_vlan_carries(&t->dest, VID_OTHER));
	KUNIT_EXPECT_FALSE(test, vmnet_vlan_carries(&t->dest, 0));
	KUNIT_EXPECT_FALSE(test, vmnet_vlan_carries(&t->dest, VLAN_VID_MASK));
	KUNIT_EXPECT_TRUE(test, vmnet_vlan_carries(&all, VID_OTHER));
	KUNIT_EXPECT_TRUE(test, vmnet_vlan_carries(&all, 0));
	rcu_read_unlock();
}

static void vlan_test_check(struct kunit *test)
{
	struct vlan_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, vmnet_vlans_check(&t->vlans, NULL), 0);
	__set_bit(VID_OTHER, t->vlans.untagged);
	KUNIT_EXPECT_EQ(test, vmnet_vlans_check(&t->vlans, NULL), -EINVAL);
	__clear_bit(VID_OTHER, t->vlans.untagged);
	t->vlans.pvid = VID_OTHER;
	KUNIT_EXPECT_EQ(test, vmnet_vlans_check(&t->vlans, NULL), -EINVAL);
	t->vlans.pvid = 0;
	KUNIT_EXPECT_EQ(test, vmnet_vlans_check(&t->vlans, NULL), 0);
	__set_bit(0, t->vlans.member);
	KUNIT_EXPECT_EQ(test, vmnet_vlans_check(&t->vlans, NULL), -EINVAL);
	__clear_bit(0, t->vlans.member);
	__set_bit(VLAN_VID_MASK, t->vlans.member);
	KUNIT_EXPECT_EQ(test, vmnet_vlans_check(&t->vlans, NULL), -EINVAL);
}

/* A frame with those 16-bit words behind its addresses. */
static struct sk_buff *vlan_test_frame(struct kunit *test, const u16 *words,
				       unsigned int n)
{
	struct sk_buff *skb = alloc_skb(256, GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, skb);
	skb_reserve(skb, 64);
	skb_put_zero(skb, 2 * ETH_ALEN);
	for (i = 0; i < n; i++)
		put_unaligned_be16(words[i], skb_put(skb, 2));
	skb_put_zero(skb, 46);
	skb_reset_mac_header(skb);
	skb_set_network_header(skb, ETH_HLEN);
	skb->protocol = htons(words[0]);
	return skb;
}

static u16 vlan_test_word(const struct sk_buff *skb, unsigned int i)
{
	return get_unaligned_be16(skb->data + 2 * ETH_ALEN + 2 * i);
}

/* Without a tag, and with one for the priority only, which is kept. */
static void vlan_test_untagged(struct kunit *test)
{
	static const u16 words[] = { ETH_P_IP };
	struct vlan_test *t = test->priv;
	struct sk_buff *skb;

	skb = vlan_test_frame(test, words, ARRAY_SIZE(words));
	KUNIT_EXPECT_EQ(test, vmnet_vlan_ingress(&t->vlans, &skb), 0);
	KUNIT_EXPECT_EQ(test, skb_vlan_tag_get(skb), VID_PVID);
	kfree_skb(skb);

	skb = vlan_test_frame(test, words, ARRAY_SIZE(words));
	__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021Q), 5 << VLAN_PRIO_SHIFT);
	KUNIT_EXPECT_EQ(test, vmnet_vlan_ingress(&t->vlans, &skb), 0);
	KUNIT_EXPECT_EQ(test, skb_vlan_tag_get(skb),
			5 << VLAN_PRIO_SHIFT | VID_PVID);
	KUNIT_EXPECT_EQ(test, vmnet_vlan_tag(skb), VID_PVID);
	rcu_read_lock();
	vmnet_vlan_egress(&t->dest, skb);
	rcu_read_unlock();
	KUNIT_EXPECT_FALSE(test, skb_vlan_tag_present(skb));

	t->vlans.pvid = 0;
	KUNIT_EXPECT_EQ(test, vmnet_vlan_ingress(&t->vlans, &skb), -EPERM);
	kfree_skb(skb);
}

/* With its tag beside it, and in it. */
static void vlan_test_tagged(struct kunit *test)
{
	static const u16 words[] = { ETH_P_8021Q, 3 << 13 | VID_TAGGED, ETH_P_IP };
	struct vlan_test *t = test->priv;
	struct sk_buff *skb;

	skb = vlan_test_frame(test, words, ARRAY_SIZE(words));
	KUNIT_EXPECT_EQ(test, vmnet_vlan_ingress(&t->vlans, &skb), 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, skb);
	KUNIT_EXPECT_EQ(test, skb_vlan_tag_get(skb), words[1]);
	KUNIT_EXPECT_EQ(test, skb->protocol, htons(ETH_P_IP));
	KUNIT_EXPECT_EQ(test, vlan_test_word(skb, 0), ETH_P_IP);
	KUNIT_EXPECT_PTR_EQ(test, skb_mac_header(skb), skb->data);
	rcu_read_lock();
	vmnet_vlan_egress(&t->dest, skb);
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, vmnet_vlan_tag(skb), VID_TAGGED);

	__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021Q), VID_OTHER);
	KUNIT_EXPECT_EQ(test, vmnet_vlan_ingress(&t->vlans, &skb), -EPERM);
	kfree_skb(skb);
}

/* A tag inside the frame that ends with it. */
static void vlan_test_cut(struct kunit *test)
{
	static const u16 words[] = { ETH_P_8021Q };
	struct vlan_test *t = test->priv;
	struct sk_buff *skb;

	skb = vlan_test_frame(test, words, ARRAY_SIZE(words));
	skb_trim(skb, ETH_HLEN + 1);
	KUNIT_EXPECT_EQ(test, vmnet_vlan_ingress(&t->vlans, &skb), -ENOMEM);
	KUNIT_EXPECT_NULL(test, skb);
}

/* Tags of others are payload, whichever side of the frame they come on. */
static void vlan_test_stacked(struct kunit *test)
{
	static const u16 words[] = { ETH_P_8021Q, VID_TAGGED,
				     ETH_P_8021Q, VID_OTHER, ETH_P_IP };
	static const u16 ip[] = { ETH_P_IP };
	struct vlan_test *t = test->priv;
	struct sk_buff *skb;

	skb = vlan_test_frame(test, words, ARRAY_SIZE(words));
	KUNIT_EXPECT_EQ(test, vmnet_vlan_ingress(&t->vlans, &skb), 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, skb);
	KUNIT_EXPECT_EQ(test, vmnet_vlan_tag(skb), VID_TAGGED);
	KUNIT_EXPECT_EQ(test, vlan_test_word(skb, 0), ETH_P_8021Q);
	KUNIT_EXPECT_EQ(test, vlan_test_word(skb, 1), VID_OTHER);
	kfree_skb(skb);

	skb = vlan_test_frame(test, ip, ARRAY_SIZE(ip));
	__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021AD), VID_OTHER);
	KUNIT_EXPECT_EQ(test, vmnet_vlan_ingress(&t->vlans, &skb), 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, skb);
	KUNIT_EXPECT_EQ(test, vmnet_vlan_tag(skb), VID_PVID);
	KUNIT_EXPECT_EQ(test, skb->protocol, htons(ETH_P_8021AD));
	KUNIT_EXPECT_EQ(test, vlan_test_word(skb, 0), ETH_P_8021AD);
	KUNIT_EXPECT_EQ(test, vlan_test_word(skb, 1), VID_OTHER);
	KUNIT_EXPECT_EQ(test, vlan_test_word(skb, 2), ETH_P_IP);
	kfree_skb(skb);
}

static struct kunit_case vlan_test_cases[] = {
	KUNIT_CASE(vlan_test_classify),
	KUNIT_CASE(vlan_test_carries),
	KUNIT_CASE(vlan_test_check),
	KUNIT_CASE(vlan_test_untagged),
	KUNIT_CASE(vlan_test_tagged),
	KUNIT_CASE(vlan_test_cut),
	KUNIT_CASE(vlan_test_stacked),
	{}
};

static struct kunit_suite vlan_test_suite = {
	.name = "vmnet_vlan",
	.init = vlan_test_init,
	.test_cases = vlan_test_cases,
};

kunit_test_suite(vlan_test_suite);
