package dev.cairn.distribution.chat;

import dev.cairn.ports.system.JsonValue.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads lines, asks, prints answers as they come, and remembers the conversation. One thread, which
 * waits for the user and for the model.
 */
public final class ChatSession {

    private final ChatPartner partner;
    private final Optional<String> system;
    private final BufferedReader in;
    private final PrintStream out;
    private final boolean interactive;
    private final List<JsonObject> messages = new ArrayList<>();

    /**
     * @param interactive whether somebody types: prompts and greetings are printed
     */
    public ChatSession(
            ChatPartner partner,
            Optional<String> system,
            InputStream in,
            PrintStream out,
            boolean interactive) {
        this.partner = partner;
        this.system = system;
        this.in = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        this.out = out;
        this.interactive = interactive;
    }

    /**
     * Talks until the input ends or {@code /exit} is said.
     *
     * @return whether every question got an answer
     */
    public boolean run() {
        reset();
        boolean answered = true;
        say("Talking with %s. /reset starts anew, /exit or Ctrl-D ends.%n", partner.model());
        for (Optional<String> line = line(); line.isPresent(); line = line()) {
            switch (line.get().strip()) {
                case "" -> {}
                case "/exit", "/quit" -> {
                    return answered;
                }
                case "/reset" -> reset();
                case String question -> answered &= ask(question);
            }
        }
        return answered;
    }

    private boolean ask(String question) {
        messages.add(message("user", question));
        StringBuilder answer = new StringBuilder();
        try {
            partner.answer(
                    List.copyOf(messages),
                    text -> {
                        answer.append(text);
                        out.print(text);
                        out.flush();
                    });
            out.println();
            messages.add(message("assistant", answer.toString()));
            return true;
        } catch (ChatPartner.ChatException refused) {
            out.println();
            out.println("cairn: " + refused.getMessage());
            // Asked again, the question would be refused again.
            messages.removeLast();
            return false;
        }
    }

    private void reset() {
        messages.clear();
        system.ifPresent(text -> messages.add(message("system", text)));
    }

    private Optional<String> line() {
        say("> ");
        try {
            return Optional.ofNullable(in.readLine());
        } catch (IOException closed) {
            throw new UncheckedIOException("the input cannot be read", closed);
        }
    }

    private void say(String format, Object... arguments) {
        if (interactive) {
            out.printf(format, arguments);
            out.flush();
        }
    }

    private static JsonObject message(String role, String content) {
        return JsonObject.builder().put("role", role).put("content", content).build();
    }
}
