// SPDX-License-Identifier: GPL-2.0
/* Requests to the kernel: commands, and dumps that become tables. */
#include <errno.h>
#include <linux/rrdp.h>
#include <linux/vmnet.h>
#include <netlink/netlink.h>
#include <string.h>
#include <unistd.h>

#include "ifname.h"
#include "vmnetctl.h"

/* How often a dump that the kernel could not finish undisturbed is read. */
#define DUMP_TRIES	4

void no_module(const char *module)
{
	die(STATUS_NO_MODULE,
	    "the kernel module %s is not loaded; load it with \"modprobe %s\"",
	    module, module);
}

void open_rrdp(struct nlk *nl)
{
	if (!nlk_open_family(nl, RRDP_GENL_NAME))
		no_module("rrdp");
}

void open_vmnet(struct nlk *nl)
{
	if (!nlk_open_family(nl, VMNET_GENL_NAME))
		no_module("vmnet");
}

static void say_fault(const struct nlk *nl, const struct nlmsghdr *request,
		      const struct nlk_names *names)
{
	const struct nlk_fault *f = &nl->fault;
	const char *text = f->text, *hint = nlk_fault_hint(nl);
	char attr[128];

	if (!*text) {
		text = strerror(f->error);
		if (f->error == EPERM)
			hint = "; only root may do that";
	}
	if (nlk_fault_attr(nl, request, names, attr, sizeof(attr)))
		complain("%s (%s: %s)%s", text,
			 f->is_missing ? "missing" : "attribute", attr, hint);
	else
		complain("%s%s", text, hint);
}

void read_switch(struct args *a, struct keyword *kw)
{
	if (!kw->given)
		return;
	kw->number = !strcmp(kw->text, "on");
	if (!kw->number && strcmp(kw->text, "off"))
		usage_error(a, "expected \"on\" or \"off\" after \"%s\", not \"%s\"",
			    kw->name, kw->text);
}

int command(struct nlk *nl, struct nl_msg *msg, const struct nlk_names *names)
{
	int ret = nlk_transact(nl, msg, NULL, NULL);

	if (ret)
		say_fault(nl, nlmsg_hdr(msg), names);
	else if (*nl->fault.text)
		complain("%s", nl->fault.text);	/* done, but the kernel warns */
	nlmsg_free(msg);
	return ret ? STATUS_REFUSED : STATUS_OK;
}

struct row_arg {
	struct table *table;
	row_fn row;
};

static int make_row(const struct nlmsghdr *nlh, void *arg)
{
	struct row_arg *r = arg;

	return r->row(r->table, nlh);
}

/* Reads one source. A dump that was disturbed is thrown away and read again. */
static int show_source(const struct source *s, struct table *t)
{
	const struct view *v = s->view;
	struct row_arg arg = { .table = t, .row = v->row };
	size_t len = t->out->len;
	unsigned int rows = t->rows;
	int try, ret = 0;

	for (try = 0; try < DUMP_TRIES; try++) {
		struct nl_msg *msg = nlk_genl_request(s->nl, v->cmd, v->flags);

		t->out->len = len;
		t->rows = rows;
		if (s->net)
			nla_put_u32(msg, v->net_attr, s->net);
		ret = nlk_transact(s->nl, msg, make_row, &arg);
		if (ret && ret != -ENOBUFS && ret != -EINTR)
			say_fault(s->nl, nlmsg_hdr(msg), v->names);
		nlmsg_free(msg);
		if (!ret && !s->nl->interrupted)
			return STATUS_OK;
		if (ret && ret != -ENOBUFS && ret != -EINTR)
			return STATUS_REFUSED;
	}
	if (ret) {
		complain("the kernel sent more than could be read, %d times: %s",
			 DUMP_TRIES, strerror(-ret));
		return STATUS_REFUSED;
	}
	complain("the table changed while it was read: entries may be missing or there twice");
	return STATUS_OK;
}

int print_out(struct buf *out)
{
	int ret = buf_flush(out, STDOUT_FILENO);

	if (!ret)
		return STATUS_OK;
	complain("cannot write: %s", strerror(-ret));
	return STATUS_REFUSED;
}

int show(const struct source *sources, unsigned int count)
{
	struct buf out = { };
	struct table t;
	int status = STATUS_OK;
	unsigned int i;

	table_begin(&t, &out, want_json ? TABLE_JSON : TABLE_TEXT,
		    sources->view->columns, sources->view->count);
	for (i = 0; i < count && status == STATUS_OK; i++)
		status = show_source(&sources[i], &t);
	table_end(&t);
	if (status == STATUS_OK)
		status = print_out(&out);
	buf_free(&out);
	return status;
}

int show_view(struct args *a, const struct view *view,
	      void (*open_family)(struct nlk *nl))
{
	const char *net = NULL;
	struct nlk nl;
	struct source s = { .nl = &nl, .view = view };
	int status;

	if (view->net_attr && *a->words)
		net = args_take(a, "NET");
	args_end(a);
	open_family(&nl);
	if (net)
		s.net = ifname_index(net);
	status = show(&s, 1);
	nlk_close(&nl);
	return status;
}
