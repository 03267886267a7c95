package dev.cairn.plugin.device;

import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.engine.RunnerOptions;
import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.RotaryEncoding;
import dev.cairn.ports.model.WeightType;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Puts one runner together: checks that the model can be computed and fits, uploads weights,
 * allocates pools. Threads: any; what touches the device happens on the runner's own thread.
 */
public final class DeviceRunnerAssembly {

    private final String engine;
    private final Device.Opener opener;
    private final ModelArtifact model;
    private final RunnerOptions options;
    private final ModelArchitecture architecture;
    private final WeightCatalogue catalogue;
    private final KvType kvType;
    private final AdapterSlots adapters = new AdapterSlots();
    private String family;
    private String devices;
    private MemoryPlan plan;

    /**
     * @param engine name of the factory: {@code "cuda"}
     * @param opener opens the device whenever the runner wakes
     */
    public DeviceRunnerAssembly(
            String engine, Device.Opener opener, ModelArtifact model, RunnerOptions options) {
        this.engine = engine;
        this.opener = opener;
        this.model = model;
        this.options = options;
        architecture = model.architecture();
        catalogue = new WeightCatalogue(architecture, model.weights(), options.weightType());
        kvType = options.kvType().orElseGet(this::preferredKvType);
    }

    /** Keys and values are rounded no further than weights and activations are. */
    private KvType preferredKvType() {
        return options.weightType().orElse(model.weights().dominantType()) == WeightType.FLOAT32
                ? KvType.FLOAT32
                : KvType.BFLOAT16;
    }

    /**
     * Loads the model.
     *
     * @throws ModelException if it cannot be run here; says what would
     */
    public ModelRunner assemble() {
        PassBuilder.check(architecture);
        if (ElementType.of(kvType).isEmpty()) {
            throw new ModelException(
                    "%s: the %s engine keeps keys and values in bfloat16 or float32, not in %s; write --kv-cache-dtype bfloat16"
                            .formatted(model.defaultName(), engine, kvType.label()));
        }
        StepLimits wanted = StepLimits.of(architecture, options);
        List<KvGroup> groups = divide(wanted);
        StepLimits limits =
                wanted.withPositions(
                        groups.stream().mapToInt(KvGroup::longestSequence).min().orElseThrow());
        return new DeviceRunner(
                "cairn-" + engine,
                new BatchRules(
                        architecture.vocabularySize(),
                        limits,
                        groups,
                        RotaryTables.forms(architecture) > 1,
                        adapters),
                architecture.layers().size(),
                () -> machine(limits, groups),
                () -> describe(limits, groups),
                model::unload);
    }

    private List<KvGroup> divide(StepLimits limits) {
        List<KvGroup> groups =
                KvGroup.divide(
                        architecture, kvType, options.blockTokens(), limits, options.cacheBytes());
        if (groups.isEmpty()) {
            throw new ModelException(
                    "%s: a KV cache of %s holds not even one block of %d tokens of each layer group; it needs at least %s"
                            .formatted(
                                    model.defaultName(),
                                    MemoryPlan.text(options.cacheBytes()),
                                    options.blockTokens(),
                                    MemoryPlan.text(
                                            KvGroup.leastBytes(
                                                    architecture, kvType, options.blockTokens()))));
        }
        return groups;
    }

    /** On the owner's thread, now and whenever the runner wakes. */
    private RunnerMachine machine(StepLimits limits, List<KvGroup> groups) {
        model.requireUnchanged();
        Device device = opener.open();
        try {
            return machine(device, limits, groups);
        } catch (DeviceException failure) {
            device.close();
            throw new ModelException(
                    model.defaultName() + " cannot be loaded: " + failure.getMessage(), failure);
        } catch (RuntimeException | Error failure) {
            device.close();
            throw failure;
        }
    }

