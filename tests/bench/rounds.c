/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rounds - run several cases in turn, round by round, and say what each one cost
 *
 *   rounds [-n ROUNDS] [-w WARM-UP ROUNDS] FILE
 *
 * FILE has one word and its command per line; words are separated by blanks, nothing is quoted:
 *
 *   case NAME       what follows belongs to NAME
 *   setup CMD...    once, before the first round
 *   time CMD...     in each round: measured (several of them add up)
 *   do CMD...       in each round: not measured
 *   reap            in each round: wait until no descendant is left
 *   teardown CMD... once, after the last round
 *
 * Each round takes all cases once, beginning with another one each time, so that a slow moment of
 * the machine meets all of them. Orphans come to this process: their CPU time and peak memory count
 * for the case that left them. One line per case is printed:
 *
 *   NAME ROUNDS wall-min wall-median cpu-min cpu-median peak-memory     (microseconds, KiB)
 *
 * A case whose command fails is reported on stderr and left out; the exit status is then 1.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CASES = 8, MAX_STEPS = 16, MAX_WORDS = 64, MAX_ROUNDS = 2000, LIMIT_SECONDS = 60 };

enum kind { SETUP, TIME, DO, REAP, TEARDOWN, KINDS };

static const char *const kind_words[KINDS] = { "setup", "time", "do", "reap", "teardown" };

struct step {
	enum kind kind;
	char *argv[MAX_WORDS];
};

struct sample {
	long wall, cpu, rss;
};

struct test_case {
	char *name;
	struct step steps[MAX_STEPS];
	int n_steps;
	long wall[MAX_ROUNDS], cpu[MAX_ROUNDS], rss;
	bool failed;
};

static struct test_case cases[MAX_CASES];
static int n_cases;
static volatile sig_atomic_t expired;

extern char **environ;

static void die(const char *what)
{
	fprintf(stderr, "rounds: %s\n", what);
	exit(1);
}

/* ---- reading the file ---- */

static struct step *new_step(const char *word)
{
	struct test_case *c = &cases[n_cases - 1];

	for (int kind = 0; kind < KINDS; kind++) {
		if (strcmp(word, kind_words[kind]) != 0)
			continue;
		if (n_cases == 0 || c->n_steps == MAX_STEPS)
			die("a step without a case, or too many steps");
		c->steps[c->n_steps].kind = (enum kind)kind;
		return &c->steps[c->n_steps++];
	}
	fprintf(stderr, "rounds: unknown word %s\n", word);
	exit(1);
}

static void read_line(char *line)
{
	char *word = strtok(line, " \t\n");
	struct step *s;
	int n = 0;

	if (!word)
		return;
	if (strcmp(word, "case") == 0) {
		if (n_cases == MAX_CASES)
			die("too many cases");
		cases[n_cases].name = strtok(NULL, " \t\n");
		if (!cases[n_cases++].name)
			die("a case without a name");
		return;
	}
	s = new_step(word);
	while ((word = strtok(NULL, " \t\n"))) {
		if (n == MAX_WORDS - 1)
			die("too many words in a line");
		s->argv[n++] = word;
	}
	if ((n == 0) != (s->kind == REAP))
		die("a step without a command, or reap with one");
}

static void read_cases(const char *path)
{
	char line[4096];
	FILE *file = fopen(path, "re");

	if (!file)
		die(path);
	while (fgets(line, sizeof(line), file)) {
		char *copy = strdup(line); /* the words live as long as the program */

		if (!copy)
			die("no memory");
		read_line(copy);
	}
	fclose(file);
}

/* ---- running ---- */

static long since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - start->tv_sec) * 1000000 + (now.tv_nsec - start->tv_nsec) / 1000;
}

static void on_alarm(int signal)
{
	(void)signal;
	expired = 1;
}

