#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The firewall table of a kernel that has had notes on tables for a short while only: saved and loaded, and whose it is.
# kernels: 6.1
[ -n "${KIST_TESTBED-}" ] || { echo '1..0 # SKIP runs in a test host: tests/testbed/run'; exit 0; }
exec bash "$SRCDIR/tests/integration/ruleset.sh"
