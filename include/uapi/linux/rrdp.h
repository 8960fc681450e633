/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * RRDP: a reliable, ordered message transport directly above the NIC driver.
 *
 * The generic netlink part is described by Documentation/netlink/specs/rrdp.yaml.
 */
#ifndef _UAPI_LINUX_RRDP_H
#define _UAPI_LINUX_RRDP_H

#include <linux/types.h>
#include <linux/socket.h>

/* Address family used unless rrdp.ko was loaded with another family=. */
#define RRDP_AF_DEFAULT		13

/* EtherType used unless rrdp.ko was loaded with another ethertype=. */
#define RRDP_ETHERTYPE_DEFAULT	0x88B5

/* The same of node resolution and resolve_ethertype=. */
#define RRDP_RESOLVE_ETHERTYPE_DEFAULT	0x88B6

/* Level of the options below in getsockopt() and setsockopt(). */
#define SOL_RRDP		299

/* No node has this number; in bind() it stands for this host. */
#define RRDP_NODE_NONE		0

/* Ports from here on are handed out to sockets that connect without bind(). */
#define RRDP_PORT_EPHEMERAL	32768

/* Largest message when both ends negotiated RRDP_OPT_MORE. */
#define RRDP_MSG_MAX		65536

/**
 * struct sockaddr_rrdp - address of an RRDP endpoint
 * @srrdp_family: the family number rrdp.ko was loaded with
 * @srrdp_port: port, host byte order; 0 lets bind() choose
 * @srrdp_node: node number, host byte order; %RRDP_NODE_NONE in bind()
 */
struct sockaddr_rrdp {
	__kernel_sa_family_t	srrdp_family;
	__u16			srrdp_port;
	__u32			srrdp_node;
};

/* Option flags of a SYN segment; what is in force is the AND of both ends. */
#define RRDP_OPT_SEQUENCED	0x0001	/* deliver in sequence */
#define RRDP_OPT_CKSUM_HDR	0x0002	/* checksum covers the header only */
#define RRDP_OPT_XSEQ		0x0004	/* 64-bit sequence and epoch in the checksum */
#define RRDP_OPT_CREDIT		0x0008	/* each ACK says what the receiver can take */
#define RRDP_OPT_MORE		0x0010	/* messages of several segments */
#define RRDP_OPT_EACKR		0x0020	/* EACK lists ranges */

/* Socket options at SOL_RRDP. */
enum {
	RRDP_SO_UNSPEC,
	RRDP_SO_OPTIONS,	/* int: RRDP_OPT_*; set before connect() or listen() */
	RRDP_SO_MSGSIZE,	/* int, read only: largest message this connection takes */
	RRDP_SO_DEADTIME,	/* int: milliseconds of silence after which a peer is dead */
	RRDP_SO_ZEROCOPY,	/* int: whether MSG_ZEROCOPY has its meaning */
	RRDP_SO_INFO,		/* struct rrdp_info, read only */
	RRDP_SO_TX_RING,	/* struct rrdp_ring_req, write only, once */
};

/* Most octets of the frames of a ring. */
#define RRDP_RING_MAX		(64 << 20)

/**
 * struct rrdp_ring_req - what RRDP_SO_TX_RING makes
 * @frame_size: octets of a frame, and of the largest message: a power of two from
 *	the size of a page to %RRDP_MSG_MAX
 * @frame_nr: how many frames, of %RRDP_RING_MAX octets together at most
 *
 * mmap() of all of it (MAP_SHARED, offset 0) gives an array of @frame_nr struct
 * rrdp_ring_frame, padded to whole pages, and after it the frames. Whoever may not
 * lock as much memory (RLIMIT_MEMLOCK) gets ENOBUFS.
 */
struct rrdp_ring_req {
	__u32	frame_size;
	__u32	frame_nr;
};

/**
 * struct rrdp_ring_frame - whose a frame of a transmit ring is, and what is in it
 * @status: RRDP_FRAME_*
 * @len: octets of the message, which begins where the frame does
 *
 * The process takes the frames in turn, beginning with the first. It waits, in
 * poll() for POLLOUT, until the next is %RRDP_FRAME_AVAILABLE, writes message and
 * @len, then, as a release, @status %RRDP_FRAME_SEND_REQUEST. send() of no octets
 * sends what is marked. A frame is available again when its message was acknowledged
 * and no copy of it is left in a driver.
 */
struct rrdp_ring_frame {
	__u32	status;
	__u32	len;
};

enum {
	RRDP_FRAME_AVAILABLE,		/* the process's */
	RRDP_FRAME_SEND_REQUEST,	/* marked by the process: the kernel's */
	RRDP_FRAME_SENDING,		/* on its way */
	RRDP_FRAME_WRONG,		/* not sent: no length of a message; the process's */
};

/**
 * struct rrdp_info - what RRDP_SO_INFO says of a connection
 * @state: enum rrdp_conn_state
 * @local_port: port of this host
 * @peer_port: port of the other
 * @options: RRDP_OPT_* in force
 * @peer_node: number of the other host
 * @srtt: smoothed round-trip time, microseconds
 * @rttvar: its variation, microseconds
 * @rto: retransmission timeout, microseconds
 * @cwnd: congestion window, segments
 * @ssthresh: where slow start ends, segments
 * @credit: segments the peer can take
 * @inflight: segments sent and not acknowledged
 * @tx_segs: segments sent
 * @rx_segs: segments received
 * @retrans: segments sent again
 * @spurious: of these, those found to have been sent in vain
 * @eacked: segments that the peer acknowledged out of order
 * @ooo: segments received out of order
 * @zc_sent: messages sent from where the user had them
 * @zc_copied: messages that were to be, but of which a part had to be copied
 * @age: milliseconds since the connection was made
 * @heard: milliseconds since the peer was last heard
 *
 * The size given to getsockopt() is how much of it is wanted, the size that it
 * gives back how much the kernel had. New members come at the end.
 */
