/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/proc.h"
#include "cmd/format.h"
#include "cmd/verbs.h"

struct ps_opts {
	int format;
};

static const struct opt rows[] = {
	O_WORD(struct ps_opts, format, 'f', "format", "FORMAT", format_words,
	       "print what ps(1) says about the processes, or their pids as a JSON array"),
};

enum { MAX_OUTPUT = 64 << 20 };

static const char *as_json(struct arena *a, const ct_pids *l)
{
	struct json_out *w = json_out_new(a, JSON_COMPACT);

	json_out_open(w, JSON_ARRAY);
	for (size_t i = 0; i < l->len; i++)
		json_out_i64(w, l->at[i]);
	json_out_close(w, JSON_ARRAY);
	return arena_printf(a, "%s\n", json_out_text(w, NULL));
}

/* Fixed places: engines call kist with an empty environment, and nothing of ours is looked up in PATH. */
static int spawn_ps(const char *const *argv, int out, pid_t *pid)
{
	static const char *const places[] = { "/usr/bin/ps", "/bin/ps" };
	static const char *const env[] = { "LC_ALL=C.UTF-8", NULL };
	posix_spawn_file_actions_t files;
	int r = ENOENT;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	for (size_t i = 0; r && i < sizeof(places) / sizeof(places[0]); i++)
		r = posix_spawn(pid, places[i], &files, NULL, (char *const *)argv, (char *const *)env);
	posix_spawn_file_actions_destroy(&files);
	return -r;
}

static int run_ps(struct arena *a, const struct args *args, char **out, struct err *e)
{
	struct strv argv = { .arena = a };
	auto_fd in = -1, end = -1;
	int pipes[2], r, status = 0;
	pid_t pid;
	size_t len;

	strv_add(&argv, "ps");
	for (int i = 0; i < args->n; i++)
		strv_add(&argv, args->at[i]);
	if (!args->n)
		strv_add(&argv, "-ef");
	if (pipe2(pipes, O_CLOEXEC) < 0)
		return err_sys(e, "make a pipe");
	in = pipes[0];
	end = pipes[1];
	r = spawn_ps(argv.at, end, &pid);
	if (r < 0)
		return err_num(e, r, "run /usr/bin/ps (\"kist ps --format json\" needs none)");
	fd_done(&end);
	r = fd_read_all(a, in, MAX_OUTPUT, out, &len);
	fd_done(&in);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (r < 0)
		return err_num(e, r, "read what ps says");
	r = proc_exit_code(status);
	return r ? err_set(e, EIO, "ps ended with exit code %d", r) : 0;
}

/* The n-th word of a line; NULL when there are fewer. */
static const char *word_at(const char *line, size_t n, size_t *len)
{
	for (;;) {
		line += strspn(line, " \t");
		*len = strcspn(line, " \t");
		if (!*line || !n)
			return *line ? line : NULL;
		n--;
		line += *len;
	}
}

static bool pid_column(const char *header, size_t *column)
{
	const char *word;
	size_t len;

	for (*column = 0; (word = word_at(header, *column, &len)); ++*column)
		if (len == 3 && !memcmp(word, "PID", 3))
			return true;
	return false;
}

static int by_pid(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

static bool ours(const ct_pids *l, const char *line, size_t column)
{
	size_t len;
	const char *word = word_at(line, column, &len);
	pid_t pid = word ? (pid_t)strtol(word, NULL, 10) : 0;

	return l->len && bsearch(&pid, l->at, l->len, sizeof(pid), by_pid);
}

static int as_table(const struct call *c, const ct_pids *l, const char **out, struct err *e)
{
	const struct args args = { c->args.n - 1, c->args.at + 1 };
	struct text t = { .arena = c->ctx.arena };
	char *line, *rest = NULL;
	size_t column;
	int r = run_ps(c->ctx.arena, &args, &rest, e);

	if (r < 0)
		return r;
	line = strsep(&rest, "\n");
	if (!pid_column(line, &column))
		return err_set(e, EINVAL, "ps: no PID in the first line that ps prints with these arguments");
	text_add(&t, "%s\n", line);
	while ((line = strsep(&rest, "\n")))
		if (ours(l, line, column))
			text_add(&t, "%s\n", line);
	*out = text_str(&t);
	return 0;
}

static int run(struct call *c, struct err *e)
{
	const struct ps_opts *o = c->opts;
	const char *out = NULL;
	ct_pids l = { 0 };
	int r = ct_ps(&c->ctx, c->args.at[0], &l, e);

	if (r >= 0 && o->format == FORMAT_JSON)
		out = as_json(c->ctx.arena, &l);
	else if (r >= 0)
		r = as_table(c, &l, &out, e);
	return r < 0 ? r : verb_print(out, e);
}

const struct verb verb_ps = {
	.name = "ps",
	.summary = "list the processes of a container",
	.detail = "Runs ps(1) of the host with the arguments that follow ID, or -ef, and keeps the "
		  "lines of the container's processes. Pids are those of the host.",
	.operands = { { "ID", COMPLETE_CONTAINER }, { "[PS-ARG...]", COMPLETE_NONE } },
	.examples = { { "kist ps dns1", "All processes of dns1." },
		      { "kist ps dns1 -o pid,rss,args", "With columns of one's own." },
		      { "kist ps --format json dns1", "The pids, for a program." } },
	OPTS(struct ps_opts, rows),
	.run = run,
};
