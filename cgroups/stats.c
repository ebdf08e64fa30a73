/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cgroups/stats.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "cgroups/group.h"

enum { MAX_FILE = 1 << 20 };

/* One number of one file: the whole file (key NULL), or the line that begins with the key. */
static const struct row {
	const char *file, *key;
	size_t offset;
} rows[] = {
#define AT(member) offsetof(struct cg_stats, member)
	{ "memory.current", NULL, AT(memory.usage) },
	{ "memory.peak", NULL, AT(memory.peak) },
	{ "memory.max", NULL, AT(memory.limit) },
	{ "memory.high", NULL, AT(memory.high) },
	{ "memory.low", NULL, AT(memory.low) },
	{ "memory.swap.current", NULL, AT(memory.swap) },
	{ "memory.swap.peak", NULL, AT(memory.swap_peak) },
	{ "memory.swap.max", NULL, AT(memory.swap_limit) },
	{ "memory.events", "low", AT(memory.low_hits) },
	{ "memory.events", "high", AT(memory.high_hits) },
	{ "memory.events", "max", AT(memory.max_hits) },
	{ "memory.events", "oom", AT(memory.oom) },
	{ "memory.events", "oom_kill", AT(memory.oom_kill) },
	{ "memory.swap.events", "max", AT(memory.swap_hits) },
	{ "memory.stat", "anon", AT(memory.anon) },
	{ "memory.stat", "file", AT(memory.file) },
	{ "memory.stat", "kernel", AT(memory.kernel) },
	{ "memory.stat", "slab", AT(memory.slab) },
	{ "memory.stat", "shmem", AT(memory.shmem) },
	{ "memory.stat", "inactive_file", AT(memory.inactive_file) },
	{ "cpu.stat", "usage_usec", AT(cpu.usage) },
	{ "cpu.stat", "user_usec", AT(cpu.user) },
	{ "cpu.stat", "system_usec", AT(cpu.system) },
	{ "cpu.stat", "nr_periods", AT(cpu.periods) },
	{ "cpu.stat", "nr_throttled", AT(cpu.throttled) },
	{ "cpu.stat", "throttled_usec", AT(cpu.throttled_time) },
	{ "cpu.max", NULL, AT(cpu.quota) },
	{ "cpu.weight", NULL, AT(cpu.weight) },
	{ "pids.current", NULL, AT(pids.current) },
	{ "pids.peak", NULL, AT(pids.peak) },
	{ "pids.max", NULL, AT(pids.limit) },
	{ "pids.events", "max", AT(pids.hits) },
};

static const struct {
	const char *file;
	size_t some, full;
} pressures[] = {
	{ "memory.pressure", AT(memory.some), AT(memory.full) },
	{ "cpu.pressure", AT(cpu.some), AT(cpu.full) },
	{ "io.pressure", AT(io_some), AT(io_full) },
};

static uint64_t number(const char *s)
{
	return strncmp(s, "max", 3) ? strtoull(s, NULL, 10) : CG_UNLIMITED;
}

static const char *line_of(const char *text, const char *key)
{
	size_t n = strlen(key);

	for (const char *p = text; p && *p; p = strchr(p, '\n'), p += p != NULL)
		if (!strncmp(p, key, n) && p[n] == ' ')
			return p + n + 1;
	return NULL;
}

/* Rows of one file follow each other, so each file is read once. */
static void read_rows(struct arena *a, int dir, struct cg_stats *s)
{
	const char *open_file = "";
	char *text = NULL;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t *slot = (uint64_t *)(void *)((char *)s + rows[i].offset);
		const char *at;

		if (strcmp(open_file, rows[i].file)) {
			open_file = rows[i].file;
			if (file_read(a, dir, open_file, MAX_FILE, &text, NULL) < 0)
				text = NULL;
		}
		at = !text ? NULL : rows[i].key ? line_of(text, rows[i].key) : text;
		*slot = at ? number(at) : CG_UNKNOWN;
		if (rows[i].offset == AT(cpu.quota))
			s->cpu.period = at && strchr(at, ' ') ? number(strchr(at, ' ') + 1) : CG_UNKNOWN;
	}
}

/* "some avg10=1.23 avg60=… avg300=… total=456" */
static struct cg_pressure pressure(const char *line)
{
	struct cg_pressure p = { CG_UNKNOWN, CG_UNKNOWN, CG_UNKNOWN, CG_UNKNOWN };
	unsigned long long whole[3], part[3], total;

	if (line && sscanf(line, "avg10=%llu.%2llu avg60=%llu.%2llu avg300=%llu.%2llu total=%llu", &whole[0], &part[0], &whole[1],
			   &part[1], &whole[2], &part[2], &total) == 7)
		p = (struct cg_pressure){ whole[0] * 100 + part[0], whole[1] * 100 + part[1], whole[2] * 100 + part[2], total };
	return p;
}

