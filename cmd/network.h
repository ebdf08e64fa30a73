/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CMD_NETWORK_H
#define CMD_NETWORK_H
#include "cmd/verbs.h"

extern const struct verb verb_network;
extern const struct verb verb_list_networks, verb_inspect_networks, verb_connect_network, verb_disconnect_network;
#endif
