// The entry points of the CUDA driver that the plugin binds, over memory and threads of this machine.
//
// Device memory is mapped where kernels see it; the addresses that are handed out lie in another range that nobody may touch, so
// that a host access ends the process. What was allocated anew holds NaNs, lies between guard pages, and cannot be touched by
// anybody once it is freed. A stream is a thread that works through its queue; copies read and write host memory when their turn
// comes, and only memory that the driver gave.
#include "standin.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <sys/mman.h>
#include <thread>
#include <unistd.h>

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace standin {

std::vector<Kernel>& kernels() {
    static std::vector<Kernel> all;
    return all;
}

std::vector<Source>& sources() {
    static std::vector<Source> all;
    return all;
}

Wishes& wishes() {
    static Wishes own;
    return own;
}

uint64_t draw() {
    static std::atomic<uint64_t> count{0};
    uint64_t z = wishes().seed + 0x9e3779b97f4a7c15ull * ++count;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
}

}  // namespace standin

namespace {

using standin::wishes;

enum Code {
    SUCCESS = 0,
    INVALID_VALUE = 1,
    OUT_OF_MEMORY = 2,
    NOT_INITIALIZED = 3,
    NO_DEVICE = 100,
    INVALID_DEVICE = 101,
    INVALID_IMAGE = 200,
    INVALID_CONTEXT = 201,
    INVALID_HANDLE = 400,
    NOT_FOUND = 500,
    NOT_READY = 600,
    ILLEGAL_ADDRESS = 700,
    ALREADY_REGISTERED = 712,
    NOT_REGISTERED = 713,
    LAUNCH_FAILED = 719,
    CAPTURE_UNSUPPORTED = 900
};

// What a device of sm_90 has of memory shared by a block: what every kernel may have, and what it may have when it asks.
constexpr int SHARED_OF_ALL = 48 << 10;
constexpr int MOST_SHARED = 227 << 10;
constexpr unsigned MOST_THREADS = 1024;

constexpr uint64_t SPACE = 64ull << 30;
constexpr uint64_t PAGE = 4096;

std::mutex lock;
std::atomic<int> broken{0};
std::atomic<int64_t> live_things{0};
std::atomic<int64_t> allocations_made{0};
thread_local bool has_context = false;

struct Memory {
    char* shown = nullptr;
    char* mapped = nullptr;
    uint64_t next = PAGE;
    uint64_t used = 0;
    std::map<uint64_t, uint64_t> allocations;
    std::map<char*, size_t> pinned;
    /** Of others, pinned by registration; also in pinned. */
    std::set<char*> registered;

