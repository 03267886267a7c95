package dev.cairn.engine.simulated;

import dev.cairn.ports.system.SettingDescription;
import dev.cairn.ports.system.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The engine's part of the configuration. */
final class SimulatedSettings {

    static final String COSTS = "cairn.engine.simulated.costs";
    static final String USUAL = "llama-3.1-8b@h200";

    private static final long MOST_BYTES = 1 << 20;

    static final List<SettingDescription> DESCRIPTIONS =
            List.of(
                    SettingDescription.of(
                            COSTS,
                            SettingDescription.Type.STRING,
                            USUAL,
                            "How long a step of the simulated engine takes: a file that cairn bench"
                                    + " engine --calibration wrote, or MODEL@DEVICE by published"
                                    + " figures ("
                                    + Roofline.names()
                                    + ")."));

    private SimulatedSettings() {}

    /**
     * The cost model that configuration names. Reads a file.
     *
     * @throws Settings.SettingException if there is none; names the key
     */
    static CostModel costs(Settings settings) {
        String wanted = settings.text(COSTS).orElse(USUAL);
        Optional<CostModel> named = Roofline.named(wanted);
        return named.orElseGet(() -> read(wanted));
    }

    private static CostModel read(String file) {
        try {
            Path path = Path.of(file);
            if (!Files.isRegularFile(path)) {
                throw problem(
                        "\""
                                + file
                                + "\" is neither a file nor a known pair; write a file that cairn"
                                + " bench engine --calibration wrote, or MODEL@DEVICE with "
                                + Roofline.names());
            }
            if (Files.size(path) > MOST_BYTES) {
                throw problem(file + " is too large for a cost model");
            }
            return CostModel.read(Files.readString(path));
        } catch (IOException | InvalidPathException unreadable) {
            throw problem(file + " cannot be read: " + unreadable.getMessage());
        } catch (IllegalArgumentException wrong) {
            throw problem(file + " holds no cost model: " + wrong.getMessage());
        }
    }

    private static Settings.SettingException problem(String what) {
        return new Settings.SettingException(COSTS + ": " + what);
    }
}
