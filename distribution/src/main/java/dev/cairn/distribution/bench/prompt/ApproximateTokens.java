package dev.cairn.distribution.bench.prompt;

import java.util.List;

/**
 * For servers without {@code /tokenize}: four characters a token, as English text has about with
 * vocabularies of 100,000, and four more for each message.
 */
public final class ApproximateTokens implements TokenCounter {

    @Override
    public boolean exact() {
        return false;
    }

    @Override
    public int text(String text) {
        return (text.length() + 3) / 4;
    }

    @Override
    public int prompt(Api api, List<Message> messages) {
        return text(Api.text(messages)) + (api == Api.CHAT ? 4 * messages.size() : 0);
    }
}
