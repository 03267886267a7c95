package dev.cairn.ports.engine;

import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.model.WeightType;
import java.util.Optional;

/**
 * How a runner is to be made.
 *
 * @param weightType what weights are kept in; empty = as stored, or what the engine thinks best for
 *     it
 * @param kvType empty = the engine's choice
 * @param blockTokens tokens per KV block
 * @param cacheBytes memory for all KV pools together; the engine divides it among the groups
 * @param maxModelLength longest sequence to be served, at most the model's own
 * @param maxTokensPerStep budget of a batch
 * @param maxSequencesPerStep most sequences in a batch
 */
public record RunnerOptions(
        Optional<WeightType> weightType,
        Optional<KvType> kvType,
        int blockTokens,
        long cacheBytes,
        int maxModelLength,
        int maxTokensPerStep,
        int maxSequencesPerStep) {}
