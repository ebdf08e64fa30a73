/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OCI_SPEC_H
#define OCI_SPEC_H
/*
 * The OCI runtime specification 1.3 (config.md, config-linux.md) as C, in the specification's order.
 * Filled by oci_load() into the command's arena, const afterwards.  An absent scalar is NULL, an absent
 * list has len 0, an absent string is NULL.  Numbers keep their full range.
 */
#include "oci/bind.h"

struct oci_mapping {
	uint32_t container, host, size;
};
typedef LIST_OF(struct oci_mapping) oci_mappings;

struct oci_user {
	uint32_t uid, gid;
	const uint32_t *umask;
	LIST_OF(uint32_t) groups;
	const char *username; /* Windows only: kept, not acted on */
};

struct oci_console_size {
	uint64_t height, width;
};

struct oci_capabilities {
	strings bounding, permitted, effective, inheritable, ambient;
};

struct oci_rlimit {
	int type; /* RLIMIT_* */
	uint64_t soft, hard;
};

struct oci_scheduler {
	int policy; /* SCHED_* */
	const int32_t *nice, *priority;
	LIST_OF(int) flags; /* SCHED_FLAG_* bits */
	const uint64_t *runtime, *deadline, *period;
};

struct oci_io_priority {
	int class_; /* IOPRIO_CLASS_* */
	const int32_t *priority;
};

struct oci_cpu_affinity {
	const char *initial, *final;
};

struct oci_process {
	bool terminal;
	const struct oci_console_size *console_size;
	const struct oci_user *user;
	strings args;
	const char *command_line; /* Windows only */
	strings env;
	const char *cwd;
	const struct oci_capabilities *capabilities;
	LIST_OF(struct oci_rlimit) rlimits;
	bool no_new_privileges;
	const char *apparmor_profile, *selinux_label;
	const int64_t *oom_score_adj;
	const struct oci_scheduler *scheduler;
	const struct oci_io_priority *io_priority;
	const struct oci_cpu_affinity *exec_cpu_affinity;
};

struct oci_root {
	const char *path;
	bool readonly;
};

struct oci_mount {
	const char *destination, *type, *source;
	strings options;
	oci_mappings uid_mappings, gid_mappings;
};

struct oci_hook {
	const char *path;
	strings args, env;
	const int64_t *timeout;
};
typedef LIST_OF(struct oci_hook) oci_hook_list;

struct oci_hooks {
	oci_hook_list prestart, create_runtime, create_container, start_container, poststart, poststop;
};

struct oci_namespace {
	int type; /* CLONE_NEW* */
	const char *path;
};

struct oci_device {
	int type; /* 'c', 'b', 'u', 'p' */
	const char *path;
	const int64_t *major, *minor;
	const uint32_t *file_mode, *uid, *gid; /* engines leave S_IFMT bits in the mode: mask them */
};

struct oci_net_device {
	const char *host; /* the map's key */
	const char *name; /* NULL: keeps the host's name */
};

struct oci_memory {
	const int64_t *limit, *reservation, *swap, *kernel, *kernel_tcp;
	const uint64_t *swappiness;
	bool disable_oom_killer, use_hierarchy;
	const bool *check_before_update;
};

struct oci_cpu {
	const uint64_t *shares, *period, *burst, *realtime_period;
	const int64_t *quota, *realtime_runtime, *idle;
	const char *cpus, *mems;
};

struct oci_pids {
	const int64_t *limit; /* required by the schema; NULL only in kist's own documents */
};

struct oci_device_weight {
	int64_t major, minor;
	const uint16_t *weight, *leaf_weight;
};

struct oci_throttle {
	int64_t major, minor;
	const uint64_t *rate;
};
typedef LIST_OF(struct oci_throttle) oci_throttles;

struct oci_block_io {
	const uint16_t *weight, *leaf_weight;
	LIST_OF(struct oci_device_weight) weight_device;
	oci_throttles read_bps, write_bps, read_iops, write_iops;
};

struct oci_hugepage {
	const char *page_size;
	uint64_t limit;
};

struct oci_net_priority {
	const char *name;
	uint32_t priority;
};

struct oci_network {
	const uint32_t *class_id;
	LIST_OF(struct oci_net_priority) priorities;
};

struct oci_rdma {
	const char *device; /* the map's key */
	const uint32_t *hca_handles, *hca_objects;
};

