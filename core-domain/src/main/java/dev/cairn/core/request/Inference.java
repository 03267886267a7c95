package dev.cairn.core.request;

import dev.cairn.core.parts.AnswerPlan;
import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.engine.Sleeper;
import dev.cairn.ports.fleet.RoutingControl;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.request.AccountRules;
import dev.cairn.ports.request.AdapterChoice;
import dev.cairn.ports.request.AdapterService;
import dev.cairn.ports.request.CacheService;
import dev.cairn.ports.request.Continuation;
import dev.cairn.ports.request.GenerationCall;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.InferenceService;
import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.request.SamplingParameters;
import dev.cairn.ports.request.ScoreCall;
import dev.cairn.ports.request.StopConditions;
import dev.cairn.ports.request.WorkerService;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.RandomSource;
import dev.cairn.ports.system.Timers;
import dev.cairn.ports.telemetry.Telemetry;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The use cases of Cairn: from what a client asked to what a backend serves, and back to text.
 *
 * <p>Assembled from the outside in:
 *
 * <pre>
 * var backend = new ScheduledBackend(name, model, runner, codec, grammars, settings, driver, telemetry, steps, CacheListener.NONE);
 * var inference = new Inference(
 *     List.of(new Served.Generation(description, codec, grammars, vocabularySize, defaults, backend)),
 *     RequestLimits.USUAL, clock, random, telemetry);
 * </pre>
 *
 * <p>Threads: any. Validation, rendering and encoding run on the caller's thread, detokenization on
 * the backend's.
 */
public final class Inference implements InferenceService {

    private static final System.Logger LOG = System.getLogger(Inference.class.getName());

    private final ModelRegistry models;
    private final RequestLimits limits;
    private final Clock clock;
    private final RandomSource random;
    private final Telemetry telemetry;
    private final Embedder embedder;
    private final Scorer scorer;
    private final Accounts accounts;
    private final boolean wakeOnRequest;
    private final AtomicInteger live = new AtomicInteger();

    private volatile boolean draining;
    private volatile CacheFleet fleet;
    private volatile AdapterShelf shelf;
    private volatile RoutingControl routing;
    private volatile WorkerService worker;

    /**
     * @param models in the order in which clients see them; the first is the default
     * @throws IllegalArgumentException if two models have one name
     */
    public Inference(
            List<Served> models,
            RequestLimits limits,
            Clock clock,
            RandomSource random,
            Telemetry telemetry) {
        this(models, limits, clock, random, telemetry, false);
    }

    /**
     * @param models in the order in which clients see them; the first is the default
     * @param wakeOnRequest whether a request wakes an engine that sleeps, instead of being refused
     * @throws IllegalArgumentException if two models have one name
     */
    public Inference(
            List<Served> models,
            RequestLimits limits,
            Clock clock,
            RandomSource random,
            Telemetry telemetry,
            boolean wakeOnRequest) {
        this.wakeOnRequest = wakeOnRequest;
        this.models = new ModelRegistry(models);
        this.limits = limits;
        this.clock = clock;
        this.random = random;
        this.telemetry = telemetry;
        this.accounts = new Accounts(clock, telemetry);
        EncoderGate gate = new EncoderGate(limits.maxEmbeddingsInFlight(), accounts);
        this.embedder = new Embedder(limits.maxEmbeddingInputs(), gate);
        this.scorer = new Scorer(limits.maxEmbeddingInputs(), gate);
    }

    /** Refuses new requests from now on; those that run go on. */
    public void drain() {
        draining = true;
    }

    /** Generations that were begun and have not ended. */
    public int liveRequests() {
        return live.get();
    }

    @Override
    public List<ServedModel> models() {
        if (shelf == null) {
            return models.descriptions();
        }
        List<ServedModel> all = new ArrayList<>(models.descriptions());
        all.addAll(shelf.descriptions());
        return all;
    }

    /**
     * From now on clients may ask for a model's adapters.
     *
     * @throws IllegalArgumentException if that model is not served here
     */
    public void serve(AdapterShelf adapters) {
        if (models.find(adapters.base()).isEmpty()) {
            throw new IllegalArgumentException(adapters.base() + " is not served");
        }
        shelf = adapters;
    }

    @Override
    public Optional<AdapterService> adapters() {
        return Optional.ofNullable(shelf);
    }

    private AdapterChoice adapter(String name) {
        return shelf == null ? AdapterChoice.NONE : shelf.choice(name);
    }

    /** The model itself, or the one that is adapted. */
    private String modelOf(String name) {
        return adapter(name).isPresent() ? shelf.base() : name;
    }

