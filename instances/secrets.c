/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "instances/secrets.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"

enum { DEPTH = 8, ENTRIES = 200000 };

static const char *const secrets[] = {
	"/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-", "/etc/security/opasswd", "/etc/ssh/ssh_host_rsa_key",
	"/etc/ssh/ssh_host_ecdsa_key", "/etc/ssh/ssh_host_ed25519_key", "/etc/ssl/private", "/etc/pki/tls/private",
	"/etc/letsencrypt", "/etc/krb5.keytab", "/etc/wireguard", "/etc/openvpn",
	"/etc/NetworkManager/system-connections", "/etc/netplan", "/etc/wpa_supplicant", "/etc/ppp", "/etc/ipsec.secrets",
	"/etc/ipsec.d/private", "/etc/crypttab", "/etc/keys", "/etc/luks", "/etc/kubernetes",
	"/etc/credstore", "/etc/credstore.encrypted", "/etc/containers/auth.json", "/etc/docker", "/etc/samba/private",
	"/etc/sssd", "/etc/ldap.secret", "/etc/postgresql-common/pgpass", "/etc/mysql/debian.cnf",
	"/root", "/home", "/boot", "/media", "/mnt", "/lost+found", "/tmp", "/var/tmp", "/var/backups", "/var/mail",
	"/var/spool", "/var/log/journal", "/var/log/audit", "/var/log/private", "/var/log/auth.log", "/var/log/syslog",
	"/var/log/wtmp", "/var/log/btmp", "/var/log/lastlog", "/var/cache/private", "/var/lib/private", "/var/lib/kist", "/var/lib/containers", "/var/lib/docker",
	"/var/lib/containerd", "/var/lib/machines", "/var/lib/lxc", "/var/lib/lxd", "/var/lib/incus", "/var/lib/libvirt",
	"/var/lib/kubelet", "/var/lib/etcd", "/var/lib/systemd/credential.secret", "/var/lib/systemd/random-seed",
	"/var/lib/AccountsService", "/var/lib/sss", "/var/lib/samba/private", "/var/lib/postgresql", "/var/lib/mysql",
	"/var/lib/ldap", "/var/lib/krb5kdc", "/var/lib/fprint", "/var/lib/bluetooth", "/var/lib/NetworkManager",
	"/var/crash", "/swapfile", "/swap.img", "/etc/apt/auth.conf", "/etc/apt/auth.conf.d", "/etc/bind/rndc.key",
	"/etc/postgresql", "/var/cache/debconf", "/var/log/apt", "/var/log/postgresql", "/var/lib/cloud", "/var/lib/mongodb",
	"/var/lib/redis", "/var/lib/systemd/coredump", "/var/lib/tor",
};

/* Their programs' and services' own places, where an installation may keep more than the list knows. */
static const char *const places[] = { "/etc", "/var/lib", "/var/log", "/var/cache", "/var/spool" };

struct search {
	struct strv *out;
	dev_t device; /* what is mounted below is not in the instance's tree */
	int left;     /* entries to look at */
};

static bool is_listed(const struct strv *v, const char *path)
{
	for (size_t i = 0; i < v->len; i++)
		if (!strcmp(v->at[i], path))
			return true;
	return false;
}

static void look_into(struct search *s, int parent, const char *name, const char *path, int depth);

static void judge(struct search *s, int dir, const char *name, const char *path, int depth)
{
	bool folder, open;
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_dev != s->device)
		return;
	folder = S_ISDIR(st.st_mode);
	open = folder ? (st.st_mode & 05) == 05 : st.st_mode & 04;
	if ((!folder && (open || !S_ISREG(st.st_mode))) || is_listed(s->out, path))
		return;
	if (open)
		look_into(s, dir, name, path, depth);
	else
		strv_add(s->out, path);
}

static void look_into(struct search *s, int parent, const char *name, const char *path, int depth)
{
	int fd = depth < DEPTH ? fd_open(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW) : -1;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *n;

	while (d && (n = readdir(d)) && s->left > 0)
		if (strcmp(n->d_name, ".") != 0 && strcmp(n->d_name, "..") != 0) {
			s->left--;
			judge(s, dirfd(d), n->d_name, path_join(s->out->arena, path, n->d_name), depth + 1);
		}
	if (!d || s->left <= 0)
		strv_add(s->out, path);
	if (d)
		closedir(d);
}

void inst_secrets_find(struct strv *out, const char *dir)
{
	struct search s = { .out = out, .left = ENTRIES };
	struct stat st;

	if (stat(dir, &st) < 0)
		return;
	s.device = st.st_dev;
	look_into(&s, AT_FDCWD, dir, dir, 0);
}

void inst_secrets(struct strv *out)
{
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
		strv_add(out, secrets[i]);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		inst_secrets_find(out, places[i]);
}
