package dev.cairn.distribution.wiring;

import dev.cairn.ports.engine.Sleeper;
import dev.cairn.ports.fleet.RoutingControl;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.request.AccountRules;
import dev.cairn.ports.request.AdapterService;
import dev.cairn.ports.request.CacheService;
import dev.cairn.ports.request.GenerationCall;
import dev.cairn.ports.request.InferenceService;
import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.request.ScoreCall;
import dev.cairn.ports.request.WorkerService;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.Timers;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The use cases of a server that loads its models: until they are there, requests are refused with
 * the hint to come again. Threads: any.
 */
final class ServiceToCome implements InferenceService {

    private static final String LOADING = "the models are being loaded";
    private static final long SOON_MILLIS = 1000;

    private volatile InferenceService service;
    private Map<String, AccountRules> rules = Map.of();

    /** From now on it is there. */
    synchronized void come(InferenceService inference) {
        inference.accounts(rules);
        service = inference;
    }

    private InferenceService service() {
        InferenceService there = service;
        if (there == null) {
            throw new RequestRefused(
                    new RequestProblem(
                            Category.UNAVAILABLE,
                            LOADING + "; try again in a second",
                            Optional.empty(),
                            "not_ready",
                            OptionalLong.of(SOON_MILLIS)));
        }
        return there;
    }

    private Optional<InferenceService> there() {
        return Optional.ofNullable(service);
    }

    @Override
    public List<ServedModel> models() {
        return there().map(InferenceService::models).orElse(List.of());
    }

    @Override
    public Timers.Cancellation generate(GenerationCall call, AnswerListener events) {
        return service().generate(call, events);
    }

    @Override
    public Tokenization tokenize(String model, Prompt prompt) {
        return service().tokenize(model, prompt);
    }

    @Override
    public String detokenize(String model, int[] ids) {
        return service().detokenize(model, ids);
    }

    @Override
    public void embed(
            String tenant,
            String model,
            List<Prompt> inputs,
            int dimensions,
            Completion<Embeddings> done) {
        service().embed(tenant, model, inputs, dimensions, done);
    }

    @Override
    public void score(ScoreCall call, Completion<Scores> done) {
        service().score(call, done);
    }

    @Override
    public synchronized void accounts(Map<String, AccountRules> news) {
        rules = news;
        there().ifPresent(each -> each.accounts(news));
    }

    @Override
    public boolean mayUse(String tenant, String model) {
        return service().mayUse(tenant, model);
    }

    @Override
    public Optional<String> unreadyBecause() {
        return service == null ? Optional.of(LOADING) : service.unreadyBecause();
    }

    @Override
    public Optional<Sleeper> sleeper() {
        return there().flatMap(InferenceService::sleeper);
    }

    @Override
    public Optional<CacheService> cache() {
        return there().flatMap(InferenceService::cache);
    }

    @Override
    public Optional<AdapterService> adapters() {
        return there().flatMap(InferenceService::adapters);
    }

    @Override
    public Optional<RoutingControl> routing() {
        return there().flatMap(InferenceService::routing);
    }

    @Override
    public Optional<WorkerService> worker() {
        return there().flatMap(InferenceService::worker);
    }

    @Override
    public void explain(String request, Completion<Optional<JsonObject>> done) {
        service().explain(request, done);
    }

    @Override
    public Optional<TextCodec> codec(String model) {
        return there().flatMap(each -> each.codec(model));
    }
}
