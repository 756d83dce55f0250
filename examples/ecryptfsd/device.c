/*
 * What the eCryptfs daemon takes for /dev/ecryptfs and for its user's keyring: a library that is loaded
 * before its own (LD_PRELOAD), so that the program runs as it was built, without root and without a kernel
 * that knows eCryptfs.
 *
 * The daemon's end of a SOCK_SEQPACKET pair is the device. Each call is a packet to the other end:
 *
 *   R               it reads: the answer is what it reads, 0 bytes included
 *   W bytes         it writes
 *   K description   it looks for a key: the answer is what the key holds, 0 bytes when there is none
 *
 * Since a read is said before it waits, who holds the other end knows, without looking at a clock, when a
 * daemon of one thread has nothing left to do: it stands in a read, and all that it did before was told before.
 *
 * Besides: the folder of key modules is another one; the kernel is not asked for its version, for which the
 * daemon would load a module into it; and what is meant for the system's log goes to stderr without the
 * values, which may hold what it read from outside of a request.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* What a key may hold is below 32 KiB. */
#define KEY_MAX 32768
/* The one bit of the kernel's version that the daemon asks for: there is a device. */
#define VERSION_DEVICE 0x40

static const char device_path[] = "/dev/ecryptfs";
static int device = -1;
static const char *modules = "";
/* The key that was found last; the daemon reads each before it looks for another. */
static char key[KEY_MAX];
static ssize_t key_size;

/* The number of an open file, or -1; strtol has another name in each age of the C library. */
static int number(const char *text)
{
	int value = 0;

	if (text == NULL || *text == '\0')
		return -1;
	for (; *text >= '0' && *text <= '9'; text++)
		value = value * 10 + (*text - '0');
	return value;
}

__attribute__((constructor)) static void begin(void)
{
	const char *folder = getenv("ECRYPTFSD_MODULES");

	device = number(getenv("ECRYPTFSD_DEVICE"));
	if (folder != NULL)
		modules = folder;
	/* It ends with whoever started it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* Tells a call, and where it was not heard gives up: nobody is there any more. */
static void tell(char call, const void *bytes, size_t size)
{
	char kind = call;
	struct iovec parts[] = {{&kind, 1}, {(void *)bytes, size}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};

	if (sendmsg(device, &message, MSG_NOSIGNAL) == -1)
		_exit(1);
}

int open64(const char *path, int flags, ...)
{
	va_list rest;
	int mode;

	if (strcmp(path, device_path) == 0)
		return device;
	va_start(rest, flags);
	mode = flags & O_CREAT ? va_arg(rest, int) : 0;
	va_end(rest);
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

ssize_t read(int fd, void *to, size_t size)
{
	if (fd != device)
		return syscall(SYS_read, fd, to, size);
	tell('R', NULL, 0);
	return recv(device, to, size, 0);
}

ssize_t write(int fd, const void *from, size_t size)
{
	if (fd != device)
		return syscall(SYS_write, fd, from, size);
	tell('W', from, size);
	return (ssize_t)size;
}

/* libkeyutils: a key by its description, and what it holds. */

int32_t request_key(const char *type, const char *description, const char *info, int32_t keyring)
{
	(void)type, (void)info, (void)keyring;
	tell('K', description, strlen(description));
	key_size = recv(device, key, sizeof(key), 0);
	if (key_size > 0)
		return 1;
	errno = ENOKEY;
	return -1;
}

int keyctl_read_alloc(int32_t id, void **to)
{
	(void)id;
	/* There is a NUL behind it, as in the library. */
	*to = calloc(1, (size_t)key_size + 1);
	if (*to == NULL)
		return -1;
	memcpy(*to, key, (size_t)key_size);
	return (int)key_size;
}

/* The folder of key modules, and the modules in it. */

DIR *opendir(const char *path)
{
	DIR *(*next)(const char *);

	*(void **)&next = dlsym(RTLD_NEXT, "opendir");
	return next(strstr(path, "/ecryptfs") == NULL ? path : modules);
}

void *dlopen(const char *path, int flags)
{
	const char *name = path == NULL ? NULL : strstr(path, "/ecryptfs/");
	void *(*next)(const char *, int);
	char moved[PATH_MAX];

	*(void **)&next = dlsym(RTLD_NEXT, "dlopen");
	if (name == NULL)
		return next(path, flags);
	snprintf(moved, sizeof(moved), "%s/%s", modules, strrchr(path, '/') + 1);
	return next(moved, flags);
}

int ecryptfs_get_version(uint32_t *version)
{
	*version = VERSION_DEVICE;
	return 0;
}

/* Programs that are hardened log by the first, others by the second. */

void __syslog_chk(int priority, int flag, const char *format, ...)
{
	(void)priority, (void)flag;
	fprintf(stderr, "%s\n", format);
}

void syslog(int priority, const char *format, ...)
{
	(void)priority;
	fprintf(stderr, "%s\n", format);
}
