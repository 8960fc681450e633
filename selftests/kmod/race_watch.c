// SPDX-License-Identifier: GPL-2.0
/*
 * Data races of modules that were built with RACES=y, on a kernel without KCSAN.
 *
 * gcc -fsanitize=thread calls the functions below before each access to memory. As
 * KCSAN does, now and then a plain read is held up: if its word has another value
 * after a while, somebody writes it at the same time, and the compiler may make of
 * the read what it likes. Whoever writes meanwhile leaves a trace of itself; there is
 * none of code that is built otherwise, which is all of the kernel's own.
 *
 * As with KCSAN's defaults, plain aligned writes up to a word are taken as atomic, and
 * nothing is said of writes that do not change the value. What READ_ONCE() and atomics
 * read is expected to change.
 */
#include <linux/delay.h>
#include <linux/hash.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/stacktrace.h>
#include <linux/uaccess.h>

#include "race_watch.h"

enum {
	RACE_SLOT_BITS	= 6,
	RACE_WORD	= 8,
	RACE_DEPTH	= 24,
	RACE_KNOWN	= 64,
	RACE_TRIAL	= 30,	/* seconds */
};

static unsigned int skip = 300;
module_param(skip, uint, 0644);
MODULE_PARM_DESC(skip, "Of how many reads on a processor one is held up, about");

static unsigned int delay_task = 300;
module_param(delay_task, uint, 0644);
MODULE_PARM_DESC(delay_task, "Microseconds that a read is held up in a process, at most");

static unsigned int delay_irq = 60;
module_param(delay_irq, uint, 0644);
MODULE_PARM_DESC(delay_irq, "The same in interrupts and softirqs");

/**
 * struct race_trace - who has made an access
 * @depth: valid entries of @stack, 0 if it is not known
 * @size: octets
 * @cpu: processor
 * @pid: process, or the one that was interrupted
 * @stack: where it was made, innermost first
 */
struct race_trace {
	unsigned int depth;
	unsigned int size;
	int cpu;
	pid_t pid;
	unsigned long stack[RACE_DEPTH];
};

/**
 * struct race - a read, and a write at the same time
 * @reader: who has read
 * @writer: who has written
 * @before: what was there
 * @after: what was there a while later
 */
struct race {
	struct race_trace reader;
	struct race_trace writer;
	u64 before;
	u64 after;
};

/**
 * struct race_watch - a read that is held up
 * @lock: all that follows, but @addr may be read without
 * @addr: of its first octet, 0 if nobody uses this watch
 * @size: octets, all of the same word
 * @writer: the first who wrote there since
 */
struct race_watch {
	raw_spinlock_t lock;
	unsigned long addr;
	unsigned int size;
	struct race_trace writer;
};

static struct race_watch race_watches[1 << RACE_SLOT_BITS];

/* Reads until the next that is held up, and where the random numbers are. */
static DEFINE_PER_CPU(int, race_countdown);
static DEFINE_PER_CPU(u32, race_seed);
/* Depth of what is not to be looked at, and how many accesses to come are not. */
static DEFINE_PER_CPU(int, race_off);
static DEFINE_PER_CPU(int, race_pass);

static DEFINE_RAW_SPINLOCK(race_report_lock);
static unsigned long race_known[RACE_KNOWN];
static unsigned int race_reports;

/* Good enough, and of no effect on who else wants some. */
static u32 race_random(u32 below)
{
	u32 seed = this_cpu_read(race_seed) * 1664525 + 1013904223;

	this_cpu_write(race_seed, seed);
	return ((u64)seed * below) >> 32;
}

static __always_inline struct race_watch *race_watch_of(unsigned long addr)
{
	return &race_watches[hash_long(addr / RACE_WORD, RACE_SLOT_BITS)];
}

static u64 race_value(unsigned long addr, unsigned int size)
{
	switch (size) {
	case 1: return READ_ONCE(*(u8 *)addr);
	case 2: return READ_ONCE(*(u16 *)addr);
	case 4: return READ_ONCE(*(u32 *)addr);
	default: return READ_ONCE(*(u64 *)addr);
	}
}

