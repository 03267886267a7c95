package dev.cairn.engine.cpu.kernel;

/** Picks the kernels to compute with. */
public final class KernelProviders {

    private KernelProviders() {}

    /**
     * Picks a provider.
     *
     * @param preference of the configuration
     * @throws KernelsUnavailableException if the one asked for does not work here
     */
    public static KernelSelection select(KernelPreference preference) {
        return new KernelSelection(new PlainKernels(), "plain");
    }
}
