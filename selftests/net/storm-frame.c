// SPDX-License-Identifier: GPL-2.0
/*
 * Random Ethernet frames.
 *
 *	storm-frame SEED SECONDS DEV...
 *
 * Those that pass a device are kept, a few at a time, and sent from there again with
 * something altered; others are made from descriptions. Mostly the checksums are put
 * right afterwards, so that what is wrong is not found by them. Some are super-frames,
 * for a device to cut up. Prints how often each was done to a frame, and how often the
 * device took it.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "inetsum.h"
#include "storm.h"

#define FRAME_MAX	2000
#define SUPER_MAX	60000
#define POOL		64	/* frames kept of each device */
#define DEVICES		8
#define BATCH		128	/* frames between looks at what passes */

#define ETH_RRDP	0x88b5
#define ETH_RESOLVE	0x88b6
#define PORT_VXLAN	4789
/* Headers of old have no name for it. */
#define GSO_UDP_L4	5

struct frame {
	size_t len;
	uint8_t at[FRAME_MAX];
};

struct device {
	int fd;		/* sends and hears frames */
	int super;	/* sends them with a struct virtio_net_hdr */
	struct frame pool[POOL];
	size_t pool_nr;
};

static struct device devices[DEVICES];
static struct rng rng;

/* What a field of a described frame is. */
enum kind {
	FIXED,	/* this number */
	NUMBER,	/* that of the layer */
	ONE_OF,	/* one of the numbers below, which has a bit here */
	BELOW,	/* less than that */
	ANY,	/* any octets */
	MAC,	/* of a host or a guest */
	GROUP,	/* or of all */
	SEEN,	/* an octet or word at which something ends */
	REST,	/* the length of what follows, mostly */
	TAIL,	/* up to so many octets */
};

struct field {
	enum kind kind;
	uint8_t octets;
	uint32_t value;
};

/* What is in front of the fields of a format, from the outside. */
enum layer {
	END,
	LINK,		/* number: EtherType */
	GROUPED,	/* the same, mostly to all */
	HOSTS4,		/* IPv4 between hosts; number: protocol */
	GUESTS4,
	GROUP4,
	GUESTS6,	/* number: next header */
	TUNNEL,		/* UDP and VXLAN; number: flags, and kind of a message */
};

/* A list of fields ends with one that has no octets and is no TAIL. */
static const struct field layers[][16] = {
	[LINK] = { { MAC, 6, 0 }, { MAC, 6, 0 }, { NUMBER, 2, 0 } },
	[GROUPED] = { { GROUP, 6, 0 }, { MAC, 6, 0 }, { NUMBER, 2, 0 } },
	[HOSTS4] = { { FIXED, 2, 0x4500 }, { REST, 2, 2 }, { SEEN, 2, 0 }, { FIXED, 2, 0 },
		     { FIXED, 1, 64 }, { NUMBER, 1, 0 }, { FIXED, 2, 0 },
		     { FIXED, 4, 0xc0000202 }, { FIXED, 4, 0xc0000201 } },
	[GUESTS4] = { { FIXED, 2, 0x4500 }, { REST, 2, 2 }, { SEEN, 2, 0 }, { FIXED, 2, 0 },
		      { FIXED, 1, 64 }, { NUMBER, 1, 0 }, { FIXED, 2, 0 },
		      { FIXED, 4, 0x0a000001 }, { FIXED, 4, 0x0a000002 } },
	[GROUP4] = { { FIXED, 2, 0x4500 }, { REST, 2, 2 }, { SEEN, 2, 0 }, { FIXED, 2, 0 },
		     { FIXED, 1, 1 }, { NUMBER, 1, 0 }, { FIXED, 2, 0 },
		     { FIXED, 4, 0x0a000001 }, { FIXED, 4, 0xe0000016 } },
	[GUESTS6] = { { FIXED, 4, 0x60000000 }, { REST, 2, 0u - 36 }, { NUMBER, 1, 0 },
		      { FIXED, 1, 255 }, { FIXED, 4, 0xfe800000 }, { FIXED, 4, 0 },
		      { FIXED, 4, 0 }, { BELOW, 4, 4 }, { FIXED, 4, 0xff020000 },
		      { FIXED, 4, 0 }, { FIXED, 4, 0 }, { BELOW, 4, 30 } },
	[TUNNEL] = { { SEEN, 2, 0 }, { FIXED, 2, PORT_VXLAN }, { REST, 2, 4 }, { FIXED, 2, 0 },
		     { NUMBER, 2, 0 }, { FIXED, 2, 0 }, { FIXED, 4, 42 << 8 } },
};

