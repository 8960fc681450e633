// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control.h"
#include "error.h"
#include "json.h"
#include "memory.h"
#include "status.h"

enum {
	CLIENTS_MAX	= 16,
	LINE_MAX_LEN	= 4096,		/* octets of a question */
	IDLE_MS		= 10000,	/* for a question to come, and an answer to go */
};

/**
 * struct client - somebody who asks
 * @control: of it
 * @next: another
 * @fd: in the loop
 * @timer: how long it may take
 * @line: the question
 * @len: octets of it
 * @out: the answer
 * @sent: octets of it
 */
struct client {
	struct control *control;
	struct client *next;
	struct loop_fd fd;
	struct loop_timer timer;
	char line[LINE_MAX_LEN];
	size_t len;
	struct buf out;
	size_t sent;
};

static void drop(void *arg)
{
	struct client *c = arg, **p = &c->control->clients;
	struct loop *l = &c->control->agent->loop;

	while (*p != c)
		p = &(*p)->next;
	*p = c->next;
	c->control->count--;
	loop_remove(l, &c->fd);
	loop_cancel(l, &c->timer);
	close(c->fd.fd);
	buf_free(&c->out);
	free(c);
}

static json_t *refuse(const char *why)
{
	return json_pack("{s:s}", "error", why);
}

static json_t *answer(struct agent *a, const char *line, size_t len)
{
	json_t *o = json_loadb(line, len, 0, NULL), *out;
	const char *cmd = json_text(o, "cmd");
	char error[512];

	if (!strcmp(cmd, "status"))
		out = status_make(a);
	else if (!strcmp(cmd, "reload"))
		out = agent_reload(a, error) ? json_object() : refuse(error);
	else
		out = refuse("expected {\"cmd\": \"status\"} or {\"cmd\": \"reload\"}");
	json_decref(o);
	return out;
}

static void send_some(struct client *c)
{
	ssize_t n = send(c->fd.fd, c->out.p + c->sent, c->out.len - c->sent,
			 MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n > 0)
		c->sent += n;
	if ((n < 0 && errno != EAGAIN && errno != EINTR) || c->sent == c->out.len)
		drop(c);
}

static void reply(struct client *c, json_t *o)
{
	char *text = json_dumps(o, JSON_COMPACT);

	json_decref(o);
	if (!text)
		die(STATUS_REFUSED, "not enough memory");
	buf_puts(&c->out, text);
	buf_putc(&c->out, '\n');
	free(text);
	loop_change(&c->control->agent->loop, &c->fd, EPOLLOUT);
	loop_after(&c->control->agent->loop, &c->timer, IDLE_MS);
}

static void receive_some(struct client *c)
{
	ssize_t n = recv(c->fd.fd, c->line + c->len, sizeof(c->line) - c->len, MSG_DONTWAIT);
	char *end;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		drop(c);
		return;
	}
	c->len += n;
	end = memchr(c->line, '\n', c->len);
	if (end)
		reply(c, answer(c->control->agent, c->line, end - c->line));
	else if (c->len == sizeof(c->line))
		reply(c, refuse("the line is too long"));
}

static void on_client(void *arg, uint32_t events)
{
	struct client *c = arg;

	if (c->out.len)
		send_some(c);
	else if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		receive_some(c);
}

static void on_listen(void *arg, uint32_t events)
{
	struct control *control = arg;
	int fd = accept4(control->listen.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct client *c;

	(void)events;
	if (fd < 0)
		return;
	/* Who keeps the others waiting is dropped soon enough. */
	if (control->count == CLIENTS_MAX) {
		close(fd);
		return;
	}
	c = memory_new(sizeof(*c));
	c->control = control;
	c->fd = (struct loop_fd){ fd, on_client, c };
	c->timer = (struct loop_timer){ .fn = drop, .arg = c };
	c->next = control->clients;
	control->clients = c;
	control->count++;
	loop_add(&control->agent->loop, &c->fd, EPOLLIN);
	loop_after(&control->agent->loop, &c->timer, IDLE_MS);
}

/* A socket that nobody listens at is left of somebody who was killed. */
static bool is_dead(const struct sockaddr_un *addr)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool dead;

	dead = fd >= 0 && connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) &&
	       errno == ECONNREFUSED;
	close(fd);
	return dead;
}

void control_open(struct control *c, struct agent *a)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t mask;
	int err;

	*c = (struct control){ .agent = a };
	memcpy(addr.sun_path, a->setup.socket, sizeof(addr.sun_path));
	if (is_dead(&addr))
		unlink(addr.sun_path);
	mask = umask(0177);
	err = fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(fd, 16);
	umask(mask);
	if (err && errno == EADDRINUSE)
		die(STATUS_REFUSED, "another vmnetd has %s", addr.sun_path);
	if (err)
		die(STATUS_REFUSED, "cannot make %s: %s", addr.sun_path, strerror(errno));
	c->listen = (struct loop_fd){ fd, on_listen, c };
	loop_add(&a->loop, &c->listen, EPOLLIN);
}

void control_close(struct control *c)
{
	while (c->clients)
		drop(c->clients);
	loop_remove(&c->agent->loop, &c->listen);
	close(c->listen.fd);
	unlink(c->agent->setup.socket);
}
