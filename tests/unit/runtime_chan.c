/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The conversation between parent and child, and what a confused or dying peer can do to it. */
#include "runtime/chan.h"

#include <sys/socket.h>

#include "base/fd.h"
#include "unit.h"

struct pair {
	struct chan parent, child;
	unsigned fds; /* open before */
};

static struct pair talk(void)
{
	struct pair p = { .fds = open_fds() };
	int s[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, s), 0);
	p.parent = (struct chan){ s[0], PARENT };
	p.child = (struct chan){ s[1], CHILD };
	return p;
}

/* Also proves that nothing that came along is still open. */
static void end(struct pair *p)
{
	fd_done(&p->parent.fd);
	fd_done(&p->child.fd);
	assert_int_equal(open_fds(), p->fds);
}

static const struct {
	enum chan_side from;
	size_t fds;
	const char *what;
} rows[MSG_N] = {
#define M(id, what, from, fds) { from, fds, what },
	CHAN_MSGS(M)
#undef M
};

static int raw(const struct chan *c, const void *data, size_t len, size_t nfds)
{
	union {
		struct cmsghdr head;
		char buf[CMSG_SPACE(sizeof(int) * 200)];
	} ctl = { 0 };
	struct iovec iov = { (void *)(size_t)data, len };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (nfds) {
		m.msg_control = &ctl;
		m.msg_controllen = CMSG_SPACE(sizeof(int) * nfds);
		ctl.head = (struct cmsghdr){ CMSG_LEN(sizeof(int) * nfds), SOL_SOCKET, SCM_RIGHTS };
		for (size_t i = 0; i < nfds; i++)
			memcpy(CMSG_DATA(&ctl.head) + i * sizeof(int), &c->fd, sizeof(int));
	}
	return sendmsg(c->fd, &m, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* Every message from its side only; with the most descriptors it may carry, and not one more. */
static void each_has_its_side(void **state)
{
	(void)state;
	for (int m = 0; m < MSG_N; m++) {
		struct pair p = talk();
		const struct chan *from = rows[m].from == PARENT ? &p.parent : &p.child;
		const struct chan *to = rows[m].from == PARENT ? &p.child : &p.parent;
		int out[CHAN_FDS + 1], in[CHAN_FDS + 1], pid = 4711, got = 0;
		struct chan_load send = { &pid, sizeof(pid), out, rows[m].fds };
		struct chan_load take = { &got, sizeof(got), in, rows[m].fds };
		struct err e;

		for (size_t i = 0; i <= CHAN_FDS; i++)
			out[i] = p.parent.fd;
		assert_int_equal(chan_send(to, (enum chan_msg)m, NULL, &e), -EPROTO);
		send.nfds = rows[m].fds + 1;
		assert_int_equal(chan_send(from, (enum chan_msg)m, &send, &e), -EPROTO);
		send.nfds = rows[m].fds;
		assert_int_equal(chan_send(from, (enum chan_msg)m, &send, &e), 0);
		assert_int_equal(chan_expect(to, (enum chan_msg)m, &take, &e), 0);
		assert_int_equal(got, 4711);
		for (size_t i = 0; i < rows[m].fds; i++) {
			assert_int_equal(fcntl(in[i], F_GETFD), FD_CLOEXEC);
			close(in[i]);
		}
		end(&p);
	}
}

static void the_other_one_came(void **state)
{
	struct pair p = talk();
	struct err e;

	(void)state;
	assert_int_equal(chan_send(&p.child, MSG_SPACES, NULL, &e), 0);
	assert_int_equal(chan_expect(&p.parent, MSG_READY, NULL, &e), -EPROTO);
	assert_string_equal(e.msg, "expected \"container built\", got \"namespaces entered\"");
	end(&p);
}

static void the_childs_own_sentence(void **state)
{
	struct pair p = talk();
	struct err said = { ENOEXEC, "exec \"/x\": no" }, e = { 0 };

	(void)state;
	chan_fail(&p.child, &said);
	assert_int_equal(chan_expect(&p.parent, MSG_READY, NULL, &e), -ENOEXEC);
	assert_string_equal(e.msg, "exec \"/x\": no");
	chan_fail(&p.child, &said);
	assert_int_equal(chan_expect_end(&p.parent, &e), -ENOEXEC);
	/* A sentence without an end, and one without a number, come from a child that is beside itself. */
	memset(&said, 'x', sizeof(said));
	said.code = 0;
	chan_fail(&p.child, &said);
	assert_int_equal(chan_expect(&p.parent, MSG_READY, NULL, &e), -EIO);
	assert_int_equal(strlen(e.msg), sizeof(e.msg) - 1);
	chan_fail(&p.parent, &said); /* the parent has no failures to tell */
	fd_done(&p.parent.fd);
	assert_int_equal(chan_expect(&p.child, MSG_GO, NULL, &e), -ECHILD);
	end(&p);
}

static void the_end(void **state)
{
	struct pair p = talk();
	struct err e;

	(void)state;
	fd_done(&p.child.fd);
	assert_int_equal(chan_expect(&p.parent, MSG_READY, NULL, &e), -ECHILD);
	assert_string_equal(e.msg, "the other side died before \"container built\"");
	assert_int_equal(chan_expect_end(&p.parent, &e), 0);
	assert_int_equal(chan_send(&p.parent, MSG_GO, NULL, &e), -EPIPE);
	assert_string_equal(e.msg, "the other side died before it heard \"start\"");
	end(&p);
	p = talk();
	assert_int_equal(chan_send(&p.child, MSG_READY, NULL, &e), 0);
	assert_int_equal(chan_expect_end(&p.parent, &e), -EPROTO); /* not an end */
	end(&p);
}

/* Frames that no chan_send makes: refused, and whatever descriptors they bring are closed. */
static void malformed_frames(void **state)
{
	static const struct {
		unsigned words[4];
		size_t len;
	} frames[] = {
		{ { 0 }, 1 },
		{ { 0 }, 0 }, /* taken for the end */
		{ { MSG_READY }, 4 },
		{ { MSG_READY, 1 }, 8 },
		{ { MSG_READY, 0 }, 9 },
		{ { MSG_READY, UINT32_MAX }, 16 },
		{ { MSG_N, 0 }, 8 },
		{ { UINT32_MAX, 0 }, 8 },
		{ { MSG_READY, 8, 1, 2 }, 16 },	 /* a load where none belongs */
		{ { MSG_ERR, 8, 1, 2 }, 16 },	 /* a failure that is too short */
		{ { MSG_BORN, 4, 1 }, 12 },	 /* another message */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(frames); i++)
		for (size_t fds = 0; fds < 70; fds += 23) {
			struct pair p = talk();
			struct err e;

			assert_int_equal(raw(&p.child, frames[i].words, frames[i].len, fds), 0);
			assert_int_equal(chan_expect(&p.parent, MSG_READY, NULL, &e), frames[i].len ? -EPROTO : -ECHILD);
			assert_int_equal(raw(&p.child, frames[i].words, frames[i].len, fds), 0);
			assert_int_equal(chan_expect_end(&p.parent, &e), frames[i].len ? -EPROTO : 0);
			end(&p);
		}
}

static void descriptors_are_counted(void **state)
{
	unsigned terminal[] = { MSG_CONSOLE, 0 }, bare[] = { MSG_READY, 0 };

	(void)state;
	for (size_t sent = 0; sent < 100; sent += sent < 4 ? 1 : 19) {
		struct pair p = talk();
		int fd = -1;
		struct chan_load one = { .fds = &fd, .nfds = 1 };
		struct err e;

		assert_int_equal(raw(&p.child, terminal, sizeof(terminal), sent), 0);
		assert_int_equal(chan_expect(&p.parent, MSG_CONSOLE, &one, &e), sent == 1 ? 0 : -EPROTO);
		assert_int_equal(fd >= 0, sent == 1);
		fd_done(&fd);
		assert_int_equal(raw(&p.child, bare, sizeof(bare), sent), 0);
		assert_int_equal(chan_expect(&p.parent, MSG_READY, NULL, &e), sent ? -EPROTO : 0);
		end(&p);
	}
}

static void a_load_that_is_too_large(void **state)
{
	struct pair p = talk();
	char big[CHAN_BYTES + 1] = "", back[CHAN_BYTES];
	struct chan_load send = { big, sizeof(big), NULL, 0 }, take = { back, sizeof(back), NULL, 0 };
	struct err e;

	(void)state;
	assert_int_equal(chan_send(&p.child, MSG_READY, &send, &e), -EPROTO);
	send.len = CHAN_BYTES;
	assert_int_equal(chan_send(&p.child, MSG_READY, &send, &e), 0);
	assert_int_equal(chan_expect(&p.parent, MSG_READY, &take, &e), 0);
	end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_has_its_side),
		cmocka_unit_test(the_other_one_came),
		cmocka_unit_test(the_childs_own_sentence),
		cmocka_unit_test(the_end),
		cmocka_unit_test(malformed_frames),
		cmocka_unit_test(descriptors_are_counted),
		cmocka_unit_test(a_load_that_is_too_large),
	};

	return RUN(tests);
}