static void add_usage(struct sample *s, const struct rusage *u)
{
	s->cpu += (u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1000000 + u->ru_utime.tv_usec +
		  u->ru_stime.tv_usec;
	if (u->ru_maxrss > s->rss)
		s->rss = u->ru_maxrss;
}

/*
 * Wait for the child PID, or with -1 until there is no child; whatever ends meanwhile counts too.
 * Returns the wait status; -1 when the time limit is over (PID is then killed and gone).
 */
static int wait_for(pid_t pid, struct sample *s)
{
	struct rusage usage;
	int status = 0, result = 0;

	expired = 0;
	alarm(LIMIT_SECONDS);
	for (;;) {
		pid_t got = wait4(-1, &status, 0, &usage);

		if (got < 0 && errno == EINTR && expired) {
			result = -1;
			if (pid < 0)
				break;
			kill(pid, SIGKILL);
		}
		if (got < 0 && errno == ECHILD)
			break;
		if (got > 0)
			add_usage(s, &usage);
		if (got > 0 && got == pid)
			break;
	}
	alarm(0);
	return result < 0 ? result : pid < 0 ? 0 : status;
}

static int run_step(struct step *step, const posix_spawn_file_actions_t *quiet, struct sample *s)
{
	struct timespec start;
	pid_t pid;
	int status;

	if (step->kind == REAP)
		return wait_for(-1, s);
	clock_gettime(CLOCK_MONOTONIC, &start);
	errno = posix_spawn(&pid, step->argv[0], quiet, NULL, step->argv, environ);
	if (errno)
		return -1;
	status = wait_for(pid, s);
	s->wall += since(&start);
	return status;
}

/* Run the steps of a case from one kind to another; what is measured goes into OUT. */
static void run_steps(struct test_case *c, enum kind first, enum kind last, struct sample *out)
{
	posix_spawn_file_actions_t quiet;

	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
	for (int i = 0; i < c->n_steps && (!c->failed || first == TEARDOWN); i++) {
		struct step *step = &c->steps[i];
		struct sample unmeasured = { 0 };
		bool measured = step->kind == TIME || step->kind == REAP;

		if (step->kind < first || step->kind > last)
			continue;
		if (run_step(step, &quiet, measured ? out : &unmeasured) != 0) {
			fprintf(stderr, "rounds: %s: failed: %s %s\n", c->name,
				kind_words[step->kind], step->argv[0] ? step->argv[0] : "");
			c->failed = true;
		}
	}
	posix_spawn_file_actions_destroy(&quiet);
}

static void run_round(int round, int warm_up)
{
	for (int i = 0; i < n_cases; i++) {
		struct test_case *c = &cases[(i + round) % n_cases];
		struct sample s = { 0 };

		run_steps(c, TIME, REAP, &s);
		if (round < warm_up)
			continue;
		c->wall[round - warm_up] = s.wall;
		c->cpu[round - warm_up] = s.cpu;
		if (s.rss > c->rss)
			c->rss = s.rss;
	}
}

static int compare(const void *a, const void *b)
{
	const long *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static bool report(struct test_case *c, int n)
{
	if (c->failed)
		return false;
	qsort(c->wall, (size_t)n, sizeof(long), compare);
	qsort(c->cpu, (size_t)n, sizeof(long), compare);
	printf("%s\t%d\t%ld\t%ld\t%ld\t%ld\t%ld\n", c->name, n, c->wall[0], c->wall[n / 2],
	       c->cpu[0], c->cpu[n / 2], c->rss);
	return true;
}

static int number(const char *text, int low, int high)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (*end || value < low || value > high)
		die("a number of rounds is out of range");
	return (int)value;
}

int main(int argc, char **argv)
{
	struct sigaction alarm_action = { .sa_handler = on_alarm }; /* interrupts wait4 */
	struct sample unmeasured = { 0 };
	int option, rounds = 20, warm_up = 2, good = 0;

	while ((option = getopt(argc, argv, "n:w:")) != -1)
		if (option == 'n')
			rounds = number(optarg, 1, MAX_ROUNDS);
		else if (option == 'w')
			warm_up = number(optarg, 0, MAX_ROUNDS);
		else
			return 1;
	if (optind != argc - 1)
		die("usage: rounds [-n ROUNDS] [-w WARM-UP ROUNDS] FILE");
	read_cases(argv[optind]);
	sigaction(SIGALRM, &alarm_action, NULL);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (int i = 0; i < n_cases; i++)
		run_steps(&cases[i], SETUP, SETUP, &unmeasured);
	for (int round = 0; round < rounds + warm_up; round++)
		run_round(round, warm_up);
	for (int i = 0; i < n_cases; i++)
		run_steps(&cases[i], TEARDOWN, TEARDOWN, &unmeasured);
	for (int i = 0; i < n_cases; i++)
		good += report(&cases[i], rounds);
	return good == n_cases ? 0 : 1;
}
