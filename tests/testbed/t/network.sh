#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Networks and their firewall on these kernels, whose bridges, pairs and tables are modules: the whole of integration/network.sh.
# kernels: 6.1
[ -n "${KIST_TESTBED-}" ] || { echo '1..0 # SKIP runs in a test host: tests/testbed/run'; exit 0; }
exec bash "$SRCDIR/tests/integration/network.sh"
