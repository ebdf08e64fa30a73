/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_NAMES_H
#define NET_NAMES_H
/* Lines of hosts(5).  Pure. */
#include "base/text.h"
#include "oci/spec.h"

/* What a container is called: its host name, the first label of that, its id; without what is no name of a host, or everybody's own. */
strings net_names_of(struct arena *a, const char *hostname, const char *id);
/* The loopback's two lines, and behind them `lines`, whatever they are. */
void net_names_begin(struct strv *out, const strings *lines);
/* NAMES lead to ADDRESS or ADDRESS/PREFIX: one line, or several when they are many. */
void net_names_lines(struct strv *out, const char *address, const strings *names, const strings *more);
/* To itself alone: a container without an address. */
void net_names_alone(struct strv *out, const strings *names);
/* Unless it is there already; the case of letters means nothing in a name. */
void net_names_once(struct strv *v, const char *s);
#endif