/* From whoever called the function that the compiler calls. */
static void race_trace_take(struct race_trace *trace, unsigned int size)
{
	unsigned int own = 0;

	trace->size = size;
	trace->cpu = raw_smp_processor_id();
	trace->pid = current->pid;
	trace->depth = stack_trace_save(trace->stack, RACE_DEPTH, 0);
	while (own < trace->depth && within_module(trace->stack[own], THIS_MODULE))
		own++;
	trace->depth -= own;
	memmove(trace->stack, trace->stack + own, trace->depth * sizeof(*trace->stack));
}

/* Once for each place of a read and of what it races with. */
static bool race_is_new(const struct race *race)
{
	unsigned long key = hash_long(race->reader.stack[0], BITS_PER_LONG) ^
			    (race->writer.depth ? race->writer.stack[0] : 0);
	unsigned int i;

	for (i = 0; i < race_reports; i++)
		if (race_known[i] == key)
			return false;
	if (race_reports == RACE_KNOWN)
		return false;
	race_known[race_reports++] = key;
	return true;
}

static void race_report(const struct race *race)
{
	const struct race_trace *reader = &race->reader, *writer = &race->writer;
	unsigned long flags;

	raw_spin_lock_irqsave(&race_report_lock, flags);
	if (!race_is_new(race))
		goto unlock;
	pr_err("BUG: data race: %u octets change from %#llx to %#llx under a plain read\n",
	       reader->size, race->before, race->after);
	pr_err("read on cpu %d by task %d:\n", reader->cpu, reader->pid);
	stack_trace_print(reader->stack, reader->depth, 1);
	if (writer->depth) {
		pr_err("%u octets written on cpu %d by task %d:\n",
		       writer->size, writer->cpu, writer->pid);
		stack_trace_print(writer->stack, writer->depth, 1);
	} else {
		pr_err("written by code that is not watched\n");
	}
	pr_err("end of the data race\n");
unlock:
	raw_spin_unlock_irqrestore(&race_report_lock, flags);
}

static bool race_watch_begin(struct race_watch *watch, unsigned long addr,
			     unsigned int size)
{
	unsigned long flags;
	bool mine;

	raw_spin_lock_irqsave(&watch->lock, flags);
	mine = !watch->addr;
	if (mine) {
		watch->size = size;
		watch->writer.depth = 0;
		WRITE_ONCE(watch->addr, addr);
	}
	raw_spin_unlock_irqrestore(&watch->lock, flags);
	return mine;
}

static void race_watch_end(struct race_watch *watch, struct race_trace *writer)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&watch->lock, flags);
	*writer = watch->writer;
	WRITE_ONCE(watch->addr, 0);
	raw_spin_unlock_irqrestore(&watch->lock, flags);
}

/* Holds up a read of octets of one word. Returns whether they changed. */
static bool race_hold_up(unsigned long addr, unsigned int size, struct race *race)
{
	struct race_watch *watch = race_watch_of(addr);

	if (!race_watch_begin(watch, addr, size))
		return false;
	race->before = race_value(addr, size);
	udelay(1 + race_random(in_task() ? delay_task : delay_irq));
	race->after = race_value(addr, size);
	race_watch_end(watch, &race->writer);
	return race->before != race->after;
}

static noinline void race_look(unsigned long addr, unsigned int size)
{
	struct race race;

	if (!race_hold_up(addr, size, &race))
		return;
	race_trace_take(&race.reader, size);
	race_report(&race);
}

/* Is this access not to be looked at? */
static bool race_passes(void)
{
	if (this_cpu_read(race_off) > 0)
		return true;
	if (likely(this_cpu_read(race_pass) <= 0))
		return false;
	this_cpu_dec(race_pass);
	return true;
}

/* Of what is larger than a word, one of the words in it, or 0. */
static unsigned long race_some_word(unsigned long addr, size_t size)
{
	unsigned long first = round_up(addr, RACE_WORD);
	unsigned long end = round_down(addr + size, RACE_WORD);

	return first < end ? first + RACE_WORD * race_random((end - first) / RACE_WORD) : 0;
}

static noinline void race_read_once(unsigned long addr, size_t size)
{
	if (race_passes())
		return;
	this_cpu_write(race_countdown, 1 + race_random(2 * skip));
	if (size > RACE_WORD) {
		addr = race_some_word(addr, size);
		size = RACE_WORD;
	}
	if (addr && is_power_of_2(size) && addr % RACE_WORD + size <= RACE_WORD)
		race_look(addr, size);
}

