package dev.cairn.ports.relay;

/**
 * What is known of a request that wants a worker.
 *
 * @param id {@code x-request-id}
 * @param tenant whose request it is; empty = nobody's in particular
 * @param model as the client named it; empty = the client named none
 * @param session key for affinity; empty = none
 * @param prompt the bytes that the answer depends on, in the order in which an engine reads them
 *     (tools, then messages): prefixes of equal bytes are equal prefixes. Valid during the call
 * @param read the same as cache blocks, where engines tell theirs
 * @param splittable whether its prompt may be read by one worker and its answer written by another
 */
public record RelayQuestion(
        String id,
        String tenant,
        String model,
        String session,
        PromptBlocks prompt,
        ReadPrompt read,
        boolean splittable) {

    /** One that is known by its bytes alone. */
    public RelayQuestion(
            String id,
            String tenant,
            String model,
            String session,
            PromptBlocks prompt,
            boolean splittable) {
        this(id, tenant, model, session, prompt, ReadPrompt.NONE, splittable);
    }
}
