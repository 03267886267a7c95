// Threads of a block as fibers: they take turns at barriers, in an order that is drawn anew for each turn.
#include "cuda_host.h"
#include "standin.h"

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sys/mman.h>
#include <ucontext.h>

__thread Dim3 threadIdx, blockIdx, blockDim, gridDim;

namespace {

constexpr size_t STACK = 64 << 10;
constexpr size_t MOST_THREADS = 1024;
constexpr size_t MOST_SHARED = 227 << 10;

enum class State { READY, AT_WARP, AT_BLOCK, DONE };

struct Fiber {
    ucontext_t boot;
    jmp_buf place;
    Dim3 index;
    State state;
    bool started = false;
    /** Which of two rows of places its next exchange with its warp takes. */
    unsigned turn = 0;
};

struct Block {
    std::vector<std::unique_ptr<Fiber>> fibers;
    jmp_buf scheduler;
    Fiber* current = nullptr;
    int current_thread = 0;
    const standin::Kernel* kernel = nullptr;
    void** params = nullptr;
    std::vector<uint64_t> places;
    std::vector<uint32_t> operands;
    std::vector<char> shared;
    uint64_t order = 88172645463325252ull;
};

thread_local Block block;

void yield(State state) {
    Fiber* own = block.current;
    own->state = state;
    if (_setjmp(own->place) == 0) {
        _longjmp(block.scheduler, 1);
    }
}

void live() {
    for (;;) {
        block.kernel->invoke(block.kernel->function, block.params);
        yield(State::DONE);
    }
}

void make_fibers(size_t count) {
    while (block.fibers.size() < count) {
        auto fiber = std::make_unique<Fiber>();
        getcontext(&fiber->boot);
        fiber->boot.uc_stack.ss_sp =
            mmap(nullptr, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        // not all at the same places of the processor's cache
        fiber->boot.uc_stack.ss_size = STACK - block.fibers.size() % 64 * 320;
        fiber->boot.uc_link = nullptr;
        makecontext(&fiber->boot, live, 0);
        block.fibers.push_back(std::move(fiber));
    }
}

void resume(size_t thread) {
    Fiber* fiber = block.fibers[thread].get();
    block.current = fiber;
    block.current_thread = (int)thread;
    threadIdx = fiber->index;
    if (_setjmp(block.scheduler) == 0) {
        if (fiber->started) {
            _longjmp(fiber->place, 1);
        }
        fiber->started = true;
        setcontext(&fiber->boot);
    }
}

[[noreturn]] void diverged(const char* what) {
    fprintf(stderr, "stand-in: kernel %s: %s\n", block.kernel->name.c_str(), what);
    abort();
}

/** Lets those go on for whom everybody has come; whether there were any. */
bool release(size_t threads) {
    bool released = false;
    size_t at_block = 0;
    size_t live_threads = 0;
    for (size_t warp = 0; warp < threads; warp += 32) {
        size_t end = warp + 32 < threads ? warp + 32 : threads;
        size_t waiting = 0;
        size_t alive = 0;
        for (size_t i = warp; i < end; i++) {
            State state = block.fibers[i]->state;
            waiting += state == State::AT_WARP;
            alive += state != State::DONE;
            at_block += state == State::AT_BLOCK;
        }
        live_threads += alive;
        if (waiting > 0 && waiting == alive) {
            for (size_t i = warp; i < end; i++) {
                if (block.fibers[i]->state == State::AT_WARP) {
                    block.fibers[i]->state = State::READY;
                }
            }
            released = true;
        } else if (waiting > 0) {
            diverged("some lanes of a warp wait for others that have gone to a barrier of the block");
        }
    }
    if (!released && at_block > 0) {
        if (at_block != live_threads) {
            diverged("some threads of the block wait at a barrier that others never reach");
        }
        for (size_t i = 0; i < threads; i++) {
            if (block.fibers[i]->state == State::AT_BLOCK) {
                block.fibers[i]->state = State::READY;
            }
        }
        released = true;
    }
    return released;
}

void run_block(size_t threads) {
    // as uninitialised as it is on a device
    memset(block.shared.data(), 0xff, block.shared.size());
    for (size_t i = 0; i < threads; i++) {
        block.fibers[i]->state = State::READY;
        block.fibers[i]->turn = 0;
        block.fibers[i]->index = {(unsigned)(i % blockDim.x), (unsigned)(i / blockDim.x % blockDim.y),
                                  (unsigned)(i / blockDim.x / blockDim.y)};
    }
    do {
        block.order ^= block.order << 13;
        block.order ^= block.order >> 7;
        block.order ^= block.order << 17;
        bool backwards = block.order & 1;
        for (size_t i = 0; i < threads; i++) {
            size_t thread = backwards ? threads - 1 - i : i;
            if (block.fibers[thread]->state == State::READY) {
                resume(thread);
            }
        }
    } while (release(threads));
}

}  // namespace

void* standin_dynamic_shared() { return block.shared.data(); }
void standin_block_barrier() { yield(State::AT_BLOCK); }
void standin_warp_barrier() { yield(State::AT_WARP); }
uint64_t* standin_warp_places() {
    unsigned turn = block.current->turn++ & 1;
    return &block.places[(block.current_thread / 32 * 2 + turn) * 32];
}

uint32_t (*standin_warp_operands())[6] {
    unsigned turn = block.current->turn++ & 1;
    return (uint32_t(*)[6]) & block.operands[(block.current_thread / 32 * 2 + turn) * 32 * 6];
}

void standin::run_grid(const Kernel& kernel, void** params, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by,
                       unsigned bz, size_t shared) {
    size_t threads = (size_t)bx * by * bz;
    if (threads > MOST_THREADS || shared > MOST_SHARED) {
        block.kernel = &kernel;
        diverged("more threads or shared memory than a block may have");
    }
    make_fibers(threads);
    block.kernel = &kernel;
    block.params = params;
    block.places.resize((threads + 31) / 32 * 64);
    block.operands.resize((threads + 31) / 32 * 64 * 6);
    block.shared.resize(shared);
    gridDim = {gx, gy, gz};
    blockDim = {bx, by, bz};
    for (unsigned z = 0; z < gz; z++) {
        for (unsigned y = 0; y < gy; y++) {
            for (unsigned x = 0; x < gx; x++) {
                blockIdx = {x, y, z};
                run_block(threads);
            }
        }
    }
}