struct format {
	const char *name;
	struct {
		enum layer layer;
		uint32_t number;
	} below[5];
	struct field fields[24];
};

static const struct format formats[] = {
	{ "rrdp", { { LINK, ETH_RRDP } },
	  { { ONE_OF, 1, 0 }, { BELOW, 1, 20 }, { BELOW, 2, 85 }, { BELOW, 2, 85 },
	    { BELOW, 2, 64 }, { SEEN, 2, 0 }, { SEEN, 2, 0 }, { FIXED, 2, 0 },
	    { TAIL, 0, 200 } } },
	{ "syn", { { LINK, ETH_RRDP } },
	  { { FIXED, 2, 0x810c }, { ANY, 2, 0 }, { BELOW, 2, 85 }, { FIXED, 2, 0 },
	    { SEEN, 2, 0 }, { FIXED, 2, 0 }, { FIXED, 2, 0 }, { SEEN, 2, 0 },
	    { SEEN, 2, 0 }, { BELOW, 2, 64 }, { ANY, 4, 0 } } },
	{ "resolve", { { GROUPED, ETH_RESOLVE } },
	  { { BELOW, 2, 5 }, { BELOW, 4, 6 }, { BELOW, 4, 6 }, { TAIL, 0, 60 } } },
	{ "vxlan", { { LINK, 0x0800 }, { HOSTS4, 17 }, { TUNNEL, 0x0800 }, { LINK, 0x0806 } },
	  { { TAIL, 0, 100 } } },
	{ "relayed", { { LINK, 0x0800 }, { HOSTS4, 17 }, { TUNNEL, 0x4800 } },
	  { { BELOW, 4, 6 }, { SEEN, 4, 0 }, { GROUP, 6, 0 }, { MAC, 6, 0 },
	    { FIXED, 2, 0x0806 }, { TAIL, 0, 100 } } },
	{ "probe", { { LINK, 0x0800 }, { HOSTS4, 17 }, { TUNNEL, 0x6801 } },
	  { { BELOW, 4, 6 }, { SEEN, 4, 0 } } },
	{ "alive", { { LINK, 0x0800 }, { HOSTS4, 17 }, { TUNNEL, 0x6803 } },
	  { { BELOW, 4, 6 }, { SEEN, 4, 0 } } },
	{ "arp", { { GROUPED, 0x0806 } },
	  { { FIXED, 4, 0x00010800 }, { FIXED, 2, 0x0604 }, { BELOW, 2, 4 }, { MAC, 6, 0 },
	    { FIXED, 3, 0x0a0000 }, { BELOW, 1, 5 }, { MAC, 6, 0 }, { FIXED, 3, 0x0a0000 },
	    { BELOW, 1, 5 }, { TAIL, 0, 20 } } },
	{ "nd", { { GROUPED, 0x86dd }, { GUESTS6, 58 } },
	  { { BELOW, 1, 138 }, { BELOW, 1, 2 }, { FIXED, 2, 0 }, { SEEN, 4, 0 },
	    { ANY, 4, 0 }, { ANY, 4, 0 }, { ANY, 4, 0 }, { BELOW, 4, 4 }, { BELOW, 1, 3 },
	    { BELOW, 1, 3 }, { MAC, 6, 0 }, { TAIL, 0, 16 } } },
	{ "igmp", { { GROUPED, 0x0800 }, { GROUP4, 2 } },
	  { { ONE_OF, 1, 1 }, { SEEN, 1, 0 }, { FIXED, 2, 0 }, { BELOW, 4, 0xe1000000 },
	    { BELOW, 1, 8 }, { SEEN, 1, 0 }, { BELOW, 2, 8 }, { TAIL, 0, 100 } } },
	{ "mld", { { GROUPED, 0x86dd }, { GUESTS6, 0 } },
	  { { FIXED, 4, 0x3a000502 }, { FIXED, 4, 0 }, { ONE_OF, 1, 2 }, { FIXED, 1, 0 },
	    { FIXED, 2, 0 }, { SEEN, 2, 0 }, { BELOW, 2, 8 }, { BELOW, 1, 8 }, { SEEN, 1, 0 },
	    { BELOW, 2, 8 }, { FIXED, 4, 0xff050000 }, { TAIL, 0, 100 } } },
	{ "vlan", { { GROUPED, 0x8100 } },
	  { { SEEN, 2, 0 }, { FIXED, 2, 0x0806 }, { TAIL, 0, 60 } } },
	{ "any", { { LINK, ETH_RRDP } }, { { TAIL, 0, 1500 } } },
};

