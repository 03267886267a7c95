/**
 * Where the parts become a program: the one place that calls constructors of other modules.
 *
 * <p>{@code Setup} holds what is known before anything is built (installation, plugins,
 * configuration); {@code Program} builds the rest with Weld. The way of a start is {@code Setup},
 * {@code Program}, {@code Serving}. Depends on everything.
 */
package dev.cairn.distribution.wiring;
