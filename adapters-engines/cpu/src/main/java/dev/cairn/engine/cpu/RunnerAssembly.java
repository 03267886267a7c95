package dev.cairn.engine.cpu;

import dev.cairn.engine.cpu.kernel.Crew;
import dev.cairn.engine.cpu.kernel.KernelSelection;
import dev.cairn.engine.cpu.kernel.ParallelKernels;
import dev.cairn.engine.cpu.packed.PackedWriting;
import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.engine.LoadProgress;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.engine.RunnerOptions;
import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.RotaryEncoding;
import dev.cairn.ports.model.WeightType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Puts one runner together: plans and checks memory, packs weights, allocates pools. */
final class RunnerAssembly {

    private static final System.Logger LOG = System.getLogger(RunnerAssembly.class.getName());

    private static final long WORTH_TELLING = 200;

    private final ModelArtifact model;
    private final RunnerOptions options;
    private final CpuSettings settings;
    private final KernelSelection selection;
    private final LoadProgress progress;
    private final ModelArchitecture architecture;
    private final WeightCatalogue catalogue;
    private final KvType kvType;

    RunnerAssembly(
            ModelArtifact model,
            RunnerOptions options,
            CpuSettings settings,
            KernelSelection selection,
            LoadProgress progress) {
        this.model = model;
        this.options = options;
        this.settings = settings;
        this.selection = selection;
        this.progress = progress;
        architecture = model.architecture();
        catalogue = new WeightCatalogue(architecture, model.weights(), options.weightType());
        kvType = options.kvType().orElseGet(this::preferredKvType);
    }

    /** Keys and values are rounded no further than weights and activations are. */
    private KvType preferredKvType() {
        return switch (options.weightType().orElse(model.weights().dominantType())) {
            case FLOAT32, FLOAT16 -> KvType.FLOAT32;
            case BFLOAT16, Q8_0, Q4_0 -> KvType.BFLOAT16;
        };
    }

    CpuModelRunner assemble() {
        StepLimits wanted = StepLimits.of(architecture, options);
        List<KvGroup> groups = groups(wanted);
        int longest = groups.stream().mapToInt(KvGroup::longestSequence).min().orElseThrow();
        StepLimits limits = wanted.withPositions(longest);
        MemoryPlan plan = plan(limits, groups);
        checkMemory(plan);
        CpuAdapters adapters = new CpuAdapters(architecture);
        return new CpuModelRunner(
                describe(limits, groups, plan),
                () -> machine(limits, groups, plan, adapters),
                model::unload,
                new BatchRules(
                        architecture.vocabularySize(),
                        limits,
                        groups,
                        adapters,
                        firstFormPositions() < Integer.MAX_VALUE),
                groups,
                adapters);
    }

