/* SPDX-License-Identifier: GPL-2.0 */
/* What is measured: RRDP, and what it is measured against. */
#ifndef PERF_TRANSPORT_H
#define PERF_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

/**
 * struct place - where the server is
 * @address: node number, IP address or MAC; NULL: the server's own end
 * @port: port, or what stands for one
 * @device: name of the NIC, for a transport without addresses of its own
 * @trust_link: no checksum over data, as where a device computes TCP's
 */
struct place {
	const char *address;
	uint16_t port;
	const char *device;
	bool trust_link;
};

/**
 * struct channel - one end of an exchange
 * @fd: connected, or bound where @to_len is not 0
 * @to: peer of a transport that does not connect
 * @to_len: its length
 */
struct channel {
	int fd;
	struct sockaddr_storage to;
	socklen_t to_len;
};

/**
 * struct transport - one kind of channel
 * @name: what the user calls it
 * @stream: does not keep the bounds of messages
 * @lossy: may lose a message
 * @open_server: a socket to wait on
 * @open_client: a channel to the server
 *
 * Both end the program with a message if they cannot.
 */
struct transport {
	const char *name;
	bool stream;
	bool lossy;
	int (*open_server)(const struct place *at);
	void (*open_client)(const struct place *at, struct channel *ch);
};

extern const struct transport transport_rrdp;
extern const struct transport transport_rrdp_stream;
extern const struct transport transport_tcp;
extern const struct transport transport_udp;
extern const struct transport transport_packet;
extern const struct transport transport_tipc;

/* NULL if there is none of this name. */
const struct transport *transport_find(const char *name);

/* The names, for messages. */
const char *transport_names(void);

/*
 * A socket, or the end of the program: with @missing where the kernel knows no such
 * family, unless that is NULL.
 */
int transport_socket(int family, int type, const char *missing);

/*
 * Waits for a client on what open_server() returned. A lossy transport has no
 * connections: the channel is the socket itself, answering who sent @hello, the
 * first message, of which up to @size octets are kept.
 */
void transport_accept(const struct transport *t, int server, struct channel *ch,
		      void *hello, size_t size);

#endif /* PERF_TRANSPORT_H */
