package dev.cairn.core.fleet;

import dev.cairn.core.fair.TenantShares.Account;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.engine.GenerationBackend.TokenListener;
import dev.cairn.ports.request.Continuation;
import dev.cairn.ports.request.Continuation.Begun;
import dev.cairn.ports.request.GeneratedToken;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.Usage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A request between its arrival and its end, whoever works on it: what its client was told.
 *
 * <p>Threads: made by the caller, then owned by the mailbox.
 */
final class RoutedRequest {

    private static final int[] NONE = {};

    private final GenerationRequest request;
    private final TokenListener listener;
    private final List<BlockHash> hashes;
    private final long noise;
    private final int[][] told;
    private final int[] counts;
    private final boolean[] ended;
    private final Set<String> avoided = new HashSet<>();
    private int open;
    private boolean promptTold;
    private int cachedTokens;
    private long lastToldNanos;
    private Attempt attempt;
    private Story story;
    private int sent;
    private int tries;
    private int breaks;
    private RequestProblem problem;
    private boolean isLost;
    private long lostNanos;
    private boolean isOver;
    private long waitsUntil;
    private long notBefore;
    private boolean isHeld;
    private Account<RoutedRequest> account;
    private boolean isCharged;

    /**
     * @param hashes of the prompt's full blocks
     * @param noise that decides between equals
     */
    RoutedRequest(
            GenerationRequest request, TokenListener listener, List<BlockHash> hashes, long noise) {
        this.request = request;
        this.listener = listener;
        this.hashes = hashes;
        this.noise = noise;
        this.open = request.choices();
        this.told = new int[open][];
        Arrays.fill(told, NONE);
        this.counts = new int[open];
        this.ended = new boolean[open];
        this.promptTold = request.continuation().told();
        for (Begun begun : request.continuation().choices()) {
            told[begun.choice()] = begun.tokens();
            counts[begun.choice()] = begun.tokens().length;
            if (begun.hasEnded()) {
                choiceEnded(begun.choice());
            }
        }
    }

    GenerationRequest request() {
        return request;
    }

    String id() {
        return request.id();
    }

    TokenListener listener() {
        return listener;
    }

    List<BlockHash> hashes() {
        return hashes;
    }

    /** What was decided on it; null before it was admitted. */
    Story story() {
        return story;
    }

    void tellIn(Story where) {
        story = where;
    }

    /** Sessions of two accounts are two, whatever their clients call them. */
    String session() {
        return request.session().isEmpty() ? "" : request.tenant() + " " + request.session();
    }

    /** Other bits for every try. */
    long noise() {
        return noise + tries;
    }

    /** A worker that it comes back to may not have noticed yet that it was gone. */
    String nameOfTry() {
        sent++;
        return sent == 1 ? request.id() : request.id() + "." + sent;
    }

    /** Its tenant's; null before it was admitted. */
    Account<RoutedRequest> account() {
        return account;
    }

    void belongsTo(Account<RoutedRequest> tenant) {
        account = tenant;
    }

    /** Whether this is the first time that its prompt is put on its tenant's account. */
    boolean charge() {
        boolean first = !isCharged;
        isCharged = true;
        return first;
    }

    /** Where it is worked on; null if nowhere. */
    Attempt attempt() {
        return attempt;
    }

    void at(Attempt where) {
        attempt = where;
    }

    /** Returns whether it was not told before. */
    boolean promptTold(int cached) {
        boolean isNew = !promptTold;
        if (isNew) {
            promptTold = true;
            cachedTokens = cached;
        }
        return isNew;
    }

    void told(int choice, List<GeneratedToken> tokens, long nanos) {
        int[] all = told[choice];
        int count = counts[choice];
        if (all.length < count + tokens.size()) {
            all = Arrays.copyOf(all, Math.max(16, (count + tokens.size()) * 2));
            told[choice] = all;
        }
        for (GeneratedToken token : tokens) {
            all[count++] = token.id();
        }
        counts[choice] = count;
        lastToldNanos = nanos;
        tries = 0;
        breaks = 0;
        avoided.clear();
    }

