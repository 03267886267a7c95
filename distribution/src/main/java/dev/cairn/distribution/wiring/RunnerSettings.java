package dev.cairn.distribution.wiring;

import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.config.ProgramSettings;
import dev.cairn.distribution.config.Spelling;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.model.WeightType;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What configuration says about runners, whatever the model.
 *
 * @param weightType empty = as stored
 * @param kvType empty = the engine's choice
 */
record RunnerSettings(
        Optional<WeightType> weightType,
        Optional<KvType> kvType,
        int blockTokens,
        int maxTokensPerStep,
        int maxSequencesPerStep,
        int maxWaitingRequests,
        boolean prefixCaching) {

    private static final String AUTO = "auto";

    /**
     * @throws dev.cairn.ports.system.Settings.SettingException for a value that no runner takes
     */
    static RunnerSettings read(Configuration configuration) {
        return new RunnerSettings(
                chosen(
                        configuration,
                        ProgramSettings.DTYPE,
                        WeightType.values(),
                        WeightType::label),
                chosen(
                        configuration,
                        ProgramSettings.KV_CACHE_DTYPE,
                        KvType.values(),
                        KvType::label),
                configuration.requiredInteger(ProgramSettings.BLOCK_TOKENS, 1, 1024),
                configuration.requiredInteger(ProgramSettings.MAX_BATCHED_TOKENS, 1, 1 << 16),
                configuration.requiredInteger(ProgramSettings.MAX_SEQUENCES, 1, 4096),
                configuration.requiredInteger(ProgramSettings.MAX_WAITING, 1, 1 << 20),
                configuration.flag(ProgramSettings.PREFIX_CACHING).orElse(true));
    }

    private static <T> Optional<T> chosen(
            Configuration configuration, String key, T[] values, Function<T, String> label) {
        String text = configuration.requiredText(key);
        if (text.equals(AUTO)) {
            return Optional.empty();
        }
        for (T value : values) {
            if (label.apply(value).equals(text)) {
                return Optional.of(value);
            }
        }
        List<String> labels = Arrays.stream(values).map(label).toList();
        throw configuration.problem(
                key,
                "\"%s\" is no type; write %s, or auto"
                        .formatted(
                                text,
                                Spelling.nearest(text, labels).orElse(String.join(", ", labels))));
    }
}
