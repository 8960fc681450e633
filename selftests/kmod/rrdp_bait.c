// SPDX-License-Identifier: GPL-2.0
/*
 * What checkers have to find, lest their silence mean nothing: while this module is
 * there, a processor reads what another one writes, neither of them saying so, and it
 * has lost some memory once it is gone.
 */
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>

static unsigned long written;
static struct task_struct *writer, *reader;

/* Not inline: a loop that the compiler sees whole needs neither to read nor to write. */
static noinline void bait_write(void)
{
	written += 2;
}

static noinline void bait_read(void)
{
	unsigned long now = written;

	barrier_data(&now);
}

static int bait_run(void *access)
{
	void (*step)(void) = access;

	while (!kthread_should_stop()) {
		step();
		cond_resched();
	}
	return 0;
}

static int __init bait_init(void)
{
	void *lost = kmalloc(100, GFP_KERNEL);

	barrier_data(lost);
	writer = kthread_run_on_cpu(bait_run, bait_write, 0, "bait%u");
	if (IS_ERR(writer))
		return PTR_ERR(writer);
	reader = kthread_run_on_cpu(bait_run, bait_read, num_online_cpus() - 1, "bait%u");
	if (IS_ERR(reader)) {
		kthread_stop(writer);
		return PTR_ERR(reader);
	}
	return 0;
}

static void __exit bait_exit(void)
{
	kthread_stop(reader);
	kthread_stop(writer);
}

module_init(bait_init);
module_exit(bait_exit);

MODULE_DESCRIPTION("A data race and a leak, for checkers to find");
MODULE_LICENSE("GPL");
