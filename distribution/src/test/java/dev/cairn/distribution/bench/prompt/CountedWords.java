package dev.cairn.distribution.bench.prompt;

import java.util.List;

/**
 * A tokenizer with known costs: a token per letter pair of a word, two per message; so that words
 * differ and every length can be made.
 */
final class CountedWords implements TokenCounter {

    @Override
    public boolean exact() {
        return true;
    }

    @Override
    public int text(String text) {
        int tokens = 0;
        for (String word : text.split("[ \n]+")) {
            tokens += (word.length() + 1) / 2;
        }
        return tokens;
    }

    @Override
    public int prompt(Api api, List<Message> messages) {
        return 3 + messages.stream().mapToInt(each -> 2 + text(each.content())).sum();
    }
}
