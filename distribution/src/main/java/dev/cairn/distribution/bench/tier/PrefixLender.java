package dev.cairn.distribution.bench.tier;

import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockTransport;
import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * The other process of {@link PrefixPeer}: has the blocks that it is told of from the one that
 * measures, and lends them until its input ends.
 *
 * <p>Its input: the address to pull from, the number of blocks, and a line for each, its parts
 * separated by tabs. It says the address where it lends.
 */
public final class PrefixLender {

    /** The option of {@code cairn bench tiers} that runs it. */
    public static final String OPTION = "--lend";

    private PrefixLender() {}

    /** Runs until the input ends. */
    public static void run(BlockTransport transport, BufferedReader asked, PrintStream says)
            throws IOException {
        String from = asked.readLine();
        int count = Integer.parseInt(asked.readLine());
        List<PulledBlocks.Named> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add(name(asked.readLine()));
        }
        try (transport;
                PulledBlocks blocks = new PulledBlocks(names)) {
            blocks.pull(transport, from);
            transport.serve(blocks);
            says.println(transport.address());
            says.flush();
            while (asked.readLine() != null) {
                // Nothing more is asked; the end of the input is the end.
            }
        }
    }

    static String line(PulledBlocks.Named name) {
        BlockKey key = name.key();
        KvLayout layout = name.layout();
        return String.join(
                "\t",
                key.model(),
                key.identity().text(),
                Integer.toString(key.group()),
                key.hash().toString(),
                Integer.toString(layout.layers()),
                Integer.toString(layout.tokens()),
                Integer.toString(layout.heads()),
                Integer.toString(layout.headSize()),
                layout.type().name());
    }

    private static PulledBlocks.Named name(String line) {
        String[] parts = line.split("\t", -1);
        var key =
                new BlockKey(
                        parts[0],
                        new ComputeIdentity(parts[1]),
                        Integer.parseInt(parts[2]),
                        BlockHash.of(HexFormat.of().parseHex(parts[3])));
        var layout =
                new KvLayout(
                        Integer.parseInt(parts[4]),
                        Integer.parseInt(parts[5]),
                        Integer.parseInt(parts[6]),
                        Integer.parseInt(parts[7]),
                        KvType.valueOf(parts[8]));
        return new PulledBlocks.Named(key, layout);
    }
}
