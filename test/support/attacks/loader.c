/* Stands where a program looks for its loader: whoever is executed in this container runs this first, still as itself.
 * It keeps a descriptor of the program's file and leaves the rest to the probe. No C library: there is nothing to start one. */
#include <asm/unistd.h>
#include <fcntl.h>

#if defined(__x86_64__)
static long call(long number, long a, long b, long c, long d)
{
	long result;
	register long fourth __asm__("r10") = d;
	__asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth) : "rcx", "r11", "memory");
	return result;
}
#elif defined(__aarch64__)
static long call(long number, long a, long b, long c, long d)
{
	register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c,
		      x3 __asm__("x3") = d;
	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
	return x0;
}
#endif

static char name[] = "/bin/probe", act[] = "overwrite", file[] = "/proc/self/fd/9", own[] = "/proc/self/exe";
static char *words[] = { name, act, file, 0 }, *none[] = { 0 };

void _start(void)
{
	long found = call(__NR_openat, AT_FDCWD, (long)own, O_RDONLY, 0);
	call(__NR_dup3, found, 9, 0, 0);
	call(__NR_execve, (long)name, (long)words, (long)none, 0);
	call(__NR_exit, 1, 0, 0, 0);
}
