package dev.cairn.distribution.plugin;

import java.nio.file.Path;

/** Plugins as three strangers would write them, each with a Jackson of its own. */
final class SamplePlugins {

    private static final String JACKSON = "com.fasterxml.jackson.core.json.PackageVersion.VERSION";

    private SamplePlugins() {}

    /** An engine that says its vocabulary's token 3 to everything. */
    static PluginProject runner(Path folder) {
        return new PluginProject(folder)
                .bundlingJackson("1.9.1")
                .source("sample.runner.ParrotPlugin", PARROT_PLUGIN)
                .source("sample.runner.ParrotRunner", PARROT_RUNNER)
                .provider("sample.runner.ParrotPlugin");
    }

    /** A tier that forgets everything. */
    static PluginProject tier(Path folder) {
        return new PluginProject(folder)
                .bundlingJackson("2.0.2")
                .source("sample.tier.SievePlugin", TIER_PLUGIN)
                .provider("sample.tier.SievePlugin");
    }

    /** A policy that prefers the first. */
    static PluginProject policy(Path folder) {
        return new PluginProject(folder)
                .bundlingJackson("3.7.3")
                .source("sample.policy.FirstPlugin", POLICY_PLUGIN)
                .provider("sample.policy.FirstPlugin");
    }

    private static final String PARROT_PLUGIN =
            """
            package sample.runner;

            import dev.cairn.ports.engine.EngineAvailability;
            import dev.cairn.ports.engine.ModelRunner;
            import dev.cairn.ports.engine.ModelRunnerFactory;
            import dev.cairn.ports.engine.RunnerOptions;
            import dev.cairn.ports.model.ModelArtifact;
            import dev.cairn.ports.plugin.CairnPlugin;
            import dev.cairn.ports.plugin.PluginContext;
            import dev.cairn.ports.system.SettingDescription;
            import java.util.List;

            public final class ParrotPlugin implements CairnPlugin {
                @Override public String name() { return "parrot"; }

                @Override public List<SettingDescription> settings() {
                    return List.of(SettingDescription.of("cairn.engine.parrot.token",
                            SettingDescription.Type.INTEGER, "3", "Token that is said."));
                }

                @Override public List<ModelRunnerFactory> modelRunners(PluginContext context) {
                    int token = (int) context.settings().integer("cairn.engine.parrot.token").orElseThrow();
                    String report = "jackson " + %s + ", loader "
                            + Thread.currentThread().getContextClassLoader().getName();
                    return List.of(new ModelRunnerFactory() {
                        @Override public String name() { return "parrot"; }
                        @Override public EngineAvailability availability() {
                            return new EngineAvailability(true, -10, report);
                        }
                        @Override public ModelRunner create(ModelArtifact model, RunnerOptions options) {
                            return new ParrotRunner(model, options, token, report);
                        }
                    });
                }
            }
            """
                    .formatted(JACKSON);

    private static final String PARROT_RUNNER =
            """
            package sample.runner;

            import dev.cairn.ports.cache.ComputeIdentity;
            import dev.cairn.ports.cache.KvLayout;
            import dev.cairn.ports.cache.KvType;
            import dev.cairn.ports.cache.LayerGroup;
            import dev.cairn.ports.engine.BlockPort;
            import dev.cairn.ports.engine.ModelRunner;
            import dev.cairn.ports.engine.RunnerDescription;
            import dev.cairn.ports.engine.RunnerOptions;
            import dev.cairn.ports.engine.SamplingBatch;
            import dev.cairn.ports.engine.SamplingRow;
            import dev.cairn.ports.engine.StepBatch;
            import dev.cairn.ports.engine.StepHandle;
            import dev.cairn.ports.engine.StepResult;
            import dev.cairn.ports.engine.TokenChoice;
            import dev.cairn.ports.model.ModelArtifact;
            import dev.cairn.ports.system.Completion;
            import dev.cairn.ports.system.MemoryLease;
            import java.util.ArrayList;
            import java.util.List;

            final class ParrotRunner implements ModelRunner {
                private final RunnerDescription description;
                private final int token;

                ParrotRunner(ModelArtifact model, RunnerOptions options, int token, String report) {
                    this.token = token;
                    LayerGroup group = new LayerGroup(0, new LayerGroup.StateKind.FullAttention(), List.of(0),
                            new KvLayout(1, options.blockTokens(), 1, 1, KvType.FLOAT32));
                    int blocks = options.maxModelLength() * options.maxSequencesPerStep() / options.blockTokens() + 1;
                    description = new RunnerDescription("parrot", report, model.fingerprint(),
                            new ComputeIdentity("parrot/1"), List.of(group), List.of(blocks),
                            model.architecture().vocabularySize(), options.maxModelLength(),
                            options.maxTokensPerStep(), options.maxSequencesPerStep(),
                            options.maxTokensPerStep(), 1, 0, 0);
                }

                @Override public RunnerDescription description() { return description; }

                @Override public StepHandle launch(StepBatch batch) { return new StepHandle() { }; }

                @Override public void complete(StepHandle step, SamplingBatch sampling, Completion<StepResult> done) {
                    List<TokenChoice> rows = new ArrayList<>();
                    for (SamplingRow row : sampling.rows()) {
                        rows.add(row instanceof SamplingRow.Ignore ? null : TokenChoice.bare(token));
                    }
                    done.completed(new StepResult(rows, 1));
                }

                @Override public BlockPort blocks() {
                    return new BlockPort() {
                        @Override public void export(int group, int block, int firstLayer, int layers,
                                MemoryLease target, Completion<Void> done) { done.completed(null); }
                        @Override public void restore(int group, int block, int firstLayer, int layers,
                                MemoryLease source, Completion<Void> done) { done.completed(null); }
                    };
                }

                @Override public void close() { }
            }
            """;

    private static final String TIER_PLUGIN =
            """
            package sample.tier;

            import dev.cairn.ports.cache.BlockTier;
            import dev.cairn.ports.plugin.CairnPlugin;
            import dev.cairn.ports.plugin.Extension;
            import dev.cairn.ports.plugin.PluginContext;
            import java.util.List;

            public final class SievePlugin implements CairnPlugin {
                @Override public String name() { return "sieve"; }
                @Override public List<Extension<BlockTier>> blockTiers(PluginContext context) {
                    return List.of(new Extension<>("sieve-" + %s, () -> {
                        throw new IllegalStateException("nothing is kept here");
                    }));
                }
            }
            """
                    .formatted(JACKSON);

    private static final String POLICY_PLUGIN =
            """
            package sample.policy;

            import dev.cairn.ports.fleet.RoutingPolicy;
            import dev.cairn.ports.plugin.CairnPlugin;
            import dev.cairn.ports.plugin.PluginContext;
            import java.util.ArrayList;
            import java.util.List;

            public final class FirstPlugin implements CairnPlugin {
                @Override public String name() { return "first"; }
                @Override public List<RoutingPolicy> routingPolicies(PluginContext context) {
                    return List.of(new RoutingPolicy() {
                        @Override public String name() { return "first-" + %s; }
                        @Override public List<Score> score(RouteQuestion question, List<Candidate> candidates) {
                            List<Score> scores = new ArrayList<>();
                            for (int i = 0; i < candidates.size(); i++) {
                                scores.add(new Score(i, "place " + i));
                            }
                            return scores;
                        }
                    });
                }
            }
            """
                    .formatted(JACKSON);
}
