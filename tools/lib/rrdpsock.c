// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "rrdpsock.h"

#define BACKLOG	16

/* The number that the module was loaded with. */
static int family_number(void)
{
	FILE *file = fopen("/sys/module/rrdp/parameters/family", "re");
	int number = RRDP_AF_DEFAULT;
	char line[16];

	if (!file)
		return number;
	if (fgets(line, sizeof(line), file))
		number = (int)strtol(line, NULL, 10);
	fclose(file);
	return number;
}

int rrdpsock_open(int type)
{
	int fd = socket(family_number(), type, 0);

	return fd < 0 ? -errno : fd;
}

struct sockaddr_rrdp rrdpsock_address(uint32_t node, uint16_t port)
{
	struct sockaddr_rrdp addr = {
		.srrdp_family = (__kernel_sa_family_t)family_number(),
		.srrdp_port = port,
		.srrdp_node = node,
	};

	return addr;
}

int rrdpsock_listen(int fd, uint16_t port)
{
	struct sockaddr_rrdp addr = rrdpsock_address(RRDP_NODE_NONE, port);

	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    listen(fd, BACKLOG))
		return -errno;
	return 0;
}

const char *rrdpsock_advice(int error)
{
	switch (error) {
	case EAFNOSUPPORT:
		return "rrdp.ko is not loaded; \"modprobe rrdp\" loads it";
	case EHOSTUNREACH:
		return "no host answers, nor is it in the table; \"vmnetctl add-node\" adds it";
	case ENETUNREACH:
		return "this host has no number; \"vmnetctl add-node N local dev DEV\" sets it";
	case EADDRINUSE:
		return "another program listens there";
	default:
		return strerror(error);
	}
}