struct rrdp_info {
	__u8	state;
	__u8	__reserved;
	__u16	local_port;
	__u16	peer_port;
	__u16	options;
	__u32	peer_node;
	__u32	srtt;
	__u32	rttvar;
	__u32	rto;
	__u32	cwnd;
	__u32	ssthresh;
	__u32	credit;
	__u32	inflight;
	__u64	tx_segs;
	__u64	rx_segs;
	__u64	retrans;
	__u64	spurious;
	__u64	eacked;
	__u64	ooo;
	__u64	zc_sent;
	__u64	zc_copied;
	__u64	age;
	__u64	heard;
};

/*
 * Control messages at SOL_RRDP of recvmsg() with MSG_ERRQUEUE: a struct
 * sock_extended_err, of origin SO_EE_ORIGIN_ZEROCOPY.
 */
#define RRDP_RECVERR		1

/* Generic netlink. */
#define RRDP_GENL_NAME		"rrdp"
#define RRDP_GENL_VERSION	1
#define RRDP_GENL_MCGRP_EVENTS	"events"

enum rrdp_cmd {
	RRDP_CMD_UNSPEC,
	RRDP_CMD_NODE_NEW,	/* node, [ifindex], lladdr or flag local */
	RRDP_CMD_NODE_DEL,	/* node or flag learned, [ifindex] */
	RRDP_CMD_NODE_GET,	/* dump, or one by node */
	RRDP_CMD_CONN_GET,	/* dump */
	RRDP_CMD_STATS_GET,	/* counters of this network namespace */
	RRDP_CMD_EVENT,		/* multicast only */

	__RRDP_CMD_MAX,
	RRDP_CMD_MAX = __RRDP_CMD_MAX - 1
};

enum rrdp_attr {
	RRDP_A_UNSPEC,
	RRDP_A_NODE,		/* u32 */
	RRDP_A_IFINDEX,		/* u32 */
	RRDP_A_LLADDR,		/* 6 octets */
	RRDP_A_LOCAL,		/* flag: this host's own number */
	RRDP_A_CONN,		/* nest of RRDP_A_CONN_* */
	RRDP_A_STATS,		/* nest of RRDP_A_STAT */
	RRDP_A_STAT,		/* nest: RRDP_A_STAT_NAME, RRDP_A_STAT_VALUE; repeated */
	RRDP_A_STAT_NAME,	/* string */
	RRDP_A_STAT_VALUE,	/* u64 */
	RRDP_A_EVENT,		/* u32, enum rrdp_event_type */
	RRDP_A_PAD,
	RRDP_A_STATE,		/* u16, NUD_* of linux/neighbour.h */
	RRDP_A_LEARNED,		/* flag: node resolution made the entry */
	RRDP_A_AGE,		/* u32, milliseconds since it was known to be there, if it was */

	__RRDP_A_MAX,
	RRDP_A_MAX = __RRDP_A_MAX - 1
};

enum rrdp_conn_attr {
	RRDP_A_CONN_UNSPEC,
	RRDP_A_CONN_STATE,	/* u8, enum rrdp_conn_state */
	RRDP_A_CONN_LOCAL_PORT,	/* u16 */
	RRDP_A_CONN_PEER_NODE,	/* u32 */
	RRDP_A_CONN_PEER_PORT,	/* u16 */
	RRDP_A_CONN_OPTIONS,	/* u32, RRDP_OPT_* in force */
	RRDP_A_CONN_SRTT,	/* u32, microseconds */
	RRDP_A_CONN_RTTVAR,	/* u32, microseconds */
	RRDP_A_CONN_RTO,	/* u32, microseconds */
	RRDP_A_CONN_CWND,	/* u32, segments */
	RRDP_A_CONN_CREDIT,	/* u32, segments */
	RRDP_A_CONN_INFLIGHT,	/* u32, segments */
	RRDP_A_CONN_TX_SEGS,	/* u64 */
	RRDP_A_CONN_RX_SEGS,	/* u64 */
	RRDP_A_CONN_RETRANS,	/* u64 */
	RRDP_A_CONN_PAD,
	RRDP_A_CONN_SSTHRESH,	/* u32, segments */
	RRDP_A_CONN_SPURIOUS,	/* u64 */
	RRDP_A_CONN_EACKED,	/* u64 */
	RRDP_A_CONN_OOO,	/* u64 */
	RRDP_A_CONN_ZC_SENT,	/* u64 */
	RRDP_A_CONN_ZC_COPIED,	/* u64 */
	RRDP_A_CONN_AGE,	/* u64, milliseconds */
	RRDP_A_CONN_HEARD,	/* u64, milliseconds */

	__RRDP_A_CONN_MAX,
	RRDP_A_CONN_MAX = __RRDP_A_CONN_MAX - 1
};

/* States of RFC 908, section 3.2. */
enum rrdp_conn_state {
	RRDP_CLOSED,
	RRDP_LISTEN,
	RRDP_SYN_SENT,
	RRDP_SYN_RCVD,
	RRDP_OPEN,
	RRDP_CLOSE_WAIT,
};

enum rrdp_event_type {
	RRDP_EV_UNSPEC,
	RRDP_EV_NODE_NEW,
	RRDP_EV_NODE_DEL,
	RRDP_EV_CONN_OPEN,
	RRDP_EV_CONN_CLOSED,
	RRDP_EV_NODE_CHANGED,
	RRDP_EV_NODE_FAILED,
	RRDP_EV_NODE_CONFLICT,
};

#endif /* _UAPI_LINUX_RRDP_H */
