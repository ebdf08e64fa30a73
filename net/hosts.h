/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_HOSTS_H
#define NET_HOSTS_H
/*
 * A file as hosts(5) has it, which programs read while it is changed.  It is bound into instances, and a bind mount shows
 * an inode, so it is never replaced: it is changed in place, and every change takes effect by the writing of one byte.
 * A line comes as a comment, whose '#' its first character then replaces; a line goes when '#' replaces that.  What is
 * blank after a '#' is room for the next line.  A reader finds a line or does not find it; only who stops in the middle
 * of a line until another one has taken its place finds the rest of that.  Killed half-way, this leaves a comment.
 *
 * Of two lines of one family with the same name resolvers take the first: a line whose names others have comes after theirs.
 * Whoever changes it holds the lock "networks".  Every function returns ≥ 0 or -errno without a sentence.
 */
#include "base/text.h"
#include "oci/bind.h"

struct net_hosts {
	int fd;
	bool torn; /* behind `text` is a part of a line, which the next change takes away */
	struct text text;
};
#define NET_HOSTS_NONE { .fd = -1 }
void net_hosts_done(struct net_hosts *h);
#define auto_hosts __attribute__((cleanup(net_hosts_done))) struct net_hosts

/* An existing file or, with O_CREAT in `more`, a new one.  -EWOULDBLOCK: a program holds a lease on it (fcntl(2)). */
int net_hosts_open(struct arena *a, int dir, const char *path, int more, struct net_hosts *out);
/* Begins with this comment: 1; otherwise it does now, and all that it had is gone: 0. */
int net_hosts_head(struct net_hosts *h, const char *head);
int net_hosts_add(struct net_hosts *h, const char *line); /* that is there already: stays where it is */
int net_hosts_drop(struct net_hosts *h, const char *line);
int net_hosts_settle(struct net_hosts *h, const strings *lines); /* these and no others */
/* The lines that say something; `address`: those that begin with it, NULL: all. */
void net_hosts_lines(const struct net_hosts *h, const char *address, struct strv *out);
/* A line of this text leads one of the names anywhere. */
bool net_hosts_know(const char *text, size_t len, const strings *names);
#endif
