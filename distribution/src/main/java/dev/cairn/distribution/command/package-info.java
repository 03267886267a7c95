/**
 * The command line: what can be written after {@code cairn}, and how its words become settings.
 *
 * <p>Flags are shorthands for configuration keys ({@code SettingFlag}); a command gets its {@code
 * Setup} from them and prints. Start at {@code CommandTree}. Depends on the other packages of
 * {@code distribution} and picocli.
 */
package dev.cairn.distribution.command;
