package dev.cairn.transport.http;

import dev.cairn.ports.cache.BlockTally;
import dev.cairn.ports.cache.CacheControl;
import dev.cairn.ports.cache.CacheStatus;
import dev.cairn.ports.cache.ClearOrder;
import dev.cairn.ports.cache.PinLabel;
import dev.cairn.ports.request.CacheService;
import dev.cairn.ports.request.CachedPrompt;
import dev.cairn.ports.request.InferenceService;
import dev.cairn.ports.request.InferenceService.ServedModel;
import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * The verbs under {@code /v1/cairn/cache}. A field that a verb does not know is refused: a slip
 * must not clear more than was meant. Immutable.
 *
 * @param epochMillis for the age of blocks
 */
record CacheEndpoints(
        InferenceService service,
        LiveRequests live,
        Conversations conversations,
        LongSupplier epochMillis) {

    /** A hundred years. */
    private static final long OLDEST_SECONDS = 3_155_760_000L;

    private static final int LONGEST_DRAIN_SECONDS = 3_600;

    private static final String NAME = "name";
    private static final String TTL = "ttl_seconds";

    void status(Exchange exchange) {
        CacheStatus status = Awaited.get(live, cache()::status);
        exchange.reply(CacheReport.of(status, exchange.caller().tenant()));
    }

    void lookup(Exchange exchange) {
        Fields fields = Fields.of(exchange.body());
        CachedPrompt prompt = prompt(fields, exchange);
        checkRead(fields);
        exchange.reply(CacheReport.of(Awaited.get(live, done -> cache().lookup(prompt, done))));
    }

    void pin(Exchange exchange) {
        Fields fields = Fields.of(exchange.body());
        CachedPrompt prompt = prompt(fields, exchange);
        Optional<String> tier = fields.text("tier");
        Optional<PinLabel> label = label(fields);
        checkRead(fields);
        BlockTally tally =
                label.isPresent()
                        ? Awaited.get(live, done -> cache().pinAs(label.get(), prompt, tier, done))
                        : Awaited.get(live, done -> cache().pin(prompt, tier, true, done));
        exchange.reply(CacheReport.of("pinned", tally));
    }

    void unpin(Exchange exchange) {
        Fields fields = Fields.of(exchange.body());
        BlockTally tally =
                fields.has(NAME) ? unpinned(fields, exchange) : unpinnedPrompt(fields, exchange);
        exchange.reply(CacheReport.of("unpinned", tally));
    }

    private BlockTally unpinned(Fields fields, Exchange exchange) {
        String name = pinName(fields);
        String tenant =
                CallFields.salted(
                        fields, fields.text("tenant").orElseGet(() -> exchange.caller().tenant()));
        checkRead(fields);
        return Awaited.get(live, done -> cache().unpin(name, tenant, done));
    }

    private BlockTally unpinnedPrompt(Fields fields, Exchange exchange) {
        CachedPrompt prompt = prompt(fields, exchange);
        Optional<String> tier = fields.text("tier");
        checkRead(fields);
        return Awaited.get(live, done -> cache().pin(prompt, tier, false, done));
    }

    private static Optional<PinLabel> label(Fields fields) {
        OptionalLong seconds = fields.longInteger(TTL);
        if (!fields.has(NAME)) {
            if (seconds.isPresent()) {
                throw fields.invalid(TTL, "belongs to a pin with a name; set name too");
            }
            return Optional.empty();
        }
        long longest = PinLabel.LONGEST.toSeconds();
        if (seconds.isPresent() && (seconds.getAsLong() < 1 || seconds.getAsLong() > longest)) {
            throw fields.invalid(
                    TTL, "must be from 1 to %d, got %d".formatted(longest, seconds.getAsLong()));
        }
        Optional<Duration> atMost =
                seconds.isPresent()
                        ? Optional.of(Duration.ofSeconds(seconds.getAsLong()))
                        : Optional.empty();
        return Optional.of(new PinLabel(pinName(fields), atMost));
    }

    private static String pinName(Fields fields) {
        String name = fields.text(NAME).orElse("");
        if (!PinLabel.isName(name)) {
            throw fields.invalid(
                    NAME, "must be 1 to 64 letters, digits, dots, dashes and underscores");
        }
        return name;
    }

    void move(Exchange exchange) {
        Fields fields = Fields.of(exchange.body());
        CachedPrompt prompt = prompt(fields, exchange);
        String from = required(fields, "from");
        String to = required(fields, "to");
        checkRead(fields);
        exchange.reply(
                CacheReport.of(
                        "moved", Awaited.get(live, done -> cache().move(prompt, from, to, done))));
    }

    void clear(Exchange exchange) {
        Fields fields = Fields.of(exchange.body());
        Optional<String> model = fields.text("model");
        Optional<String> tenant = fields.text("tenant");
        OptionalLong age = fields.longInteger("older_than_seconds");
        Set<String> places = Set.copyOf(fields.texts("tiers").orElse(List.of()));
        boolean all = fields.flag("all", false);
        checkRead(fields);
        boolean chosen =
                model.isPresent() || tenant.isPresent() || age.isPresent() || !places.isEmpty();
        if (all == chosen) {
            throw fields.invalid(
                    "all",
                    "say what to clear by model, tenant, older_than_seconds or tiers, or set all"
                            + " to true and none of these");
        }
        OptionalLong before = OptionalLong.empty();
        if (age.isPresent()) {
            if (age.getAsLong() < 0 || age.getAsLong() > OLDEST_SECONDS) {
                throw fields.invalid(
                        "older_than_seconds",
                        "must be from 0 to " + OLDEST_SECONDS + ", got " + age.getAsLong());
            }
            if (places.contains(CacheControl.DEVICE)) {
                throw fields.invalid(
                        "older_than_seconds",
                        "the device does not know how old its blocks are; leave it out of tiers,"
                                + " or the age");
            }
            before = OptionalLong.of(epochMillis.getAsLong() - 1_000 * age.getAsLong());
        }
        var order = new ClearOrder(model.isPresent(), tenant, before, places);
        Map<String, Integer> cleared = Awaited.get(live, done -> cache().clear(model, order, done));
        exchange.reply(CacheReport.cleared(cleared));
    }

    void drain(Exchange exchange) {
        Fields fields = Fields.of(exchange.body());
        int seconds = fields.integer("seconds").orElse(60);
        checkRead(fields);
        if (seconds < 1 || seconds > LONGEST_DRAIN_SECONDS) {
            throw fields.invalid(
                    "seconds", "must be from 1 to " + LONGEST_DRAIN_SECONDS + ", got " + seconds);
        }
        exchange.reply(Awaited.get(live, done -> cache().drain(Duration.ofSeconds(seconds), done)));
    }

    private CacheService cache() {
        return service.cache()
                .orElseThrow(
                        () ->
                                new RequestRefused(
                                        RequestProblem.of(
                                                Category.NOT_SERVED,
                                                "not_served",
                                                "nothing here has a cache")));
    }

    /** Whose prompt it is: the tenant that is named, or who asks; with a salt, if it has one. */
    private CachedPrompt prompt(Fields fields, Exchange exchange) {
        String tenant = fields.text("tenant").orElseGet(() -> exchange.caller().tenant());
        Prompt prompt = promptOf(fields);
        return new CachedPrompt(
                CallFields.model(fields, service.models(), ServedModel.Kind.GENERATION),
                prompt,
                CallFields.salted(fields, tenant));
    }

    private Prompt promptOf(Fields fields) {
        if (fields.has("messages")) {
            return new Prompt.Chat(
                    conversations.read(fields), fields.flag("add_special_tokens", false));
        }
        if (!fields.has("prompt")) {
            throw fields.invalid("prompt", "is required, or else messages");
        }
        List<Prompt> prompts =
                Prompts.read(fields, "prompt", fields.flag("add_special_tokens", true));
        if (prompts.size() != 1) {
            throw fields.invalid("prompt", "must be one prompt, got " + prompts.size());
        }
        return prompts.getFirst();
    }

    private static String required(Fields fields, String name) {
        return fields.text(name)
                .orElseThrow(() -> fields.invalid(name, "is required: the name of a tier"));
    }

    private static void checkRead(Fields fields) {
        fields.unread().stream()
                .findFirst()
                .ifPresent(
                        name -> {
                            String shown = Echo.of(name);
                            throw fields.invalid(shown, "this verb has no such field");
                        });
    }
}
