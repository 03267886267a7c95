package dev.cairn.ports.cache;

/**
 * What blocks must have in common to be of use to one another's readers: everything of a {@link
 * BlockKey} but the tokens, and how the bytes lie.
 *
 * @param model fingerprint of weights and configuration, hexadecimal
 * @param identity how the blocks are computed
 * @param group {@link LayerGroup#index}
 */
public record BlockKind(String model, ComputeIdentity identity, int group, KvLayout layout) {

    public static BlockKind of(BlockKey key, KvLayout layout) {
        return new BlockKind(key.model(), key.identity(), key.group(), layout);
    }

    /** Whether the block is of this kind; makes no object. */
    public boolean covers(BlockKey key, KvLayout ofLayout) {
        return group == key.group()
                && model.equals(key.model())
                && identity.equals(key.identity())
                && layout.equals(ofLayout);
    }
}