static __always_inline void race_read(unsigned long addr, size_t size)
{
	unsigned long access;

	/* Before init has run nobody calls, and so the count begins at 0. */
	if (likely(this_cpu_dec_return(race_countdown) > 0))
		return;
	access = user_access_save();
	race_read_once(addr, size);
	user_access_restore(access);
}

static void race_met(struct race_watch *watch, unsigned long addr, size_t size)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&watch->lock, flags);
	if (watch->addr && watch->addr < addr + size &&
	    addr < watch->addr + watch->size && !watch->writer.depth)
		race_trace_take(&watch->writer, size);
	raw_spin_unlock_irqrestore(&watch->lock, flags);
}

static noinline void race_written(unsigned long addr, size_t size)
{
	unsigned long word = round_down(addr, RACE_WORD);

	if (race_passes())
		return;
	for (; word < addr + size; word += RACE_WORD)
		if (READ_ONCE(race_watch_of(word)->addr))
			race_met(race_watch_of(word), addr, size);
}

static __always_inline void race_write(unsigned long addr, size_t size)
{
	unsigned long access;

	if (likely(size <= 2 * RACE_WORD && !READ_ONCE(race_watch_of(addr)->addr) &&
		   !READ_ONCE(race_watch_of(addr + size - 1)->addr)))
		return;
	access = user_access_save();
	race_written(addr, size);
	user_access_restore(access);
}

/* What gcc calls, which has no header. */
#define RACE_HOOK(name, args, body)					\
	void name args;							\
	void name args { body; }					\
	EXPORT_SYMBOL_GPL(name)

#define RACE_READ(name, size)						\
	RACE_HOOK(name, (unsigned long addr), race_read(addr, size))
#define RACE_WRITE(name, size)						\
	RACE_HOOK(name, (unsigned long addr), race_write(addr, size))
#define RACE_NOTHING(name)						\
	RACE_HOOK(name, (unsigned long addr), (void)addr)

RACE_READ(__tsan_read1, 1);
RACE_READ(__tsan_read2, 2);
RACE_READ(__tsan_read4, 4);
RACE_READ(__tsan_read8, 8);
RACE_READ(__tsan_read16, 16);
RACE_WRITE(__tsan_write1, 1);
RACE_WRITE(__tsan_write2, 2);
RACE_WRITE(__tsan_write4, 4);
RACE_WRITE(__tsan_write8, 8);
RACE_WRITE(__tsan_write16, 16);
RACE_READ(__tsan_unaligned_read2, 2);
RACE_READ(__tsan_unaligned_read4, 4);
RACE_READ(__tsan_unaligned_read8, 8);
RACE_READ(__tsan_unaligned_read16, 16);
RACE_WRITE(__tsan_unaligned_write2, 2);
RACE_WRITE(__tsan_unaligned_write4, 4);
RACE_WRITE(__tsan_unaligned_write8, 8);
RACE_WRITE(__tsan_unaligned_write16, 16);
RACE_NOTHING(__tsan_volatile_read1);
RACE_NOTHING(__tsan_volatile_read2);
RACE_NOTHING(__tsan_volatile_read4);
RACE_NOTHING(__tsan_volatile_read8);
RACE_NOTHING(__tsan_volatile_read16);
RACE_WRITE(__tsan_volatile_write1, 1);
RACE_WRITE(__tsan_volatile_write2, 2);
RACE_WRITE(__tsan_volatile_write4, 4);
RACE_WRITE(__tsan_volatile_write8, 8);
RACE_WRITE(__tsan_volatile_write16, 16);
RACE_READ(__tsan_unaligned_volatile_read2, 2);
RACE_READ(__tsan_unaligned_volatile_read4, 4);
RACE_READ(__tsan_unaligned_volatile_read8, 8);
RACE_READ(__tsan_unaligned_volatile_read16, 16);
RACE_WRITE(__tsan_unaligned_volatile_write2, 2);
RACE_WRITE(__tsan_unaligned_volatile_write4, 4);
RACE_WRITE(__tsan_unaligned_volatile_write8, 8);
RACE_WRITE(__tsan_unaligned_volatile_write16, 16);
RACE_HOOK(__tsan_read_range, (unsigned long addr, size_t size), race_read(addr, size));
RACE_HOOK(__tsan_write_range, (unsigned long addr, size_t size), race_write(addr, size));
RACE_HOOK(__tsan_init, (void), barrier());

