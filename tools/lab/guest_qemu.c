// SPDX-License-Identifier: GPL-2.0
/* Processes of QEMU, with virtio-net on taps. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "buf.h"
#include "compiler.h"
#include "guest.h"
#include "json.h"
#include "task.h"

enum {
	WORDS_MAX	= 96,
	WORD_SIZE	= 2 * PATH_MAX,
	STOP_TRIES	= 100,		/* of a tenth of a second */
};

/*
 * The process, 0 if it does not run: it holds a lock on the file in which it wrote its
 * number, which who has that number later does not.
 */
static pid_t process_of(const struct guest *g)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char path[PATH_MAX];
	pid_t pid = 0;
	int fd;

	guest_file(g, "pid", path);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (!fcntl(fd, F_GETLK, &lock) && lock.l_type != F_UNLCK && lock.l_pid > 0)
		pid = lock.l_pid;
	close(fd);
	return pid;
}

/* Name of a tap: that of the guest would be too long. */
static void tap_name(const struct guest *g, unsigned int index, char name[IF_NAMESIZE])
{
	char full[GUEST_FULL_SIZE];

	guest_full_name(g, full);
	snprintf(name, IF_NAMESIZE, "lab%08x.%u", name_hash(NAME_HASH, full), index % 100);
}

static unsigned int mtu_of(const char *device)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = { };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", device);
	if (fd < 0 || ioctl(fd, SIOCGIFMTU, &request))
		request.ifr_mtu = 0;
	if (fd >= 0)
		close(fd);
	return request.ifr_mtu;
}

/* The host itself does not speak on a port; what a guest may send is what fits. */
static bool add_tap(const struct guest *g, unsigned int index, char error[GUEST_ERROR_SIZE])
{
	const char *device = json_text(guest_nic(g, index), "device");
	char name[IF_NAMESIZE], steps[1024];

	tap_name(g, index, name);
	snprintf(steps, sizeof(steps),
		 "tuntap add dev %s mode tap vnet_hdr\n"
		 "link set dev %s alias %.63s addrgenmode none mtu %u\n"
		 "link set dev %s master %.15s up\n", name, name, json_text(g->o, "name"),
		 mtu_of(device), name, device);
	return guest_ip(g, steps, error);
}

static bool del_taps(const struct guest *g, char error[GUEST_ERROR_SIZE])
{
	char name[IF_NAMESIZE], step[64];
	unsigned int i;

	for (i = 0; guest_nic(g, i); i++) {
		tap_name(g, i, name);
		snprintf(step, sizeof(step), "link del dev %s\n", name);
		if (if_nametoindex(name) && !guest_ip(g, step, error) &&
		    if_nametoindex(name))
			return false;
	}
	return true;
}

/**
 * struct words - a command line
 * @argv: the words
 * @count: of them
 */
struct words {
	const char *argv[WORDS_MAX + 1];
	unsigned int count;
};

static void add(struct words *w, const char *word)
{
	if (w->count < WORDS_MAX)
		w->argv[w->count++] = word;
}

static void add_pair(struct words *w, const char *option, const char *value)
{
	if (!*value)
		return;
	add(w, option);
	add(w, value);
}

/* Texts of the command line that are made. */
struct texts {
	char full[GUEST_FULL_SIZE];
	char memory[24], vcpus[24];
	char pid[PATH_MAX], console[WORD_SIZE], disk[WORD_SIZE];
	char netdev[8][64], nic[8][96];
};

static void add_nics(struct words *w, const struct guest *g, struct texts *t)
{
	char tap[IF_NAMESIZE];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(t->nic) && guest_nic(g, i); i++) {
		tap_name(g, i, tap);
		snprintf(t->netdev[i], sizeof(t->netdev[i]),
			 "tap,id=net%u,ifname=%s,script=no,downscript=no", i, tap);
		snprintf(t->nic[i], sizeof(t->nic[i]), "virtio-net-pci,netdev=net%u,mac=%.17s", i,
			 json_text(guest_nic(g, i), "mac"));
		add_pair(w, "-netdev", t->netdev[i]);
		add_pair(w, "-device", t->nic[i]);
	}
}

