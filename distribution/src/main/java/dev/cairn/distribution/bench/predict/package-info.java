/**
 * {@code cairn bench predict}: the same requests in real time and in virtual time, and how far the
 * simulation is off. Depends on {@code core.schedule}, {@code core.simulate}, the simulated engine
 * and the ports. Start at {@link dev.cairn.distribution.bench.predict.Prediction}.
 */
package dev.cairn.distribution.bench.predict;