/* Of RRDP: flags with the version. Of IGMP and MLD: types of messages. */
static const uint8_t rrdp_flags[] = { 0x81, 0xc1, 0x41, 0x41, 0x61, 0x11, 0x51, 0x49, 0x45 };
static const uint8_t igmp_types[] = { 0x11, 0x12, 0x16, 0x17, 0x22 };
static const uint8_t mld_types[] = { 130, 131, 132, 143 };

static uint32_t one_of(uint32_t which)
{
	switch (which) {
	case 0:
		return RNG_PICK(&rng, rrdp_flags);
	case 1:
		return RNG_PICK(&rng, igmp_types);
	default:
		return RNG_PICK(&rng, mld_types);
	}
}

static void put(uint8_t *p, size_t octets, uint32_t value)
{
	while (octets--) {
		p[octets] = (uint8_t)value;
		value >>= 8;
	}
}

static unsigned int get16(const uint8_t *p)
{
	return (unsigned int)p[0] << 8 | p[1];
}

/* Of the hosts 1 to 3 and their guests, as lib.sh and vmnet.sh number them. */
static void put_mac(uint8_t *p)
{
	static const uint8_t base[] = { 2, 0, 0, 0, 0, 0 };

	memcpy(p, base, sizeof(base));
	p[4] = (uint8_t)rng_below(&rng, 2);
	p[5] = (uint8_t)(1 + rng_below(&rng, 3));
	if (rng_percent(&rng, 3))
		rng_fill(&rng, p, 6);
}

static void put_group(uint8_t *p)
{
	static const uint8_t groups[][6] = {
		{ 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }, { 1, 0, 0x5e, 0, 0, 1 },
		{ 1, 0, 0x5e, 0, 0, 22 }, { 0x33, 0x33, 0, 0, 0, 1 },
		{ 0x33, 0x33, 0, 0, 0, 22 }, { 1, 0x80, 0xc2, 0, 0, 0 },
	};

	memcpy(p, RNG_PICK(&rng, groups), 6);
}

/* Puts the field at @p; @rest octets follow it, when the frame is done. */
static void put_field(const struct field *field, uint32_t number, uint8_t *p, size_t rest)
{
	switch (field->kind) {
	case FIXED:
		put(p, field->octets, field->value);
		break;
	case NUMBER:
		put(p, field->octets, number);
		break;
	case ONE_OF:
		put(p, field->octets, one_of(field->value));
		break;
	case BELOW:
		put(p, field->octets, rng_below(&rng, field->value));
		break;
	case MAC:
		put_mac(p);
		break;
	case GROUP:
		if (rng_percent(&rng, 70))
			put_group(p);
		else
			put_mac(p);
		break;
	case SEEN:
		put(p, field->octets, rng_edge(&rng));
		break;
	case REST:
		/* What it counts besides what follows: a header's beginning, and itself. */
		put(p, field->octets, rng_percent(&rng, 90) ?
		    (uint32_t)(rest + field->octets) + field->value : rng_edge(&rng));
		break;
	case ANY:
	case TAIL:
		rng_fill(&rng, p, field->octets);
		break;
	}
}

/* Octets of the fields, but for a tail */
static size_t octets_of(const struct field *field)
{
	size_t octets = 0;

	for (; field->octets; field++)
		octets += field->octets;
	return octets;
}

/* The fields at @p, which is moved behind them; the frame ends at @end. */
static void put_fields(const struct field *field, uint32_t number, uint8_t **p,
		       const uint8_t *end)
{
	for (; field->octets; field++) {
		put_field(field, number, *p, (size_t)(end - *p) - field->octets);
		*p += field->octets;
	}
}

static size_t tail_of(const struct format *format)
{
	const struct field *field = format->fields;

	while (field->octets)
		field++;
	return field->kind == TAIL ? rng_below(&rng, field->value) : 0;
}

