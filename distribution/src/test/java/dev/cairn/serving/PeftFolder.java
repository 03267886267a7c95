package dev.cairn.serving;

import dev.cairn.ports.model.AttentionArchitecture;
import dev.cairn.ports.model.ModelArchitecture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Writes a LoRA adapter of random weights as PEFT does, for some of a dense model's projections.
 */
final class PeftFolder {

    private final StringBuilder header = new StringBuilder("{");
    private final List<float[]> tensors = new ArrayList<>();
    private final Random random;
    private long end;

    private PeftFolder(long seed) {
        random = new Random(seed);
    }

    static void write(Path folder, ModelArchitecture architecture, int rank) throws IOException {
        PeftFolder made = new PeftFolder(rank);
        int hidden = architecture.hiddenSize();
        for (int layer = 0; layer < architecture.layers().size(); layer++) {
            AttentionArchitecture attention = architecture.layers().get(layer).attention();
            int queries = attention.heads() * attention.headSize();
            int keys = attention.keyValueHeads() * attention.headSize();
            int width = architecture.layers().get(layer).feedForward().intermediateSize();
            made.pair(layer, "self_attn.q_proj", hidden, rank, queries);
            made.pair(layer, "self_attn.v_proj", hidden, rank, keys);
            made.pair(layer, "self_attn.o_proj", queries, rank, hidden);
            made.pair(layer, "mlp.gate_proj", hidden, rank, width);
            made.pair(layer, "mlp.down_proj", width, rank, hidden);
        }
        Files.createDirectory(folder);
        Files.writeString(
                folder.resolve("adapter_config.json"),
                "{\"peft_type\": \"LORA\", \"r\": %d, \"lora_alpha\": %d}"
                        .formatted(rank, 2 * rank));
        Files.write(folder.resolve("adapter_model.safetensors"), made.bytes());
    }

    private void pair(int layer, String module, int inputs, int rank, int outputs) {
        String name = "base_model.model.model.layers.%d.%s.lora_".formatted(layer, module);
        tensor(name + "A.weight", rank, inputs);
        tensor(name + "B.weight", outputs, rank);
    }

    private void tensor(String name, int rows, int columns) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() / Math.sqrt(2.0 * columns));
        }
        header.append(tensors.isEmpty() ? "" : ",")
                .append(
                        "\"%s\": {\"dtype\": \"F32\", \"shape\": [%d, %d], \"data_offsets\": [%d, %d]}"
                                .formatted(name, rows, columns, end, end + 4L * values.length));
        tensors.add(values);
        end += 4L * values.length;
    }

    private byte[] bytes() {
        byte[] json = header.append("}").toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer file =
                ByteBuffer.allocate((int) (8 + json.length + end)).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(json.length).put(json);
        for (float[] values : tensors) {
            for (float value : values) {
                file.putFloat(value);
            }
        }
        return file.array();
    }
}
