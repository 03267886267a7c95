package dev.cairn.engine.cpu.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Picks the kernels to compute with; the choice and its reason are for people to read at start. */
public final class KernelProviders {

    private KernelProviders() {}

    /**
     * Picks a provider.
     *
     * @param preference of the configuration
     * @throws KernelsUnavailableException if the one asked for does not work here
     */
    public static KernelSelection select(KernelPreference preference) {
        return switch (preference) {
            case NATIVE -> {
                if (nativeAbsence().isPresent()) {
                    throw new KernelsUnavailableException(
                            "native kernels were asked for: %s; choose auto, vector or plain, or build with a C compiler"
                                    .formatted(nativeAbsence().get()));
                }
                yield bestNative();
            }
            case VECTOR -> {
                if (vectorAbsence().isPresent()) {
                    throw new KernelsUnavailableException(
                            "Vector API kernels were asked for: %s"
                                    .formatted(vectorAbsence().get()));
                }
                yield selected(vector(), "asked for");
            }
            case PLAIN -> selected(new PlainKernels(), "asked for");
            case AUTO -> best();
        };
    }

    /** Every provider and instruction set that works here, best first; the tests compare them. */
    static List<Kernels> all() {
        List<Kernels> all = new ArrayList<>();
        for (String level : NativeLibrary.get().levels()) {
            all.add(new NativeKernels(NativeLibrary.get(), level));
        }
        if (vectorAbsence().isEmpty()) {
            all.add(vector());
        }
        all.add(new PlainKernels());
        return all;
    }

    private static KernelSelection best() {
        Optional<String> noNative = nativeAbsence();
        if (noNative.isEmpty()) {
            return bestNative();
        }
        Optional<String> noVector = vectorAbsence();
        if (noVector.isEmpty()) {
            return selected(vector(), noNative.get());
        }
        return selected(new PlainKernels(), noNative.get() + "; " + noVector.get());
    }

    private static KernelSelection bestNative() {
        Kernels kernels =
                new NativeKernels(NativeLibrary.get(), NativeLibrary.get().levels().getFirst());
        return selected(kernels, "best of this processor");
    }

    private static KernelSelection selected(Kernels kernels, String why) {
        return new KernelSelection(kernels, kernels.name() + ": " + why);
    }

    private static Optional<String> nativeAbsence() {
        NativeLibrary library = NativeLibrary.get();
        if (library.absence().isEmpty() && library.levels().isEmpty()) {
            return Optional.of(
                    "the native library has no kernels for this processor (AVX2 with FMA is the least)");
        }
        return library.absence();
    }

    private static Optional<String> vectorAbsence() {
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
            return Optional.of(
                    "the Vector API is not there: start java with --add-modules jdk.incubator.vector");
        }
        return Optional.empty();
    }

    /** Loaded only where its module is. */
    private static Kernels vector() {
        return new VectorKernels();
    }
}
