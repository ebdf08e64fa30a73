#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Published ports on these kernels, whose conntrack, NAT and filters are modules: the whole of integration/ports.sh.
# kernels: 6.1
[ -n "${KIST_TESTBED-}" ] || { echo '1..0 # SKIP runs in a test host: tests/testbed/run'; exit 0; }
exec bash "$SRCDIR/tests/integration/ports.sh"
