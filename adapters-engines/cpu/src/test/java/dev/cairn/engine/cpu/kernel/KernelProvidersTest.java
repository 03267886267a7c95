package dev.cairn.engine.cpu.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The choice of kernels and what is said of it. */
class KernelProvidersTest {

    @Test
    void whatIsAskedForIsWhatIsUsed() {
        assertThat(KernelProviders.select(KernelPreference.PLAIN).kernels().name())
                .isEqualTo("plain");
        assertThat(KernelProviders.select(KernelPreference.VECTOR).reason())
                .matches("vector \\d+-bit: asked for");
    }

    @Test
    void theChoiceIsTheBestThatWorksHereAndSaysWhy() {
        KernelSelection selection = KernelProviders.select(KernelPreference.AUTO);
        assertThat(selection.kernels().name()).isEqualTo(KernelProviders.all().getFirst().name());
        assertThat(selection.reason())
                .startsWith(selection.kernels().name() + ": ")
                .hasSizeGreaterThan(12);
    }

    @Test
    void nativeKernelsAreUsedWhereTheLibraryIsAndMissedByNameWhereItIsNot() {
        NativeLibrary library = NativeLibrary.get();
        if (library.levels().isEmpty()) {
            String wanted = library.absence().orElse("no kernels for this processor");
            assertThat(KernelProviders.select(KernelPreference.AUTO).reason()).contains(wanted);
        } else {
            assertThat(KernelProviders.select(KernelPreference.NATIVE).kernels().name())
                    .isEqualTo("native " + library.levels().getFirst());
        }
    }
}
