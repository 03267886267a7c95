package dev.cairn.distribution.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that configuration is made of, as the process found it.
 *
 * @param file named on the command line or by {@code CAIRN_CONFIG}; must exist
 * @param packagedFile {@code conf/cairn.properties} of the installation; read where there is one
 *     and no other file was named
 * @param commandLine in the order in which they stand there; later ones win
 */
public record ConfigurationInput(
        Optional<Path> file,
        Optional<Path> packagedFile,
        Map<String, String> environment,
        Map<String, String> systemProperties,
        List<Assignment> commandLine) {

    public ConfigurationInput {
        environment = Map.copyOf(environment);
        systemProperties = Map.copyOf(systemProperties);
        commandLine = List.copyOf(commandLine);
    }

    /**
     * @param place how the user wrote it: {@code "--port"}, {@code "--set"}
     */
    public record Assignment(String key, String value, String place) {

        /** A list as one value, whatever its elements contain. */
        public static Assignment ofList(String key, List<String> elements, String place) {
            return new Assignment(key, SettingText.listText(elements), place);
        }
    }
}
