package dev.cairn.distribution.wiring;

import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.config.ProgramSettings;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.model.AttentionArchitecture;
import dev.cairn.ports.model.LayerArchitecture;
import dev.cairn.ports.model.ModelArchitecture;
import java.util.OptionalLong;

/**
 * Memory of a model's KV cache, and how long a sequence may become in it.
 *
 * @param cacheBytes for all blocks together
 * @param maxModelLength tokens of prompt and answer together
 * @param why for the banner
 */
record CacheBudget(long cacheBytes, int maxModelLength, String why) {

    /** Of the memory that weights leave, what caches take unless somebody says otherwise. */
    private static final int SHARE = 4;

    /**
     * Decides from the configuration, the model and the memory that is free.
     *
     * @param freeBytes left for this model once its weights are loaded
     * @throws dev.cairn.ports.system.Settings.SettingException if what was asked for does not fit
     */
    static CacheBudget of(
            ModelArchitecture model,
            KvType type,
            Configuration configuration,
            RunnerSettings settings,
            long freeBytes) {
        Sizes sizes = new Sizes(model, type, settings.blockTokens(), settings.maxTokensPerStep());
        int sequences = settings.maxSequencesPerStep();
        int longest = wantedLength(model, configuration);
        boolean lengthSet = configuration.isSet(ProgramSettings.MAX_MODEL_LENGTH);
        OptionalLong set = configuration.size(ProgramSettings.DEVICE_CACHE_SIZE);
        long budget = set.orElse(Math.max(0, freeBytes / SHARE));
        if (sizes.sequenceBytes(longest) > budget) {
            if (lengthSet && set.isEmpty() && sizes.sequenceBytes(longest) <= freeBytes) {
                return new CacheBudget(
                        sizes.sequenceBytes(longest), longest, "one sequence of full length");
            }
            if (lengthSet) {
                throw tooLong(configuration, longest, sizes.sequenceBytes(longest), budget);
            }
            longest = sizes.longestWithin(budget, longest);
            if (longest < 1) {
                throw configuration.problem(
                        ProgramSettings.DEVICE_CACHE_SIZE,
                        "%s holds no block of %d tokens; give at least %s"
                                .formatted(
                                        ByteText.of(budget),
                                        settings.blockTokens(),
                                        ByteText.of(sizes.sequenceBytes(1))));
            }
            return new CacheBudget(
                    budget, longest, "max-model-len lowered to what the memory holds");
        }
        if (set.isPresent()) {
            return new CacheBudget(
                    budget, longest, configuration.place(ProgramSettings.DEVICE_CACHE_SIZE));
        }
        long needed = multiply(sizes.sequenceBytes(longest), sequences);
        return needed <= budget
                ? new CacheBudget(needed, longest, sequences + " sequences of full length")
                : new CacheBudget(budget, longest, "a quarter of the free memory");
    }

    private static int wantedLength(ModelArchitecture model, Configuration configuration) {
        OptionalLong wanted = configuration.integer(ProgramSettings.MAX_MODEL_LENGTH);
        if (wanted.isEmpty()) {
            return model.maxPositions();
        }
        if (wanted.getAsLong() < 2 || wanted.getAsLong() > model.maxPositions()) {
            throw configuration.problem(
                    ProgramSettings.MAX_MODEL_LENGTH,
                    "must be from 2 to the model's %d positions, got %d"
                            .formatted(model.maxPositions(), wanted.getAsLong()));
        }
        return (int) wanted.getAsLong();
    }

    private static RuntimeException tooLong(
            Configuration configuration, int length, long needed, long budget) {
        return configuration.problem(
                ProgramSettings.MAX_MODEL_LENGTH,
                "a sequence of %d tokens needs %s of KV cache, and there are %s; lower it, or raise %s"
                        .formatted(
                                length,
                                ByteText.of(needed),
                                ByteText.of(budget),
                                ProgramSettings.DEVICE_CACHE_SIZE));
    }

    private static long multiply(long bytes, int times) {
        return bytes > Long.MAX_VALUE / times ? Long.MAX_VALUE : bytes * times;
    }

    /** What sequences of a model weigh in the cache. */
    private record Sizes(ModelArchitecture model, KvType type, int blockTokens, int stepTokens) {

        /**
         * Bytes of a sequence in whole blocks, the one that is begun included. A window keeps what
         * it spans and the chunk that is being computed.
         */
        long sequenceBytes(int tokens) {
            long bytes = 0;
            for (LayerArchitecture layer : model.layers()) {
                AttentionArchitecture attention = layer.attention();
                long kept =
                        attention.window().isPresent()
                                ? Math.min(
                                        tokens, (long) attention.window().getAsInt() + stepTokens)
                                : tokens;
                bytes += blocks(kept) * blockBytes(attention);
            }
            return bytes;
        }

        int longestWithin(long budget, int most) {
            int fits = 0;
            int tooMany = most;
            while (tooMany - fits > 1) {
                int middle = fits + (tooMany - fits) / 2;
                if (sequenceBytes(middle) <= budget) {
                    fits = middle;
                } else {
                    tooMany = middle;
                }
            }
            return fits;
        }

        private long blocks(long tokens) {
            return 1 + tokens / blockTokens;
        }

        private long blockBytes(AttentionArchitecture attention) {
            long head = (long) attention.headSize() * type.elementBytes() + type.scaleBytes();
            return 2L * blockTokens * attention.keyValueHeads() * head;
        }
    }
}
