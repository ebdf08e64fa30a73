/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words that callers give: ids, signals, the place of the state. */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/sys.h"
#include "runtime/container.h"

enum { MAX_ID = 1024 };

static bool id_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("_+-.", c));
}

int ct_check_id(const char *id, struct err *e)
{
	size_t n = strlen(id);

	if (!n)
		return err_set(e, EINVAL, "invalid container id: it is empty");
	if (n > MAX_ID)
		return err_set(e, EINVAL, "invalid container id: longer than %d characters", MAX_ID);
	for (const char *c = id; *c; c++)
		if (!id_char(*c))
			return err_set(e, EINVAL, "invalid container id \"%s\": only letters, digits and _ + - . are allowed", id);
	if (*id == '.' || !strcmp(id, "-"))
		return err_set(e, EINVAL, "invalid container id \"%s\": it must not start with a dot, nor be \"-\"", id);
	return 0;
}

static const struct word signals[] = {
	{ "HUP", SIGHUP }, { "INT", SIGINT }, { "QUIT", SIGQUIT }, { "ILL", SIGILL }, { "TRAP", SIGTRAP }, { "ABRT", SIGABRT },
	{ "IOT", SIGIOT }, { "BUS", SIGBUS }, { "FPE", SIGFPE }, { "KILL", SIGKILL }, { "USR1", SIGUSR1 }, { "SEGV", SIGSEGV },
	{ "USR2", SIGUSR2 }, { "PIPE", SIGPIPE }, { "ALRM", SIGALRM }, { "TERM", SIGTERM }, { "STKFLT", SIGSTKFLT },
	{ "CHLD", SIGCHLD }, { "CLD", SIGCHLD }, { "CONT", SIGCONT }, { "STOP", SIGSTOP }, { "TSTP", SIGTSTP }, { "TTIN", SIGTTIN },
	{ "TTOU", SIGTTOU }, { "URG", SIGURG }, { "XCPU", SIGXCPU }, { "XFSZ", SIGXFSZ }, { "VTALRM", SIGVTALRM },
	{ "PROF", SIGPROF }, { "WINCH", SIGWINCH }, { "IO", SIGIO }, { "POLL", SIGPOLL }, { "PWR", SIGPWR }, { "SYS", SIGSYS },
	{ NULL, 0 },
};

enum { RT_FIRST = 34, RT_LAST = 64 }; /* as glibc and kill(1) count them */

/* "RTMIN", "RTMIN+3", "RTMAX-2" */
static int realtime(const char *word)
{
	bool max = !strncmp(word, "RTMAX", 5);
	uint32_t n = 0;

	if (!max && strncmp(word, "RTMIN", 5))
		return -EINVAL;
	if (word[5] && (word[5] != (max ? '-' : '+') || !text_u32(word + 6, &n) || n > RT_LAST - RT_FIRST))
		return -EINVAL;
	return max ? RT_LAST - (int)n : RT_FIRST + (int)n;
}

int ct_signal(const char *word, struct err *e)
{
	char upper[16];
	const struct word *w;
	uint32_t n;
	size_t i = 0;

	if (text_u32(word, &n) && n >= 1 && n <= RT_LAST)
		return (int)n;
	for (; word[i] && i < sizeof(upper) - 1; i++)
		upper[i] = (char)toupper((unsigned char)word[i]);
	upper[i] = 0;
	if (!word[i]) {
		const char *name = text_starts(upper, "SIG") ? upper + 3 : upper;

		w = word_find(signals, name);
		if (w)
			return w->value;
		if (realtime(name) > 0)
			return realtime(name);
	}
	return err_set(e, EINVAL, "unknown signal \"%s\": expected a name such as TERM or SIGTERM, or a number from 1 to %d", word, RT_LAST);
}

const char *ct_default_root(struct arena *a)
{
	const char *dir = getenv("XDG_RUNTIME_DIR");

	if (sys_euid() == 0 || !dir || !*dir)
		return "/run/kist";
	return arena_printf(a, "%s/kist", dir);
}
