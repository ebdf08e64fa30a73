/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_PLACE_H
#define NET_PLACE_H
#include <stdint.h>
#include <sys/types.h>

struct net_place {
	int data;     /* the data directory */
	const char *id;
	pid_t pid;    /* the container's init, and its start time: as long as it lives its addresses are taken */
	uint64_t start;
	int netns;
};
#endif
