// SPDX-License-Identifier: GPL-2.0
/*
 * Which pages of memory the driver of a device is handed: for each frame of RRDP,
 * when the stack calls ndo_start_xmit(), a line in /proc/rrdp_frames:
 *
 *	DEVICE LINEAR LENGTH [FRAME+OFFSET:LENGTH]...
 *
 * the octets of the head, those of the whole, and page frame number, offset and
 * octets of each fragment, in hexadecimal but for the lengths.
 */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/skbuff.h>
#include <linux/tracepoint.h>
#include <uapi/linux/rrdp.h>

#define LINES		256
#define LINE_LEN	640

static char lines[LINES][LINE_LEN];
static unsigned int written;
static DEFINE_SPINLOCK(lines_lock);
static struct tracepoint *start_xmit;

static void note(void *data, const struct sk_buff *skb,
		 const struct net_device *dev)
{
	const struct skb_shared_info *shinfo = skb_shinfo(skb);
	unsigned long flags;
	char *line;
	int i, n;

	if (skb->protocol != htons(RRDP_ETHERTYPE_DEFAULT))
		return;
	spin_lock_irqsave(&lines_lock, flags);
	if (written < LINES) {
		line = lines[written++];
		n = scnprintf(line, LINE_LEN, "%s %u %u", dev->name,
			      skb_headlen(skb), skb->len);
		for (i = 0; i < shinfo->nr_frags; i++) {
			const skb_frag_t *frag = &shinfo->frags[i];
			unsigned int off = skb_frag_off(frag);

			n += scnprintf(line + n, LINE_LEN - n, " %lx+%lx:%u",
				       page_to_pfn(skb_frag_page(frag)) +
				       (off >> PAGE_SHIFT),
				       off & ~PAGE_MASK, skb_frag_size(frag));
		}
	}
	spin_unlock_irqrestore(&lines_lock, flags);
}

static int show(struct seq_file *m, void *v)
{
	unsigned int i;

	for (i = 0; i < READ_ONCE(written); i++)
		seq_printf(m, "%s\n", lines[i]);
	return 0;
}

/* The tracepoint is not exported by name. */
static void find(struct tracepoint *tp, void *priv)
{
	if (!strcmp(tp->name, "net_dev_start_xmit"))
		start_xmit = tp;
}

static int __init rrdp_frames_probe_init(void)
{
	int err;

	for_each_kernel_tracepoint(find, NULL);
	if (!start_xmit)
		return -ENOENT;
	if (!proc_create_single("rrdp_frames", 0400, NULL, show))
		return -ENOMEM;
	err = tracepoint_probe_register(start_xmit, note, NULL);
	if (err)
		remove_proc_entry("rrdp_frames", NULL);
	return err;
}
module_init(rrdp_frames_probe_init);

static void __exit rrdp_frames_probe_exit(void)
{
	tracepoint_probe_unregister(start_xmit, note, NULL);
	tracepoint_synchronize_unregister();
	remove_proc_entry("rrdp_frames", NULL);
}
module_exit(rrdp_frames_probe_exit);

MODULE_DESCRIPTION("Test of RRDP: the pages that drivers are handed");
MODULE_LICENSE("GPL");
