/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/format.h"
#include "cmd/verbs.h"
#include "instances/life.h"

struct list_opts {
	int format;
	bool quiet;
};

static const struct opt rows[] = {
	O_WORD(struct list_opts, format, 'f', "format", "FORMAT", format_words, "what to print"),
	O_FLAG(struct list_opts, quiet, 'q', "quiet", "print the ids alone"),
};

static const char *as_json(struct arena *a, const ct_states *l)
{
	struct json_out *w = json_out_new(a, JSON_PRETTY);

	json_out_open(w, JSON_ARRAY);
	for (size_t i = 0; i < l->len; i++)
		oci_encode(&oci_state_object, &l->at[i], w);
	json_out_close(w, JSON_ARRAY);
	return json_out_text(w, NULL);
}

static const char *status(struct arena *a, const struct oci_state *s)
{
	return s->exit_code ? arena_printf(a, "exited (%lld)", (long long)*s->exit_code) : s->status;
}

static const char *as_table(struct arena *a, const ct_states *l)
{
	struct table t = { .arena = a, .columns = 7 };

	table_add(&t, (const char *[]){ "ID", "PID", "STATUS", "IMAGE", "BUNDLE", "CREATED", "OWNER" });
	for (size_t i = 0; i < l->len; i++) {
		const struct oci_state *s = &l->at[i];
		const char *pid = arena_printf(a, "%lld", s->pid ? (long long)*s->pid : 0);

		table_add(&t, (const char *[]){ s->id, pid, status(a, s), s->image ? s->image : "-", s->bundle,
						s->created, s->owner });
	}
	return table_text(&t);
}

static const char *as_ids(struct arena *a, const ct_states *l)
{
	struct text t = { .arena = a };

	for (size_t i = 0; i < l->len; i++)
		text_add(&t, "%s\n", l->at[i].id);
	return text_str(&t);
}

static int run(struct call *c, struct err *e)
{
	const struct list_opts *o = c->opts;
	struct arena *a = c->ctx.arena;
	ct_states l = { 0 };
	const char *out;
	int r = inst_states(&c->ctx, c->data, &l, e);

	if (r < 0)
		return r;
	out = o->quiet ? as_ids(a, &l) : o->format == FORMAT_JSON ? as_json(a, &l) : as_table(a, &l);
	return verb_print(out, e);
}

const struct verb verb_list = {
	.name = "list",
	.summary = "list containers",
	.detail = "Lists the containers whose state is kept under --root, and the instances under --data, also stopped ones. "
		  "Of an instance that has ended the status is exited, with the program's exit code, or 128 and the signal that "
		  "ended it.",
	.examples = { { "kist list", "A table." },
		      { "kist list --quiet", "The ids, one per line." },
		      { "kist list --format json", "All that \"kist state\" prints, of each." } },
	OPTS(struct list_opts, rows),
	.run = run,
};
