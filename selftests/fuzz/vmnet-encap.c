// SPDX-License-Identifier: GPL-2.0
/*
 * The header in front of a tunnelled frame, and the extension: only what this end knows
 * is taken, and it is what would be built. Then two headers made of the octets.
 */
#include "../../kmod/vmnet/encap.h"
#include "input.h"

static void check_plain(const uint8_t *p, size_t avail, size_t len)
{
	__u32 vni = ~0u;
	uint8_t built[VMNET_HLEN];

	if (vmnet_encap_parse(p, avail, len, &vni)) {
		must(vni == ~0u, "a VNI of a frame that is refused");
		return;
	}
	must(!(vni >> 24), "a VNI of more than 24 bits");
	must(!vmnet_encap_has_ext(p, avail), "a frame with an extension, taken without");
	must(len >= VMNET_HLEN + VMNET_INNER_HLEN, "a frame without an Ethernet header");
	vmnet_encap_build(built, vni);
	must(!memcmp(built, p, sizeof(built)), "a header that is built is another");
}

static void check_ext(const uint8_t *p, size_t avail, size_t len)
{
	struct vmnet_ext ext;
	uint8_t built[VMNET_HLEN + VMNET_EXT_HLEN];

	if (vmnet_ext_parse(p, avail, len, &ext))
		return;
	must(vmnet_encap_has_ext(p, avail), "an extension that is none");
	must(ext.node && !(ext.vni >> 24) && ext.hello <= VMNET_HELLO_ALIVE, "what it says");
	must(ext.hello ? len == sizeof(built) : len >= sizeof(built) + VMNET_INNER_HLEN,
	     "a message of another length");
	vmnet_ext_build(built, &ext);
	must(!memcmp(built, p, sizeof(built)), "an extension that is built is another");
}

/* What this end builds every end takes. */
static void check_own(struct input *in)
{
	uint8_t p[VMNET_HLEN + VMNET_EXT_HLEN];
	struct vmnet_ext ext = {
		.vni = input_u32(in) & 0xffffff,
		.hello = input_u8(in) % (VMNET_HELLO_ALIVE + 1),
		.node = input_u32(in) | 1,
		.counter = input_u32(in),
	}, again;
	size_t len = sizeof(p) + (ext.hello ? 0 : VMNET_INNER_HLEN);
	__u32 vni;

	vmnet_ext_build(p, &ext);
	must(vmnet_ext_parse(p, sizeof(p), len, &again) == VMNET_ENCAP_OK &&
	     again.vni == ext.vni && again.hello == ext.hello && again.node == ext.node &&
	     again.counter == ext.counter, "the own extension");
	must(vmnet_encap_parse(p, sizeof(p), 1500, &vni) == VMNET_ENCAP_FLAGS,
	     "the own extension, to who knows none");
	vmnet_encap_build(p, ext.vni);
	must(vmnet_encap_parse(p, VMNET_HLEN, 1500, &vni) == VMNET_ENCAP_OK && vni == ext.vni,
	     "the own header");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	/* Some of the message lies elsewhere. */
	size_t beyond = input_u16(&in) % 2048, avail;
	uint8_t *p = input_copy(&in, input_u8(&in) % 64, &avail);

	vmnet_encap_has_ext(p, avail);
	check_plain(p, avail, avail + beyond);
	check_ext(p, avail, avail + beyond);
	check_own(&in);
	free(p);
	return 0;
}