    @Override
    public Timers.Cancellation generate(GenerationCall call, AnswerListener events) {
        refuseWhileDraining();
        AdapterChoice adapter = adapter(call.model());
        Served.Generation model =
                models.generation(adapter.isPresent() ? shelf.base() : call.model());
        accounts.demandModel(
                call.tenant(), adapter.isPresent() ? adapter.name() : model.description().name());
        AnswerTrace trace = new AnswerTrace(call, model.description().name(), telemetry);
        Resolved resolved;
        try {
            resolved = resolve(call, model, trace);
            accounts.admit(call.tenant(), resolved.request().prompt().length);
        } catch (RequestRefused e) {
            trace.failed(e.problem());
            throw e;
        }
        GenerationRequest request = resolved.request().with(adapter);
        trace.asked(request);
        live.incrementAndGet();
        Answer answer =
                new Answer(
                        request,
                        model.codec(),
                        resolved.plan(),
                        model.style().marks(),
                        startsText(call.prompt()),
                        events,
                        trace,
                        tokens -> {
                            accounts.charge(call.tenant(), tokens);
                            live.decrementAndGet();
                        });
        if (wakeOnRequest) {
            model.backend().sleeper().filter(Sleeper::isAsleep).ifPresent(Inference::wake);
        }
        answer.abortWith(model.backend().generate(request, answer));
        return answer::cancel;
    }

    @Override
    public Tokenization tokenize(String model, Prompt prompt) {
        Served served = models.get(modelOf(model));
        int[] ids = PromptEncoder.encode(served.codec(), prompt);
        List<String> names = new ArrayList<>(ids.length);
        for (int id : ids) {
            Field.tokenId(PromptEncoder.field(prompt), id, served.codec().vocabularySize());
            names.add(served.codec().tokenName(id));
        }
        return new Tokenization(ids, names, served.description().maxModelLength());
    }

    @Override
    public String detokenize(String model, int[] ids) {
        TextCodec codec = models.get(modelOf(model)).codec();
        for (int id : ids) {
            Field.tokenId("tokens", id, codec.vocabularySize());
        }
        return codec.decode(ids, false);
    }

    @Override
    public void embed(
            String tenant,
            String model,
            List<Prompt> inputs,
            int dimensions,
            Completion<Embeddings> done) {
        refuseWhileDraining();
        Served.Embedding served = models.embedding(model);
        accounts.demandModel(tenant, served.description().name());
        embedder.embed(tenant, served, inputs, dimensions, done);
    }

    @Override
    public void score(ScoreCall call, Completion<Scores> done) {
        refuseWhileDraining();
        Served served = models.get(call.model());
        accounts.demandModel(call.tenant(), served.description().name());
        switch (served) {
            case Served.Score model -> scorer.score(call, model, done);
            case Served.Embedding model -> scorer.score(call, model, done);
            case Served.Generation model -> throw ModelRegistry.cannot(model, "score text");
        }
    }

    /** Whether that fails is told to the requests that wait for it. */
    private static void wake(Sleeper sleeper) {
        sleeper.wake(
                new Completion<>() {
                    @Override
                    public void completed(Void nothing) {}

                    @Override
                    public void failed(Throwable failure) {
                        LOG.log(System.Logger.Level.WARNING, failure.getMessage());
                    }
                });
    }

    @Override
    public void accounts(Map<String, AccountRules> rules) {
        accounts.rules(rules);
    }

    @Override
    public boolean mayUse(String tenant, String model) {
        return accounts.mayUse(tenant, model);
    }

    @Override
    public Optional<CacheService> cache() {
        return Optional.of(new CacheAdministration(models, () -> Optional.ofNullable(fleet)));
    }

    @Override
    public void explain(String request, Completion<Optional<JsonObject>> done) {
        explain(models.backends().iterator(), request, done);
    }

    /** One model after the other, until one knows. */
    private static void explain(
            Iterator<GenerationBackend> rest,
            String request,
            Completion<Optional<JsonObject>> done) {
        if (!rest.hasNext()) {
            done.completed(Optional.empty());
            return;
        }
        rest.next()
                .explain(
                        request,
                        new Completion<>() {
                            @Override
                            public void completed(Optional<JsonObject> story) {
                                if (story.isPresent()) {
                                    done.completed(story);
                                } else {
                                    explain(rest, request, done);
                                }
                            }

                            @Override
                            public void failed(Throwable failure) {
                                done.failed(failure);
                            }
                        });
    }

    /** From now on other members take part in what is asked of the caches. */
    public void join(CacheFleet others) {
        fleet = others;
    }

