package dev.cairn.core.route.policy;

import java.util.List;

/**
 * Prompts that begin alike go to the same worker, by the hash of their first blocks and nothing
 * that anybody has to remember. Prompts shorter than a block go by session, or by lot.
 */
public final class ConsistentHash extends WeighingPolicy {

    private final int blocks;

    /** By the first 4 blocks: fewer are often a system prompt that all requests share. */
    public ConsistentHash() {
        this(4);
    }

    /**
     * @param blocks how much of a prompt counts
     */
    public ConsistentHash(int blocks) {
        super("consistent-hash", Knowledge.NOTHING);
        this.blocks = blocks;
    }

    @Override
    Weighing weigh(RouteQuestion question, List<Candidate> candidates) {
        int last = Math.min(blocks, question.blockHashes().size()) - 1;
        if (last >= 0) {
            return new Rendezvous(question.blockHashes().get(last).d(), candidates, "prefix");
        }
        long key =
                question.session().isEmpty()
                        ? question.noise()
                        : Rendezvous.hash(question.session());
        return new Rendezvous(key, candidates, "session");
    }
}
