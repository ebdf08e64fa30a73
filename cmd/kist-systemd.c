/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kist-systemd: what kist asks of systemd.  A program of its own, because it needs libsystemd, and kist itself is
 * static and starts often; kist runs it only for the systemd cgroup manager, from its own directories.
 *
 *	kist-systemd [--user] start UNIT	stdin: properties, an empty line; stdout: "P /cgroup/path" when the scope
 *						is there.  This process is in it and keeps it alive until stdin ends.
 *	kist-systemd [--user] adopt NAME-PID.scope	stdin: as above; moves the process PID into the new scope
 *	kist-systemd [--user] set UNIT		stdin: properties to change now
 *	kist-systemd [--user] find UNIT		stdout: "P /cgroup/path", "P" when there is no such scope
 *	kist-systemd [--user] stop UNIT		an unknown unit is success
 *
 * Failures are one line, "E sentence", on stdout, with exit code 1.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#define SERVICE "org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager"
enum { TIMEOUT_S = 30 };

static int fail(const char *what, const char *unit, const char *why)
{
	printf("E %s %s: %s\n", what, unit, why);
	fflush(stdout);
	return 1;
}

static int fail_bus(const char *what, const char *unit, const sd_bus_error *error, int r)
{
	return fail(what, unit, error && error->message ? error->message : strerror(-r));
}

static int append_bytes(sd_bus_message *m, char *rest)
{
	unsigned char bytes[512];
	size_t n = 0;

	for (char *v; (v = strsep(&rest, "\t")) && n < sizeof(bytes);)
		bytes[n++] = (unsigned char)atoi(v);
	return sd_bus_message_append_array(m, 'y', bytes, n);
}

static int append_words(sd_bus_message *m, char *rest)
{
	int r = sd_bus_message_open_container(m, 'a', "s");

	for (char *v; r >= 0 && (v = strsep(&rest, "\t"));)
		r = *v ? sd_bus_message_append(m, "s", v) : 0;
	return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_pairs(sd_bus_message *m, char *rest)
{
	int r = sd_bus_message_open_container(m, 'a', "(ss)");

	for (char *v; r >= 0 && (v = strsep(&rest, "\t"));) {
		char *second = strsep(&rest, "\t");

		r = sd_bus_message_append(m, "(ss)", v, second ? second : "");
	}
	return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_value(sd_bus_message *m, const char *sig, char *rest)
{
	if (!strcmp(sig, "t"))
		return sd_bus_message_append(m, "t", (uint64_t)strtoull(rest, NULL, 10));
	if (!strcmp(sig, "b"))
		return sd_bus_message_append(m, "b", !strcmp(rest, "true"));
	if (!strcmp(sig, "i"))
		return sd_bus_message_append(m, "i", (int32_t)atoi(rest));
	if (!strcmp(sig, "s"))
		return sd_bus_message_append(m, "s", rest);
	if (!strcmp(sig, "as"))
		return append_words(m, rest);
	if (!strcmp(sig, "ay"))
		return append_bytes(m, rest);
	return strcmp(sig, "a(ss)") ? -EINVAL : append_pairs(m, rest);
}

static int append_property(sd_bus_message *m, char *line)
{
	const char *name = strsep(&line, "\t"), *sig = line ? strsep(&line, "\t") : NULL;
	char empty[] = "";
	int r;

	if (!sig)
		return -EINVAL;
	r = sd_bus_message_open_container(m, 'r', "sv");
	if (r >= 0)
		r = sd_bus_message_append(m, "s", name);
	if (r >= 0)
		r = sd_bus_message_open_container(m, 'v', sig);
	if (r >= 0)
		r = append_value(m, sig, line ? line : empty);
	if (r >= 0)
		r = sd_bus_message_close_container(m);
	return r < 0 ? r : sd_bus_message_close_container(m);
}

/* The properties of stdin, up to the empty line, and for a new scope the process that is to be in it. */
static int append_properties(sd_bus_message *m, pid_t pid)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	int r = sd_bus_message_open_container(m, 'a', "(sv)");

	if (r >= 0 && pid > 0)
		r = sd_bus_message_append(m, "(sv)", "PIDs", "au", 1, (uint32_t)pid);
	while (r >= 0 && (n = getline(&line, &room, stdin)) > 1) {
		line[n - 1] = 0;
		r = append_property(m, line);
	}
	free(line);
	return r < 0 ? r : sd_bus_message_close_container(m);
}

struct job {
	const char *path;
	char result[32];
};

static int on_removed(sd_bus_message *m, void *data, sd_bus_error *error)
{
	struct job *job = data;
	const char *path, *result;

	(void)error;
	if (sd_bus_message_read(m, "uoss", NULL, &path, NULL, &result) >= 0 && job->path && !strcmp(path, job->path))
		snprintf(job->result, sizeof(job->result), "%s", result);
	return 0;
}

static int wait_job(sd_bus *bus, struct job *job)
{
	for (int left = TIMEOUT_S * 10; !job->result[0] && left > 0;) {
		int r = sd_bus_process(bus, NULL);

		if (r < 0)
			return r;
		if (r == 0) {
			r = sd_bus_wait(bus, 100000);
			left -= r == 0;
			if (r < 0 && r != -EINTR)
				return r;
		}
	}
	return job->result[0] ? 0 : -ETIMEDOUT;
}

static int print_cgroup(const char *unit)
{
	FILE *f = fopen("/proc/self/cgroup", "re");
	char line[4200];

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "0::", 3)) {
			printf("P %s", line + 3);
			fflush(stdout);
			fclose(f);
			return 0;
		}
	return fail("find the cgroup of", unit, "/proc/self/cgroup has no line of cgroup v2");
}

