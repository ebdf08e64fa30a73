#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The root out of layers on these kernels: they have no new way of mounting an overlay, and other rules for detached mounts.
[ -n "${KIST_TESTBED-}" ] || { echo '1..0 # SKIP runs in a test host: tests/testbed/run'; exit 0; }
exec bash "$SRCDIR/tests/integration/overlay.sh"