    void reserve() {
        if (shown == nullptr) {
            shown = (char*)mmap(nullptr, SPACE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
            mapped = (char*)mmap(nullptr, SPACE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        }
    }
};

Memory memory;

/** A recording of an event. */
struct Recording {
    std::mutex lock;
    std::condition_variable changed;
    bool done = false;
    std::chrono::steady_clock::time_point time;

    void finish() {
        std::lock_guard<std::mutex> held(lock);
        time = std::chrono::steady_clock::now();
        done = true;
        changed.notify_all();
    }
    void await() {
        std::unique_lock<std::mutex> held(lock);
        changed.wait(held, [this] { return done; });
    }
    bool is_done() {
        std::lock_guard<std::mutex> held(lock);
        return done;
    }
};

struct Event {
    std::shared_ptr<Recording> latest;
};

using Work = std::function<void()>;

/** What was recorded, and the device memory that it names. */
struct Graph {
    std::vector<Work> works;
    std::vector<uint64_t> addresses;
};

std::set<Graph*> executables;

/** Bytes of shared memory that kernels have asked for. */
std::map<const void*, int> shared_asked;

struct Stream;
std::mutex streams_lock;
std::set<Stream*> streams;

struct Stream {
    int number;
    std::mutex lock;
    std::condition_variable changed;
    std::deque<Work> queue;
    bool closing = false;
    bool idle = true;
    /** Whether it is held up by an event of another stream. */
    std::atomic<bool> waits{false};
    Graph* capture = nullptr;
    std::thread thread;

    explicit Stream(int number) : number(number), thread([this] { work(); }) {
        std::lock_guard<std::mutex> held(streams_lock);
        streams.insert(this);
    }

    void add(Work work, const std::vector<uint64_t>& addresses = {}) {
        if (capture != nullptr) {
            capture->works.push_back(std::move(work));
            capture->addresses.insert(capture->addresses.end(), addresses.begin(), addresses.end());
            return;
        }
        std::lock_guard<std::mutex> held(lock);
        queue.push_back(std::move(work));
        changed.notify_all();
    }

    void work() {
        for (;;) {
            Work next;
            {
                std::unique_lock<std::mutex> held(lock);
                idle = queue.empty();
                changed.notify_all();
                changed.wait(held, [this] { return closing || !queue.empty(); });
                if (queue.empty()) {
                    return;
                }
                idle = false;
                next = std::move(queue.front());
                queue.pop_front();
            }
            delay();
            next();
        }
    }

    void delay() {
        int mode = wishes().delay;
        if (mode == 1 && standin::draw() % 4 == 0) {
            usleep(standin::draw() % 300);
        } else if (mode == 2 + number) {
            // later than all that does not wait for it, however slow the machine is
            usleep(3000);
            for (int turn = 0; turn < MOST_TURNS && others_work(); turn++) {
                usleep(300);
            }
        }
    }

    bool is_busy() {
        std::lock_guard<std::mutex> held(lock);
        return !(idle && queue.empty());
    }

    static constexpr int MOST_TURNS = 3000;

    bool others_work() {
        std::lock_guard<std::mutex> all(streams_lock);
        for (Stream* other : streams) {
            std::lock_guard<std::mutex> held(other->lock);
            if (other != this && !other->waits && !(other->idle && other->queue.empty())) {
                return true;
            }
        }
        return false;
    }

    void await(Recording& recording) {
        waits = true;
        recording.await();
        waits = false;
    }

    void await() {
        std::unique_lock<std::mutex> held(lock);
        changed.wait(held, [this] { return idle && queue.empty(); });
    }

    void close() {
        {
            std::lock_guard<std::mutex> all(streams_lock);
            streams.erase(this);
        }
        {
            std::lock_guard<std::mutex> held(lock);
            closing = true;
            changed.notify_all();
        }
        thread.join();
    }
};

int streams_made = 0;

bool is_pinned(const void* host, size_t bytes) {
    auto after = memory.pinned.upper_bound((char*)host);
    if (after == memory.pinned.begin()) {
        return false;
    }
    --after;
    return (char*)host + bytes <= after->first + after->second;
}

bool is_allocated(uint64_t device, size_t bytes) {
    uint64_t offset = device - (uint64_t)memory.shown;
    auto after = memory.allocations.upper_bound(offset);
    if (after == memory.allocations.begin()) {
        return false;
    }
    --after;
    return offset + bytes <= after->first + after->second;
}

/** Whether a copy whose turn has come may touch host memory; one that may not breaks the device, as it would a real one. */
bool touches(const void* host, size_t bytes) {
    std::lock_guard<std::mutex> held(lock);
    if (!is_pinned(host, bytes)) {
        broken = ILLEGAL_ADDRESS;
    }
    return broken == 0;
}

/** Whether it is in the range of addresses that are handed out. */
bool is_shown(uint64_t address) {
    return memory.shown != nullptr && address - (uint64_t)memory.shown < SPACE;
}

/** What every call begins with. */
int begin() {
    if (broken != 0) {
        return broken;
    }
    return has_context ? SUCCESS : INVALID_CONTEXT;
}

#define BEGIN()             \
    if (int code = begin()) \
        return code

/** Whether the countdown has come to this call. */
bool strikes(int64_t& countdown) { return countdown > 0 && --countdown == 0; }

}  // namespace

void* standin::real(const void* address) {
    uint64_t offset = (uint64_t)address - (uint64_t)memory.shown;
    return memory.shown != nullptr && offset < SPACE ? memory.mapped + offset : (void*)address;
}

const void* standin::read(uint64_t address) {
    static const std::vector<uint8_t> zeros(4 << 20);
    return is_shown(address) ? real((const void*)address) : zeros.data();
}

void standin_enqueue(void* stream, std::function<void()> work, const std::vector<uint64_t>& addresses) {
    ((Stream*)stream)->add(std::move(work), addresses);
}

int standin_begin() { return begin(); }

/** What a test wishes: memory, driver, major, minor, devices, delay, seed, fail-launch, fail-allocation, lose-device, refuse-pins,
 * refuse-captures. */
EXPORT int standin_set(const char* name, int64_t value) {
    std::lock_guard<std::mutex> held(lock);
    std::string wish = name;
    if (wish == "memory") wishes().memory = (uint64_t)value;
    else if (wish == "driver") wishes().driver_version = (int)value;
    else if (wish == "major") wishes().major = (int)value;
    else if (wish == "minor") wishes().minor = (int)value;
    else if (wish == "devices") wishes().devices = (int)value;
    else if (wish == "delay") wishes().delay = (int)value;
    else if (wish == "seed") wishes().seed = (uint64_t)value;
    else if (wish == "fail-launch") wishes().fail_launch = value;
    else if (wish == "fail-allocation") wishes().fail_allocation = value;
    else if (wish == "lose-device") wishes().lose_device = value;
    else if (wish == "refuse-pins") wishes().refuse_pins = value != 0;
    else if (wish == "refuse-captures") wishes().refuse_captures = value != 0;
    else return INVALID_VALUE;
    return SUCCESS;
}

/** Everything as at the beginning; what is allocated stays. The next stream is number 0. */
EXPORT void standin_reset() {
    std::lock_guard<std::mutex> held(lock);
    wishes() = standin::Wishes();
    if (broken != 0) {
        // nobody can give back what lay on a device that was lost
        memory.used = 0;
    }
    broken = 0;
    streams_made = 0;
}

/** Streams, events, modules, graphs and allocations that nobody has given back. */
EXPORT int64_t standin_live() { return live_things; }

/** Allocations so far, of the device's memory and of pinned memory. */
EXPORT int64_t standin_allocations() { return allocations_made; }

/** Streams that have something to do. */
EXPORT int64_t standin_busy() {
    std::lock_guard<std::mutex> all(streams_lock);
    int64_t busy = 0;
    for (Stream* stream : streams) {
        busy += stream->is_busy();
    }
    return busy;
}

/** Streams made since the last reset. */
EXPORT int standin_streams() { return streams_made; }

EXPORT int cuInit(unsigned) {
    static bool read = [] {
        for (const char* name : {"memory", "driver", "major", "minor", "devices", "delay", "seed", "fail-launch",
                                 "fail-allocation", "lose-device", "refuse-pins", "refuse-captures"}) {
            std::string key = std::string("STANDIN_") + name;
            for (char& letter : key) {
                letter = letter == '-' ? '_' : (char)toupper(letter);
            }
            if (const char* value = getenv(key.c_str())) {
                standin_set(name, atoll(value));
            }
        }
        return true;
    }();
    (void)read;
    memory.reserve();
    return wishes().devices > 0 ? SUCCESS : NO_DEVICE;
}

EXPORT int cuDriverGetVersion(int* version) {
    *version = wishes().driver_version;
    return SUCCESS;
}

EXPORT int cuDeviceGetCount(int* count) {
    *count = wishes().devices;
    return SUCCESS;
}

EXPORT int cuDeviceGet(int* device, int ordinal) {
    *device = ordinal;
    return ordinal >= 0 && ordinal < wishes().devices ? SUCCESS : INVALID_DEVICE;
}

EXPORT int cuDeviceGetName(char* name, int length, int) {
    snprintf(name, length, "Cairn stand-in");
    return SUCCESS;
}

EXPORT int cuDeviceGetAttribute(int* value, int attribute, int) {
    switch (attribute) {
        case 16: *value = 4; return SUCCESS;
        case 75: *value = wishes().major; return SUCCESS;
        case 76: *value = wishes().minor; return SUCCESS;
        case 97: *value = MOST_SHARED; return SUCCESS;
        default: return INVALID_VALUE;
    }
}

EXPORT int cuDeviceTotalMem_v2(size_t* bytes, int) {
    *bytes = wishes().memory;
    return SUCCESS;
}

EXPORT int cuDevicePrimaryCtxRetain(void** context, int) {
    *context = &memory;
    return broken;
}

EXPORT int cuDevicePrimaryCtxRelease_v2(int) { return SUCCESS; }

EXPORT int cuCtxSetCurrent(void* context) {
    has_context = context != nullptr;
    return SUCCESS;
}

EXPORT int cuMemGetInfo_v2(size_t* free_bytes, size_t* total) {
    BEGIN();
    std::lock_guard<std::mutex> held(lock);
    *total = wishes().memory;
    *free_bytes = wishes().memory > memory.used ? wishes().memory - memory.used : 0;
    return SUCCESS;
}

EXPORT int cuMemAlloc_v2(uint64_t* address, size_t bytes) {
    BEGIN();
    allocations_made++;
    std::lock_guard<std::mutex> held(lock);
    if (bytes == 0) {
        return INVALID_VALUE;
    }
    uint64_t pages = (bytes + PAGE - 1) / PAGE * PAGE;
    if (strikes(wishes().fail_allocation) || memory.used + bytes > wishes().memory || memory.next + pages + PAGE > SPACE) {
        return OUT_OF_MEMORY;
    }
    // the end of what was asked for is the end of a page, but for the alignment of 256 that the driver promises
    uint64_t offset = memory.next;
    mprotect(memory.mapped + offset, pages, PROT_READ | PROT_WRITE);
    memset(memory.mapped + offset, 0xff, pages);
    memory.next += pages + PAGE;
    memory.used += bytes;
    memory.allocations[offset] = bytes;
    *address = (uint64_t)memory.shown + offset;
    live_things++;
    return SUCCESS;
}

EXPORT int cuMemFree_v2(uint64_t address) {
    BEGIN();
    std::lock_guard<std::mutex> held(lock);
    uint64_t offset = address - (uint64_t)memory.shown;
    auto found = memory.allocations.find(offset);
    if (found == memory.allocations.end()) {
        return INVALID_VALUE;
    }
    uint64_t pages = (found->second + PAGE - 1) / PAGE * PAGE;
    madvise(memory.mapped + offset, pages, MADV_DONTNEED);
    mprotect(memory.mapped + offset, pages, PROT_NONE);
    memory.used -= found->second < memory.used ? found->second : memory.used;
    memory.allocations.erase(found);
    live_things--;
    return SUCCESS;
}

EXPORT int cuMemHostAlloc(void** address, size_t bytes, unsigned) {
    BEGIN();
    allocations_made++;
    std::lock_guard<std::mutex> held(lock);
    if (strikes(wishes().fail_allocation)) {
        return OUT_OF_MEMORY;
    }
    *address = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(*address, 0xff, bytes);
    memory.pinned[(char*)*address] = bytes;
    live_things++;
    return SUCCESS;
}

EXPORT int cuMemFreeHost(void* address) {
    std::lock_guard<std::mutex> held(lock);
    auto found = memory.pinned.find((char*)address);
    if (found == memory.pinned.end()) {
        return INVALID_VALUE;
    }
    munmap(address, found->second);
    memory.pinned.erase(found);
    live_things--;
    return SUCCESS;
}

EXPORT int cuMemHostRegister_v2(void* address, size_t bytes, unsigned) {
    BEGIN();
    std::lock_guard<std::mutex> held(lock);
    if (strikes(wishes().fail_allocation) || wishes().refuse_pins) {
        return OUT_OF_MEMORY;
    }
    if (bytes == 0 || memory.registered.count((char*)address) > 0) {
        return ALREADY_REGISTERED;
    }
    memory.pinned[(char*)address] = bytes;
    memory.registered.insert((char*)address);
    live_things++;
    return SUCCESS;
}

/** Memory that its owner has given back before is an error that a real driver shows late or never. */
EXPORT int cuMemHostUnregister(void* address) {
    std::lock_guard<std::mutex> held(lock);
    if (memory.registered.erase((char*)address) == 0) {
        return NOT_REGISTERED;
    }
    char* page = (char*)((uint64_t)address / PAGE * PAGE);
    bool gone = msync(page, memory.pinned[(char*)address], MS_ASYNC) != 0;
    memory.pinned.erase((char*)address);
    live_things--;
    if (gone) {
        fprintf(stderr, "stand-in: pinned memory was freed before it was unregistered\n");
        abort();
    }
    return SUCCESS;
}

EXPORT int cuMemcpyHtoDAsync_v2(uint64_t target, const void* source, size_t bytes, void* stream) {
    BEGIN();
    std::lock_guard<std::mutex> held(lock);
    if (stream == nullptr || !is_pinned(source, bytes) || !is_allocated(target, bytes)) {
        return INVALID_VALUE;
    }
    ((Stream*)stream)->add([=] {
        if (touches(source, bytes)) {
            memcpy(standin::real((void*)target), source, bytes);
        }
    });
    return SUCCESS;
}

EXPORT int cuMemcpyDtoHAsync_v2(void* target, uint64_t source, size_t bytes, void* stream) {
    BEGIN();
    std::lock_guard<std::mutex> held(lock);
    if (stream == nullptr || !is_pinned(target, bytes) || !is_allocated(source, bytes)) {
        return INVALID_VALUE;
    }
    ((Stream*)stream)->add([=] {
        if (touches(target, bytes)) {
            memcpy(target, standin::real((void*)source), bytes);
        }
    });
    return SUCCESS;
}

EXPORT int cuMemcpyDtoDAsync_v2(uint64_t target, uint64_t source, size_t bytes, void* stream) {
    BEGIN();
    std::lock_guard<std::mutex> held(lock);
    if (stream == nullptr || !is_allocated(target, bytes) || !is_allocated(source, bytes)) {
        return INVALID_VALUE;
    }
    ((Stream*)stream)->add([=] { memmove(standin::real((void*)target), standin::real((void*)source), bytes); });
    return SUCCESS;
}

EXPORT int cuMemsetD8Async(uint64_t target, unsigned char value, size_t bytes, void* stream) {
    BEGIN();
    std::lock_guard<std::mutex> held(lock);
    if (stream == nullptr || !is_allocated(target, bytes)) {
        return INVALID_VALUE;
    }
    ((Stream*)stream)->add([=] { memset(standin::real((void*)target), value, bytes); });
    return SUCCESS;
}

EXPORT int cuStreamCreateWithPriority(void** stream, unsigned, int) {
    BEGIN();
    std::lock_guard<std::mutex> held(lock);
    *stream = new Stream(streams_made++);
    live_things++;
    return SUCCESS;
}

/** What waits for a stream breaks its recording. */
bool breaks_capture(void* stream) { return ((Stream*)stream)->capture != nullptr; }

EXPORT int cuStreamSynchronize(void* stream) {
    BEGIN();
    if (breaks_capture(stream)) {
        return CAPTURE_UNSUPPORTED;
    }
    ((Stream*)stream)->await();
    return broken;
}

/** A driver frees what the stream's work still uses; here that is a thing which is never given back. */
EXPORT int cuStreamDestroy_v2(void* stream) {
    if (((Stream*)stream)->is_busy()) {
        live_things++;
    }
    ((Stream*)stream)->close();
    delete (Stream*)stream;
    live_things--;
    return SUCCESS;
}

EXPORT int cuEventCreate(void** event, unsigned) {
    BEGIN();
    *event = new Event();
    live_things++;
    return SUCCESS;
}

EXPORT int cuEventDestroy_v2(void* event) {
    delete (Event*)event;
    live_things--;
    return SUCCESS;
}

EXPORT int cuEventRecord(void* event, void* stream) {
    BEGIN();
    auto recording = std::make_shared<Recording>();
    ((Event*)event)->latest = recording;
    ((Stream*)stream)->add([recording] { recording->finish(); });
    return SUCCESS;
}

EXPORT int cuStreamWaitEvent(void* stream, void* event, unsigned) {
    BEGIN();
    auto recording = ((Event*)event)->latest;
    if (recording != nullptr) {
        Stream* own = (Stream*)stream;
        own->add([recording, own] { own->await(*recording); });
    }
    return SUCCESS;
}

EXPORT int cuEventQuery(void* event) {
    BEGIN();
    auto recording = ((Event*)event)->latest;
    return recording == nullptr || recording->is_done() ? SUCCESS : NOT_READY;
}

EXPORT int cuEventSynchronize(void* event) {
    BEGIN();
    auto recording = ((Event*)event)->latest;
    if (recording != nullptr) {
        recording->await();
    }
    return broken;
}

EXPORT int cuEventElapsedTime(float* milliseconds, void* from, void* to) {
    BEGIN();
    auto first = ((Event*)from)->latest;
    auto second = ((Event*)to)->latest;
    if (first == nullptr || second == nullptr || !first->is_done() || !second->is_done()) {
        return NOT_READY;
    }
    *milliseconds = std::chrono::duration<float, std::milli>(second->time - first->time).count();
    return SUCCESS;
}

EXPORT int cuModuleLoadDataEx(void** module, const void* image, unsigned, int*, void**) {
    BEGIN();
    std::string head = "CAIRN-STANDIN ";
    if (strncmp((const char*)image, head.c_str(), head.size()) != 0) {
        return INVALID_IMAGE;
    }
    *module = new std::string((const char*)image + head.size());
    live_things++;
    return SUCCESS;
}

EXPORT int cuModuleUnload(void* module) {
    delete (std::string*)module;
    live_things--;
    return SUCCESS;
}

EXPORT int cuModuleGetFunction(void** function, void* module, const char* name) {
    BEGIN();
    for (const standin::Kernel& kernel : standin::kernels()) {
        if (kernel.file == *(std::string*)module && kernel.name == name) {
            *function = (void*)&kernel;
            return SUCCESS;
        }
    }
    return NOT_FOUND;
}

EXPORT int cuFuncSetAttribute(void* function, int attribute, int value) {
    BEGIN();
    if (attribute != 8 || value < 0 || value > MOST_SHARED) {
        return INVALID_VALUE;
    }
    std::lock_guard<std::mutex> held(lock);
    shared_asked[function] = value;
    return SUCCESS;
}

EXPORT int cuLaunchKernel(void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                          unsigned shared, void* stream, void** params, void**) {
    BEGIN();
    bool lost;
    {
        std::lock_guard<std::mutex> held(lock);
        if (strikes(wishes().fail_launch)) {
            return OUT_OF_MEMORY;
        }
        lost = strikes(wishes().lose_device);
        auto asked = shared_asked.find(function);
        if ((int)shared > (asked == shared_asked.end() ? SHARED_OF_ALL : std::max(SHARED_OF_ALL, asked->second))) {
            return INVALID_VALUE;
        }
    }
    if (stream == nullptr || gx == 0 || gy == 0 || gz == 0 || gy > 65535 || gz > 65535 || bx * by * bz > MOST_THREADS) {
        return INVALID_VALUE;
    }
    const standin::Kernel& kernel = *(const standin::Kernel*)function;
    std::vector<std::vector<char>> values;
    std::vector<uint64_t> addresses;
    for (size_t i = 0; i < kernel.sizes.size(); i++) {
        if (kernel.sizes[i] == 8 && is_shown(*(uint64_t*)params[i])) {
            addresses.push_back(*(uint64_t*)params[i]);
        }
        values.emplace_back((char*)params[i], (char*)params[i] + kernel.sizes[i]);
    }
    ((Stream*)stream)->add([=, &kernel]() mutable {
        if (lost) {
            broken = LAUNCH_FAILED;
        }
        if (broken != 0) {
            return;
        }
        std::vector<void*> places;
        for (auto& value : values) {
            places.push_back(value.data());
        }
        standin::run_grid(kernel, places.data(), gx, gy, gz, bx, by, bz, shared);
    }, addresses);
    return SUCCESS;
}

EXPORT int cuStreamBeginCapture_v2(void* stream, int) {
    BEGIN();
    if (((Stream*)stream)->capture != nullptr) {
        return INVALID_VALUE;
    }
    if (wishes().refuse_captures) {
        return CAPTURE_UNSUPPORTED;
    }
    ((Stream*)stream)->capture = new Graph();
    live_things++;
    return SUCCESS;
}

EXPORT int cuStreamEndCapture(void* stream, void** graph) {
    BEGIN();
    *graph = ((Stream*)stream)->capture;
    ((Stream*)stream)->capture = nullptr;
    return SUCCESS;
}

EXPORT int cuGraphInstantiateWithFlags(void** executable, void* graph, uint64_t) {
    BEGIN();
    Graph* made = new Graph(*(Graph*)graph);
    std::lock_guard<std::mutex> held(lock);
    executables.insert(made);
    *executable = made;
    live_things++;
    return SUCCESS;
}

/** A device would write where the memory was; here a recording of memory that is gone is refused. */
EXPORT int cuGraphLaunch(void* executable, void* stream) {
    BEGIN();
    std::lock_guard<std::mutex> held(lock);
    if (strikes(wishes().fail_launch)) {
        return OUT_OF_MEMORY;
    }
    if (executables.count((Graph*)executable) == 0) {
        return INVALID_HANDLE;
    }
    for (uint64_t address : ((Graph*)executable)->addresses) {
        if (!is_allocated(address, 1)) {
            broken = ILLEGAL_ADDRESS;
            return ILLEGAL_ADDRESS;
        }
    }
    for (const Work& work : ((Graph*)executable)->works) {
        ((Stream*)stream)->add(work);
    }
    return SUCCESS;
}

EXPORT int cuGraphExecDestroy(void* executable) {
    std::lock_guard<std::mutex> held(lock);
    if (executables.erase((Graph*)executable) == 0) {
        return INVALID_HANDLE;
    }
    delete (Graph*)executable;
    live_things--;
    return SUCCESS;
}

EXPORT int cuGraphDestroy(void* graph) {
    delete (Graph*)graph;
    live_things--;
    return SUCCESS;
}

EXPORT int cuGetErrorName(int code, const char** name) {
    switch (code) {
        case SUCCESS: *name = "CUDA_SUCCESS"; return SUCCESS;
        case INVALID_VALUE: *name = "CUDA_ERROR_INVALID_VALUE"; return SUCCESS;
        case OUT_OF_MEMORY: *name = "CUDA_ERROR_OUT_OF_MEMORY"; return SUCCESS;
        case NO_DEVICE: *name = "CUDA_ERROR_NO_DEVICE"; return SUCCESS;
        case INVALID_IMAGE: *name = "CUDA_ERROR_INVALID_IMAGE"; return SUCCESS;
        case INVALID_CONTEXT: *name = "CUDA_ERROR_INVALID_CONTEXT"; return SUCCESS;
        case INVALID_HANDLE: *name = "CUDA_ERROR_INVALID_HANDLE"; return SUCCESS;
        case ILLEGAL_ADDRESS: *name = "CUDA_ERROR_ILLEGAL_ADDRESS"; return SUCCESS;
        case NOT_FOUND: *name = "CUDA_ERROR_NOT_FOUND"; return SUCCESS;
        case LAUNCH_FAILED: *name = "CUDA_ERROR_LAUNCH_FAILED"; return SUCCESS;
        default: *name = nullptr; return INVALID_VALUE;
    }
}

EXPORT int cuGetErrorString(int code, const char** text) {
    *text = code == LAUNCH_FAILED ? "unspecified launch failure" : code == OUT_OF_MEMORY ? "out of memory" : "an error";
    return SUCCESS;
}
