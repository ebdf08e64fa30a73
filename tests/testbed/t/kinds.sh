#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Networks that share an interface of the host, and VLANs, where the kernel has all of them: the whole of integration/kinds.sh.
# kernels: 6.12
[ -n "${KIST_TESTBED-}" ] || { echo '1..0 # SKIP runs in a test host: tests/testbed/run'; exit 0; }
exec bash "$SRCDIR/tests/integration/kinds.sh"
