package dev.cairn.transport.node;

import dev.cairn.ports.request.AdapterChoice;
import dev.cairn.ports.request.BeamSearch;
import dev.cairn.ports.request.Booked;
import dev.cairn.ports.request.Continuation;
import dev.cairn.ports.request.Continuation.Begun;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.OutputFormat;
import dev.cairn.ports.request.PrefillPlace;
import dev.cairn.ports.request.SamplingParameters;
import dev.cairn.ports.request.StopConditions;
import dev.cairn.ports.system.JsonException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.telemetry.TraceContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Reads what {@link RequestWriter} wrote, in this version or another: members that are absent have
 * their defaults, those that are unknown are left alone.
 */
final class RequestReader {

    /** Answers of one request; each costs memory before anything is computed. */
    static final int MOST_CHOICES = 4096;

    /** Of a router. */
    static final int MOST_NAME = 256;

    private final Members head;
    private final Payload tokens;
    private final long now;

    private RequestReader(Members head, Payload tokens, long now) {
        this.head = head;
        this.tokens = tokens;
        this.now = now;
    }

    /**
     * @param nowNanos on the clock that the request's times are to be on
     * @throws ProtocolException if these bytes are no request
     */
    static GenerationRequest read(byte[] body, long nowNanos) throws ProtocolException {
        Payload payload = new Payload().over(body, 0, body.length);
        String text = payload.getText();
        try {
            JsonValue head = JsonReader.read(text, NodeProtocol.JSON_DEPTH);
            return new RequestReader(Members.of(head, "the head"), payload, nowNanos).request();
        } catch (JsonException malformed) {
            throw new ProtocolException("the head is no JSON: " + malformed.getMessage());
        } catch (IllegalArgumentException wrong) {
            throw new ProtocolException(wrong.getMessage());
        }
    }

    private GenerationRequest request() throws ProtocolException {
        int[] prompt = tokens.getInts(count(head, "prompt_tokens"));
        int choices = head.integer("choices", 1);
        if (choices > MOST_CHOICES) {
            throw new ProtocolException(choices + " choices are more than " + MOST_CHOICES);
        }
        StopConditions stop = stop(head.object("stop"));
        Optional<Long> remaining = head.number("remaining_nanos");
        return new GenerationRequest(
                head.text("id", ""),
                head.text("model", ""),
                prompt,
                choices,
                head.number("seed", 0),
                sampling(head.object("sampling")),
                stop,
                head.integers("allowed_token_ids"),
                head.integerLists("bad_words"),
                format(),
                beams(),
                head.integer("top_logprobs", -1),
                head.integer("prompt_logprobs", -1),
                head.text("tenant", ""),
                // Who is asked to work has been chosen: sessions are of routers alone.
                "",
                head.integer("priority", 0),
                remaining.isPresent()
                        ? OptionalLong.of(now + remaining.get())
                        : OptionalLong.empty(),
                now - head.number("waited_nanos", 0),
                new TraceContext(head.text("traceparent", ""), head.text("tracestate", "")),
                continuation(choices, stop.maxTokens()),
                place(),
                adapter(head.object("adapter")),
                booked(head.object("booked")));
    }

    /** Nothing is booked by who has no name. */
    private static Booked booked(Members booked) throws ProtocolException {
        String router = booked.text("router", "");
        if (router.length() > MOST_NAME) {
            throw new ProtocolException("a router's name is too long");
        }
        return new Booked(
                router,
                count(booked, "blocks"),
                count(booked, "tokens"),
                count(booked, "reader_tokens"));
    }

    private static AdapterChoice adapter(Members adapter) throws ProtocolException {
        return new AdapterChoice(adapter.text("name", ""), adapter.text("digest", ""));
    }

    private static int count(Members from, String name) throws ProtocolException {
        int count = from.integer(name, 0);
        if (count < 0) {
            throw new ProtocolException(name + " is " + count);
        }
        return count;
    }

    private static SamplingParameters sampling(Members sampling) throws ProtocolException {
        Map<Integer, Float> biases = new HashMap<>();
        for (Map.Entry<String, JsonValue> bias :
                sampling.object("logit_bias").object().members().entrySet()) {
            try {
                biases.put(
                        Integer.valueOf(bias.getKey()),
                        Members.decimal(bias.getValue(), "logit_bias"));
            } catch (NumberFormatException notAnId) {
                throw new ProtocolException("logit_bias names \"" + bias.getKey() + "\"");
            }
        }
        return new SamplingParameters(
                sampling.decimal("temperature", 1),
                sampling.decimal("top_p", 1),
                sampling.integer("top_k", 0),
                sampling.decimal("min_p", 0),
                sampling.decimal("presence_penalty", 0),
                sampling.decimal("frequency_penalty", 0),
                sampling.decimal("repetition_penalty", 1),
                biases);
    }

    private static StopConditions stop(Members stop) throws ProtocolException {
        List<String> strings = stop.texts("strings");
        if (strings.size() > StopConditions.MAX_STRINGS) {
            throw new ProtocolException(strings.size() + " stop strings");
        }
        int maxTokens = stop.integer("max_tokens", 16);
        if (maxTokens < 1) {
            throw new ProtocolException("max_tokens is " + maxTokens);
        }
        return new StopConditions(
                maxTokens,
                stop.integer("min_tokens", 0),
                strings,
                stop.integers("token_ids"),
                stop.integers("end_of_sequence_ids"),
                stop.flag("include_stop_string", false),
                stop.flag("skip_special_tokens", true));
    }

    private Optional<OutputFormat> format() throws ProtocolException {
        return head.has("format")
                ? Optional.of(FormatJson.read(head.object().member("format")))
                : Optional.empty();
    }

    private Optional<BeamSearch> beams() throws ProtocolException {
        if (!head.has("beams")) {
            return Optional.empty();
        }
        Members beams = head.object("beams");
        int width = beams.integer("width", 1);
        if (width < 1 || width > MOST_CHOICES) {
            throw new ProtocolException("a beam search of width " + width);
        }
        return Optional.of(
                new BeamSearch(
                        width,
                        beams.decimal("length_penalty", 1),
                        beams.flag("early_stopping", false)));
    }

    private Continuation continuation(int choices, int maxTokens) throws ProtocolException {
        if (!head.has("continuation")) {
            return Continuation.NONE;
        }
        Members continuation = head.object("continuation");
        List<Begun> begun = new ArrayList<>();
        Set<Integer> seen = new HashSet<>();
        for (JsonValue each : continuation.list("choices")) {
            Members one = Members.of(each, "a choice");
            int choice = one.integer("choice", 0);
            int count = count(one, "tokens");
            if (choice < 0 || choice >= choices || !seen.add(choice) || count > maxTokens) {
                throw new ProtocolException(
                        "choice %d is continued with %d tokens".formatted(choice, count));
            }
            begun.add(new Begun(choice, tokens.getInts(count), one.flag("has_ended", false)));
        }
        return new Continuation(continuation.flag("told", false), begun);
    }

    private Optional<PrefillPlace> place() throws ProtocolException {
        if (!head.has("prefill_at")) {
            return Optional.empty();
        }
        Members place = head.object("prefill_at");
        return Optional.of(new PrefillPlace(place.text("member", ""), place.text("address", "")));
    }
}
