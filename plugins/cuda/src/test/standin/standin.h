// The stand-in's insides: kernels by name, memory by address.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace standin {

/** Where the machine may touch what a device address names; other numbers stay as they are. */
void* real(const void* address);
/** What lies at an address that was handed out; zeros at any other one. */
const void* read(uint64_t address);

struct Kernel {
    std::string file;
    std::string name;
    std::vector<size_t> sizes;
    /** Calls it for the current thread; params point to the arguments' values. */
    void (*invoke)(void* function, void** params);
    void* function;
};

std::vector<Kernel>& kernels();

struct Source {
    std::string file;
    std::string text;
};

std::vector<Source>& sources();

template <typename T> T argument(void* place) {
    T value = *(T*)place;
    if constexpr (std::is_pointer_v<T>) {
        return (T)real((const void*)value);
    } else {
        return value;
    }
}

template <typename... A, size_t... I>
void call(void (*function)(A...), void** params, std::index_sequence<I...>) {
    function(argument<A>(params[I])...);
}

template <typename... A> bool add_kernel(const char* file, const char* name, void (*function)(A...)) {
    kernels().push_back(
        {file, name, {sizeof(A)...},
         [](void* own, void** params) { call((void (*)(A...))own, params, std::index_sequence_for<A...>()); },
         (void*)function});
    return true;
}

inline bool add_source(const char* file, const char* text) {
    sources().push_back({file, text});
    return true;
}

/** Runs one block after the other, each thread as a fiber of the calling thread. */
void run_grid(const Kernel& kernel, void** params, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
              size_t shared);

/** What tests ask for; see standin_set. */
struct Wishes {
    uint64_t memory = 1ull << 30;
    int driver_version = 13000;
    int major = 9;
    int minor = 0;
    int devices = 1;
    /** 0 = none, 1 = at random, 2 + n = stream n waits before everything it does */
    int delay = 0;
    uint64_t seed = 1;
    /** the n-th launch or allocation from now fails; 0 = none */
    int64_t fail_launch = 0;
    int64_t fail_allocation = 0;
    /** the n-th launch from now is taken and breaks the device while it runs */
    int64_t lose_device = 0;
    /** memory of others cannot be pinned */
    bool refuse_pins = false;
    bool refuse_captures = false;
};

Wishes& wishes();

/** A random number of the seed; any thread. */
uint64_t draw();

}  // namespace standin
