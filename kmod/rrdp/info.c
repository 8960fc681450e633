// SPDX-License-Identifier: GPL-2.0
/* What there is to say of a connection. */
#include <linux/math64.h>

#include "conn.h"

/* Segments that the peer can take: by its credit, or else by its window. */
static u32 credit(const struct rrdp_pcb *pcb)
{
	if (!(pcb->options & RRDP_OPT_CREDIT))
		return pcb->snd_max - (u32)(pcb->snd_nxt - pcb->snd_una);
	return pcb->snd_edge > pcb->snd_nxt ?
	       (u32)(pcb->snd_edge - pcb->snd_nxt) : 0;
}

static u64 msec_since(u64 time, u64 now)
{
	return now > time ? div_u64(now - time, RRDP_MSEC) : 0;
}

/* Under the lock of @conn. */
static void get_info(const struct rrdp_conn *conn, struct rrdp_info *info)
{
	const struct rrdp_pcb *pcb = &conn->pcb;
	u64 now = rrdp_now();

	*info = (struct rrdp_info) {
		/* It will connect as soon as it knows where its peer is. */
		.state = conn->started ? pcb->state : RRDP_SYN_SENT,
		.local_port = pcb->cfg.local_port,
		.peer_port = pcb->cfg.peer_port,
		.options = pcb->options,
		.peer_node = pcb->cfg.peer_node,
		.srtt = (u32)div_u64(pcb->srtt, RRDP_USEC),
		.rttvar = (u32)div_u64(pcb->rttvar, RRDP_USEC),
		.rto = (u32)div_u64(pcb->rto, RRDP_USEC),
		.cwnd = pcb->cwnd,
		.ssthresh = pcb->ssthresh,
		.credit = credit(pcb),
		.inflight = (u32)(pcb->snd_nxt - pcb->snd_una),
		.tx_segs = pcb->n_tx,
		.rx_segs = pcb->n_rx,
		.retrans = pcb->n_retrans,
		.spurious = pcb->n_spurious,
		.eacked = pcb->n_eacked,
		.ooo = pcb->n_ooo,
		.zc_sent = conn->zc_sent,
		.zc_copied = conn->zc_copied,
		.age = msec_since(conn->born, now),
		.heard = msec_since(max(pcb->last_heard, conn->born), now),
	};
}

void rrdp_conn_info(struct rrdp_conn *conn, struct rrdp_info *info)
{
	spin_lock_bh(&conn->lock);
	get_info(conn, info);
	spin_unlock_bh(&conn->lock);
}
