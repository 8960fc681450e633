// SPDX-License-Identifier: GPL-2.0
/* vmnetctl-board: [-j] VERB [ARGUMENT]..., as vmnetctl calls it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "verbs.h"

static const struct {
	const char *name;
	int (*run)(struct args *a);
} verbs[] = {
	{ "join", verb_join },
	{ "leave", verb_leave },
	{ "show-domains", verb_show_domains },
	{ "show-hosts", verb_show_hosts },
	{ "show-vms", verb_show_vms },
	{ "add-vm", verb_add_vm },
	{ "del-vm", verb_del_vm },
	{ "watch", verb_watch },
	{ "status", verb_status },
	{ "lab", verb_lab },
};

bool want_json;

int main(int argc, char **argv)
{
	struct args args;
	unsigned int i;
	int status;

	(void)argc;
	want_json = argv[1] && !strcmp(argv[1], "-j");
	args = (struct args){ .words = argv + 1 + want_json };
	args.verb = args_take(&args, "VERB");
	for (i = 0; i < ARRAY_SIZE(verbs); i++)
		if (!strcmp(verbs[i].name, args.verb))
			break;
	if (i == ARRAY_SIZE(verbs))
		die(STATUS_USAGE,
		    "there is no verb \"%s\" of boards; vmnetctl and vmnetctl-board are of different versions",
		    args.verb);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	status = verbs[i].run(&args);
	curl_global_cleanup();
	if (fflush(stdout) || ferror(stdout))
		die(STATUS_REFUSED, "cannot write: %s", strerror(errno));
	return status;
}
