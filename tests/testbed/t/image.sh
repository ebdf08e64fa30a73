#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Images on these kernels: other rules for links, attributes and Landlock.
# kernels: 6.1
[ -n "${KIST_TESTBED-}" ] || { echo '1..0 # SKIP runs in a test host: tests/testbed/run'; exit 0; }
exec bash "$SRCDIR/tests/integration/image.sh"
