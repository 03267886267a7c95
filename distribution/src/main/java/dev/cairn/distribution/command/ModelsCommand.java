package dev.cairn.distribution.command;

import dev.cairn.distribution.wiring.ModelShelf;
import dev.cairn.distribution.wiring.Program;
import dev.cairn.ports.model.ModelArtifact;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code cairn models}. */
final class ModelsCommand implements ProgramCommand {

    @Override
    public String name() {
        return "models";
    }

    @Override
    public String summary() {
        return "Lists the models that can be served; with inspect MODEL says what is in one; with pull"
                + " ORG/NAME fetches one from a hub.";
    }

    @Override
    public void describe(CommandSpec spec) {
        SettingOptions.addTo(spec);
        spec.addPositional(
                PositionalParamSpec.builder()
                        .paramLabel("[list | inspect MODEL | pull ORG/NAME[@REVISION]]")
                        .type(List.class)
                        .auxiliaryTypes(String.class)
                        .arity("0..2")
                        .description("What to do; list is the default.")
                        .build());
    }

    @Override
    public int run(ParseResult parsed, Terminal terminal) {
        List<String> words = parsed.matchedPositionalValue(0, List.of());
        try (Program program = Program.start(SettingOptions.setup(parsed))) {
            ModelShelf shelf = program.part(ModelShelf.class);
            if (words.isEmpty() || words.equals(List.of("list"))) {
                list(shelf, terminal);
            } else if (words.size() == 2 && words.getFirst().equals("inspect")) {
                try (ModelArtifact model = shelf.open(words.get(1))) {
                    ModelReport.lines(model).forEach(terminal.out()::println);
                }
            } else if (words.size() == 2 && words.getFirst().equals("pull")) {
                terminal.out().println(shelf.pull(words.get(1)));
            } else {
                throw new UsageException(
                        "models takes `list`, `inspect MODEL` or `pull ORG/NAME`, got \"%s\""
                                .formatted(String.join(" ", words)));
            }
        }
        return 0;
    }

    private static void list(ModelShelf shelf, Terminal terminal) {
        for (ModelShelf.Entry entry : shelf.entries()) {
            terminal.out().printf("%s (%s): %s%n", entry.name(), entry.origin(), entry.location());
        }
        if (shelf.entries().isEmpty()) {
            terminal.out().println("no model is bundled or configured; serve one by --model PATH");
        }
        terminal.out()
                .printf(
                        "random weights, for benchmarks: dummy:SHAPE[:SEED] with SHAPE one of %s%n",
                        String.join(", ", shelf.dummyShapes()));
    }
}
