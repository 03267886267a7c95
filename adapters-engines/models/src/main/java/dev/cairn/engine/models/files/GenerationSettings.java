package dev.cairn.engine.models.files;

import dev.cairn.ports.model.GenerationDefaults;
import dev.cairn.ports.model.ModelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/** Reads {@code generation_config.json}, with {@code config.json} for what it leaves out. */
public final class GenerationSettings {

    private static final int HIGHEST_ID = Integer.MAX_VALUE;

    private GenerationSettings() {}

    /**
     * @param config {@code config.json}
     * @throws ModelException if the file is there but malformed
     */
    public static GenerationDefaults read(Path folder, ConfigObject config) {
        Path file = folder.resolve("generation_config.json");
        if (!Files.exists(file)) {
            return new GenerationDefaults(
                    ends(config),
                    begin(config),
                    GenerationDefaults.none().doSample(),
                    GenerationDefaults.none().temperature(),
                    GenerationDefaults.none().topP(),
                    GenerationDefaults.none().topK(),
                    GenerationDefaults.none().minP(),
                    GenerationDefaults.none().repetitionPenalty());
        }
        ConfigObject generation = ConfigObject.read(file, 1 << 20);
        return new GenerationDefaults(
                generation.has("eos_token_id") ? ends(generation) : ends(config),
                generation.has("bos_token_id") ? begin(generation) : begin(config),
                generation.truth("do_sample"),
                generation.number("temperature"),
                generation.number("top_p"),
                generation.integer("top_k", 0, Integer.MAX_VALUE),
                generation.number("min_p"),
                generation.number("repetition_penalty"));
    }

    private static List<Integer> ends(ConfigObject config) {
        return config.integers("eos_token_id", 0, HIGHEST_ID);
    }

    private static OptionalInt begin(ConfigObject config) {
        List<Integer> ids = config.integers("bos_token_id", 0, HIGHEST_ID);
        return ids.isEmpty() ? OptionalInt.empty() : OptionalInt.of(ids.getFirst());
    }
}
