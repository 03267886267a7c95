package dev.cairn.core.block;

import java.util.Optional;

/**
 * Whether computed blocks are kept for requests that begin with the same tokens.
 *
 * @param enabled if not, every prompt is computed whole
 * @param hashSeed root of the block hashes, vLLM's {@code PYTHONHASHSEED}; empty = vLLM's root
 *     where none is set
 */
public record PrefixCaching(boolean enabled, Optional<String> hashSeed) {

    public static final PrefixCaching ON = new PrefixCaching(true, Optional.empty());
    public static final PrefixCaching OFF = new PrefixCaching(false, Optional.empty());
}
