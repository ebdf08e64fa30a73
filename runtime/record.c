/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/record.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/sys.h"
#include "cgroups/control.h"
#include "cgroups/group.h"

#define RECORD "record.json"
#define CONFIG "config.json"
#define SOCKET "start"
enum { MAX_RECORD = 16 << 20 };

static const struct field mapping_fields[] = {
	F_U32(struct oci_mapping, container, "containerID", REQUIRED),
	F_U32(struct oci_mapping, host, "hostID", REQUIRED),
	F_U32(struct oci_mapping, size, "size", REQUIRED),
};
static const struct object mapping = OBJECT(struct oci_mapping, mapping_fields, NULL);

#define S struct ct_record
static const struct field record_fields[] = {
	F_STR(S, id, "id", REQUIRED),
	F_STR(S, bundle, "bundle", REQUIRED),
	F_STR(S, rootfs, "rootfs", 0),
	F_STR(S, created, "created", 0),
	F_STR(S, owner, "owner", 0),
	F_I64(S, pid, "pid", REQUIRED),
	F_U64(S, start, "start", 0),
	F_STR(S, cgroup_mount, "cgroupMount", 0),
	F_STR(S, cgroup, "cgroup", 0),
	F_STR(S, unit, "unit", 0),
	F_STR(S, data, "data", 0),
	F_BOOL(S, user_unit, "userUnit", 0),
	F_WORDS(S, namespaces, "namespaces", oci_namespace_words),
	F_LIST(S, uids, struct oci_mapping, "uidMappings", &mapping),
	F_LIST(S, gids, struct oci_mapping, "gidMappings", &mapping),
	F_BOOL(S, deny_setgroups, "denySetgroups", 0),
	F_BOOL(S, hooks, "hooks", 0),
	F_WORDS(S, made, "namespacesMade", oci_namespace_words),
	F_BOOL(S, chrooted, "chrooted", 0),
	F_BOOL(S, keyring, "keyring", 0),
	F_MAP(S, annotations, "annotations"),
};
static const struct object record_object = OBJECT(S, record_fields, NULL);
#undef S

/* Whoever holds it makes or removes the container; a hook of theirs may hang, and then we must not. */
static int lock(int dir, struct err *e, const char *id)
{
	const struct timespec pause = { 0, 50 * 1000 * 1000 };
	enum { TRIES = 400 };

	if (flock(dir, LOCK_EX | LOCK_NB) == 0)
		return 0;
	for (int i = 0; i < TRIES && (errno == EWOULDBLOCK || errno == EINTR); i++) {
		nanosleep(&pause, NULL);
		if (flock(dir, LOCK_EX | LOCK_NB) == 0)
			return 0;
	}
	if (errno == EWOULDBLOCK)
		return err_set(e, EBUSY, "another kist has been busy with container %s for 20 s (perhaps in a hook): end that one first", id);
	return err_sys(e, "lock the state of container %s", id);
}

/* Whoever may write to the directory could put records there, and hooks that we would run. */
static int check_root(const char *root, struct err *e)
{
	struct stat st;

	if (stat(root, &st) < 0)
		return errno == ENOENT ? 0 : err_sys(e, "stat the state directory %s", root);
	if (st.st_uid != sys_euid() || st.st_mode & 022)
		return err_set(e, EPERM, "the state directory %s must be owned by user %u and writable by nobody else", root, (unsigned)sys_euid());
	return 0;
}

int record_make_dir(const char *root, const char *id, struct err *e)
{
	char path[PATH_MAX];
	auto_fd dir = -1;
	int r;

	if (snprintf(path, sizeof(path), "%s/%s", root, id) >= (int)sizeof(path))
		return err_set(e, ENAMETOOLONG, "--root %s is too long", root);
	r = check_root(root, e);
	if (r)
		return r;
	r = mkdir(path, 0700) < 0 ? -errno : 0;
	if (r == -ENOENT) {
		r = path_mkdirs(root, 0700);
		if (r < 0)
			return err_num(e, r, "make the state directory %s", root);
		r = mkdir(path, 0700) < 0 ? -errno : 0;
	}
	if (r == -EEXIST)
		return err_set(e, EEXIST, "container with given ID already exists: %s (\"kist delete %s\" removes it)", id, id);
	if (r < 0)
		return err_num(e, r, "make the state directory %s", path);
	dir = fd_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	r = dir < 0 ? err_num(e, dir, "open the state directory %s", path) : lock(dir, e, id);
	if (r < 0)
		(void)rmdir(path);
	return r < 0 ? r : take_fd(&dir);
}

/* The directory's sticky bit says that the record is newer than what who made the container remembers of it: seeing that costs
 * no call more than seeing that the directory is there. */