static void describe(struct frame *frame, const struct format *format)
{
	size_t tail = tail_of(format), n;
	uint8_t *p = frame->at;

	frame->len = octets_of(format->fields) + tail;
	for (n = 0; format->below[n].layer != END; n++)
		frame->len += octets_of(layers[format->below[n].layer]);
	for (n = 0; format->below[n].layer != END; n++)
		put_fields(layers[format->below[n].layer], format->below[n].number, &p,
			   frame->at + frame->len);
	put_fields(format->fields, 0, &p, frame->at + frame->len);
	rng_fill(&rng, p, tail);
}

/* ---- alterations ---- */

static size_t somewhere(const struct frame *frame)
{
	/* Mostly in the headers. */
	return rng_below(&rng, rng_percent(&rng, 70) && frame->len > 80 ? 80 :
			 (uint32_t)frame->len);
}

static void alter_nothing(struct frame *frame)
{
	(void)frame;
}

static void alter_bit(struct frame *frame)
{
	frame->at[somewhere(frame)] ^= 1 << rng_below(&rng, 8);
}

static void alter_octet(struct frame *frame)
{
	frame->at[somewhere(frame)] = (uint8_t)rng_edge(&rng);
}

static void alter_word(struct frame *frame)
{
	size_t at = somewhere(frame) & ~1ul;

	if (at + 4 <= frame->len)
		put(frame->at + at, rng_percent(&rng, 50) ? 2 : 4, rng_edge(&rng));
}

static void alter_count(struct frame *frame)
{
	size_t at = somewhere(frame) & ~1ul;

	if (at + 2 <= frame->len)
		put(frame->at + at, 2, get16(frame->at + at) + rng_below(&rng, 9) - 4);
}

static void alter_cut(struct frame *frame)
{
	frame->len = 1 + rng_below(&rng, (uint32_t)frame->len);
}

static void alter_append(struct frame *frame)
{
	size_t more = rng_below(&rng, (uint32_t)(FRAME_MAX - frame->len) + 1);

	rng_fill(&rng, frame->at + frame->len, more);
	frame->len += more;
}

static void alter_insert(struct frame *frame)
{
	size_t at = somewhere(frame), n = 1 + rng_below(&rng, 16);

	if (frame->len + n > FRAME_MAX)
		return;
	memmove(frame->at + at + n, frame->at + at, frame->len - at);
	rng_fill(&rng, frame->at + at, n);
	frame->len += n;
}

static void alter_remove(struct frame *frame)
{
	size_t at = somewhere(frame), n = 1 + rng_below(&rng, 16);

	if (at + n >= frame->len)
		return;
	memmove(frame->at + at, frame->at + at + n, frame->len - at - n);
	frame->len -= n;
}

static void alter_tag(struct frame *frame)
{
	if (frame->len < 14 || frame->len + 4 > FRAME_MAX)
		return;
	memmove(frame->at + 16, frame->at + 12, frame->len - 12);
	put(frame->at + 12, 2, rng_percent(&rng, 80) ? 0x8100 : 0x88a8);
	put(frame->at + 14, 2, rng_edge(&rng));
	frame->len += 4;
}

static void alter_mac(struct frame *frame)
{
	if (frame->len >= 12)
		put_mac(frame->at + 6 * rng_below(&rng, 2));
}

static void alter_swap(struct frame *frame)
{
	uint8_t mac[6];

	if (frame->len < 12)
		return;
	memcpy(mac, frame->at, 6);
	memcpy(frame->at, frame->at + 6, 6);
	memcpy(frame->at + 6, mac, 6);
}

static const struct alteration {
	const char *name;
	void (*alter)(struct frame *frame);
} alterations[] = {
	{ "again", alter_nothing }, { "bit", alter_bit }, { "octet", alter_octet },
	{ "word", alter_word }, { "count", alter_count }, { "cut", alter_cut },
	{ "append", alter_append }, { "insert", alter_insert },
	{ "remove", alter_remove }, { "tag", alter_tag }, { "mac", alter_mac },
	{ "swap", alter_swap },
};

/* ---- checksums ---- */

/* The octets of a segment that its checksum covers, as far as they are there. */
static size_t rrdp_covered(const uint8_t *p, size_t len)
{
	size_t wanted = 2u * p[1] + get16(p + 6);

	return wanted < len ? wanted : len;
}

/*
 * What nobody sees on the wire is part of the checksum. Of a frame that was right it is
 * known what that adds up to: @was is that frame, or NULL.
 */
