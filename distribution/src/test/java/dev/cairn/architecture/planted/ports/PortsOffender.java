package dev.cairn.architecture.planted.ports;

import picocli.CommandLine;

/** A port that stands on a library. */
final class PortsOffender {

    private PortsOffender() {}

    static CommandLine commandLine() {
        return new CommandLine(new Object());
    }
}
