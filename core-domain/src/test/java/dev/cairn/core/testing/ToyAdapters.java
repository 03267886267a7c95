package dev.cairn.core.testing;

import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.ports.engine.AdapterPort;
import dev.cairn.ports.model.AdapterArtifact;
import dev.cairn.ports.model.WeightRole;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.RandomSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Adapters of a toy: a number each, which goes into every key and value, so that a block of one
 * adapter that is read by another's sequence shows as other tokens. Loading takes 5 ms of the
 * driver's time.
 */
public final class ToyAdapters implements AdapterPort {

    private static final long LOAD_NANOS = 5_000_000;

    private final VirtualDriver driver;
    private final Map<Integer, String> loaded = new HashMap<>();
    private int loads;
    private int mostLoaded;
    private String broken = "";

    ToyAdapters(VirtualDriver driver) {
        this.driver = driver;
    }

    /** What the adapter in a slot adds; 0 = nothing, for none. */
    long number(int slot) {
        if (slot == -1) {
            return 0;
        }
        String digest = loaded.get(slot);
        if (digest == null) {
            throw new IllegalArgumentException("slot " + slot + " is empty");
        }
        return RandomSource.mix(digest.hashCode());
    }

    /** From now on an adapter cannot be loaded. */
    public void breakAdapter(String digest) {
        broken = digest;
    }

    /** Loads so far. */
    public int loads() {
        return loads;
    }

    /** Most that were loaded at once. */
    public int mostLoaded() {
        return mostLoaded;
    }

    @Override
    public int slots() {
        return 100;
    }

    @Override
    public void load(int slot, AdapterArtifact adapter, Completion<Void> done) {
        loads++;
        loaded.remove(slot);
        driver.schedule(
                driver.nanos() + LOAD_NANOS,
                () -> {
                    if (adapter.digest().equals(broken)) {
                        done.failed(new IllegalStateException("the file is gone"));
                        return;
                    }
                    loaded.put(slot, adapter.digest());
                    mostLoaded = Math.max(mostLoaded, loaded.size());
                    done.completed(null);
                });
    }

    @Override
    public void unload(int slot, Completion<Void> done) {
        loaded.remove(slot);
        done.completed(null);
    }

    /** An adapter that is a digest and nothing else. */
    public record Named(String digest) implements AdapterArtifact {

        @Override
        public String location() {
            return "memory";
        }

        @Override
        public int rank() {
            return 1;
        }

        @Override
        public long storedBytes() {
            return 0;
        }

        @Override
        public Optional<Pair> pair(WeightRole role, int layer) {
            return Optional.empty();
        }

        @Override
        public void requireUnchanged() {}
    }
}
