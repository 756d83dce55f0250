/*
 * The agent inside the virtual machine: its first process, which does in the guest what the suite asks for.
 *
 * It reads a command a line from the second serial port and answers each with any number of lines
 * "message PID HEX", "done TASK ERRNO" and "data HEX", and then with "ok MS" (what its clock shows), with
 * "no ERRNO MS" when the call behind it failed, or with "lost: WORDS" when the kernel is of no use any more.
 *
 *   hello WORD                says `here WORD`, before anything else counts
 *   insert FILE PARAMETERS    loads a module
 *   remove NAME               and unloads it
 *   key SIGNATURE HEX         puts a token into the keyring
 *   mount PLACE OPTIONS       at /lower an empty file system, at /mnt eCryptfs over that one
 *   unmount PLACE             and unmounts it
 *   open PID UID              a process of a user opens /dev/ecryptfs
 *   close PID UID             it closes it
 *   write PID UID HEX         it writes to it
 *   read PID UID              it reads one packet, if one waits
 *   kill PID                  it dies
 *   ask TASK UID [SIZE HEX]   a process of a user creates a file; with HEX it opens one that begins so
 *   signal TASK               a signal reaches that process
 *   settle read|leave         waits until nothing moves; with "read" daemons take all that waits for them
 *   put PATH HEX              appends to a file
 *   get PATH FROM COUNT       says what stands in one
 *   run SECONDS UID COMMAND   starts a program, and waits so long for its end; 0 does not wait
 *   sleep MS                  lets time pass
 *
 * The guest's time passes by instructions; where its processor has nothing to do, time jumps to the next
 * timer. So the agent waits for commands awake, and a time-out passes by "sleep" alone, in no time.
 *
 * Every call that may hang is made by a process of its own, and waited for with a limit. A process that
 * asks is at rest when it sleeps in ecryptfs_wait_for_response, which /proc/PID/stack tells. Only one that
 * has a signal pending never sleeps, but spins until its time is up; it is given a moment.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum {
	bytes_max = 1 << 16,
	line_max = 2 * bytes_max + 256,
	processes_max = 256,
	packet_max = 4096,
	hang_ms = 3000,
	spin_ms = 60,
	idle_port = 0x80,
	port_reads = 200,
	/* Bits of /proc/sys/kernel/tainted. */
	has_died = 1 << 7,
	has_warned = 1 << 9,
	/* Of add_key(2): where a daemon of root finds it as well. */
	user_keyring = -4,
};

/* A process of the guest, by the label that the suite gives it; pid 0 is a free place. */
struct process {
	unsigned label;
	pid_t pid;
	int channel;
	int is_signalled;
};

/* What one that asks writes to `results` when its call has returned. */
struct result {
	unsigned task;
	int error;
};

static struct process daemons[processes_max], askers[processes_max];
static int results[2];
static FILE *in, *out;
static const char *verb;
static unsigned char bytes[bytes_max];

static void say(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vfprintf(out, format, arguments);
	va_end(arguments);
	putc('\n', out), fflush(out);
}

static long long now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* The next word of the command, or what is left of it. */
static char *word(void)
{
	return strtok(NULL, " ") ?: "";
}

static unsigned number(void)
{
	return strtoul(word(), NULL, 10);
}

static char *rest(void)
{
	return strtok(NULL, "") ?: "";
}

/* The beginning of a small file, as text. */
static const char *text_of(const char *path)
{
	static char text[1024];
	int file = open(path, O_RDONLY);
	ssize_t length = file < 0 ? 0 : read(file, text, sizeof text - 1);
	close(file);
	text[length < 0 ? 0 : length] = 0;
	return text;
}

static int digit(char from)
{
	return from <= '9' ? from - '0' : from - 'a' + 10;
}

/* Fills `bytes`. */
static int from_hex(const char *text)
{
	int length = 0;
	for (; text[0] && text[1] && length < bytes_max - 1; text += 2)
		bytes[length++] = digit(text[0]) << 4 | digit(text[1]);
	return length;
}

static const char *to_hex(const unsigned char *from, int length)
{
	static char hex[2 * bytes_max + 1];
	for (int nth = 0; nth < length; nth++) {
		hex[2 * nth] = "0123456789abcdef"[from[nth] >> 4];
		hex[2 * nth + 1] = "0123456789abcdef"[from[nth] & 15];
	}
	hex[2 * length] = 0;
	return hex;
}

/* The end of an answer, which tells when the kernel died of what was done. */
static void answer(int error)
{
	int tainted = atoi(text_of("/proc/sys/kernel/tainted"));
	if (tainted & has_died)
		say("lost: the kernel died");
	else if (tainted & has_warned)
		say("lost: the kernel found its own data wrong");
	else if (error)
		say("no %s %lld", strerrorname_np(error), now_ms());
	else
		say("ok %lld", now_ms());
}

