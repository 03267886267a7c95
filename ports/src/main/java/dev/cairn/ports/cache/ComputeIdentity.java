package dev.cairn.ports.cache;

/**
 * Everything beside the tokens that decides a block's bytes: weight type after loading, activation
 * scheme, KV type, kernel family and version, variant of the positional encoding. Blocks of
 * different identities are different blocks.
 *
 * @param text readable and canonical, parts joined by {@code '/'}: {@code
 *     "cpu/native-avx512vnni-1/q8_0/bfloat16/llama3"}
 */
public record ComputeIdentity(String text) {

    public ComputeIdentity {
        if (text.isBlank()) {
            throw new IllegalArgumentException("a compute identity cannot be blank");
        }
    }
}
