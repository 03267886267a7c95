package dev.cairn.core.grammar;

import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.request.OutputFormat;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The formats that one model's answers are held to, compiled once each and kept while they are
 * asked for.
 *
 * <p>Threads: any.
 */
public final class Grammars {

    private static final int MOST_KEPT = 64;

    private final TokenTrie trie;
    private final Canonical canonical;
    private final SpecialNames names;
    private final Map<OutputFormat, Kept> kept = new ConcurrentHashMap<>();
    private final AtomicLong uses = new AtomicLong();

    private record Kept(CompiledFormat format, AtomicLong lastUse) {}

    /**
     * @param vocabulary width of the logits
     * @param endings ids that end an answer; allowed where a text may end
     */
    public Grammars(TextCodec codec, int vocabulary, Collection<Integer> endings) {
        this.trie = new TokenTrie(codec, vocabulary, endings);
        this.names = SpecialNames.of(codec, vocabulary);
        this.canonical = text -> codec.encode(text, false);
    }

    /**
     * A format, compiled.
     *
     * @param field of the request, named in refusals
     * @throws dev.cairn.ports.request.RequestRefused if the format is malformed, too large, cannot
     *     be held exactly or no text fulfils it
     */
    public CompiledFormat compile(String field, OutputFormat format) {
        Kept before = kept.get(format);
        if (before == null) {
            if (kept.size() >= MOST_KEPT) {
                dropOldest();
            }
            Grammar grammar = FormatGrammar.compile(field, format, names, trie);
            var fresh =
                    new Kept(
                            new CompiledFormat(new MaskSource(grammar, trie, canonical)),
                            new AtomicLong());
            before = kept.putIfAbsent(format, fresh);
            before = before == null ? fresh : before;
        }
        before.lastUse.set(uses.incrementAndGet());
        return before.format;
    }

    private void dropOldest() {
        OutputFormat oldest = null;
        long least = Long.MAX_VALUE;
        for (Map.Entry<OutputFormat, Kept> entry : kept.entrySet()) {
            long use = entry.getValue().lastUse.get();
            if (use < least) {
                least = use;
                oldest = entry.getKey();
            }
        }
        if (oldest != null) {
            kept.remove(oldest);
        }
    }
}
