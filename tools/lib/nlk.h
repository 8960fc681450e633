/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Netlink: one request at a time, replies handed on where they lie in the
 * receive buffer, and everything the kernel says about a refusal.
 */
#ifndef TOOLS_NLK_H
#define TOOLS_NLK_H

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/socket.h>
#include <stdbool.h>
#include <stddef.h>

/* More than the kernel puts into one datagram of a dump. */
#define NLK_BUFFER	(64 * 1024)

/* Asked of the kernel for the socket; events wait there while we write. */
#define NLK_RCVBUF	(8 * 1024 * 1024)

/**
 * struct nlk_names - names of attributes, as a user would type them
 * @names: by attribute type; NULL where there is none
 * @count: length of @names
 * @nested: names of what is inside, by attribute type; may be NULL
 */
struct nlk_names {
	const char *const *names;
	unsigned int count;
	const struct nlk_names *const *nested;
};

/**
 * struct nlk_fault - how a request failed
 * @error: errno
 * @text: the kernel's message, "" if it gave none
 * @offset: where in the request the attribute in question is, 0 if not said
 * @missing: type of an attribute that is missing, if @is_missing
 * @missing_nest: offset of the nest it is missing in, 0 for none
 */
struct nlk_fault {
	int error;
	char text[256];
	unsigned int offset;
	unsigned int missing;
	unsigned int missing_nest;
	bool is_missing;
};

/**
 * struct nlk - a netlink socket
 * @sock: libnl's part: addresses, sequence numbers, sending
 * @fd: its descriptor
 * @family: number of the generic netlink family; 0 for another protocol
 * @header: octets between the netlink header and the attributes
 * @interrupted: the table changed during the last dump
 * @fault: of the last request that failed
 * @buffer: NLK_BUFFER octets
 */
struct nlk {
	struct nl_sock *sock;
	int fd;
	int family;
	size_t header;
	bool interrupted;
	struct nlk_fault fault;
	void *buffer;
};

/*
 * Called for each reply. Returns 0, or -errno to stop (-EBADMSG for a message
 * that makes no sense).
 */
typedef int (*nlk_reply_fn)(const struct nlmsghdr *nlh, void *arg);

/* Opens a socket; @header as in struct nlk. Dies when it cannot. */
void nlk_open(struct nlk *nl, int protocol, size_t header);

/* Opens a generic netlink socket for family @name; false if there is none. */
bool nlk_open_family(struct nlk *nl, const char *name);

void nlk_close(struct nlk *nl);

/* Starts a request to the family of @nl. Free it with nlmsg_free(). */
struct nl_msg *nlk_genl_request(const struct nlk *nl, uint8_t cmd, int flags);

/*
 * Sends @msg, hands replies to @reply (may be NULL) until the kernel says
 * that it is done. Returns 0 or -errno, with nl->fault set.
 */
int nlk_transact(struct nlk *nl, struct nl_msg *msg, nlk_reply_fn reply, void *arg);

/*
 * Receives once into the buffer, from the kernel only. Returns the length or
 * -errno.
 */
ssize_t nlk_receive(struct nlk *nl);

/*
 * Takes @len octets received in answer to sequence number @seq. Returns 1 if
 * more must come, 0 when done, or -errno.
 */
int nlk_consume(struct nlk *nl, const void *data, size_t len, uint32_t seq,
		nlk_reply_fn reply, void *arg);

/* Attributes of a generic netlink message. Returns 0 or -EBADMSG. */
int nlk_genl_parse(const struct nlmsghdr *nlh, struct nlattr **tb, int max);

/* Attributes of a nest; what is cut short at its end is ignored. */
void nlk_nest_parse(const struct nlattr *nest, struct nlattr **tb, int max);

/*
 * Name of the attribute that nl->fault is about, "a > b" for b inside of a,
 * in @name. False if there is none or it has no name.
 */
bool nlk_fault_attr(const struct nlk *nl, const struct nlmsghdr *request,
		    const struct nlk_names *names, char *name, size_t size);

/*
 * What more there is to say of nl->fault, to be put behind it; "" mostly. Of commands
 * and attributes that a module lacks, as it is older, the kernel says only so much.
 */
const char *nlk_fault_hint(const struct nlk *nl);

/* Integers, also from attributes that are shorter than they should be: 0. */
uint64_t nlk_uint(const struct nlattr *a);

#endif /* TOOLS_NLK_H */
