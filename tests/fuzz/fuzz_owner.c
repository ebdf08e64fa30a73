/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notes of nf_tables, which whoever may change the firewall can write: a directory that was read can be written, and is the same again. */
#include "fuzz.h"
#include "net/owner.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	auto_arena a = { 0 };
	struct nft_note n = { .len = 0 };
	struct net_owner o, again;

	net_owner_read(&a, data, len, &o);
	net_owner_write(&n, o.home, o.mark);
	net_owner_read(&a, n.at, n.len, &again);
	if (!again.marked || (again.home && strcmp(again.home, o.home)))
		abort();
	return 0;
}
