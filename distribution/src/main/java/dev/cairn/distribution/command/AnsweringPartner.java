package dev.cairn.distribution.command;

import dev.cairn.distribution.chat.ChatPartner;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Knows whether an answer is being made, so that Ctrl-C ends that first. */
final class AnsweringPartner implements ChatPartner {

    private final ChatPartner partner;
    private final AtomicBoolean answering = new AtomicBoolean();

    AnsweringPartner(ChatPartner partner) {
        this.partner = partner;
    }

    @Override
    public String model() {
        return partner.model();
    }

    @Override
    public void answer(List<JsonObject> messages, Consumer<String> text) {
        answering.set(true);
        try {
            partner.answer(messages, text);
        } finally {
            answering.set(false);
        }
    }

    @Override
    public void abort() {
        partner.abort();
    }

    /** Ends the answer that is being made; false if none is. */
    boolean abortAnswer() {
        if (!answering.getAndSet(false)) {
            return false;
        }
        partner.abort();
        return true;
    }
}
