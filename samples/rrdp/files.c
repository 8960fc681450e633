// SPDX-License-Identifier: GPL-2.0
/*
 * Files in debugfs, in a directory with the name of the module, by which the
 * services are tried out. The caller is whoever reads or writes.
 *
 *	interrupt	write "VCPU VECTOR": the other host's vCPU is interrupted
 *	interrupts	those that have come: a line "VCPU VECTOR COUNT" for each
 *	io		the other host's registers: the position is the address, what
 *			is read or written at once is one access of 1 to 8 octets
 *	page		the other host's memory, a page at a time
 *	memory		this host's memory, which the other one fetches from
 *	measure		write "io COUNT" or "page COUNT", read nanoseconds of a call
 *	stats		counters
 */
#include <linux/completion.h>
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#include "dvmm.h"

static struct dentry *dir;

/* ---- interrupts ---- */

static ssize_t interrupt_write(struct file *file, const char __user *from,
			       size_t len, loff_t *pos)
{
	unsigned int vcpu, vector;
	char text[32] = {};
	int err;

	if (len >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, from, len))
		return -EFAULT;
	if (sscanf(text, "%u %u", &vcpu, &vector) != 2 || vcpu >= DVMM_VCPUS ||
	    vector >= DVMM_VECTORS)
		return -EINVAL;
	err = dvmm_connect() ?: dvmm_interrupt(vcpu, vector);
	return err ?: len;
}

static const struct file_operations interrupt_fops = {
	.owner = THIS_MODULE,
	.write = interrupt_write,
};

static int interrupts_show(struct seq_file *m, void *v)
{
	unsigned int vcpu, vector;
	unsigned long n;

	for (vcpu = 0; vcpu < DVMM_VCPUS; vcpu++) {
		for (vector = 0; vector < DVMM_VECTORS; vector++) {
			n = dvmm_interrupts(vcpu, vector);
			if (n)
				seq_printf(m, "%u %u %lu\n", vcpu, vector, n);
		}
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(interrupts);

/* ---- registers ---- */

/* Whether it is a size that registers have is for the other host to say. */
static bool io_fits(size_t len)
{
	return len && len <= sizeof(__le64);
}

static ssize_t io_read(struct file *file, char __user *to, size_t len,
		       loff_t *pos)
{
	struct dvmm_call call = {
		.op = DVMM_OP_READ,
		.size = len,
		.addr = *pos,
	};
	__le64 octets;
	int err;

	if (!io_fits(len))
		return -EINVAL;
	err = dvmm_wait(&call);
	if (err)
		return err;
	octets = cpu_to_le64(call.value);
	if (copy_to_user(to, &octets, len))
		return -EFAULT;
	*pos += len;
	return len;
}

static ssize_t io_write(struct file *file, const char __user *from, size_t len,
			loff_t *pos)
{
	struct dvmm_call call = {
		.op = DVMM_OP_WRITE,
		.size = len,
		.addr = *pos,
	};
	__le64 octets = 0;
	int err;

	if (!io_fits(len))
		return -EINVAL;
	if (copy_from_user(&octets, from, len))
		return -EFAULT;
	call.value = le64_to_cpu(octets);
	err = dvmm_wait(&call);
	if (err)
		return err;
	*pos += len;
	return len;
}

static const struct file_operations io_fops = {
	.owner = THIS_MODULE,
	.read = io_read,
	.write = io_write,
	.llseek = default_llseek,
};

/* ---- pages ---- */

/* The rest of the page at *@pos, @len octets at most. */
static size_t rest_of_page(loff_t pos, size_t len)
{
	return min_t(size_t, len, DVMM_PAGE_SIZE - pos % DVMM_PAGE_SIZE);
}

static ssize_t page_read(struct file *file, char __user *to, size_t len,
			 loff_t *pos)
{
	struct dvmm_call call = {
		.op = DVMM_OP_PAGE,
		.addr = *pos / DVMM_PAGE_SIZE,
		.page = alloc_page(GFP_KERNEL),
	};
	ssize_t done;

	if (!call.page)
		return -ENOMEM;
	len = rest_of_page(*pos, len);
	done = dvmm_wait(&call);
	if (!done && copy_to_user(to, page_address(call.page) +
				      *pos % DVMM_PAGE_SIZE, len))
		done = -EFAULT;
	put_page(call.page);
	if (done)
		return done;
	*pos += len;
	return len;
}

static const struct file_operations page_fops = {
	.owner = THIS_MODULE,
	.read = page_read,
	.llseek = default_llseek,
};

static ssize_t memory_read(struct file *file, char __user *to, size_t len,
			   loff_t *pos)
{
	struct page *page = dvmm_page(*pos / DVMM_PAGE_SIZE);

	if (!page)
		return 0;
	len = rest_of_page(*pos, len);
	if (copy_to_user(to, page_address(page) + *pos % DVMM_PAGE_SIZE, len))
		return -EFAULT;
	*pos += len;
	return len;
}

static ssize_t memory_write(struct file *file, const char __user *from,
			    size_t len, loff_t *pos)
{
	struct page *page = dvmm_page(*pos / DVMM_PAGE_SIZE);

	if (!page)
		return -ENOSPC;
	len = rest_of_page(*pos, len);
	if (copy_from_user(page_address(page) + *pos % DVMM_PAGE_SIZE, from,
			   len))
		return -EFAULT;
	*pos += len;
	return len;
}

static const struct file_operations memory_fops = {
	.owner = THIS_MODULE,
	.read = memory_read,
	.write = memory_write,
	.llseek = default_llseek,
};

/* ---- time ---- */

/* One at a time, and its result. */
static DEFINE_MUTEX(measure_mutex);
static u64 measured;

/**
 * struct series - calls, each of which begins where the last one ends
 * @call: all of them
 * @left: how many are to come
 * @stop: no more of them
 * @err: how the last one ended
 * @done: all have
 */
struct series {
	struct dvmm_call call;
	unsigned int left;
	bool stop;
	int err;
	struct completion done;
};

/* From one reply to the next request nobody is woken. */
static void next_call(struct dvmm_call *call, int err)
{
	struct series *s = container_of(call, struct series, call);

	if (!err && --s->left && !READ_ONCE(s->stop)) {
		err = dvmm_submit(call);
		if (!err)
			return;
	}
	s->err = err;
	complete(&s->done);
}

/* Who is killed may meet a call before or after it was submitted once more. */
static int wait_series(struct series *s)
{
	if (!wait_for_completion_killable(&s->done))
		return s->err;
	WRITE_ONCE(s->stop, true);
	while (!dvmm_cancel(&s->call) && !wait_for_completion_timeout(&s->done, 1))
		;
	return -EINTR;
}

static int measure(struct series *s, unsigned int count)
{
	u64 start;
	int err = dvmm_connect();

	if (err)
		return err;
	init_completion(&s->done);
	s->left = count;
	s->call.done = next_call;
	start = ktime_get_ns();
	err = dvmm_submit(&s->call) ?: wait_series(s);
	if (!err)
		measured = div_u64(ktime_get_ns() - start, count);
	return err;
}

static ssize_t measure_write(struct file *file, const char __user *from,
			     size_t len, loff_t *pos)
{
	struct series s = { .call = { .size = 8 } };
	char text[32] = {}, what[8];
	unsigned int count;
	int err;

	if (len >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, from, len))
		return -EFAULT;
	if (sscanf(text, "%7s %u", what, &count) != 2 || !count)
		return -EINVAL;
	if (!strcmp(what, "io"))
		s.call.op = DVMM_OP_READ;
	else if (!strcmp(what, "page"))
		s.call.op = DVMM_OP_PAGE;
	else
		return -EINVAL;
	s.call.page = alloc_page(GFP_KERNEL);
	if (!s.call.page)
		return -ENOMEM;
	mutex_lock(&measure_mutex);
	err = measure(&s, count);
	mutex_unlock(&measure_mutex);
	put_page(s.call.page);
	return err ?: len;
}

static int measure_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%llu\n", measured);
	return 0;
}