static void repair_rrdp(uint8_t *p, size_t len, const uint8_t *was, size_t was_len,
			const uint8_t *macs)
{
	uint32_t hidden;

	if (len < 14)
		return;
	if (was && was_len >= 14)
		hidden = 0xffff - sum(was, rrdp_covered(was, was_len));
	else
		/* Numbers of the nodes are the last octets of their MACs. */
		hidden = (uint32_t)macs[5] + macs[11];
	put(p + 12, 2, 0);
	put(p + 12, 2, ~folded(hidden + sum(p, rrdp_covered(p, len))));
}

static void repair_icmp6(uint8_t *ip, size_t len)
{
	size_t at = ip[6] == 58 ? 40 : 48;

	if ((ip[6] != 58 && ip[6]) || len < at + 4)
		return;
	put(ip + at + 2, 2, 0);
	put(ip + at + 2, 2, ~folded(sum(ip + 8, 32) + (uint32_t)(len - at) + 58 +
				    sum(ip + at, len - at)));
}

static void repair(uint8_t *p, size_t len, const uint8_t *was, size_t was_len);

static void repair_ipv4(uint8_t *ip, size_t len)
{
	size_t head = (ip[0] & 15u) * 4;

	if (head < 20 || len < head + 8)
		return;
	put(ip + 10, 2, 0);
	put(ip + 10, 2, ~sum(ip, head));
	if (ip[9] == 2) {
		put(ip + head + 2, 2, 0);
		put(ip + head + 2, 2, ~sum(ip + head, len - head));
	} else if (ip[9] == 17) {
		put(ip + head + 6, 2, 0);
		if (get16(ip + head + 2) == PORT_VXLAN && len > head + 16)
			repair(ip + head + 16, len - head - 16, NULL, 0);
	}
}

/* Checksums of the frame of @len octets at @p, which was altered from @was. */
static void repair(uint8_t *p, size_t len, const uint8_t *was, size_t was_len)
{
	size_t at = 12;

	while (at + 6 <= len && (get16(p + at) == 0x8100 || get16(p + at) == 0x88a8))
		at += 4;
	if (at + 2 > len)
		return;
	switch (get16(p + at)) {
	case ETH_RRDP:
		if (was_len < 14 || get16(was + 12) != ETH_RRDP)
			was = NULL;
		repair_rrdp(p + at + 2, len - at - 2, was ? was + 14 : NULL,
			    was ? was_len - 14 : 0, p);
		break;
	case 0x0800:
		if (len >= at + 22)
			repair_ipv4(p + at + 2, len - at - 2);
		break;
	case 0x86dd:
		if (len >= at + 46)
			repair_icmp6(p + at + 2, len - at - 2);
		break;
	}
}

/* ---- devices ---- */

static int open_device(const char *name, unsigned short protocol)
{
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET,
		.sll_ifindex = (int)if_nametoindex(name),
		.sll_protocol = htons(protocol),
	};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0);

	if (fd < 0 || !addr.sll_ifindex || bind(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		perror(name);
		exit(1);
	}
	return fd;
}

/* Keeps some of the frames that passed. */
static void listen_to(struct device *device)
{
	struct frame *frame;
	ssize_t len;
	int n;

	for (n = 0; n < 16; n++) {
		frame = &device->pool[device->pool_nr < POOL ? device->pool_nr :
				      rng_below(&rng, POOL)];
		len = recv(device->fd, frame->at, FRAME_MAX, 0);
		if (len < 0)
			return;
		frame->len = (size_t)len;
		if (device->pool_nr < POOL)
			device->pool_nr++;
	}
}

static bool send_frame(int fd, const struct frame *frame)
{
	return send(fd, frame->at, frame->len, 0) >= 0;
}

/* What goes into one frame no more, and where its parts are. */
static const struct {
	uint8_t kind;
	uint16_t start, offset;
	struct format format;
} super_formats[] = {
	{ VIRTIO_NET_HDR_GSO_TCPV4, 34, 16,
	  { "tcp4", { { LINK, 0x0800 }, { GUESTS4, 6 } },
	    { { ANY, 4, 0 }, { ANY, 4, 0 }, { ANY, 4, 0 }, { FIXED, 2, 0x5010 },
	      { ANY, 2, 0 }, { FIXED, 2, 0 }, { FIXED, 2, 0 } } } },
	{ VIRTIO_NET_HDR_GSO_TCPV6, 54, 16,
	  { "tcp6", { { LINK, 0x86dd }, { GUESTS6, 6 } },
	    { { ANY, 4, 0 }, { ANY, 4, 0 }, { ANY, 4, 0 }, { FIXED, 2, 0x5010 },
	      { ANY, 2, 0 }, { FIXED, 2, 0 }, { FIXED, 2, 0 } } } },
	{ GSO_UDP_L4, 34, 6,
	  { "udp4", { { LINK, 0x0800 }, { GUESTS4, 17 } },
	    { { ANY, 2, 0 }, { SEEN, 2, 0 }, { REST, 2, 4 }, { FIXED, 2, 0 } } } },
};

