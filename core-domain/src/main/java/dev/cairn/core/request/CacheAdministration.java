package dev.cairn.core.request;

import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockTally;
import dev.cairn.ports.cache.CacheControl;
import dev.cairn.ports.cache.CacheStatus;
import dev.cairn.ports.cache.ClearOrder;
import dev.cairn.ports.cache.PinLabel;
import dev.cairn.ports.cache.PromptBlocks;
import dev.cairn.ports.cache.PromptBlocks.PlacedBlock;
import dev.cairn.ports.request.CacheService;
import dev.cairn.ports.request.CachedPrompt;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The caches of all models, as an administrator asks for them. Threads: any; immutable. */
final class CacheAdministration implements CacheService {

    private final ModelRegistry models;
    private final Supplier<Optional<CacheFleet>> fleet;

    CacheAdministration(ModelRegistry models, Supplier<Optional<CacheFleet>> fleet) {
        this.models = models;
        this.fleet = fleet;
    }

    @Override
    public void status(Completion<CacheStatus> done) {
        Gathering.of(models.caches(), CacheControl::status, CacheStatuses::merged, done);
    }

    @Override
    public void lookup(CachedPrompt prompt, Completion<PromptBlocks> done) {
        Asked asked = asked(prompt);
        asked.cache.lookup(asked.ids, prompt.tenant(), done);
    }

    @Override
    public void pin(
            CachedPrompt prompt,
            Optional<String> tier,
            boolean pinned,
            Completion<BlockTally> done) {
        Asked asked = asked(prompt);
        asked.cache.pin(asked.ids, prompt.tenant(), tier, pinned, done);
    }

    @Override
    public void pinAs(
            PinLabel label,
            CachedPrompt prompt,
            Optional<String> tier,
            Completion<BlockTally> done) {
        Asked asked = asked(prompt);
        asked.cache.pinAs(label, asked.ids, prompt.tenant(), tier, done);
    }

    @Override
    public void unpin(String name, String tenant, Completion<BlockTally> done) {
        Gathering.of(
                models.caches(),
                (cache, each) -> cache.unpin(name, tenant, each),
                CacheStatuses::tallied,
                done);
    }

    @Override
    public void move(CachedPrompt prompt, String from, String to, Completion<BlockTally> done) {
        Asked asked = asked(prompt);
        if (to.startsWith(PEER)) {
            CacheFleet others = others("to");
            String member = to.substring(PEER.length());
            asked.cache.lookup(
                    asked.ids,
                    prompt.tenant(),
                    Gathering.then(done, blocks -> move(blocks, member, others, done)));
        } else {
            asked.cache.move(asked.ids, prompt.tenant(), from, to, done);
        }
    }

    private static void move(
            PromptBlocks prompt, String member, CacheFleet others, Completion<BlockTally> done) {
        Set<BlockKey> here =
                prompt.blocks().stream()
                        .filter(CacheAdministration::isInTier)
                        .map(PlacedBlock::key)
                        .collect(Collectors.toSet());
        int blocks = prompt.blocks().size();
        others.move(
                here,
                member,
                Gathering.then(
                        done,
                        moved ->
                                done.completed(
                                        new BlockTally(
                                                blocks,
                                                moved.size(),
                                                blocks - here.size(),
                                                here.size() - moved.size()))));
    }

    private static boolean isInTier(PlacedBlock block) {
        return block.places().stream()
                .anyMatch(place -> !place.equals(CacheControl.DEVICE) && !place.startsWith(PEER));
    }

    @Override
    public void clear(
            Optional<String> model, ClearOrder order, Completion<Map<String, Integer>> done) {
        List<CacheControl> caches =
                model.isEmpty() ? models.caches() : List.of(cache(models.generation(model.get())));
        Gathering.of(
                caches, (cache, each) -> cache.clear(order, each), CacheStatuses::summed, done);
    }

    @Override
    public void drain(Duration atMost, Completion<JsonObject> done) {
        others("drain").drain(atMost, done);
    }

    private CacheFleet others(String field) {
        return fleet.get()
                .orElseThrow(
                        () ->
                                new RequestRefused(
                                        RequestProblem.invalid(
                                                field,
                                                field
                                                        + ": this server has no peers; start it"
                                                        + " with --cluster-port and --join")));
    }

    /**
     * The prompt in ids, and the cache that it concerns.
     *
     * @throws RequestRefused if there is no such model, or the prompt does not fit it
     */
    private Asked asked(CachedPrompt prompt) {
        Served.Generation model = models.generation(prompt.model());
        String field = PromptEncoder.field(prompt.prompt());
        int longest = model.description().maxModelLength();
        int[] ids = PromptEncoder.encode(model.codec(), prompt.prompt(), field, longest);
        if (ids.length == 0) {
            throw Field.refused(field, field + " must have at least one token");
        }
        if (ids.length > longest) {
            throw PromptEncoder.tooLong(
                    field,
                    "this model's maximum context length is %d tokens, but %s has %d; shorten it"
                            .formatted(longest, field, ids.length));
        }
        for (int id : ids) {
            Field.tokenId(field, id, model.vocabularySize());
        }
        return new Asked(cache(model), ids);
    }

    private static CacheControl cache(Served.Generation model) {
        return model.backend()
                .cache()
                .orElseThrow(
                        () ->
                                new RequestRefused(
                                        RequestProblem.of(
                                                Category.NOT_SERVED,
                                                "not_served",
                                                "the engine of this model keeps its cache to"
                                                        + " itself")));
    }

    private record Asked(CacheControl cache, int[] ids) {}
}
