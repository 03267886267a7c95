package dev.cairn.plugin.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * One file of kernels, with what all of them share in front of it.
 *
 * @param name of the file
 */
record KernelSource(String name, String text) {

    /** Every file of kernels. */
    static final List<String> NAMES =
            List.of("rows.cu", "attention.cu", "products.cu", "adapters.cu", "sampling.cu");

    /** How every one is compiled: what the sources say is one rounding each, and no fast forms. */
    static final List<String> OPTIONS = List.of("--std=c++17", "--fmad=false");

    static KernelSource read(String name) {
        return new KernelSource(name, resource("common.cuh") + resource(name));
    }

    private static String resource(String name) {
        try (InputStream stream = KernelSource.class.getResourceAsStream("kernels/" + name)) {
            if (stream == null) {
                throw new IllegalStateException("the plugin's jar lacks kernels/" + name);
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Of everything that decides the binary beside device and compiler. */
    String digest() {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(text.getBytes(StandardCharsets.UTF_8));
            OPTIONS.forEach(option -> sha.update(option.getBytes(StandardCharsets.UTF_8)));
            return HexFormat.of().formatHex(sha.digest()).substring(0, 32);
        } catch (NoSuchAlgorithmException failure) {
            throw new IllegalStateException(failure);
        }
    }
}