static void make_command(struct words *w, const struct guest *g, struct texts *t)
{
	const char *disk = json_text(g->o, "disk"), *dot = strrchr(disk, '.');
	char path[PATH_MAX];

	guest_full_name(g, t->full);
	guest_file(g, "pid", t->pid);
	guest_file(g, "console", path);
	snprintf(t->console, sizeof(t->console), "file:%s", path);
	snprintf(t->memory, sizeof(t->memory), "%lld", guest_number(g, "memory"));
	snprintf(t->vcpus, sizeof(t->vcpus), "%lld", guest_number(g, "vcpus"));
	if (*disk)
		snprintf(t->disk, sizeof(t->disk), "file=%s,format=%s,if=virtio", disk,
			 dot && !strcmp(dot, ".qcow2") ? "qcow2" : "raw");
	add(w, "qemu-system-x86_64");
	add_pair(w, "-name", t->full);
	/* The second if this machine does not have the first */
	add_pair(w, "-accel", "kvm");
	add_pair(w, "-accel", "tcg");
	add_pair(w, "-m", t->memory);
	add_pair(w, "-smp", t->vcpus);
	add(w, "-nodefaults");
	add(w, "-no-reboot");
	add_pair(w, "-display", "none");
	add_pair(w, "-serial", t->console);
	add_pair(w, "-kernel", json_text(g->o, "kernel"));
	add_pair(w, "-initrd", json_text(g->o, "initrd"));
	add_pair(w, "-append", json_text(g->o, "append"));
	add_pair(w, "-drive", t->disk);
	add_nics(w, g, t);
	add_pair(w, "-pidfile", t->pid);
	add(w, "-daemonize");
	w->argv[w->count] = NULL;
}

static bool qemu_is_free(const struct guest *g, char error[GUEST_ERROR_SIZE])
{
	char name[IF_NAMESIZE];
	unsigned int i;

	for (i = 0; guest_nic(g, i); i++) {
		tap_name(g, i, name);
		if (if_nametoindex(name))
			return guest_fail(error, g, name,
					  "there is such a device already, which is not this lab's: delete it, or choose another name");
	}
	return true;
}

static bool qemu_start(const struct guest *g, char error[GUEST_ERROR_SIZE])
{
	struct words words = { };
	struct buf said = { };
	struct texts *texts;
	unsigned int i;
	int status;

	for (i = 0; guest_nic(g, i); i++)
		if (!add_tap(g, i, error))
			return false;
	texts = calloc(1, sizeof(*texts));
	if (!texts)
		return guest_fail(error, g, "QEMU", strerror(ENOMEM));
	make_command(&words, g, texts);
	status = task_run(words.argv, "", &said);
	if (status)
		guest_fail(error, g, "QEMU", status == TASK_NONE ?
			   "qemu-system-x86_64 is not installed" : task_reason(&said));
	buf_free(&said);
	free(texts);
	return !status;
}

static bool end_process(const struct guest *g, int signal, unsigned int tries)
{
	pid_t pid;

	while ((pid = process_of(g))) {
		if (!tries--)
			return false;
		kill(pid, signal);
		usleep(100000);
	}
	return true;
}

static bool qemu_stop(const struct guest *g, char error[GUEST_ERROR_SIZE])
{
	if (!end_process(g, SIGTERM, STOP_TRIES) && !end_process(g, SIGKILL, STOP_TRIES))
		return guest_fail(error, g, "QEMU", "it does not end");
	return del_taps(g, error);
}

static bool qemu_is_alive(const struct guest *g)
{
	return process_of(g);
}

const struct guest_ops guest_qemu = {
	.name = "qemu",
	.is_free = qemu_is_free,
	.start = qemu_start,
	.stop = qemu_stop,
	.is_alive = qemu_is_alive,
};
