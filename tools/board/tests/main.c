// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>

#include "unit.h"

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	test_tree();
	test_prefix();
	test_pool();
	test_lease();
	test_limit();
	test_view();
	test_etcd();
	test_model();
	test_races();
	test_store();
	return tap_end();
}
