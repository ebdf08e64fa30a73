#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The host's own 127.0.0.1 on these kernels: the whole of integration/loopback.sh.
# kernels: 6.12
[ -n "${KIST_TESTBED-}" ] || { echo '1..0 # SKIP runs in a test host: tests/testbed/run'; exit 0; }
exec bash "$SRCDIR/tests/integration/loopback.sh"