enum record_news record_look(int dir)
{
	struct stat st;

	if (fstat(dir, &st) < 0 || !st.st_nlink)
		return RECORD_GONE;
	return st.st_mode & S_ISVTX ? RECORD_NEWER : RECORD_SAME;
}

int record_open_dir(const char *root, const char *id, enum record_lock how, struct err *e)
{
	char path[PATH_MAX];
	auto_fd dir = -1;
	int r;

	r = ct_check_id(id, e);
	if (!r)
		r = check_root(root, e);
	if (r < 0)
		return r;
	if (snprintf(path, sizeof(path), "%s/%s", root, id) >= (int)sizeof(path))
		return err_set(e, ENAMETOOLONG, "--root %s is too long", root);
	dir = fd_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (dir == -ENOENT)
		return err_set(e, ENOENT, "container does not exist: %s (looked in %s)", id, root);
	if (dir < 0)
		return err_num(e, dir, "open the state directory %s", path);
	r = how == RECORD_CHANGE ? lock(dir, e, id) : 0;
	if (!r && how == RECORD_CHANGE && record_look(dir) == RECORD_GONE) /* removed while we waited for the lock */
		r = err_set(e, ENOENT, "container does not exist: %s", id);
	return r < 0 ? r : take_fd(&dir);
}

int record_unlock(int dir)
{
	return flock(dir, LOCK_UN) < 0 ? -errno : 0;
}

/* The record goes last but one: until then a second `delete --force` knows what to do.  A socket that nobody
 * started, and what an interrupted write left, are only looked for when the directory is not empty. */
int record_remove_dir(const char *root, const char *id, int dir, struct err *e)
{
	static const char *const files[] = { CONFIG, RECORD };
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (unlinkat(dir, files[i], 0) < 0 && errno != ENOENT)
			return err_sys(e, "remove %s/%s/%s", root, id, files[i]);
	snprintf(path, sizeof(path), "%s/%s", root, id);
	if (rmdir(path) == 0 || errno == ENOENT)
		return 0;
	(void)unlinkat(dir, SOCKET, 0);
	if (path_empty_dir(dir) == 0 && (rmdir(path) == 0 || errno == ENOENT))
		return 0;
	return err_sys(e, "remove the state directory %s", path);
}

int record_prepare(struct arena *a, int dir, const struct ct_record *r, struct err *e)
{
	size_t len;
	const char *text = oci_encode_text(a, &record_object, r, JSON_PRETTY, &len);
	int rc = len > MAX_RECORD ? -EFBIG : file_prepare(dir, RECORD, text, len, 0600, FILE_VOLATILE);

	return rc < 0 ? err_num(e, rc, "write the record of container %s", r->id) : 0;
}

int record_commit(int dir, const struct ct_record *r, struct err *e)
{
	int rc = file_commit(dir, RECORD);

	return rc < 0 ? err_num(e, rc, "write the record of container %s", r->id) : 0;
}

int record_save(struct arena *a, int dir, const struct ct_record *r, struct err *e)
{
	int rc = record_prepare(a, dir, r, e);

	return rc ? rc : record_commit(dir, r, e);
}

int record_change(struct arena *a, int dir, const struct ct_record *r, struct err *e)
{
	return fchmod(dir, S_ISVTX | 0700) < 0 ? err_sys(e, "write the record of container %s", r->id) : record_save(a, dir, r, e);
}

int record_load(struct arena *a, int dir, const char *id, struct ct_record *out, struct err *e)
{
	struct ct_record r = { .id = id, .bundle = "" };
	char *text;
	size_t len;
	int rc = file_read(a, dir, RECORD, MAX_RECORD, &text, &len);

	*out = r;
	if (rc == -ENOENT)
		return 0;
	if (rc < 0)
		return err_num(e, rc, "read the record of container %s", id);
	rc = oci_decode_text(a, &record_object, RECORD, text, len, out, e);
	return rc < 0 ? err_in(e, rc, "container %s", id) : 0;
}

