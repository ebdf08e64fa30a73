#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Ports that the host itself listens at, SCTP's as well, which is a module: the whole of integration/occupied.sh.
# kernels: 6.12
[ -n "${KIST_TESTBED-}" ] || { echo '1..0 # SKIP runs in a test host: tests/testbed/run'; exit 0; }
exec bash "$SRCDIR/tests/integration/occupied.sh"
