/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "namespaces/kinds.h"
#include "namespaces/options.h"
#include "oci/features.h"
#include "runtime/caps.h"
#include "runtime/container.h"

const char *ct_built_in(void)
{
	return "+SECCOMP +CAP +YAJL +CGROUP2 +SYSTEMD -CRIU";
}

static strings words_of(struct arena *a, const struct word *table)
{
	strings s = { NULL, 0 };

	while (table[s.len].name)
		s.len++;
	s.at = arena_array(a, s.len, sizeof(*s.at));
	for (size_t i = 0; i < s.len; i++)
		s.at[i] = table[i].name;
	return s;
}

static strings namespaces(struct arena *a)
{
	strings s = { arena_array(a, NS_KINDS, sizeof(*s.at)), NS_KINDS };

	for (size_t i = 0; i < NS_KINDS; i++)
		s.at[i] = ns_kinds[i].word;
	return s;
}

int ct_features(const struct ct_ctx *c, struct text *out, struct err *e)
{
	static const bool yes = true, no = false;
	static const struct oci_features_switch on = { &yes }, off = { &no };
	static const struct oci_features_cgroup cgroup = { &no, &yes, &yes, &yes, &yes };
	static const struct oci_features_mount_extensions mounts = { &on };
	static const char *hooks[] = { "prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop" };
	struct oci_features_seccomp seccomp = { &yes, words_of(c->arena, oci_seccomp_actions), words_of(c->arena, oci_seccomp_ops),
						words_of(c->arena, oci_seccomp_archs), words_of(c->arena, oci_seccomp_flags),
						words_of(c->arena, oci_seccomp_flags) };
	struct oci_features_linux l = { .namespaces = namespaces(c->arena), .capabilities = words_of(c->arena, cap_words), .cgroup = &cgroup,
					.seccomp = &seccomp, .apparmor = &on, .selinux = &on, .intel_rdt = &off, .mount_extensions = &mounts,
					.net_devices = &on };
	struct oci_features f = { .version_min = "1.0.0", .version_max = "1.3.0", .hooks = { hooks, 6 },
				  .mount_options = mnt_option_words(c->arena), .linux_ = &l };
	size_t len;

	(void)e;
	text_add(out, "%s", oci_encode_text(c->arena, &oci_features_object, &f, JSON_PRETTY, &len));
	return 0;
}