    private RunnerMachine machine(Device device, StepLimits limits, List<KvGroup> groups) {
        DeviceStream compute = device.stream(true);
        int widest =
                architecture.layers().stream()
                        .mapToInt(layer -> layer.attention().headSize())
                        .max()
                        .orElseThrow();
        Operations operations =
                device.operations(compute, new OperationShapes(limits.tokens(), widest));
        plan = MemoryPlan.of(architecture, catalogue, limits, groups, operations.partition());
        plan.check(model.defaultName(), catalogue, device.freeBytes());
        long[] pools = new long[groups.size()];
        for (int group = 0; group < pools.length; group++) {
            pools[group] = device.allocate(groups.get(group).poolBytes());
        }
        WeightUpload upload = new WeightUpload(device, catalogue, compute);
        PassBuilder builder =
                new PassBuilder(
                        catalogue,
                        upload,
                        operations,
                        groups,
                        pools,
                        new RotaryTables(device, upload, architecture, limits.positions()));
        List<LayerPass> layers = builder.layers();
        DeviceMatrix embedding = builder.embedding();
        Operations.Product output = builder.output(embedding);
        long outputNorm = builder.outputNorm();
        Activations rooms =
                Activations.allocate(device, architecture, limits, operations.partition());
        StepPlan steps =
                new StepPlan(
                        device,
                        limits,
                        groups,
                        builder.rowsPerTile(),
                        operations.partition(),
                        rooms.slots(),
                        adapters);
        SamplingPlan sampling =
                new SamplingPlan(
                        device,
                        compute,
                        device.stream(true),
                        operations,
                        architecture.vocabularySize(),
                        limits.logitRows(),
                        rooms.logits());
        family = operations.family();
        devices = operations.report();
        return new RunnerMachine(
                device,
                compute,
                device.event(),
                device.event(),
                pools,
                new ForwardPass(
                        architecture,
                        device,
                        compute,
                        operations,
                        rooms,
                        steps,
                        groups,
                        pools,
                        layers,
                        embedding,
                        outputNorm,
                        output,
                        new StepGraphs(device, compute, limits, operations.partition(), adapters)),
                sampling,
                new TransferSlots(
                        device, groups.stream().mapToLong(KvGroup::blockBytes).max().orElseThrow()),
                new AdapterRoom(device, rooms.adapterTable(), architecture.layers().size()));
    }

    private RunnerDescription describe(StepLimits limits, List<KvGroup> groups) {
        return new RunnerDescription(
                engine,
                report(limits, groups),
                model.fingerprint(),
                identity(),
                groups.stream().map(KvGroup::group).toList(),
                groups.stream().map(KvGroup::blocks).toList(),
                architecture.vocabularySize(),
                limits.positions(),
                limits.tokens(),
                limits.sequences(),
                limits.logitRows(),
                1,
                plan.weights(),
                plan.cache(),
                firstFormPositions());
    }

    private int firstFormPositions() {
        return architecture.layers().stream()
                .flatMap(layer -> layer.attention().rotary().beyond().stream())
                .mapToInt(RotaryEncoding.Beyond::positions)
                .min()
                .orElse(Integer.MAX_VALUE);
    }

    private ComputeIdentity identity() {
        String rotary =
                architecture.layers().stream()
                        .map(layer -> layer.attention().rotary().variant())
                        .distinct()
                        .collect(Collectors.joining("+"));
        return new ComputeIdentity(
                String.join(
                        "/",
                        engine,
                        family,
                        options.weightType()
                                .map(WeightType::label)
                                .orElse("stored-" + catalogue.label()),
                        kvType.label(),
                        rotary));
    }

    private String report(StepLimits limits, List<KvGroup> groups) {
        String pools =
                groups.stream()
                        .map(
                                group ->
                                        "%d tokens%s"
                                                .formatted(
                                                        (long) group.blocks() * group.blockTokens(),
                                                        group.window() == 0
                                                                ? ""
                                                                : " in a window of "
                                                                        + group.window()))
                        .collect(Collectors.joining(" + "));
        return "%s, weights %s %s, KV cache %s %s = %s, sequences up to %d"
                .formatted(
                        devices,
                        catalogue.label(),
                        MemoryPlan.text(plan.weights()),
                        kvType.label(),
                        MemoryPlan.text(plan.cache()),
                        pools,
                        limits.positions());
    }
}
