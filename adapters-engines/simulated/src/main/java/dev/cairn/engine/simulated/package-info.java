/**
 * An engine that computes nothing: a step takes as long as a cost model says, blocks are metadata,
 * and tokens are a function of the sequence, so that everything that holds for answers can be
 * tested without a model. It takes time and timers from outside and so runs in real time and in
 * virtual time. Depends on {@code ports}. Start at {@link
 * dev.cairn.engine.simulated.SimulatedRunner}, then {@link dev.cairn.engine.simulated.CostModel}.
 */
package dev.cairn.engine.simulated;