static bool send_super(int fd)
{
	size_t which = rng_below(&rng, NR(super_formats));
	static uint8_t more[SUPER_MAX];
	static struct frame frame;
	struct virtio_net_hdr header;
	struct iovec iov[] = {
		{ &header, sizeof(header) },
		{ frame.at, 0 },
		{ more, rng_below(&rng, SUPER_MAX) },
	};

	describe(&frame, &super_formats[which].format);
	if (rng_percent(&rng, 20))
		RNG_PICK(&rng, alterations).alter(&frame);
	iov[1].iov_len = frame.len;
	header = (struct virtio_net_hdr) {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = super_formats[which].kind,
		.hdr_len = (uint16_t)frame.len,
		.gso_size = rng_percent(&rng, 80) ? 1 + rng_below(&rng, 9000) :
			    (uint16_t)rng_edge(&rng),
		.csum_start = super_formats[which].start,
		.csum_offset = super_formats[which].offset,
	};
	if (rng_percent(&rng, 20))
		((uint8_t *)&header)[rng_below(&rng, sizeof(header))] = (uint8_t)rng_edge(&rng);
	if (rng_percent(&rng, 10))
		header.gso_type |= VIRTIO_NET_HDR_GSO_ECN;
	return writev(fd, iov, NR(iov)) >= 0;
}

static uint64_t described[NR(formats)], altered[NR(alterations)], supers;
static uint64_t described_good[NR(formats)], altered_good[NR(alterations)], supers_good;

static void send_described(struct device *device)
{
	size_t which = rng_below(&rng, NR(formats));
	static struct frame frame;

	describe(&frame, &formats[which]);
	if (rng_percent(&rng, 85))
		repair(frame.at, frame.len, NULL, 0);
	described[which]++;
	described_good[which] += send_frame(device->fd, &frame);
}

static void send_altered(struct device *device)
{
	const struct frame *was = &device->pool[rng_below(&rng, (uint32_t)device->pool_nr)];
	struct frame frame = *was;
	size_t which;

	do {
		which = rng_below(&rng, NR(alterations));
		if (!frame.len)
			break;
		alterations[which].alter(&frame);
	} while (rng_percent(&rng, 40));
	if (rng_percent(&rng, 80))
		repair(frame.at, frame.len, was->at, was->len);
	altered[which]++;
	altered_good[which] += send_frame(device->fd, &frame);
}

int main(int argc, char **argv)
{
	struct device *device;
	int one = 1, nr, i;
	uint64_t end;
	size_t n;

	if (argc < 4 || argc > 3 + DEVICES)
		return fprintf(stderr, "usage: storm-frame SEED SECONDS DEV...\n"), 2;
	rng_begin(&rng, strtoull(argv[1], NULL, 10), 100);
	nr = argc - 3;
	for (i = 0; i < nr; i++) {
		devices[i].fd = open_device(argv[3 + i], ETH_P_ALL);
		devices[i].super = open_device(argv[3 + i], 0);
		if (setsockopt(devices[i].super, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof(one)))
			return perror("PACKET_VNET_HDR"), 1;
	}
	end = now_ms() + 1000 * strtoul(argv[2], NULL, 10);
	while (now_ms() < end) {
		device = &devices[rng_below(&rng, (uint32_t)nr)];
		listen_to(device);
		for (n = 0; n < BATCH; n++) {
			if (rng_percent(&rng, 3)) {
				supers++;
				supers_good += send_super(device->super);
			} else if (device->pool_nr && rng_percent(&rng, 60)) {
				send_altered(device);
			} else {
				send_described(device);
			}
		}
		/* The frames are for others to receive. */
		usleep(1000);
	}
	for (n = 0; n < NR(formats); n++)
		tell("storm-frame", formats[n].name, described[n], described_good[n]);
	for (n = 0; n < NR(alterations); n++)
		tell("storm-frame", alterations[n].name, altered[n], altered_good[n]);
	tell("storm-frame", "super-frame", supers, supers_good);
	return 0;
}
