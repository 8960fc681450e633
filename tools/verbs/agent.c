// SPDX-License-Identifier: GPL-2.0
/* What is asked of vmnetd. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "buf.h"
#include "json.h"
#include "verbs.h"

static int connect_agent(const struct setup *s)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const struct timeval patience = { .tv_sec = ANSWER_TIMEOUT };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	memcpy(addr.sun_path, s->socket, sizeof(addr.sun_path));
	if (!setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) &&
	    !connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		return fd;
	close(fd);
	return -1;
}

json_t *agent_ask(const struct setup *s, const char *cmd)
{
	int fd = connect_agent(s), err;
	struct buf line = { };
	json_t *answer = NULL;
	char question[64];
	ssize_t n;

	if (fd < 0)
		return NULL;
	n = snprintf(question, sizeof(question), "{\"cmd\": \"%s\"}\n", cmd);
	n = send(fd, question, n, MSG_NOSIGNAL);
	while (n > 0) {
		n = recv(fd, buf_room(&line, 65536), 65536, 0);
		if (n > 0)
			line.len += n;
	}
	err = n < 0 ? errno : EPROTO;
	close(fd);
	if (!n)
		answer = json_loadb(line.p ? line.p : "", line.len, 0, NULL);
	buf_free(&line);
	errno = err;
	return answer;
}

bool agent_reload(const struct setup *s)
{
	json_t *answer = agent_ask(s, "reload");

	if (!answer)
		return false;
	if (*json_text(answer, "error"))
		die(STATUS_REFUSED, "vmnetd: %s", json_text(answer, "error"));
	json_decref(answer);
	return true;
}
