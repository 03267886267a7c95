package dev.cairn.distribution;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/**
 * A LoRA adapter of random weights for the bundled model, as PEFT writes it.
 *
 * @param rank of its matrices
 * @param hidden the width of the model that it is for
 * @param layer that it adapts
 * @param seed of its weights
 */
record MadeAdapter(int rank, int hidden, int layer, long seed) {

    /** Width of the bundled model. */
    static final int HIDDEN = 192;

    private static final String MODULE = "base_model.model.model.layers.%d.self_attn.%s";

    /** Wide enough that answers differ. */
    private static final double SPREAD = 0.5;

    /** Writes the folder; its parent exists. */
    void write(Path folder) throws IOException {
        Files.createDirectory(folder);
        Files.writeString(
                folder.resolve("adapter_config.json"),
                "{\"peft_type\": \"LORA\", \"r\": %d, \"lora_alpha\": %d}"
                        .formatted(rank, 2 * rank));
        Files.write(folder.resolve("adapter_model.safetensors"), weights());
    }

    private byte[] weights() {
        StringBuilder header = new StringBuilder();
        int floats = 0;
        for (String module : new String[] {"q_proj", "o_proj"}) {
            String name = MODULE.formatted(layer, module);
            floats = describe(header, name + ".lora_A.weight", rank, hidden, floats);
            floats = describe(header, name + ".lora_B.weight", hidden, rank, floats);
        }
        byte[] json = ("{" + header.substring(1) + "}").getBytes(StandardCharsets.UTF_8);
        ByteBuffer file =
                ByteBuffer.allocate(8 + json.length + 4 * floats).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(json.length).put(json);
        Random random = new Random(seed);
        while (file.hasRemaining()) {
            file.putFloat((float) (SPREAD * random.nextGaussian()));
        }
        return file.array();
    }

    private static int describe(StringBuilder header, String name, int rows, int columns, int at) {
        int end = at + rows * columns;
        header.append(
                ",\"%s\":{\"dtype\":\"F32\",\"shape\":[%d,%d],\"data_offsets\":[%d,%d]}"
                        .formatted(name, rows, columns, 4 * at, 4 * end));
        return end;
    }
}
