package dev.cairn.ports.cache;

/**
 * A block's identity for all time: two blocks of one key hold the same bytes.
 *
 * <p>The chained hash already binds tenant salt and adapter content digest, which enter at the
 * first block.
 *
 * @param model fingerprint of weights and configuration, hexadecimal
 * @param identity how it was computed
 * @param group {@link LayerGroup#index}
 * @param hash chained over the prefix
 */
public record BlockKey(String model, ComputeIdentity identity, int group, BlockHash hash) {}
