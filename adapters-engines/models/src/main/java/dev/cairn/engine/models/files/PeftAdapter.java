package dev.cairn.engine.models.files;

import dev.cairn.ports.model.AdapterArtifact;
import dev.cairn.ports.model.AttentionArchitecture;
import dev.cairn.ports.model.FeedForwardArchitecture.Dense;
import dev.cairn.ports.model.FeedForwardArchitecture.Experts;
import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.WeightRole;
import dev.cairn.ports.model.WeightType;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A folder that PEFT wrote: {@code adapter_config.json} and {@code adapter_model.safetensors}. Its
 * matrices stay where they are in the mapped file; the file is unmapped when nobody refers to the
 * adapter any more.
 *
 * <p>A fused projection ({@code qkv_proj}, {@code gate_up_proj}) is one first matrix and the rows
 * of one second matrix, which are handed out part by part.
 */
public final class PeftAdapter implements AdapterArtifact {

    private static final String WEIGHTS = "adapter_model.safetensors";
    private static final Pattern TENSOR =
            Pattern.compile("(.+)\\.lora_([AB])(?:\\.default)?\\.weight");
    private static final Pattern MODULE =
            Pattern.compile("(?:\\w+\\.)*layers\\.(\\d{1,6})\\.(?:self_attn|mlp)\\.(\\w+)");

    private record Place(WeightRole role, int layer) {}

    private final Path folder;
    private final ModelArchitecture architecture;
    private final PeftConfig config;
    private final MappedFile file;
    private final String digest;
    private final Map<Place, Pair> pairs = new HashMap<>();

    private PeftAdapter(Path folder, ModelArchitecture architecture, PeftConfig config) {
        this.folder = folder;
        this.architecture = architecture;
        this.config = config;
        Path weights = folder.resolve(WEIGHTS);
        if (!Files.exists(weights) && Files.exists(folder.resolve("adapter_model.bin"))) {
            throw new ModelException(
                    folder
                            + ": adapter_model.bin is not read; save the adapter again with"
                            + " safe_serialization=True");
        }
        file = MappedFile.open(weights, Arena.ofAuto());
        digest = ContentDigest.of(config.text(), List.of(file)).hex();
        bind();
    }

    /**
     * Reads an adapter.
     *
     * @throws ModelException naming file, key or tensor, if it is no LoRA adapter for this model or
     *     one that cannot be served exactly
     */
    public static AdapterArtifact open(Path folder, ModelArchitecture architecture) {
        return new PeftAdapter(folder, architecture, PeftConfig.read(folder));
    }

    private void bind() {
        Map<String, Tensor> first = new HashMap<>();
        Map<String, Tensor> second = new HashMap<>();
        for (Tensor tensor : Safetensors.tensors(file)) {
            Matcher name = TENSOR.matcher(tensor.name());
            if (!name.matches()) {
                throw wrong(tensor, "is no part of a plain LoRA adapter; " + hint(tensor.name()));
            }
            (name.group(2).equals("A") ? first : second).put(name.group(1), tensor);
        }
        for (Map.Entry<String, Tensor> half : second.entrySet()) {
            if (!first.containsKey(half.getKey())) {
                throw wrong(half.getValue(), "has no lora_A beside it");
            }
        }
        for (Map.Entry<String, Tensor> half : first.entrySet()) {
            Tensor up = second.get(half.getKey());
            if (up == null) {
                throw wrong(half.getValue(), "has no lora_B beside it");
            }
            bind(half.getKey(), half.getValue(), up);
        }
        if (pairs.isEmpty()) {
            throw new ModelException(file.path() + ": holds no weights");
        }
    }

    private static String hint(String name) {
        if (name.contains("lora_magnitude")) {
            return "DoRA is not served";
        }
        return name.contains("lora_embedding")
                ? "adapted embeddings are not served"
                : "modules_to_save and biases are not served";
    }

    private void bind(String module, Tensor down, Tensor up) {
        Matcher place = MODULE.matcher(module);
        if (!place.matches()) {
            throw wrong(
                    down,
                    "adapts "
                            + ConfigObject.shown(module)
                            + "; served are the linear projections of attention and of dense"
                            + " feed-forward layers, not embeddings, lm_head or experts");
        }
        int layer = Integer.parseInt(place.group(1));
        if (layer >= architecture.layers().size()) {
            throw wrong(down, "is of a layer that the model does not have");
        }
        List<WeightRole> roles = roles(place.group(2), layer, down);
        int rank = rows(down);
        if (rank < 1 || rank > PeftConfig.MOST_RANK) {
            throw wrong(down, "has rank " + rank + "; served are 1 to " + PeftConfig.MOST_RANK);
        }
        int outputs = 0;
        for (WeightRole role : roles) {
            outputs += outputs(role, layer);
        }
        WeightType downType = require(down, rank, inputs(roles.getFirst(), layer));
        WeightType upType = require(up, outputs, rank);
        int row = 0;
        for (WeightRole role : roles) {
            int rows = outputs(role, layer);
            long rowBytes = upType.rowBytes(rank);
            pairs.put(
                    new Place(role, layer),
                    new Pair(
                            new TensorMatrix(
                                    downType,
                                    rank,
                                    inputs(role, layer),
                                    down.bytes(),
                                    RowOrder.STORED),
                            new TensorMatrix(
                                    upType,
                                    rows,
                                    rank,
                                    up.bytes().asSlice(row * rowBytes, rows * rowBytes),
                                    RowOrder.STORED),
                            config.scale(rank)));
            row += rows;
        }
    }