    private List<KvGroup> groups(StepLimits limits) {
        List<KvGroup> groups;
        try {
            groups =
                    KvGroup.divide(
                            architecture,
                            kvType,
                            options.blockTokens(),
                            limits,
                            options.cacheBytes());
        } catch (IllegalArgumentException unfit) {
            throw new ModelException(model.defaultName() + ": " + unfit.getMessage(), unfit);
        }
        if (groups.isEmpty()) {
            throw new ModelException(
                    "%s: a KV cache of %s holds not even one block of %d tokens; it needs at least %s"
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

    private MemoryPlan plan(StepLimits limits, List<KvGroup> groups) {
        return new MemoryPlan(
                catalogue.packedBytes(),
                groups.stream().mapToLong(group -> group.layout().poolBytes()).sum(),
                ForwardPass.bytes(architecture, limits) + RaggedStep.bytes(limits, groups));
    }

    private void checkMemory(MemoryPlan plan) {
        if (settings.checkMemory()) {
            MachineMemory.available()
                    .ifPresent(available -> plan.check(model.defaultName(), catalogue, available));
        }
    }

    /** Reads and packs the weights, now and whenever the runner wakes. */
    private RunnerMachine machine(
            StepLimits limits, List<KvGroup> groups, MemoryPlan plan, CpuAdapters adapters) {
        checkMemory(plan);
        model.requireUnchanged();
        OffHeap offHeap = new OffHeap();
        long begin = System.nanoTime();
        PackedImage image = PackedImage.of(catalogue, model.fingerprint());
        Crew crew = new Crew(settings.threads(), Crew.DEFAULT_SPIN_NANOS);
        try {
            ParallelKernels parallel = new ParallelKernels(selection.kernels(), crew);
            WeightMemory memory =
                    new WeightMemory(image, settings.packedWeights(), offHeap, parallel, progress);
            ModelWeights weights =
                    new WeightLoader(catalogue, memory, parallel, offHeap, progress).load();
            told(memory.packed(), begin);
            Optional<PackedWriting> writing = memory.keep();
            List<KvPool> pools = new ArrayList<>();
            for (KvGroup group : groups) {
                pools.add(KvPool.allocate(group, offHeap));
            }
            return new RunnerMachine(
                    crew,
                    offHeap,
                    List.copyOf(pools),
                    new RaggedStep(limits, groups, offHeap),
                    new ForwardPass(
                            architecture,
                            weights,
                            pools,
                            limits,
                            offHeap,
                            parallel,
                            new AdapterWork(adapters, architecture, limits, offHeap, parallel)),
                    new RowSampling(architecture.vocabularySize(), crew),
                    writing);
        } catch (RuntimeException | Error failure) {
            crew.close();
            offHeap.close();
            throw failure;
        }
    }

    private static void told(boolean before, long begin) {
        long millis = (System.nanoTime() - begin) / 1_000_000;
        if (before || millis >= WORTH_TELLING) {
            LOG.log(
                    System.Logger.Level.INFO,
                    "weights {0} in {1} ms",
                    before ? "read as they were packed before" : "packed",
                    Long.toString(millis));
        }
    }

    private RunnerDescription describe(StepLimits limits, List<KvGroup> groups, MemoryPlan plan) {
        return new RunnerDescription(
                CpuRunnerFactory.NAME,
                report(limits, groups, plan),
                model.fingerprint(),
                identity(),
                groups.stream().map(KvGroup::group).toList(),
                groups.stream().map(group -> group.layout().blocks()).toList(),
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

    /** Longest sequence whose positions enter by the first form of their encoding. */
    private int firstFormPositions() {
        List<Optional<RotaryEncoding.Beyond>> forms =
                architecture.layers().stream()
                        .map(layer -> layer.attention().rotary().beyond())
                        .distinct()
                        .toList();
        if (forms.size() > 1) {
            throw new ModelException(
                    model.defaultName()
                            + ": its layers differ in the length from which positions enter otherwise; that is not served");
        }
        return forms.getFirst().map(RotaryEncoding.Beyond::positions).orElse(Integer.MAX_VALUE);
    }

    private ComputeIdentity identity() {
        String rotary =
                architecture.layers().stream()
                        .map(layer -> layer.attention().rotary().variant())
                        .distinct()
                        .collect(Collectors.joining("+"));
        String kernels = selection.kernels().name().replace(' ', '-');
        return new ComputeIdentity(
                String.join(
                        "/",
                        CpuRunnerFactory.NAME,
                        kernels,
                        options.weightType()
                                .map(WeightType::label)
                                .orElseGet(() -> "stored-" + catalogue.label()),
                        kvType.label(),
                        rotary));
    }

    private String report(StepLimits limits, List<KvGroup> groups, MemoryPlan plan) {
        String pools =
                groups.stream()
                        .map(
                                group ->
                                        "%d tokens%s"
                                                .formatted(
                                                        (long) group.layout().blocks()
                                                                * group.layout().blockTokens(),
                                                        group.window() == 0
                                                                ? ""
                                                                : " in a window of "
                                                                        + group.window()))
                        .collect(Collectors.joining(" + "));
        int asked = Math.min(architecture.maxPositions(), options.maxModelLength());
        return "kernels %s (%s), %s, weights %s %s, KV cache %s %s = %s, sequences up to %d%s"
                .formatted(
                        selection.kernels().name(),
                        selection.reason(),
                        CpuRunnerFactory.threads(settings.threads()),
                        catalogue.label(),
                        MemoryPlan.text(plan.weights()),
                        kvType.label(),
                        MemoryPlan.text(plan.cache()),
                        pools,
                        limits.positions(),
                        limits.positions() < asked
                                ? " (of " + asked + ": the KV cache holds no more)"
                                : "");
    }
}
