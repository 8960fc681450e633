// SPDX-License-Identifier: GPL-2.0
/* The configuration of vmnet-board: wrong ones end it with status 2. */
#include "config.h"
#include "die.h"
#include "error.h"
#include "file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct config c;

	if (setjmp(die_to)) {
		must(die_status == STATUS_USAGE, "the status of a wrong configuration");
		return 0;
	}
	config_read(&c, file_of(data, size));
	must(!*c.certificate == !*c.key && !*c.etcd_user == !*c.etcd_password,
	     "one without the other");
	must(c.body_max && c.rate && c.connections, "a board that answers nobody");
	return 0;
}