/* Something does not come back: who blocks, and where, is shown on the console. */
static void hangs(const char *what)
{
	int trigger = open("/proc/sysrq-trigger", O_WRONLY);
	int is_dead = atoi(text_of("/proc/sys/kernel/tainted")) & has_died;
	if (!is_dead && write(trigger, "w", 1) == 1)
		usleep(100000);
	say("lost: %s%s does not return", is_dead ? "the kernel died, and " : "", what);
}

/* The process of a label, or where it has none a free place, whose pid is 0; NULL where all are taken. */
static struct process *place_of(struct process *all, unsigned label)
{
	struct process *place = NULL;
	for (int nth = 0; nth < processes_max; nth++)
		if (!all[nth].pid)
			place = place ?: &all[nth];
		else if (all[nth].label == label)
			return &all[nth];
	return place;
}

static void become(uid_t uid)
{
	if (syscall(SYS_setgroups, 0, NULL) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid))
		_exit(126);
}

/* Whether a child ends in time. */
static int ends(pid_t pid, int *status, int limit_ms)
{
	for (long long until = now_ms() + limit_ms; now_ms() <= until; usleep(500))
		if (waitpid(pid, status, WNOHANG) == pid)
			return 1;
	return 0;
}

/* ---- Daemons: each makes the calls to the device that it is ordered to, one by one. */

static ssize_t perform(char what, int *device, const unsigned char *sent, size_t length, void *got)
{
	/* A read of an empty queue would block, whatever the flags. */
	struct pollfd ready = {.fd = *device, .events = POLLIN};
	int second;
	switch (what) {
	case 'o':
		second = open("/dev/ecryptfs", O_RDWR);
		if (*device < 0)
			*device = second;
		else if (second >= 0)
			close(second);
		return second;
	case 'c':
		second = close(*device);
		*device = -1;
		return second;
	case 'w':
		return write(*device, sent, length) == (ssize_t)length ? 0 : -1;
	default:
		return poll(&ready, 1, 0) == 1 ? read(*device, got, packet_max) : 0;
	}
}

static void live_as_daemon(int channel)
{
	static unsigned char text[bytes_max], got[sizeof(int) + packet_max];
	int device = -1;
	for (;;) {
		ssize_t length = recv(channel, text, sizeof text, 0);
		if (length <= 0)
			_exit(0);
		errno = 0;
		ssize_t count = perform(text[0], &device, text + 1, length - 1, got + sizeof(int));
		int error = count < 0 ? (errno ? errno : EMSGSIZE) : 0;
		memcpy(got, &error, sizeof error);
		ssize_t read = text[0] == 'r' && count > 0 ? count : 0;
		send(channel, got, sizeof error + read, 0);
	}
}

/* The daemon of a label; it is started when it is first spoken of. */
static struct process *daemon_of(unsigned label, uid_t uid)
{
	struct process *daemon = place_of(daemons, label);
	int channel[2];
	if (!daemon || daemon->pid)
		return daemon;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel))
		return NULL;
	pid_t pid = fork();
	if (pid == 0) {
		become(uid);
		live_as_daemon(channel[1]);
	}
	close(channel[1]);
	*daemon = (struct process){.label = label, .pid = pid, .channel = channel[0]};
	return daemon;
}

/*
 * Lets a daemon make a call with the first bytes of `bytes`, and says what it read. Returns the errno, or
 * -1 when the call does not come back; `some` becomes true when something was read.
 */
static int order(struct process *daemon, char what, int length, int *some)
{
	static unsigned char text[bytes_max];
	struct pollfd ready = {.fd = daemon->channel, .events = POLLIN};
	int error;
	text[0] = what;
	memcpy(text + 1, bytes, length);
	if (send(daemon->channel, text, length + 1, MSG_NOSIGNAL) < 0 || poll(&ready, 1, hang_ms) != 1)
		return -1;
	ssize_t got = recv(daemon->channel, text, sizeof text, 0);
	if (got < (ssize_t)sizeof error)
		return -1;
	memcpy(&error, text, sizeof error);
	if ((*some = got > (ssize_t)sizeof error))
		say("message %u %s", daemon->label, to_hex(text + sizeof error, got - sizeof error));
	return error;
}

/* The commands open, close, write and read: PID UID HEX. */
static void call_device(void)
{
	unsigned label = number();
	struct process *daemon = daemon_of(label, number());
	int some, length = from_hex(word());
	int error = daemon ? order(daemon, *verb, length, &some) : ENFILE;
	if (error < 0)
		hangs("a call to the device");
	else
		answer(error);
}