struct oci_device_rule {
	bool allow;
	const char *type; /* "a", "c", "b"; NULL means all */
	const int64_t *major, *minor;
	const char *access;
};

struct oci_resources {
	LIST_OF(struct oci_device_rule) devices;
	const struct oci_memory *memory;
	const struct oci_cpu *cpu;
	const struct oci_pids *pids;
	const struct oci_block_io *block_io;
	LIST_OF(struct oci_hugepage) hugepages;
	const struct oci_network *network;
	LIST_OF(struct oci_rdma) rdma;
	pairs unified;
};

struct oci_seccomp_arg {
	uint32_t index;
	uint64_t value;
	const uint64_t *value_two;
	int op; /* enum oci_seccomp_op */
};

struct oci_seccomp_rule {
	strings names;
	int action; /* enum oci_seccomp_action */
	const uint32_t *errno_ret;
	LIST_OF(struct oci_seccomp_arg) args;
};

enum oci_seccomp_action {
	OCI_ACT_KILL, /* the thread, as libseccomp's SCMP_ACT_KILL */
	OCI_ACT_KILL_PROCESS,
	OCI_ACT_KILL_THREAD,
	OCI_ACT_TRAP,
	OCI_ACT_ERRNO,
	OCI_ACT_TRACE,
	OCI_ACT_ALLOW,
	OCI_ACT_LOG,
	OCI_ACT_NOTIFY,
};
enum oci_seccomp_op { OCI_CMP_NE, OCI_CMP_LT, OCI_CMP_LE, OCI_CMP_EQ, OCI_CMP_GE, OCI_CMP_GT, OCI_CMP_MASKED_EQ };

struct oci_seccomp {
	int default_action;
	const uint32_t *default_errno;
	strings architectures; /* SCMP_ARCH_*: checked words */
	LIST_OF(int) flags;    /* SECCOMP_FILTER_FLAG_* bits */
	const char *listener_path, *listener_metadata;
	LIST_OF(struct oci_seccomp_rule) syscalls;
};

struct oci_intel_rdt {
	const char *clos_id;
	strings schemata;
	const char *l3_cache_schema, *mem_bw_schema;
	bool enable_monitoring;
};

struct oci_memory_policy {
	int mode; /* MPOL_* of linux/mempolicy.h */
	const char *nodes;
	LIST_OF(int) flags; /* MPOL_F_* bits */
};

struct oci_personality {
	int domain; /* PER_LINUX, PER_LINUX32 */
	strings flags;
};

struct oci_time_offset {
	const int64_t *secs;
	const uint32_t *nanosecs;
};

struct oci_time_offsets {
	const struct oci_time_offset *boottime, *monotonic;
};

struct oci_linux {
	LIST_OF(struct oci_namespace) namespaces;
	oci_mappings uid_mappings, gid_mappings;
	const struct oci_time_offsets *time_offsets;
	LIST_OF(struct oci_device) devices;
	LIST_OF(struct oci_net_device) net_devices;
	const char *cgroups_path;
	const struct oci_resources *resources;
	const struct oci_intel_rdt *intel_rdt;
	const struct oci_memory_policy *memory_policy;
	pairs sysctl;
	const struct oci_seccomp *seccomp;
	const int *rootfs_propagation; /* MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE */
	strings masked_paths, readonly_paths;
	const char *mount_label;
	const struct oci_personality *personality;
};

/*
 * kist's own branch of an instance's document.  `lower`: the layers of the root, the top one first; without them
 * root.path is the root.  `idmap`: layers and upper (or root.path) are shown through the container's own id maps.
 */
struct oci_kist_root {
	strings lower;
	const char *upper, *work; /* side by side; relative ones lie in the bundle; NULL: nothing can be written */
	bool volatile_;		  /* upper need not survive a power cut */
	bool idmap;
};

/* An interface in a network that `kist network` knows; what is absent is chosen when the container starts. */
struct oci_kist_network {
	const char *name;
	const char *interface;	       /* NULL: eth0, eth1 … */
	const char *address, *address6; /* without a prefix: that is the network's */
	const char *mac;
	strings aliases; /* names for the other members */
};

/* Which files below /etc kist makes for an instance, in its directory, for mounts to bind; and what is in them. */
struct oci_kist_names {
	bool hosts, hostname, resolver;
	strings add; /* NAME:ADDRESS, or NAME:host-gateway, which is a network's */
	strings servers, search, options; /* in the place of what the host's resolv.conf says */
};

