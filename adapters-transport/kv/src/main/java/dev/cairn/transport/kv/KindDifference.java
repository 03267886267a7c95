package dev.cairn.transport.kv;

import dev.cairn.ports.cache.BlockKind;
import dev.cairn.ports.cache.KvLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Says in words how a kind of blocks that is asked for differs from those that are here. */
final class KindDifference {

    private KindDifference() {}

    /** Empty if blocks of the kind are here. */
    static Optional<String> of(BlockKind asked, List<BlockKind> here) {
        BlockKind nearest = null;
        int nearness = -1;
        for (BlockKind kind : here) {
            if (kind.equals(asked)) {
                return Optional.empty();
            }
            int alike = alike(asked, kind);
            if (alike > nearness) {
                nearness = alike;
                nearest = kind;
            }
        }
        return Optional.of(nearest == null ? "no blocks are served here" : words(asked, nearest));
    }

    /** Group before layout: groups of one model are told apart by their number. */
    private static int alike(BlockKind asked, BlockKind kind) {
        int alike = asked.model().equals(kind.model()) ? 8 : 0;
        alike += asked.identity().equals(kind.identity()) ? 4 : 0;
        alike += asked.group() == kind.group() ? 2 : 0;
        return alike + (asked.layout().equals(kind.layout()) ? 1 : 0);
    }

    static String words(BlockKind asked, BlockKind here) {
        List<String> parts = new ArrayList<>();
        add(parts, "model", asked.model(), here.model());
        add(parts, "compute identity", asked.identity().text(), here.identity().text());
        add(parts, "layer group", asked.group(), here.group());
        KvLayout wanted = asked.layout();
        KvLayout own = here.layout();
        add(parts, "layers", wanted.layers(), own.layers());
        add(parts, "tokens per block", wanted.tokens(), own.tokens());
        add(parts, "heads", wanted.heads(), own.heads());
        add(parts, "head size", wanted.headSize(), own.headSize());
        add(parts, "KV type", wanted.type().label(), own.type().label());
        return String.join(", ", parts);
    }

    private static void add(List<String> parts, String what, Object asked, Object here) {
        if (!asked.equals(here)) {
            parts.add("%s here is %s, asked was for %s".formatted(what, here, asked));
        }
    }
}
