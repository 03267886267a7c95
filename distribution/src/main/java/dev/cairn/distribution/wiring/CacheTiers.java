package dev.cairn.distribution.wiring;

import dev.cairn.core.cache.FetchPolicy;
import dev.cairn.core.cache.StorePolicy;
import dev.cairn.core.cache.TierChain;
import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.config.ProgramSettings;
import dev.cairn.distribution.config.Spelling;
import dev.cairn.distribution.drive.SystemTimers;
import dev.cairn.distribution.plugin.PluginCatalog;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.ContiguousMemory;
import dev.cairn.ports.engine.BlockPort;
import dev.cairn.ports.plugin.CairnPlugin;
import dev.cairn.ports.plugin.Extension;
import dev.cairn.ports.plugin.PluginContext;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * The tiers below the devices of this process, shared by its models, whose keys tell their blocks
 * apart. Opened when the first model is loaded, closed after the last engine.
 *
 * <p>Threads: one.
 */
@Singleton
final class CacheTiers {

    /** Blocks that may wait to leave a device; a queue entry is small. */
    static final int QUEUED_STORES = 16_384;

    static final int READS_AT_ONCE = 64;

    private final Configuration configuration;
    private final PluginCatalog plugins;
    private final PluginContext context;
    private final SystemTimers timers;
    private final CacheSharing sharing;
    private final EventPublishing events;
    private final List<BlockTier> tiers = new ArrayList<>();
    private TierChain chain;
    private StagingMemory staging;

    @Inject
    CacheTiers(
            Configuration configuration,
            PluginCatalog plugins,
            PluginContext context,
            SystemTimers timers,
            CacheSharing sharing,
            EventPublishing events) {
        this.configuration = configuration;
        this.plugins = plugins;
        this.context = context;
        this.timers = timers;
        this.sharing = sharing;
        this.events = events;
    }

    /**
     * What {@code cairn.cache.tiers} names, opened.
     *
     * @throws dev.cairn.ports.system.Settings.SettingException if a tier is unknown or its settings
     *     are wrong
     */
    TierChain chain() {
        if (chain == null) {
            List<String> names = configuration.list(ProgramSettings.CACHE_TIERS);
            if (names.isEmpty() && sharing.isSplit() && sharing.isOn()) {
                // Blocks travel from host memory to host memory.
                names = List.of("host");
            }
            chain = names.isEmpty() && !sharing.isOn() ? TierChain.NONE : open(names);
        }
        return chain;
    }

    private TierChain open(List<String> names) {
        if (new LinkedHashSet<>(names).size() < names.size()) {
            throw configuration.problem(ProgramSettings.CACHE_TIERS, "a tier is named twice");
        }
        if (!names.isEmpty() && !configuration.flag(ProgramSettings.PREFIX_CACHING).orElse(true)) {
            throw configuration.problem(
                    ProgramSettings.CACHE_TIERS,
                    "tiers need prefix caching; set %s=true or leave the tiers out"
                            .formatted(ProgramSettings.PREFIX_CACHING));
        }
        Map<String, Extension<BlockTier>> offers = offers();
        List<Extension<BlockTier>> wanted = new ArrayList<>();
        for (String name : names) {
            Extension<BlockTier> offer = offers.get(name);
            if (offer == null) {
                throw unknown(name, List.copyOf(offers.keySet()));
            }
            wanted.add(offer);
        }
        Map<String, StorePolicy> stores = StorePolicies.read(configuration, names);
        wanted.forEach(offer -> tiers.add(offer.open().get()));
        // Watched first, for peers store here too, past the tiers that the chain uses.
        List<BlockTier> told = events.watch(tiers);
        if (!sharing.isOn()) {
            return chainOf(told, stores);
        }
        boolean devicesToo =
                names.isEmpty()
                        || !(stores.getOrDefault(names.getFirst(), StorePolicy.AT_ONCE)
                                instanceof StorePolicy.WriteThrough);
        CacheSharing.Joined joined = sharing.join(told, devicesToo);
        return chainOf(joined.tiers(), stores).with(joined.peers());
    }

    /**
     * The chain for one engine, whose device learns of the memory that blocks will lie in; one that
     * copies there itself lets them leave to where they stay.
     *
     * @param blocks of an engine that is closed before this is
     */
    TierChain chain(BlockPort blocks) {
        TierChain shared = chain();
        boolean reached = false;
        for (BlockTier tier : tiers) {
            reached |= tier instanceof ContiguousMemory whole && blocks.attach(whole.memory());
        }
        if (staging != null) {
            blocks.attach(staging.memory());
        }
        return reached ? shared.storingInPlace() : shared;
    }

    private TierChain chainOf(List<BlockTier> used, Map<String, StorePolicy> stores) {
        staging = staging(configuration);
        return new TierChain(
                        used,
                        staging,
                        timers,
                        QUEUED_STORES,
                        READS_AT_ONCE,
                        policy(),
                        configuration
                                .duration(ProgramSettings.FETCH_DEADLINE)
                                .orElseThrow()
                                .toNanos())
                .with(stores)
                .withCanary(canary());
    }

    static StagingMemory staging(Configuration configuration) {
        return new StagingMemory(configuration.size(ProgramSettings.STAGING_SIZE).getAsLong());
    }

    private Map<String, Extension<BlockTier>> offers() {
        Map<String, Extension<BlockTier>> offers = new LinkedHashMap<>();
        for (var offer : plugins.extensions(context, CairnPlugin::blockTiers)) {
            offers.putIfAbsent(offer.extension().name(), offer.extension());
        }
        return offers;
    }

    private RuntimeException unknown(String name, List<String> known) {
        return configuration.problem(
                ProgramSettings.CACHE_TIERS,
                "there is no tier \"%s\"%s; those here are: %s"
                        .formatted(
                                name,
                                Spelling.nearest(name, known)
                                        .map(near -> ", did you mean " + near + "?")
                                        .orElse(""),
                                String.join(", ", known)));
    }

    private double canary() {
        double share = configuration.decimal(ProgramSettings.CANARY).orElse(0);
        if (!(share >= 0 && share <= 1)) {
            throw configuration.problem(
                    ProgramSettings.CANARY, share + " is no share; write a number from 0 to 1");
        }
        return share;
    }

    private FetchPolicy policy() {
        String policy = configuration.requiredText(ProgramSettings.FETCH_POLICY);
        return switch (policy) {
            case "measured" -> FetchPolicy.MEASURED;
            case "always" -> FetchPolicy.ALWAYS;
            default ->
                    throw configuration.problem(
                            ProgramSettings.FETCH_POLICY,
                            "\"%s\" is unknown; write measured or always".formatted(policy));
        };
    }

    /** Writes what is queued, and gives memory and files back; no engine runs any more. */
    void close() {
        events.close();
        // Peers may still read what tiers lent them.
        sharing.close();
        tiers.forEach(BlockTier::close);
        tiers.clear();
        if (staging != null) {
            staging.close();
            staging = null;
        }
        chain = null;
    }
}
