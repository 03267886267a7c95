package dev.cairn.ports.request;

import java.util.List;

/**
 * A token for clients.
 *
 * @param id token id
 * @param text what the token reads as, replacement characters where its bytes are no whole UTF-8
 * @param bytes its raw bytes
 * @param logprob NaN if not asked for
 * @param rank 1 = most likely; 0 if not asked for
 * @param top most likely tokens, best first; empty if none were asked for (then their own {@code
 *     top} is empty)
 */
public record TokenReport(
        int id, String text, byte[] bytes, float logprob, int rank, List<TokenReport> top) {

    public TokenReport {
        top = List.copyOf(top);
    }
}
