/**
 * Tests of plugins: as their authors build them, as separate projects that see the ports alone.
 * Start at {@code PluginProject}.
 */
package dev.cairn.distribution.plugin;