static void kill_daemon(void)
{
	struct process *daemon = place_of(daemons, number());
	if (!daemon || !daemon->pid)
		return answer(0);
	kill(daemon->pid, SIGKILL);
	if (!ends(daemon->pid, NULL, hang_ms))
		return hangs("a process that was killed");
	close(daemon->channel);
	daemon->pid = 0;
	answer(0);
}

/* ---- Processes that ask: each makes one call, and says when it has returned. */

static void on_signal(int signal_number)
{
	(void)signal_number;
}

static void live_as_asker(unsigned task, uid_t uid, int flags)
{
	struct result result = {.task = task};
	char path[64];
	signal(SIGUSR1, on_signal);
	snprintf(path, sizeof path, "/mnt/%u/file", task);
	become(uid);
	if (open(path, flags, 0666) < 0)
		result.error = errno;
	_exit(write(results[1], &result, sizeof result) != sizeof result);
}

static void ask(void)
{
	unsigned task = number(), uid = number(), size = number();
	const char *begin = word();
	struct process *asker = place_of(askers, task);
	char path[64];
	if (!asker)
		return answer(ENFILE);
	/* Files of one directory are created one after the other: each has its own. */
	snprintf(path, sizeof path, "/lower/%u", task);
	mkdir(path, 0777);
	snprintf(path, sizeof path, "/lower/%u/file", task);
	if (*begin) {
		int file = open(path, O_WRONLY | O_CREAT, 0666), length = from_hex(begin);
		if (file < 0 || write(file, bytes, length) != length || ftruncate(file, size))
			return answer(errno);
		close(file);
	}
	pid_t pid = fork();
	if (pid == 0)
		live_as_asker(task, uid, *begin ? O_RDONLY : O_WRONLY | O_CREAT | O_EXCL);
	*asker = (struct process){.label = task, .pid = pid};
	answer(0);
}

static void signal_asker(void)
{
	struct process *asker = place_of(askers, number());
	if (asker && asker->pid) {
		asker->is_signalled = 1;
		kill(asker->pid, SIGUSR1);
	}
	answer(0);
}

/* Says whose calls have returned. */
static int say_results(void)
{
	struct result result;
	int some = 0;
	for (; read(results[0], &result, sizeof result) == sizeof result; some = 1) {
		struct process *asker = place_of(askers, result.task);
		say("done %u %s", result.task, result.error ? strerrorname_np(result.error) : "0");
		if (asker && asker->pid) {
			waitpid(asker->pid, NULL, 0);
			asker->pid = 0;
		}
	}
	return some;
}

enum rest { at_rest, spinning, moving, gone };

static enum rest rest_of(const struct process *asker)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/stat", asker->pid);
	const char *name_end = strrchr(text_of(path), ')');
	char state = name_end ? name_end[2] : 'Z';
	if (state == 'Z' || state == 'X')
		return gone;
	if (asker->is_signalled)
		return spinning;
	snprintf(path, sizeof path, "/proc/%d/stack", asker->pid);
	return state == 'S' && strstr(text_of(path), "wait_for_response") ? at_rest : moving;
}

/* What the liveliest of those who ask does. */
static enum rest rest_of_all(void)
{
	enum rest most = at_rest;
	for (int nth = 0; nth < processes_max; nth++) {
		enum rest one = askers[nth].pid ? rest_of(&askers[nth]) : at_rest;
		most = one > most ? one : most;
	}
	return most;
}

/* Every daemon takes what waits for it. Returns -1 when one does not come back, else whether one read. */
static int read_all(void)
{
	int some, any = 0;
	for (int nth = 0; nth < processes_max; nth++) {
		do {
			some = 0;
			if (daemons[nth].pid && order(&daemons[nth], 'r', 0, &some) < 0)
				return -1;
			any |= some;
		} while (some);
	}
	return any;
}

static void settle(void)
{
	int reads = *word() == 'r';
	long long began = now_ms();
	for (;;) {
		enum rest most = rest_of_all();
		int returned = say_results(), some = reads ? read_all() : 0;
		if (some < 0)
			return hangs("a read of the device");
		/* Who is gone and said nothing was killed by the kernel, which then has died. */
		if (!returned && !some) {
			if (most == at_rest || most == gone || (most == spinning && now_ms() - began > spin_ms))
				return answer(0);
			if (now_ms() - began > hang_ms)
				return hangs("a process that asks");
		}
		usleep(200);
	}
}

/* ---- Modules, keys, mounts, files and programs. */

static int result_of(long returned)
{
	return returned < 0 ? errno : 0;
}

