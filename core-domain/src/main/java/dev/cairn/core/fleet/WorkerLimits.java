package dev.cairn.core.fleet;

/**
 * What is sent to a worker before the rest waits here, so that who comes next is decided over all
 * workers, as late as can be. It counts what is not read yet and comes before a request: of its
 * priority and of better ones.
 *
 * @param requests whose prompts it has not read
 * @param tokens of those prompts that it has to compute
 */
public record WorkerLimits(int requests, long tokens) {

    /** Everything is sent at once; only workers' queues are there. */
    public static final WorkerLimits NONE = new WorkerLimits(Integer.MAX_VALUE, Long.MAX_VALUE);

    /**
     * Some steps of a large engine, so that none ever runs out of work while a token comes here and
     * a request goes there.
     */
    public static final WorkerLimits USUAL = new WorkerLimits(128, 16_384);

    public WorkerLimits {
        if (requests < 1 || tokens < 1) {
            throw new IllegalArgumentException("a worker gets at least one request");
        }
    }
}
