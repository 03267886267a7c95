package dev.cairn.core.split;

import dev.cairn.core.split.PromptBlockList.Part;
import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.BlockWrite;
import dev.cairn.ports.engine.GenerationBackend.TokenListener;
import dev.cairn.ports.request.GeneratedToken;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.system.MemoryLease;
import dev.cairn.ports.system.Timers;
import dev.cairn.ports.telemetry.Telemetry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** One request whose prompt is read elsewhere. Owned by the mailbox of its {@link SplitBackend}. */
final class PromptPull {

    final GenerationRequest request;
    final TokenListener events;
    final List<Piece> pieces = new ArrayList<>();
    final Set<BlockKey> holds = new LinkedHashSet<>();
    final List<Timers.Cancellation> pulls = new ArrayList<>();

    Telemetry.Span span;
    Telemetry.Span answer;
    private Telemetry.Span transfer;
    Timers.Cancellation reading = () -> {};
    Timers.Cancellation work = () -> {};
    Timers.Cancellation alarm = () -> {};
    String address;
    String trouble = "";
    int ready;
    int next;
    int underWay;
    int brought;
    int progress;
    boolean noMore;
    boolean hole;
    boolean gone;

    PromptPull(GenerationRequest request, TokenListener events) {
        this.request = request;
        this.events = events;
    }

    /** Whether the next block can be asked for. */
    boolean mayPull() {
        return address != null
                && !hole
                && next < pieces.size()
                && pieces.get(next).part.end() <= ready;
    }

    /** Blocks are on their way from now on. */
    void travels(Telemetry telemetry) {
        if (transfer == null) {
            transfer = telemetry.span("transfer blocks", span.context());
        }
    }

    void end(String outcome) {
        if (transfer != null) {
            transfer.attribute("blocks.brought", brought).end();
        }
        span.attribute("outcome", outcome)
                .attribute("blocks", pieces.size())
                .attribute("blocks.brought", brought);
        if (!trouble.isEmpty()) {
            span.failed(trouble);
        }
        span.end();
    }

    /**
     * Hears the answer on the way to its listener.
     *
     * @param settled hears once, when the prompt is computed or will not be
     * @param answered hears of the whole answer of the first choice, if there was one
     */
    TokenListener listener(
            Consumer<PromptPull> settled, BiConsumer<GenerationRequest, int[]> answered) {
        return new TokenListener() {

            private int[] tokens = request.prompt();
            private int length = tokens.length;
            private boolean told;

            @Override
            public void on(TokenEvent event) {
                events.on(event);
                switch (event) {
                    case TokenEvent.Tokens(int choice, List<GeneratedToken> more) -> {
                        settle();
                        if (choice == 0) {
                            gather(more);
                        }
                    }
                    case TokenEvent.PromptDone _, TokenEvent.ChoiceEnded _ -> settle();
                    case TokenEvent.Ended _ -> {
                        settle();
                        answer.attribute("tokens", length - request.prompt().length).end();
                        answered.accept(request, Arrays.copyOf(tokens, length));
                    }
                    case TokenEvent.Failed(var problem) -> broken(problem.message());
                    case TokenEvent.Interrupted(var reason, var _) -> broken(reason);
                }
            }

            private void gather(List<GeneratedToken> more) {
                if (length + more.size() > tokens.length) {
                    tokens = Arrays.copyOf(tokens, length + more.size() + length / 4 + 16);
                }
                for (int i = 0; i < more.size(); i++) {
                    tokens[length++] = more.get(i).id();
                }
            }

            private void broken(String why) {
                settle();
                answer.failed(why);
                answer.end();
            }

            private void settle() {
                if (!told) {
                    told = true;
                    settled.accept(PromptPull.this);
                }
            }
        };
    }

    /** A block on its way. */
    static final class Piece {

        final Part part;
        MemoryLease lease;
        private BlockRead read;

        Piece(Part part) {
            this.part = part;
        }

        BlockRead reading() {
            read = new BlockRead(part.key(), part.layout(), lease);
            return read;
        }

        BlockWrite writing(String tenant) {
            return new BlockWrite(
                    part.key(),
                    new BlockBytes(part.layout(), lease, read.sliceChecksums()),
                    account(tenant));
        }

        /** The account of quotas that a salt belongs to: what stands before its colon. */
        private static String account(String salt) {
            int colon = salt.indexOf(':');
            return colon < 0 ? salt : salt.substring(0, colon);
        }
    }
}