static void insert_module(void)
{
	int file = open(word(), O_RDONLY | O_CLOEXEC);
	int error = file < 0 ? errno : result_of(syscall(SYS_finit_module, file, rest(), 0));
	close(file);
	chmod("/dev/ecryptfs", 0666);
	answer(error);
}

static void add_key(void)
{
	const char *signature = word();
	int length = from_hex(word());
	answer(result_of(syscall(SYS_add_key, "user", signature, bytes, length, user_keyring)));
}

static void mount_place(void)
{
	const char *place = word(), *options = rest();
	int is_lower = !strcmp(place, "/lower");
	const char *from = is_lower ? "none" : "/lower", *type = is_lower ? "tmpfs" : "ecryptfs";
	answer(result_of(mount(from, place, type, 0, options)));
}

static void unmount_place(void)
{
	answer(result_of(umount(word())));
}

static void remove_module(void)
{
	answer(result_of(syscall(SYS_delete_module, word(), O_NONBLOCK)));
}

static void put_file(void)
{
	int file = open(word(), O_WRONLY | O_CREAT | O_APPEND, 0666);
	int length = from_hex(word());
	int error = file < 0 || write(file, bytes, length) != length ? errno : 0;
	answer(close(file) < 0 && !error ? errno : error);
}

static void get_file(void)
{
	int file = open(word(), O_RDONLY);
	off_t from = number();
	size_t count = number();
	ssize_t got = pread(file, bytes, count < bytes_max ? count : bytes_max, from);
	int error = got < 0 ? errno : 0;
	close(file);
	if (got > 0)
		say("data %s", to_hex(bytes, got));
	answer(error);
}

/* Says "data" with the exit status of a program that ends in time. */
static void run(void)
{
	int seconds = number();
	uid_t uid = number();
	char *arguments[32];
	int count = 0, status;
	while (count < 31 && *(arguments[count] = word()))
		count++;
	arguments[count] = NULL;
	pid_t pid = fork();
	if (pid == 0) {
		become(uid);
		execv(arguments[0], arguments);
		_exit(127);
	}
	if (ends(pid, &status, 1000 * seconds))
		say("data %02x", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	answer(0);
}

static void let_pass(void)
{
	poll(NULL, 0, number());
	answer(0);
}

static void hello(void)
{
	say("here %s", word());
}

static const struct {
	const char *name;
	void (*obey)(void);
} commands[] = {
	{"hello", hello}, {"insert", insert_module}, {"remove", remove_module},
	{"key", add_key}, {"mount", mount_place}, {"unmount", unmount_place},
	{"open", call_device}, {"close", call_device}, {"write", call_device},
	{"read", call_device}, {"kill", kill_daemon}, {"ask", ask},
	{"signal", signal_asker}, {"settle", settle}, {"put", put_file},
	{"get", get_file}, {"run", run}, {"sleep", let_pass},
};

static void obey(char *line)
{
	if (!(verb = strtok(line, " ")))
		return;
	for (size_t nth = 0; nth < sizeof commands / sizeof *commands; nth++)
		if (!strcmp(verb, commands[nth].name))
			return commands[nth].obey();
	answer(ENOSYS);
}

static void set_up(void)
{
	struct termios raw;
	umask(0), signal(SIGPIPE, SIG_IGN);
	mkdir("/proc", 0755), mkdir("/sys", 0755), mkdir("/dev", 0755);
	mkdir("/lower", 0777), mkdir("/mnt", 0777), mkdir("/tmp", 0777);
	mount("none", "/proc", "proc", 0, NULL), mount("none", "/sys", "sysfs", 0, NULL);
	mount("none", "/dev", "devtmpfs", 0, NULL);
	pipe2(results, O_CLOEXEC | O_NONBLOCK);
	int port = open("/dev/ttyS1", O_RDWR | O_CLOEXEC | O_NOCTTY);
	tcgetattr(port, &raw), cfmakeraw(&raw);
	/* To read is not to sleep: without bytes it returns at once. */
	raw.c_cc[VMIN] = 0;
	tcsetattr(port, TCSAFLUSH, &raw);
	in = fdopen(port, "r"), out = fdopen(port, "w");
	ioperm(idle_port, 1, 1);
}

int main(void)
{
	static char line[line_max];
	int length = 0;
	for (set_up();;) {
		int next = getc(in);
		if (next == EOF) {
			/* To read a port takes long and is one instruction, by which time hardly passes. */
			for (int nth = 0; nth < port_reads; nth++)
				inb(idle_port);
			clearerr(in);
		} else if (next == '\n')
			line[length] = 0, length = 0, obey(line);
		else if (length < line_max - 1)
			line[length++] = next;
	}
}
