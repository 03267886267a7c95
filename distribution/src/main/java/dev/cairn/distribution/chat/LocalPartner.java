package dev.cairn.distribution.chat;

import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.request.AnswerEvent;
import dev.cairn.ports.request.AnswerShape;
import dev.cairn.ports.request.GenerationCall;
import dev.cairn.ports.request.InferenceService;
import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.Timers;
import dev.cairn.ports.telemetry.TraceContext;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/** A model in this process. */
public final class LocalPartner implements ChatPartner {

    private static final Timers.Cancellation NOTHING = () -> {};

    private final InferenceService service;
    private final ChatOptions options;
    private volatile Timers.Cancellation running = NOTHING;
    private volatile boolean aborted;

    public LocalPartner(InferenceService service, ChatOptions options) {
        this.service = service;
        this.options = options;
    }

    @Override
    public String model() {
        return service.models().getFirst().name();
    }

    @Override
    public void answer(List<JsonObject> messages, Consumer<String> text) {
        LinkedBlockingQueue<AnswerEvent> events = new LinkedBlockingQueue<>();
        aborted = false;
        try {
            running = service.generate(call(messages), events::add);
            while (!ended(events.take(), text)) {
                // The queue is emptied until the last event.
            }
        } catch (RequestRefused refused) {
            throw new ChatException(refused.problem().message(), refused);
        } catch (InterruptedException stopped) {
            running.cancel();
            Thread.currentThread().interrupt();
        } finally {
            running = NOTHING;
        }
    }

    @Override
    public void abort() {
        aborted = true;
        running.cancel();
    }

    private boolean ended(AnswerEvent event, Consumer<String> text) {
        return switch (event) {
            case AnswerEvent.Started _ -> false;
            case AnswerEvent.Delta delta -> {
                text.accept(delta.text());
                yield false;
            }
            case AnswerEvent.ChoiceEnded _ -> false;
            case AnswerEvent.Ended _ -> true;
            case AnswerEvent.Failed(var problem) -> {
                if (aborted) {
                    yield true;
                }
                throw new ChatException(problem.message());
            }
        };
    }

    private GenerationCall call(List<JsonObject> messages) {
        TextCodec.Conversation conversation =
                new TextCodec.Conversation(
                        messages, List.of(), true, false, JsonObject.empty(), Optional.empty());
        return new GenerationCall(
                "chat-" + UUID.randomUUID(),
                model(),
                new Prompt.Chat(conversation, false),
                1,
                options.maxTokens(),
                OptionalInt.empty(),
                options.temperature(),
                OptionalDouble.empty(),
                OptionalInt.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalLong.empty(),
                Map.of(),
                Optional.empty(),
                List.of(),
                List.of(),
                List.of(),
                false,
                false,
                true,
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                AnswerShape.TEXT,
                Optional.empty(),
                0,
                "",
                "",
                OptionalLong.empty(),
                TraceContext.NONE);
    }
}
