package dev.cairn.plugin.device;

import dev.cairn.plugin.device.Operations.AttentionLayer;
import dev.cairn.plugin.device.Operations.Product;
import dev.cairn.ports.model.AttentionArchitecture;
import dev.cairn.ports.model.FeedForwardArchitecture;
import dev.cairn.ports.model.FeedForwardArchitecture.Activation;
import dev.cairn.ports.model.FeedForwardArchitecture.Dense;
import dev.cairn.ports.model.FeedForwardArchitecture.Experts;
import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.WeightRole;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Uploads a model's weights and makes of them the passes of a step. Threads: the device's owner.
 */
final class PassBuilder {

    /** The widest head that the kernels take. */
    static final int WIDEST_HEAD = 256;

    private final ModelArchitecture architecture;
    private final WeightCatalogue catalogue;
    private final WeightUpload upload;
    private final Operations operations;
    private final List<KvGroup> groups;
    private final long[] pools;
    private final RotaryTables rotary;
    private final List<Integer> rowsPerTile = new ArrayList<>();

    /** Products that read the same rows, each with its place in a row of the output. */
    private record Side(List<Product> products, long[] offsets) {}

    PassBuilder(
            WeightCatalogue catalogue,
            WeightUpload upload,
            Operations operations,
            List<KvGroup> groups,
            long[] pools,
            RotaryTables rotary) {
        this.architecture = catalogue.architecture();
        this.catalogue = catalogue;
        this.upload = upload;
        this.operations = operations;
        this.groups = groups;
        this.pools = pools;
        this.rotary = rotary;
    }

    /**
     * Refuses what the kernels cannot compute.
     *
     * @throws ModelException that says what
     */
    static void check(ModelArchitecture architecture) {
        for (int layer = 0; layer < architecture.layers().size(); layer++) {
            AttentionArchitecture attention = architecture.layers().get(layer).attention();
            if (attention.headSize() > WIDEST_HEAD) {
                throw new ModelException(
                        "layer %d has heads of %d elements; this engine takes at most %d"
                                .formatted(layer, attention.headSize(), WIDEST_HEAD));
            }
        }
    }

    List<LayerPass> layers() {
        List<LayerPass> passes = new ArrayList<>();
        for (int layer = 0; layer < architecture.layers().size(); layer++) {
            passes.add(layer(layer));
        }
        return List.copyOf(passes);
    }

    /** Tokens in a tile for each kind of attention, after {@link #layers}. */
    int[] rowsPerTile() {
        return rowsPerTile.stream().mapToInt(Integer::intValue).toArray();
    }

    DeviceMatrix embedding() {
        return upload.matrix(List.of(WeightRole.EMBEDDING), 0, 0, 1);
    }

    /** The product that makes logits. */
    Product output(DeviceMatrix embedding) {
        DeviceMatrix matrix =
                architecture.tiedEmbeddings()
                        ? embedding
                        : upload.matrix(List.of(WeightRole.OUTPUT), 0, 0, 1);
        return operations.product(matrix, matrix.rows());
    }

    long outputNorm() {
        return upload.vectors(0, WeightRole.OUTPUT_NORM);
    }

    private LayerPass layer(int layer) {
        AttentionArchitecture shape = architecture.layers().get(layer).attention();
        KvGroup group =
                groups.stream()
                        .filter(candidate -> candidate.group().layers().contains(layer))
                        .findFirst()
                        .orElseThrow();
        List<WeightRole> roles = List.of(WeightRole.QUERY, WeightRole.KEY, WeightRole.VALUE);
        Side inputs = side(layer, roles);
        Product output = single(WeightRole.ATTENTION_OUTPUT, layer);
        return new LayerPass(
                upload.vectors(layer, WeightRole.ATTENTION_NORM),
                attention(layer, shape, group),
                group.group().index(),
                tileKind(shape, group),
                inputs.products(),
                inputs.offsets(),
                adapters(roles, layer, inputs.products().getFirst()),
                output,
                adapters(List.of(WeightRole.ATTENTION_OUTPUT), layer, output),
                shape.outputBias() ? upload.vectors(layer, WeightRole.ATTENTION_OUTPUT_BIAS) : 0,
                postNorm(layer, WeightRole.POST_ATTENTION_NORM),
                upload.vectors(layer, WeightRole.FEED_FORWARD_NORM),
                feedForward(layer, architecture.layers().get(layer).feedForward()),
                postNorm(layer, WeightRole.POST_FEED_FORWARD_NORM));
    }

