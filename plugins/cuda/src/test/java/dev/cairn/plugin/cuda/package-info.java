/**
 * Tests of the CUDA engine on the stand-in for a device, which {@code src/test/standin} builds with
 * the host's C++ compiler. Start reading at {@code StandIn}.
 */
package dev.cairn.plugin.cuda;