static void read_pressures(struct arena *a, int dir, struct cg_stats *s)
{
	for (size_t i = 0; i < sizeof(pressures) / sizeof(pressures[0]); i++) {
		char *text = NULL;

		if (file_read(a, dir, pressures[i].file, MAX_FILE, &text, NULL) < 0)
			text = NULL;
		*(struct cg_pressure *)(void *)((char *)s + pressures[i].some) = pressure(text ? line_of(text, "some") : NULL);
		*(struct cg_pressure *)(void *)((char *)s + pressures[i].full) = pressure(text ? line_of(text, "full") : NULL);
	}
}

static size_t count_lines(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static void read_raw(struct arena *a, int dir, struct cg_stats *s)
{
	char *text, *save = NULL;
	size_t n;

	if (file_read(a, dir, "memory.stat", MAX_FILE, &text, NULL) < 0)
		return;
	n = count_lines(text);
	s->memory.raw_names.at = arena_array(a, n, sizeof(char *));
	s->memory.raw.at = arena_array(a, n, sizeof(uint64_t));
	for (char *l = strtok_r(text, "\n", &save); l && s->memory.raw.len < n; l = strtok_r(NULL, "\n", &save)) {
		char *space = strchr(l, ' ');

		if (!space)
			continue;
		*space = 0;
		s->memory.raw_names.at[s->memory.raw_names.len++] = l;
		s->memory.raw.at[s->memory.raw.len++] = number(space + 1);
	}
}

static uint64_t io_word(const char *line, const char *word)
{
	const char *p = strstr(line, word);

	return p ? strtoull(p + strlen(word), NULL, 10) : 0;
}

static void read_io(struct arena *a, int dir, struct cg_stats *s)
{
	char *text, *save = NULL;
	size_t n;

	if (file_read(a, dir, "io.stat", MAX_FILE, &text, NULL) < 0)
		return;
	n = count_lines(text);
	s->io.at = arena_array(a, n, sizeof(*s->io.at));
	s->io_known = true;
	for (char *l = strtok_r(text, "\n", &save); l && s->io.len < n; l = strtok_r(NULL, "\n", &save)) {
		unsigned major, minor;

		if (sscanf(l, "%u:%u ", &major, &minor) == 2)
			s->io.at[s->io.len++] = (struct cg_io){ major, minor, io_word(l, "rbytes="), io_word(l, "wbytes="),
								io_word(l, "rios="), io_word(l, "wios=") };
	}
}

static uint64_t huge_number(struct arena *a, int dir, const char *size, const char *file, const char *key)
{
	char *text;
	const char *at;

	if (file_read(a, dir, arena_printf(a, "hugetlb.%s.%s", size, file), MAX_FILE, &text, NULL) < 0)
		return CG_UNKNOWN;
	at = key ? line_of(text, key) : text;
	return at ? number(at) : CG_UNKNOWN;
}

/* Until it is written the first time, the kernel shows "unlimited" as the largest number of pages, in bytes. */
static uint64_t huge_limit(struct arena *a, int dir, const char *size)
{
	uint64_t v = huge_number(a, dir, size, "max", NULL);

	return v != CG_UNKNOWN && v >= 1ULL << 62 ? CG_UNLIMITED : v;
}

/* The sizes are those of the machine: hugetlb.2MB.current, hugetlb.1GB.current … */
static void read_huge(struct arena *a, int dir, struct cg_stats *s)
{
	enum { MOST = 16 };
	int copy = fd_open(dir, ".", O_RDONLY | O_DIRECTORY);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);

	if (!d)
		return;
	s->huge.at = arena_array(a, MOST, sizeof(*s->huge.at));
	for (struct dirent *n = readdir(d); n && s->huge.len < MOST; n = readdir(d)) {
		const char *size = n->d_name + strlen("hugetlb."), *dot;

		if (strncmp(n->d_name, "hugetlb.", strlen("hugetlb.")) || !(dot = strchr(size, '.')) || strcmp(dot, ".current"))
			continue;
		size = arena_strndup(a, size, (size_t)(dot - size));
		s->huge.at[s->huge.len++] = (struct cg_huge){ size, huge_number(a, dir, size, "current", NULL),
							      huge_limit(a, dir, size),
							      huge_number(a, dir, size, "events", "max") };
	}
	closedir(d);
}

int cg_read_stats(struct arena *a, const struct cg_own *g, struct cg_stats *out, struct err *e)
{
	auto_fd dir = cg_open_own(g);
	cg_pid_list pids;

	if (dir < 0)
		return err_num(e, dir, "read the statistics of cgroup %s%s", g->mount, g->path);
	*out = (struct cg_stats){ 0 };
	read_rows(a, dir, out);
	read_pressures(a, dir, out);
	read_raw(a, dir, out);
	read_io(a, dir, out);
	read_huge(a, dir, out);
	/* Without the pids controller nobody counts threads; processes are the next best, as in runc. */
	if (out->pids.current == CG_UNKNOWN && cg_members(a, dir, &pids) >= 0)
		out->pids.current = pids.len;
	return 0;
}