/* What the kernel's headers call. */

void __kcsan_check_access(const volatile void *ptr, size_t size, int type)
{
	if (type & KCSAN_ACCESS_ASSERT)
		return;
	if (type & KCSAN_ACCESS_WRITE)
		race_write((unsigned long)ptr, size);
	else if (!(type & KCSAN_ACCESS_ATOMIC))
		race_read((unsigned long)ptr, size);
}
EXPORT_SYMBOL_GPL(__kcsan_check_access);

void kcsan_disable_current(void)
{
	this_cpu_inc(race_off);
}
EXPORT_SYMBOL_GPL(kcsan_disable_current);

/* Whoever was moved to another processor has to find nothing out of order there. */
void kcsan_enable_current_nowarn(void)
{
	if (this_cpu_read(race_off) > 0)
		this_cpu_dec(race_off);
}
EXPORT_SYMBOL_GPL(kcsan_enable_current_nowarn);

void kcsan_nestable_atomic_begin(void)
{
	kcsan_disable_current();
}
EXPORT_SYMBOL_GPL(kcsan_nestable_atomic_begin);

void kcsan_nestable_atomic_end(void)
{
	kcsan_enable_current_nowarn();
}
EXPORT_SYMBOL_GPL(kcsan_nestable_atomic_end);

void kcsan_flat_atomic_begin(void)
{
	kcsan_disable_current();
}
EXPORT_SYMBOL_GPL(kcsan_flat_atomic_begin);

void kcsan_flat_atomic_end(void)
{
	kcsan_enable_current_nowarn();
}
EXPORT_SYMBOL_GPL(kcsan_flat_atomic_end);

void kcsan_atomic_next(int n)
{
	this_cpu_write(race_pass, n);
}
EXPORT_SYMBOL_GPL(kcsan_atomic_next);

/* For assertions, which are not looked at. */
void kcsan_set_access_mask(unsigned long mask)
{
}
EXPORT_SYMBOL_GPL(kcsan_set_access_mask);

/* A race of its own, which must be found, lest silence mean nothing. */

static unsigned long race_bait;

static int race_bait_writer(void *unused)
{
	while (!kthread_should_stop()) {
		WRITE_ONCE(race_bait, race_bait + 1);
		__kcsan_check_access(&race_bait, sizeof(race_bait), KCSAN_ACCESS_WRITE);
		cond_resched();
	}
	return 0;
}

/* The writer needs a processor of its own. */
static int race_try_beside(int cpu)
{
	unsigned long bait = (unsigned long)&race_bait, end = jiffies + RACE_TRIAL * HZ;
	struct task_struct *writer;
	struct race race;
	int err = -EIO;

	writer = kthread_create(race_bait_writer, NULL, "race_bait");
	if (IS_ERR(writer))
		return PTR_ERR(writer);
	kthread_bind(writer, cpumask_any_but(cpu_online_mask, cpu));
	wake_up_process(writer);
	while (err && time_before(jiffies, end)) {
		if (race_hold_up(bait, sizeof(race_bait), &race) && race.writer.depth)
			err = 0;
		cond_resched();
	}
	kthread_stop(writer);
	return err;
}

static int race_try(void)
{
	int err = -EOPNOTSUPP;

	migrate_disable();
	if (num_online_cpus() > 1)
		err = race_try_beside(smp_processor_id());
	migrate_enable();
	return err;
}

static int __init race_init(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(race_watches); i++)
		raw_spin_lock_init(&race_watches[i].lock);
	err = race_try();
	if (err)
		pr_err("does not find its own race: %d\n", err);
	return err;
}

static void __exit race_exit(void)
{
}

module_init(race_init);
module_exit(race_exit);

MODULE_DESCRIPTION("Finds data races of modules built with RACES=y");
MODULE_LICENSE("GPL");
