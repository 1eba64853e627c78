// Stands in front of the C library: the plugin's calls come here first.
#include "counted_calls.hpp"

#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/types.h>
#include <time.h>

#include <cstddef>

CountedCalls counted;
thread_local bool is_live = false;

extern "C" {

void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);
void __libc_free(void*);

void* malloc(size_t size) {
    counted.allocations += is_live;
    return __libc_malloc(size);
}

void* calloc(size_t count, size_t size) {
    counted.allocations += is_live;
    return __libc_calloc(count, size);
}

void* realloc(void* old, size_t size) {
    counted.allocations += is_live;
    return __libc_realloc(old, size);
}

void* aligned_alloc(size_t alignment, size_t size) {
    counted.allocations += is_live;
    return __libc_memalign(alignment, size);
}

void free(void* old) {
    counted.allocations += is_live && old != nullptr;
    __libc_free(old);
}

}  // extern "C"

namespace {

template <typename Function>
Function real(const char* name) {
    return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

}  // namespace

#define COUNTED(counter, result, name, parameters, arguments)       \
    extern "C" result name parameters {                             \
        static const auto next = real<result(*) parameters>(#name); \
        counted.counter += is_live;                                 \
        return next arguments;                                      \
    }

COUNTED(locks, int, pthread_mutex_lock, (pthread_mutex_t * mutex), (mutex))
COUNTED(locks, int, pthread_mutex_trylock, (pthread_mutex_t * mutex), (mutex))
COUNTED(locks, int, pthread_cond_signal, (pthread_cond_t * condition), (condition))
COUNTED(locks, int, pthread_cond_broadcast, (pthread_cond_t * condition), (condition))
COUNTED(system_calls, ssize_t, write, (int file, const void* bytes, size_t size),
        (file, bytes, size))
COUNTED(system_calls, ssize_t, read, (int file, void* bytes, size_t size), (file, bytes, size))
COUNTED(system_calls, int, poll, (struct pollfd * files, nfds_t count, int timeout),
        (files, count, timeout))
COUNTED(system_calls, int, nanosleep, (const timespec* wanted, timespec* rest), (wanted, rest))
