// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>

#include "tap.h"
#include "unit.h"
#include "vmnetctl.h"

bool want_json;

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	test_parse();
	test_args();
	test_output();
	test_netlink();
	test_rows();
	test_ping();
	return tap_end();
}
