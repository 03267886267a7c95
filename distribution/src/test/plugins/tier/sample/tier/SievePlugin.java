package sample.tier;

import com.fasterxml.jackson.core.json.PackageVersion;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.plugin.CairnPlugin;
import dev.cairn.ports.plugin.Extension;
import dev.cairn.ports.plugin.PluginContext;
import java.util.List;

/** A tier in the heap. */
public final class SievePlugin implements CairnPlugin {

    @Override
    public String name() {
        return "sieve";
    }

    @Override
    public List<Extension<BlockTier>> blockTiers(PluginContext context) {
        return List.of(
                new Extension<>("sieve-" + PackageVersion.VERSION, () -> new SieveTier(4 << 20)));
    }
}
