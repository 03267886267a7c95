package dev.cairn.plugin.cuda;

import dev.cairn.plugin.cuda.LibrarySearch.NotFoundException;
import dev.cairn.plugin.device.DeviceException;
import dev.cairn.plugin.device.DeviceProperties;
import java.util.List;
import java.util.Locale;

/**
 * The three libraries, loaded and fit for the device that is configured.
 *
 * @param blas where cuBLASLt's functions are bound from; each device binds its own
 * @param versions for people
 * @param registrations memory that is pinned for all devices opened by these
 */
record CudaLibraries(
        CudaDriver driver,
        Nvrtc compiler,
        NativeLibrary blas,
        String versions,
        HostRegistrations registrations) {

    /** The oldest architecture for which NVIDIA's compilers of CUDA 13 still make code. */
    private static final int OLDEST_ARCHITECTURE = 75;

    /** The oldest one whose matrix cores take bfloat16. */
    private static final int FIRST_WITH_BFLOAT16 = 80;

    /**
     * Finds and checks everything.
     *
     * @throws NotFoundException if a library is nowhere
     * @throws DeviceException if the driver is too old, a function is missing, there is no such
     *     device, or the compiler does not know its architecture
     */
    static CudaLibraries load(CudaSettings settings, LibrarySearch search)
            throws NotFoundException {
        CudaDriver driver = new CudaDriver(library(search, CudaDriver.NAMES));
        driver.init();
        int version = driver.version();
        if (version < CudaDriver.OLDEST) {
            throw new DeviceException(
                    "the NVIDIA driver serves CUDA %s, this engine needs %s or later; install a newer driver"
                            .formatted(text(version), text(CudaDriver.OLDEST)));
        }
        int count = driver.deviceCount();
        if (settings.device() >= count) {
            throw new DeviceException(
                    "there is no CUDA device %d, the driver knows %d; %s names another"
                            .formatted(settings.device(), count, CudaSettings.DEVICE));
        }
        Nvrtc compiler = new Nvrtc(library(search, served(Nvrtc.NAMES, version), version));
        NativeLibrary blas = library(search, served(CublasLt.NAMES, version), version);
        CudaLibraries libraries =
                new CudaLibraries(
                        driver,
                        compiler,
                        blas,
                        "driver for CUDA %s, NVRTC %s".formatted(text(version), compiler.version()),
                        new HostRegistrations());
        libraries.checkArchitecture(driver.device(settings.device()));
        try (CublasLt bound = new CublasLt(blas)) {
            bound.version(); // every function is there
        }
        return libraries;
    }

    private static NativeLibrary library(LibrarySearch search, List<String> names)
            throws NotFoundException {
        return new NativeLibrary(search.find(names));
    }

    /** A driver runs what was made for its own version of CUDA and for those before it. */
    private static List<String> served(List<String> names, int version) {
        return names.stream()
                .filter(
                        name ->
                                Integer.parseInt(name.substring(name.lastIndexOf('.') + 1))
                                        <= version / 1000)
                .toList();
    }

    private static NativeLibrary library(LibrarySearch search, List<String> names, int version)
            throws NotFoundException {
        try {
            return library(search, names);
        } catch (NotFoundException missing) {
            throw new NotFoundException(
                    "%s (the driver serves CUDA %s, and no library for a later one)"
                            .formatted(missing.getMessage(), text(version)));
        }
    }

    private void checkArchitecture(int device) {
        int architecture = architecture(device);
        if (architecture < OLDEST_ARCHITECTURE) {
            throw new DeviceException(
                    "%s is of architecture sm_%d, this engine needs sm_%d or later"
                            .formatted(
                                    driver.deviceName(device), architecture, OLDEST_ARCHITECTURE));
        }
        List<Integer> known = compiler.architectures();
        if (!known.contains(architecture)) {
            throw new DeviceException(
                    "%s is of architecture sm_%d, which NVRTC %s does not know (it knows %s); install a newer nvidia-cuda-nvrtc"
                            .formatted(
                                    driver.deviceName(device),
                                    architecture,
                                    compiler.version(),
                                    known));
        }
    }

    private int architecture(int device) {
        return 10 * driver.attribute(device, CudaDriver.MAJOR)
                + driver.attribute(device, CudaDriver.MINOR);
    }

    DeviceProperties properties(int device) {
        return new DeviceProperties(
                driver.deviceName(device),
                "sm_" + architecture(device),
                driver.totalBytes(device),
                driver.attribute(device, CudaDriver.MOST_SHARED),
                architecture(device) >= FIRST_WITH_BFLOAT16);
    }

    private static String text(int version) {
        return String.format(Locale.ROOT, "%d.%d", version / 1000, version % 1000 / 10);
    }
}
