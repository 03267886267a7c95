/**
 * What a load asks: generated sets of prompts, the same for every server, with lengths exact by the
 * server's own tokenizer where it tells, and traces of real traffic.
 *
 * <p>Start at {@link dev.cairn.distribution.bench.prompt.PromptSet}. Depends on {@code
 * bench.client}, to count tokens, and the JSON classes of {@code ports}.
 */
package dev.cairn.distribution.bench.prompt;
