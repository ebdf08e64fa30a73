/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/log.h"
#include "cmd/cli.h"
#include "instances/leave.h"
#include "runtime/reap.h"

/* The only place that prints errors: engines take the log file for exactly one record. */
int main(int argc, char **argv)
{
	static struct arena arena; /* dies with the process */
	struct err e = { 0 };
	int code;

	if (argc > 2 && !strcmp(argv[0], REAP_NAME))
		return reap_main(argv + 1);
	if (argc == INST_ENDED_ARGS && !strcmp(argv[1], INST_ENDED))
		return inst_ended(&arena, argv);
	if (cli_run(&arena, argc, argv, &code, &e) < 0)
		log_line(LOG_ERROR, "%s", e.msg);
	return code;
}
