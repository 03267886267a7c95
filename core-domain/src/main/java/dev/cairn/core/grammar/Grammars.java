package dev.cairn.core.grammar;

import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.request.OutputFormat;
import dev.cairn.ports.system.JsonWriter;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The formats that one model's answers are held to, compiled once each and kept while they are
 * asked for: those used last, up to {@code mostBytes} of what they and their masks take up. A
 * format that is no longer kept goes on to serve the sequences that have it.
 *
 * <p>Threads: any. Two threads that ask for one format at the same time may both compile it; both
 * get the same one.
 */
public final class Grammars {

    private static final long MOST_BYTES = 128L << 20;

    /** What a character of a format takes up as the key that it is found by. */
    private static final int KEY_BYTES = 24;

    private final TokenTrie trie;
    private final Canonical canonical;
    private final SpecialNames names;
    private final long mostBytes;
    private final Map<OutputFormat, Kept> kept = new ConcurrentHashMap<>();
    private final AtomicLong uses = new AtomicLong();

    private record Kept(CompiledFormat format, long keyBytes, AtomicLong lastUse) {

        long bytes() {
            return keyBytes + format.bytes();
        }
    }

    /**
     * @param vocabulary width of the logits
     * @param endings ids that end an answer; allowed where a text may end
     */
    public Grammars(TextCodec codec, int vocabulary, Collection<Integer> endings) {
        this(codec, vocabulary, endings, MOST_BYTES);
    }

    /**
     * @param mostBytes of formats and masks together, roughly; the one used last is kept always
     */
    public Grammars(TextCodec codec, int vocabulary, Collection<Integer> endings, long mostBytes) {
        this.trie = new TokenTrie(codec, vocabulary, endings);
        this.names = SpecialNames.of(codec, vocabulary);
        this.canonical = text -> codec.encode(text, false);
        this.mostBytes = mostBytes;
    }

    /**
     * A format, compiled.
     *
     * @param field of the request, named in refusals
     * @throws dev.cairn.ports.request.RequestRefused if the format is malformed, too large, cannot
     *     be held exactly or no text fulfils it
     */
    public CompiledFormat compile(String field, OutputFormat format) {
        // Before anything that follows the nesting without a bound, as a hash does.
        FormatGrammar.refuseDeep(field, format, 0);
        Kept found = kept.get(format);
        if (found == null) {
            var fresh = new Kept(fresh(field, format), keyBytes(format), new AtomicLong());
            found = kept.putIfAbsent(format, fresh);
            found = found == null ? fresh : found;
        }
        found.lastUse.set(uses.incrementAndGet());
        shrink();
        return found.format;
    }

    /** A format, compiled anew and not kept. */
    CompiledFormat fresh(String field, OutputFormat format) {
        Grammar grammar = FormatGrammar.compile(field, format, names, trie);
        return new CompiledFormat(new MaskSource(grammar, trie, canonical));
    }

    /** How many formats are kept. */
    int size() {
        return kept.size();
    }

    private void shrink() {
        long bytes = kept.values().stream().mapToLong(Kept::bytes).sum();
        while (bytes > mostBytes && kept.size() > 1) {
            Map.Entry<OutputFormat, Kept> oldest = oldest();
            if (oldest == null || !kept.remove(oldest.getKey(), oldest.getValue())) {
                return;
            }
            bytes -= oldest.getValue().bytes();
        }
    }

    private Map.Entry<OutputFormat, Kept> oldest() {
        Map.Entry<OutputFormat, Kept> oldest = null;
        for (Map.Entry<OutputFormat, Kept> entry : kept.entrySet()) {
            if (oldest == null
                    || entry.getValue().lastUse.get() < oldest.getValue().lastUse.get()) {
                oldest = entry;
            }
        }
        return oldest;
    }

    private static long keyBytes(OutputFormat format) {
        return switch (format) {
            case OutputFormat.AnyText _, OutputFormat.JsonObject _ -> KEY_BYTES;
            case OutputFormat.Constant(var text) -> length(text);
            case OutputFormat.Regex(var pattern) -> length(pattern);
            case OutputFormat.Ebnf(var grammar) -> length(grammar);
            case OutputFormat.JsonSchema(var schema) -> length(JsonWriter.write(schema));
            case OutputFormat.Choice(var texts) -> texts.stream().mapToLong(Grammars::length).sum();
            case OutputFormat.Sequence(var parts) ->
                    parts.stream().mapToLong(Grammars::keyBytes).sum();
            case OutputFormat.OneOf(var parts) ->
                    parts.stream().mapToLong(Grammars::keyBytes).sum();
            case OutputFormat.Tag(var begin, var content, var end) ->
                    length(begin) + keyBytes(content) + length(end);
            case OutputFormat.TriggeredTags tags ->
                    tags.triggers().stream().mapToLong(Grammars::length).sum()
                            + tags.tags().stream().mapToLong(Grammars::keyBytes).sum();
            case OutputFormat.SeparatedTags tags ->
                    length(tags.separator())
                            + tags.tags().stream().mapToLong(Grammars::keyBytes).sum();
        };
    }

    private static long length(String text) {
        return (long) KEY_BYTES * (text.length() + 1);
    }
}