/* Ports of the host that lead to the container: host … end to as many ports of the container from `container` on. */
struct oci_kist_port {
	uint32_t host, container;
	const uint32_t *end;
	int protocol;	     /* IPPROTO_* */
	const char *address; /* NULL: all of the host; "0.0.0.0", "::": all of that family */
};

/* Of each interface, in words such as "100mbit"; NULL: unlimited. */
struct oci_kist_bandwidth {
	const char *in, *out;
};

struct oci_kist {
	const struct oci_kist_root *root;
	LIST_OF(struct oci_kist_network) networks;
	LIST_OF(struct oci_kist_port) ports;
	const struct oci_kist_bandwidth *bandwidth;
	const struct oci_kist_names *names;
	const char *network_of; /* the container whose network this one shares, looked up at each start */
	const char *image, *image_digest; /* what it was made of; `image` is what the user called it */
	strings volumes;		  /* the named ones that it uses */
	bool remove;			  /* with all its files, once it has ended */
	bool init;			  /* its program is the child of an init of kist's */
	const char *state;		  /* the state directory that it runs in: no other one knows whether it runs */
	const char *stop_signal;
	const int64_t *log_max; /* what is kept of what it says when detached; -1: all */
	pairs labels; /* for people to find it by; nothing in kist acts on them */
};

struct oci_spec {
	const char *version;
	const struct oci_root *root;
	LIST_OF(struct oci_mount) mounts;
	const struct oci_process *process;
	const char *hostname, *domainname;
	const struct oci_hooks *hooks;
	pairs annotations;
	const struct oci_linux *linux_;
	const struct oci_kist *kist;
};

extern const struct object oci_kist_network_object, oci_kist_port_object, oci_kist_bandwidth_object;
extern const struct word oci_protocol_words[];
/* IFNAMSIZ, and the kernel's dev_valid_name(): no '/', no space, not "." or ".."; no ':', which is an alias's. */
bool oci_is_link_name(const char *s);
/* Of networks, as of volumes and instances: letters, digits and _ . - , the first a letter or a digit. */
bool oci_is_name(const char *s);
/* Of machines: letters, digits and _ . -, the first a letter or a digit; nothing that could begin a line or a comment. */
bool oci_is_host_name(const char *s);
extern const struct object oci_spec_object, oci_process_object, oci_resources_object, oci_seccomp_object;
extern const struct word oci_rlimit_words[], oci_namespace_words[], oci_seccomp_actions[], oci_seccomp_ops[],
	oci_seccomp_archs[], oci_seccomp_flags[];

enum { OCI_MAX_BYTES = 16 << 20 };

/*
 * Reads BUNDLE/config.json (or `file`, when not NULL), decodes it and applies every rule of the
 * specification that can be judged without looking at the host.  *text receives the raw document
 * (for the container's private copy) when not NULL.  Sentences start with the file's name and say the
 * JSON path and line.
 */
int oci_load(struct arena *a, const char *bundle, const char *file, struct oci_spec *out,
	     const char **text, size_t *len, struct err *e);
/* The first half of it, for who wants to look before parsing; the text ends with a NUL. */
int oci_load_text(struct arena *a, const char *bundle, const char *file, const char **text, size_t *len, struct err *e);
/* The same for a document in memory; `name` is what messages call it. */
int oci_parse_spec(struct arena *a, const char *name, const char *text, size_t len, struct oci_spec *out,
		   struct err *e);
/*
 * The rules that need more than one branch of the document (version, namespaces, id maps, sysctls …).
 * oci_load() and oci_parse_spec() apply them; a spec that was composed is checked with doc = NULL.
 */
int oci_check_spec(const struct oci_spec *s, const struct json *doc, struct err *e);
/*
 * A sysctl's name in either spelling of sysctl.d(5) → its file below /proc/sys.  False: no such name can
 * exist (empty component, "." or "..", control character, longer than size).
 */
enum { OCI_SYSCTL_MAX = 256 };
bool oci_sysctl_file(const char *name, char *out, size_t size);
/* exec --process FILE; FILE "-" is not a file here. */
int oci_load_process(struct arena *a, const char *file, struct oci_process *out, struct err *e);

/* The document that `kist spec` prints: runc's defaults as a spec value. */
void oci_template(struct arena *a, bool rootless, uint32_t uid, uint32_t gid, struct oci_spec *out);
#endif
