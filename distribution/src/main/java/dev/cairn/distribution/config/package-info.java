/**
 * Configuration: where values come from, which one wins, and how a wrong one is told to the user.
 *
 * <p>MicroProfile Config (SmallRye) merges the sources; {@link
 * dev.cairn.distribution.config.Configuration} is the {@code Settings} port over the result, and
 * refuses what nobody described. Start at {@code ConfigurationReader}. Depends on {@code ports} and
 * SmallRye Config.
 */
package dev.cairn.distribution.config;