int record_save_config(int dir, const char *text, size_t len, struct err *e)
{
	auto_fd fd = openat(dir, CONFIG, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int r = fd < 0 ? -errno : fd_write_all(fd, text, len);

	return r < 0 ? err_num(e, r, "keep a copy of the configuration") : 0;
}

int record_replace_config(int dir, const char *text, size_t len, struct err *e)
{
	int r = file_put(dir, CONFIG, text, len, 0600, FILE_VOLATILE);

	return r < 0 ? err_num(e, r, "keep the changed configuration") : 0;
}

int record_load_config(struct arena *a, int dir, struct oci_spec *out, struct err *e)
{
	char *text;
	size_t len;
	int r = file_read(a, dir, CONFIG, OCI_MAX_BYTES, &text, &len);

	return r < 0 ? err_num(e, r, "read the container's own copy of its configuration") : oci_parse_spec(a, CONFIG, text, len, out, e);
}

static bool alive(const struct ct_record *r)
{
	uint64_t start;
	char state;

	return r->pid > 0 && proc_start((pid_t)r->pid, &start, &state) == 0 && start == r->start && state != 'Z' && state != 'X';
}

int record_pidfd(const struct ct_record *r)
{
	auto_fd pidfd = -1;

	if (r->pid <= 0)
		return -ESRCH;
	/* First the descriptor, then the proof: it names the process that was looked at, or a dead one. */
	pidfd = sys_pidfd_open((pid_t)r->pid);
	if (pidfd < 0)
		return pidfd;
	return alive(r) ? take_fd(&pidfd) : -ESRCH;
}

int record_root(const struct ct_record *r, int pidfd)
{
	char path[40];
	auto_fd root = -1;

	snprintf(path, sizeof(path), "/proc/%d/root", (int)r->pid);
	root = fd_open(AT_FDCWD, path, O_PATH | O_DIRECTORY);
	if (root < 0)
		return root;
	/* The number may have passed to somebody else before the path was opened. */
	return sys_pidfd_kill(pidfd, 0) < 0 ? -ESRCH : take_fd(&root);
}

/* On an opening of its own: a caller's lock must neither be mistaken for a maker's nor be lost. */
static bool being_made(int dir)
{
	auto_fd own = fd_open(dir, ".", O_RDONLY | O_DIRECTORY);

	return own >= 0 && flock(own, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

static bool is_frozen(const struct ct_record *r)
{
	struct cg_own g = record_cgroup(r);

	return r->cgroup && cg_frozen(&g);
}

enum ct_status record_status(int dir, const struct ct_record *r, enum record_lock how)
{
	auto_fd waits = -1;

	if (!r->pid)
		return how == RECORD_READ && being_made(dir) ? CT_CREATING : CT_STOPPED;
	if (!alive(r))
		return CT_STOPPED;
	if (is_frozen(r))
		return CT_PAUSED;
	/* A stopped init does not take calls, and after a few the queue is full: somebody waits all the same. */
	waits = record_connect(dir, false);
	if (waits >= 0 || waits == -EAGAIN)
		return CT_CREATED;
	return CT_RUNNING;
}

const char *ct_status_word(enum ct_status s)
{
	static const char *const words[] = { "creating", "created", "running", "paused", "stopped" };

	return words[s];
}

struct oci_state record_state(struct arena *a, const struct ct_record *r, enum ct_status s)
{
	int64_t *pid = arena_alloc(a, sizeof(*pid));
	struct cg_own g = record_cgroup(r);
	bool oom = s == CT_STOPPED && r->cgroup && cg_was_oom(&g);

	*pid = s == CT_STOPPED ? 0 : r->pid;
	return (struct oci_state){ .version = "1.3.0", .id = r->id, .status = ct_status_word(s), .pid = pid, .bundle = r->bundle,
				   .rootfs = r->rootfs, .created = r->created, .owner = r->owner, .annotations = r->annotations, .oom_killed = oom };
}

bool record_made_pid(const struct ct_record *r)
{
	for (size_t i = 0; i < r->made.len; i++)
		if (r->made.at[i] == CLONE_NEWPID)
			return true;
	return false;
}

int record_namespaces(const struct ct_record *r)
{
	int flags = 0;

	for (size_t i = 0; i < r->namespaces.len; i++)
		flags |= r->namespaces.at[i];
	return flags;
}

/* sun_path holds 108 bytes and --root may be longer: the directory's descriptor makes it short. */
static struct sockaddr_un address(int dir)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };

	snprintf(sa.sun_path, sizeof(sa.sun_path), "/proc/self/fd/%d/" SOCKET, dir);
	return sa;
}

int record_listen(int dir, struct err *e)
{
	auto_fd s = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct sockaddr_un sa = address(dir);

	if (s < 0 || bind(s, (struct sockaddr *)&sa, sizeof(sa)) < 0 || listen(s, 8) < 0)
		return err_sys(e, "make the start socket");
	return take_fd(&s);
}

int record_connect(int dir, bool wait)
{
	struct sockaddr_un sa = address(dir);
	auto_fd s = -1;

	if (faccessat(dir, SOCKET, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	s = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | (wait ? 0 : SOCK_NONBLOCK), 0);
	if (s < 0 || connect(s, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		return -errno;
	return take_fd(&s);
}

void record_started(int dir)
{
	(void)unlinkat(dir, SOCKET, 0);
}