    /** Returns whether it had not ended before. */
    boolean choiceEnded(int choice) {
        boolean isNew = !ended[choice];
        if (isNew) {
            ended[choice] = true;
            open--;
        }
        return isNew;
    }

    boolean hasEnded(int choice) {
        return ended[choice];
    }

    /** Whether every choice is complete. */
    boolean isComplete() {
        return open == 0;
    }

    /** Whether the client has anything of an answer. */
    boolean hasBegun() {
        for (int choice = 0; choice < counts.length; choice++) {
            if (counts[choice] > 0 || ended[choice]) {
                return true;
            }
        }
        return false;
    }

    /** What another worker has to know to go on. */
    Continuation continuation() {
        if (request.beams().isPresent() || !hasBegun() && !promptTold) {
            return Continuation.NONE;
        }
        List<Begun> begun = new ArrayList<>();
        for (int choice = 0; choice < counts.length; choice++) {
            if (counts[choice] > 0 || ended[choice]) {
                begun.add(
                        new Begun(
                                choice,
                                Arrays.copyOf(told[choice], counts[choice]),
                                ended[choice]));
            }
        }
        return new Continuation(promptTold, begun);
    }

    /** Beam search begins anew and tells again what was told; null for all others. */
    int[] tokensToRepeat() {
        return request.beams().isPresent() && hasBegun() ? counts.clone() : null;
    }

    /** Tokens of all requests alike, whoever generated them. */
    Usage usage(Usage last) {
        int completion = Arrays.stream(counts).sum();
        return new Usage(
                request.prompt().length,
                completion,
                promptTold ? cachedTokens : 0,
                last.reasoningTokens());
    }

    long lastToldNanos() {
        return lastToldNanos;
    }

    /** A worker could not serve it. */
    void failedAt(String worker, RequestProblem why) {
        avoided.add(worker);
        problem = why;
        tries++;
    }

    boolean avoids(Worker worker) {
        return avoided.contains(worker.id());
    }

    boolean avoidsNobody() {
        return avoided.isEmpty();
    }

    /**
     * Whether a worker that failed it may be asked again, where there is no other: one that was not
     * there a moment ago may be back, but one that is full still is.
     */
    boolean mayComeBack() {
        return hasBegun() || problem != null && problem.category() == Category.UNAVAILABLE;
    }

    int tries() {
        return tries;
    }

    /** Why the last worker did not serve it; null if none was tried. */
    RequestProblem problem() {
        return problem;
    }

    /** A worker broke off while it worked on it. */
    void broke() {
        breaks++;
    }

    /** How many workers broke off while they worked on it, without a token in between. */
    int breaks() {
        return breaks;
    }

    /** Its worker was lost; the gap is open until the next token. */
    void lost(long nanos) {
        if (!isLost) {
            isLost = true;
            lostNanos = nanos;
        }
    }

    /** Whether it is told of a lost worker only when no other comes: it had one before. */
    boolean isPatient() {
        return isLost || hasBegun();
    }

    /** When it came to this router. */
    long sinceNanos() {
        return story.arrivedNanos();
    }

    /** By when somebody must have begun with it. */
    long begunBy() {
        return hasBegun() ? Long.MAX_VALUE : request.deadlineNanos().orElse(Long.MAX_VALUE);
    }

    /** Until when a worker is sought, if that is how long it may take. */
    long patienceEnds(long longest) {
        return (isLost ? lostNanos : sinceNanos()) + longest;
    }

    /** A token comes. Returns whether a gap was open that its client saw. */
    boolean goesOn() {
        boolean was = isLost && hasBegun();
        isLost = false;
        return was;
    }

    boolean isOver() {
        return isOver;
    }

    void over() {
        isOver = true;
    }

    /** When it is refused if nobody takes it. */
    long waitsUntil() {
        return waitsUntil;
    }

    /** When it is worth asking again. */
    long notBefore() {
        return notBefore;
    }

    void waits(long from, long until) {
        notBefore = from;
        waitsUntil = until;
    }

    /** Whether it waits because workers have enough to do, not because none is there. */
    boolean isHeld() {
        return isHeld;
    }

    void held(boolean whether) {
        isHeld = whether;
    }
}
