package dev.cairn.transport.http;

import dev.cairn.ports.request.AnswerEvent;
import dev.cairn.ports.request.Usage;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.List;

/**
 * What a client reads of a request's events: chunks as they come, or one object at the end. One
 * thread; one instance per request.
 */
interface AnswerRenderer {

    /**
     * The prompt is computed.
     *
     * @param call which of the request's calls, 0 for a chat
     * @return what is sent now, in order
     */
    List<JsonObject> started(int call, AnswerEvent.Started event);

    List<JsonObject> delta(int call, AnswerEvent.Delta event);

    List<JsonObject> choiceEnded(int call, AnswerEvent.ChoiceEnded event);

    /** All calls have ended. */
    List<JsonObject> ended(Usage usage);
}