    private AttentionLayer attention(int layer, AttentionArchitecture shape, KvGroup group) {
        int index = group.group().index();
        boolean headNorm = shape.queryKeyNorm();
        return new AttentionLayer(
                pools[index],
                group.blockBytes(),
                group.layout().sliceOffset(group.group().layers().indexOf(layer)),
                ElementType.of(group.layout().type()).orElseThrow(),
                group.blockTokens(),
                shape.heads(),
                shape.keyValueHeads(),
                shape.headSize(),
                shape.bias()
                        ? upload.vectors(
                                layer,
                                WeightRole.QUERY_BIAS,
                                WeightRole.KEY_BIAS,
                                WeightRole.VALUE_BIAS)
                        : 0,
                headNorm ? upload.vectors(layer, WeightRole.QUERY_NORM) : 0,
                headNorm ? upload.vectors(layer, WeightRole.KEY_NORM) : 0,
                architecture.normEpsilon(),
                rotary.of(shape.rotary()),
                shape.rotary().rotated(),
                shape.scale(),
                shape.window().orElse(0),
                (float) shape.scoreSoftcap().orElse(0));
    }

    private int tileKind(AttentionArchitecture shape, KvGroup cache) {
        int most =
                operations.tileRows(
                        ElementType.of(cache.layout().type()).orElseThrow(), shape.headSize());
        int group = Math.min(most, shape.heads() / shape.keyValueHeads());
        int rows = most / group;
        if (!rowsPerTile.contains(rows)) {
            rowsPerTile.add(rows);
        }
        return rowsPerTile.indexOf(rows);
    }

    private FeedForwardPass feedForward(int layer, FeedForwardArchitecture shape) {
        boolean gelu = shape.activation() == Activation.GELU_TANH;
        return switch (shape) {
            case Dense dense -> {
                List<WeightRole> roles = List.of(WeightRole.GATE, WeightRole.UP);
                Side inputs = side(layer, roles);
                Product down = single(WeightRole.DOWN, layer);
                yield new FeedForwardPass.Single(
                        inputs.products(),
                        inputs.offsets(),
                        adapters(roles, layer, inputs.products().getFirst()),
                        down,
                        adapters(List.of(WeightRole.DOWN), layer, down),
                        gelu,
                        dense.intermediateSize());
            }
            case Experts experts ->
                    new FeedForwardPass.Routed(
                            single(WeightRole.ROUTER, layer),
                            experts(WeightRole.EXPERT_GATE, layer, experts.experts()),
                            experts(WeightRole.EXPERT_UP, layer, experts.experts()),
                            experts(WeightRole.EXPERT_DOWN, layer, experts.experts()),
                            experts.experts(),
                            experts.expertsPerToken(),
                            experts.renormalise(),
                            gelu);
        };
    }

    /** Matrices of one type become one matrix; a file may also keep them in different types. */
    private Side side(int layer, List<WeightRole> roles) {
        int width = 0;
        boolean alike = true;
        ElementType first = catalogue.type(roles.getFirst(), layer, 0);
        for (WeightRole role : roles) {
            width += catalogue.source().matrix(role, layer).rows();
            alike &= catalogue.type(role, layer, 0) == first;
        }
        if (alike) {
            DeviceMatrix matrix = upload.matrix(roles, layer, 0, 1);
            return new Side(List.of(operations.product(matrix, width)), new long[1]);
        }
        List<Product> products = new ArrayList<>();
        long[] offsets = new long[roles.size()];
        long offset = 0;
        for (int i = 0; i < roles.size(); i++) {
            DeviceMatrix matrix = upload.matrix(List.of(roles.get(i)), layer, 0, 1);
            products.add(operations.product(matrix, width));
            offsets[i] = offset;
            offset += 4L * matrix.rows();
        }
        ElementType operand = products.getFirst().operand();
        if (products.stream().anyMatch(product -> product.operand() != operand)) {
            throw new ModelException(
                    "%s weights of layer %d are kept in types whose products want different operands; write --dtype bfloat16"
                            .formatted(roles, layer));
        }
        return new Side(List.copyOf(products), offsets);
    }

    private AdapterPass adapters(List<WeightRole> roles, int layer, Product product) {
        int[] widths = new int[roles.size()];
        Arrays.setAll(widths, i -> catalogue.source().matrix(roles.get(i), layer).rows());
        int columns = catalogue.source().matrix(roles.getFirst(), layer).columns();
        return AdapterPass.of(layer, roles, widths, columns, product.operand());
    }

    private Product single(WeightRole role, int layer) {
        DeviceMatrix matrix = upload.matrix(List.of(role), layer, 0, 1);
        return operations.product(matrix, matrix.rows());
    }

    private DeviceMatrix experts(WeightRole role, int layer, int count) {
        return upload.matrix(List.of(role), layer, 0, count);
    }

    private long postNorm(int layer, WeightRole role) {
        return architecture.postNorms() ? upload.vectors(layer, role) : 0;
    }
}
