#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# DHCP servers as instances on these kernels, by bridges, a macvlan and relays: the whole of integration/dhcp.sh.
# kernels: 6.1
[ -n "${KIST_TESTBED-}" ] || { echo '1..0 # SKIP runs in a test host: tests/testbed/run'; exit 0; }
exec bash "$SRCDIR/tests/integration/dhcp.sh"
