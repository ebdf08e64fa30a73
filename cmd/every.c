/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs of kist.  kist-image, which has a list of its own, is linked without this file. */
#include "cmd/image.h"
#include "cmd/network.h"
#include "cmd/tree.h"
#include "cmd/verbs.h"
#include "cmd/volume.h"

/* In the order of --help. */
const struct verb *const verbs[] = {
	&verb_run,      &verb_create,   &verb_start,    &verb_exec,     &verb_logs,     &verb_wait,     &verb_stop,
	&verb_kill,     &verb_pause,    &verb_resume,   &verb_update,   &verb_delete,   &verb_cp,       &verb_commit,
	&verb_export,   &verb_list,     &verb_state,    &verb_ps,       &verb_stats,    &verb_events,   &verb_spec,
	&verb_features, &verb_image,    &verb_volume,   &verb_network,  &verb_system,   &verb_help,     &verb_completion,
	&verb_docs,     NULL,
};