    private List<WeightRole> roles(String name, int layer, Tensor tensor) {
        List<WeightRole> roles =
                switch (name) {
                    case "q_proj" -> List.of(WeightRole.QUERY);
                    case "k_proj" -> List.of(WeightRole.KEY);
                    case "v_proj" -> List.of(WeightRole.VALUE);
                    case "qkv_proj" -> List.of(WeightRole.QUERY, WeightRole.KEY, WeightRole.VALUE);
                    case "o_proj" -> List.of(WeightRole.ATTENTION_OUTPUT);
                    case "gate_proj" -> List.of(WeightRole.GATE);
                    case "up_proj" -> List.of(WeightRole.UP);
                    case "gate_up_proj" -> List.of(WeightRole.GATE, WeightRole.UP);
                    case "down_proj" -> List.of(WeightRole.DOWN);
                    default ->
                            throw wrong(
                                    tensor,
                                    "adapts "
                                            + ConfigObject.shown(name)
                                            + ", which is no linear projection that is served");
                };
        boolean experts =
                switch (architecture.layers().get(layer).feedForward()) {
                    case Dense _ -> false;
                    case Experts _ -> true;
                };
        if (experts
                && List.of(WeightRole.GATE, WeightRole.UP, WeightRole.DOWN)
                        .contains(roles.getFirst())) {
            throw wrong(tensor, "adapts experts, which is not served; attention may be adapted");
        }
        return roles;
    }

    private int outputs(WeightRole role, int layer) {
        AttentionArchitecture attention = architecture.layers().get(layer).attention();
        int width = architecture.layers().get(layer).feedForward().intermediateSize();
        if (role == WeightRole.QUERY) {
            return attention.heads() * attention.headSize();
        }
        if (role == WeightRole.KEY || role == WeightRole.VALUE) {
            return attention.keyValueHeads() * attention.headSize();
        }
        return role == WeightRole.GATE || role == WeightRole.UP ? width : architecture.hiddenSize();
    }

    private int inputs(WeightRole role, int layer) {
        if (role == WeightRole.ATTENTION_OUTPUT) {
            return outputs(WeightRole.QUERY, layer);
        }
        return role == WeightRole.DOWN ? outputs(WeightRole.UP, layer) : architecture.hiddenSize();
    }

    private static int rows(Tensor tensor) {
        return tensor.shape().isEmpty()
                ? 0
                : (int) Math.min(tensor.shape().getFirst(), Integer.MAX_VALUE);
    }

    private WeightType require(Tensor tensor, long rows, long columns) {
        if (!tensor.shape().equals(List.of(rows, columns))) {
            throw wrong(
                    tensor,
                    "is " + tensor.shape() + ", the model asks for " + List.of(rows, columns));
        }
        WeightType type = tensor.type().orElse(null);
        if (type != WeightType.FLOAT32
                && type != WeightType.FLOAT16
                && type != WeightType.BFLOAT16) {
            throw wrong(
                    tensor, "is stored as " + tensor.encoding() + "; served are F32, F16 and BF16");
        }
        return type;
    }

    private static ModelException wrong(Tensor tensor, String what) {
        return new ModelException(
                tensor.file() + ": tensor " + ConfigObject.shown(tensor.name()) + " " + what);
    }

    @Override
    public String digest() {
        return digest;
    }

    @Override
    public String location() {
        return folder.toString();
    }

    @Override
    public int rank() {
        List<Integer> ranks = new ArrayList<>();
        pairs.values().forEach(pair -> ranks.add(pair.down().rows()));
        return ranks.stream().mapToInt(Integer::intValue).max().orElse(0);
    }

    @Override
    public long storedBytes() {
        return file.bytes().byteSize();
    }

    @Override
    public Optional<Pair> pair(WeightRole role, int layer) {
        return Optional.ofNullable(pairs.get(new Place(role, layer)));
    }

    @Override
    public void requireUnchanged() {
        file.requireUnchanged();
    }
}
