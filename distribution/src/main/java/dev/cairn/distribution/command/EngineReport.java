package dev.cairn.distribution.command;

import dev.cairn.distribution.wiring.EngineChoice;
import dev.cairn.distribution.wiring.Program;
import dev.cairn.distribution.wiring.Setup;

/** A line per engine: whether it works here, and what it found. */
final class EngineReport {

    private EngineReport() {}

    static void print(Setup setup, Terminal terminal) {
        try (Program program = Program.start(setup)) {
            for (EngineChoice.Engine engine : program.part(EngineChoice.class).engines()) {
                terminal.out()
                        .printf(
                                "engine %s (%s): %s%s%n",
                                engine.factory().name(),
                                engine.plugin().origin(),
                                engine.availability().usable() ? "" : "not usable: ",
                                engine.availability().report());
            }
        }
    }
}
