/**
 * How everything is found: {@link dev.cairn.ports.plugin.CairnPlugin}, the one interface that
 * {@code ServiceLoader} looks for, on the class path for built-in adapters and in {@code plugins/}
 * for the rest. A plugin sees the JDK and the {@code dev.cairn.ports} packages, nothing else of
 * Cairn. Depends on all of {@code ports}.
 */
package dev.cairn.ports.plugin;
