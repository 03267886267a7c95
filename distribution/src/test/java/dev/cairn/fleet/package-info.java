/**
 * A router and workers as processes: what they answer together is what one process answers,
 * whatever happens to any of them. Start at {@code RoutedServingIT}.
 */
package dev.cairn.fleet;