    /** From now on this is how routing is administered. */
    public void routedBy(RoutingControl control) {
        routing = control;
    }

    @Override
    public Optional<RoutingControl> routing() {
        return Optional.ofNullable(routing);
    }

    /** From now on an operator may change what this worker does. */
    public void join(WorkerService duties) {
        worker = duties;
    }

    @Override
    public Optional<WorkerService> worker() {
        return Optional.ofNullable(worker);
    }

    @Override
    public Optional<Sleeper> sleeper() {
        return Optional.of(new Sleepers(models.sleepers()));
    }

    @Override
    public Optional<String> unreadyBecause() {
        if (draining) {
            return Optional.of("the server is shutting down");
        }
        if (!wakeOnRequest && sleeper().filter(Sleeper::isAsleep).isPresent()) {
            return Optional.of("the engine sleeps; wake it by POST /wake_up");
        }
        return models.descriptions().isEmpty()
                ? Optional.of("no model is loaded")
                : models.unreadyBecause();
    }

    @Override
    public Optional<TextCodec> codec(String model) {
        return models.find(modelOf(model)).map(Served::codec);
    }

    private Resolved resolve(GenerationCall call, Served.Generation model, AnswerTrace trace) {
        Field.within("n", call.choices(), 1, limits.maxChoices());
        int vocabulary = model.vocabularySize();
        SamplingParameters sampling =
                BeamResolution.sampling(
                        call, SamplingResolution.resolve(call, model.defaults(), vocabulary));
        BeamResolution.check(call, limits);
        boolean chat = call.prompt() instanceof Prompt.Chat;
        int top = logprobs(chat ? "top_logprobs" : "logprobs", call.topLogprobs());
        int promptTop = logprobs("prompt_logprobs", call.promptLogprobs());
        List<Integer> allowed = allowed(call, vocabulary);
        List<List<Integer>> badWords = BadWords.encode(call.badWords(), model.codec(), limits);
        int length = model.description().maxModelLength();
        int[] prompt = PromptEncoder.promptOf(call, model.codec(), vocabulary, length);
        StopConditions stop = StopResolution.resolve(call, model, length - prompt.length, limits);
        AnswerPlan plan = FormatResolution.plan(call, model, prompt, stop, length - prompt.length);
        long now = clock.nanos();
        return new Resolved(
                new GenerationRequest(
                        call.id(),
                        model.description().name(),
                        prompt,
                        call.choices(),
                        call.seed().isPresent() ? call.seed().getAsLong() : random.nextLong(),
                        sampling,
                        stop,
                        allowed,
                        badWords,
                        plan.format(),
                        call.beams(),
                        top,
                        promptTop,
                        call.tenant(),
                        call.session(),
                        accounts.priority(call.tenant(), call.priority()),
                        deadline(call, now),
                        now,
                        trace.context(),
                        Continuation.NONE,
                        Optional.empty()),
                plan);
    }

    /**
     * A call, validated.
     *
     * @param plan what parts its answers have
     */
    private record Resolved(GenerationRequest request, AnswerPlan plan) {}

    private static OptionalLong deadline(GenerationCall call, long now) {
        return call.timeoutMillis().isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(
                        now + TimeUnit.MILLISECONDS.toNanos(call.timeoutMillis().getAsLong()));
    }

    private int logprobs(String field, OptionalInt wanted) {
        if (wanted.isEmpty()) {
            return -1;
        }
        Field.within(field, wanted.getAsInt(), 0, limits.maxLogprobs());
        return wanted.getAsInt();
    }

    private static List<Integer> allowed(GenerationCall call, int vocabulary) {
        if (call.allowedTokenIds().isEmpty()) {
            return List.of();
        }
        List<Integer> ids = call.allowedTokenIds().get();
        if (ids.isEmpty()) {
            throw Field.refused(
                    "allowed_token_ids", "allowed_token_ids must name at least one token");
        }
        for (int id : ids) {
            Field.tokenId("allowed_token_ids", id, vocabulary);
        }
        return ids;
    }

    /** An answer to a conversation is a text of its own; a completion goes on with the prompt's. */
    private static boolean startsText(Prompt prompt) {
        return prompt instanceof Prompt.Chat(var conversation, var _)
                && !conversation.continueFinalMessage();
    }

    private void refuseWhileDraining() {
        if (draining) {
            throw new RequestRefused(
                    RequestProblem.of(
                            Category.UNAVAILABLE,
                            "shutting_down",
                            "the server is shutting down and takes no new requests"));
        }
    }
}