static int measure_open(struct inode *inode, struct file *file)
{
	return single_open(file, measure_show, NULL);
}

static const struct file_operations measure_fops = {
	.owner = THIS_MODULE,
	.open = measure_open,
	.read = seq_read,
	.write = measure_write,
	.llseek = seq_lseek,
	.release = single_release,
};

/* ---- counters ---- */

static const char *const stat_names[DVMM_STATS] = {
	[DVMM_STAT_INTERRUPTS_SENT]	= "interrupts_sent",
	[DVMM_STAT_INTERRUPTS]		= "interrupts",
	[DVMM_STAT_CALLS]		= "calls",
	[DVMM_STAT_FAILED]		= "failed",
	[DVMM_STAT_SERVED]		= "served",
	[DVMM_STAT_REFUSED]		= "refused",
	[DVMM_STAT_MALFORMED]		= "malformed",
	[DVMM_STAT_UNKNOWN_ID]		= "unknown_id",
	[DVMM_STAT_UNSENT]		= "unsent",
};

static int stats_show(struct seq_file *m, void *v)
{
	unsigned int i;

	for (i = 0; i < DVMM_STATS; i++)
		seq_printf(m, "%s %lu\n", stat_names[i],
			   atomic_long_read(&dvmm_stats[i]));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

/* ---- begin and end ---- */

/* Without debugfs there is nobody to call, which is no error: it still serves. */
void dvmm_files_init(void)
{
	dir = debugfs_create_dir(KBUILD_MODNAME, NULL);
	debugfs_create_file("interrupt", 0200, dir, NULL, &interrupt_fops);
	debugfs_create_file("interrupts", 0400, dir, NULL, &interrupts_fops);
	debugfs_create_file("io", 0600, dir, NULL, &io_fops);
	debugfs_create_file("page", 0400, dir, NULL, &page_fops);
	debugfs_create_file("memory", 0600, dir, NULL, &memory_fops);
	debugfs_create_file("measure", 0600, dir, NULL, &measure_fops);
	debugfs_create_file("stats", 0400, dir, NULL, &stats_fops);
}

/* An open file holds the module, so that there is no caller here any more. */
void dvmm_files_exit(void)
{
	debugfs_remove(dir);
}
