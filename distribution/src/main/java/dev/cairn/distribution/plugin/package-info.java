/**
 * Finds adapters and plugins: built-in ones on the class path, the others as jars in {@code
 * plugins/}, each behind a class loader of its own that shows it the JDK and the {@code
 * dev.cairn.ports} packages, nothing else.
 *
 * <p>Start at {@code PluginCatalog}; {@code PluginFolder} has the rules for jars. Depends on {@code
 * ports}.
 */
package dev.cairn.distribution.plugin;