static int start(sd_bus *bus, const char *unit, pid_t pid)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *m = NULL, *reply = NULL;
	struct job job = { NULL, "" };
	int r = sd_bus_match_signal(bus, NULL, SERVICE, "JobRemoved", on_removed, &job);

	if (r >= 0)
		r = sd_bus_call_method(bus, SERVICE, "Subscribe", &error, NULL, "");
	if (r >= 0)
		r = sd_bus_message_new_method_call(bus, &m, SERVICE, "StartTransientUnit");
	if (r >= 0)
		r = sd_bus_message_append(m, "ss", unit, "fail");
	if (r >= 0)
		r = append_properties(m, pid);
	if (r >= 0)
		r = sd_bus_message_append(m, "a(sa(sv))", 0);
	if (r >= 0)
		r = sd_bus_call(bus, m, 0, &error, &reply);
	if (r >= 0)
		r = sd_bus_message_read(reply, "o", &job.path);
	if (r >= 0)
		r = wait_job(bus, &job);
	if (r < 0)
		return fail_bus("start the scope", unit, &error, r);
	if (strcmp(job.result, "done"))
		return fail("start the scope", unit, job.result);
	return pid == getpid() ? print_cgroup(unit) : 0;
}

static int adopt(sd_bus *bus, const char *unit)
{
	const char *dash = strrchr(unit, '-');
	pid_t pid = dash ? atoi(dash + 1) : 0;

	return pid > 1 ? start(bus, unit, pid) : fail("find a process number in", unit, "it has none");
}

static int hold(void)
{
	while (getchar() != EOF)
		;
	return 0;
}

static int set(sd_bus *bus, const char *unit)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *m = NULL;
	int r = sd_bus_message_new_method_call(bus, &m, SERVICE, "SetUnitProperties");

	if (r >= 0)
		r = sd_bus_message_append(m, "sb", unit, true);
	if (r >= 0)
		r = append_properties(m, 0);
	if (r >= 0)
		r = sd_bus_call(bus, m, 0, &error, NULL);
	return r < 0 ? fail_bus("change the scope", unit, &error, r) : 0;
}

static int find(sd_bus *bus, const char *unit)
{
	static const char manager[] = "org.freedesktop.systemd1", scope[] = "org.freedesktop.systemd1.Scope";
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *reply = NULL;
	const char *path;
	char *group = NULL;
	int r = sd_bus_call_method(bus, SERVICE, "GetUnit", &error, &reply, "s", unit);

	if (r < 0 && sd_bus_error_has_name(&error, "org.freedesktop.systemd1.NoSuchUnit"))
		return puts("P") < 0;
	if (r >= 0)
		r = sd_bus_message_read(reply, "o", &path);
	if (r >= 0)
		r = sd_bus_get_property_string(bus, manager, path, scope, "ControlGroup", &error, &group);
	if (r < 0)
		return fail_bus("find the scope", unit, &error, r);
	printf("P %s\n", group);
	free(group);
	return 0;
}

static int stop(sd_bus *bus, const char *unit)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	int r = sd_bus_call_method(bus, SERVICE, "StopUnit", &error, NULL, "ss", unit, "replace");

	(void)sd_bus_call_method(bus, SERVICE, "ResetFailedUnit", NULL, NULL, "s", unit);
	if (r < 0 && sd_bus_error_has_name(&error, "org.freedesktop.systemd1.NoSuchUnit"))
		return 0;
	return r < 0 ? fail_bus("stop the scope", unit, &error, r) : 0;
}

static int run(const char *verb, const char *unit, bool user)
{
	sd_bus *bus = NULL;
	int r = user ? sd_bus_open_user(&bus) : sd_bus_open_system(&bus);

	if (r < 0)
		return fail("no bus for", unit,
			    user ? "XDG_RUNTIME_DIR and a login session (or lingering) are needed; or use --cgroup-manager cgroupfs"
				 : "systemd with its system bus does not run here; use --cgroup-manager cgroupfs");
	if (!strcmp(verb, "start"))
		r = start(bus, unit, getpid()) || hold();
	else if (!strcmp(verb, "adopt"))
		r = adopt(bus, unit);
	else if (!strcmp(verb, "set"))
		r = set(bus, unit);
	else if (!strcmp(verb, "find"))
		r = find(bus, unit);
	else if (!strcmp(verb, "stop"))
		r = stop(bus, unit);
	else
		r = fail("unknown verb for", unit, verb);
	fflush(stdout);
	sd_bus_flush_close_unref(bus);
	return r;
}

int main(int argc, char **argv)
{
	bool user = argc > 1 && !strcmp(argv[1], "--user");

	if (argc - user != 3) {
		fprintf(stderr, "usage: kist-systemd [--user] start|adopt|set|find|stop UNIT (run by kist)\n");
		return 1;
	}
	return run(argv[1 + user], argv[2 + user], user);
}
