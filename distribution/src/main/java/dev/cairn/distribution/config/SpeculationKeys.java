package dev.cairn.distribution.config;

import static dev.cairn.ports.system.SettingDescription.Type.INTEGER;
import static dev.cairn.ports.system.SettingDescription.Type.SIZE;
import static dev.cairn.ports.system.SettingDescription.Type.STRING;

import dev.cairn.ports.system.SettingDescription;
import java.util.List;

/** The keys of speculation. */
public final class SpeculationKeys {

    public static final String SPECULATION = "cairn.speculation";
    public static final String TOKENS = "cairn.speculation.tokens";
    public static final String DRAFT = "cairn.speculation.draft-model";
    public static final String DRAFT_CACHE = "cairn.speculation.draft-cache-size";
    public static final String SHORTEST = "cairn.speculation.ngram-shortest";
    public static final String LONGEST = "cairn.speculation.ngram-longest";

    private SpeculationKeys() {}

    public static List<SettingDescription> descriptions() {
        return List.of(
                SettingDescription.of(
                        SPECULATION,
                        STRING,
                        "off",
                        "How answers are guessed ahead: ngram (they go on as the text did where its"
                                + " last tokens stood before), draft (a smaller model says) or off."
                                + " Answers stay the same, token by token."),
                SettingDescription.optional(
                        DRAFT,
                        STRING,
                        "The model that guesses, for speculation by draft: a path or a hub's name,"
                                + " as for --model. Its vocabulary must be the model's own."),
                SettingDescription.of(
                        DRAFT_CACHE,
                        SIZE,
                        "256MiB",
                        "Memory of the draft model's keys and values; answers for which there is no"
                                + " room are not guessed."),
                SettingDescription.of(
                        TOKENS,
                        INTEGER,
                        "16",
                        "Most tokens guessed of one answer in one step; how many there are follows"
                                + " from what they cost and how many hold."),
                SettingDescription.of(
                        SHORTEST,
                        INTEGER,
                        "3",
                        "Last tokens that must have stood before, in this order, for an n-gram"
                                + " guess."),
                SettingDescription.of(
                        LONGEST,
                        INTEGER,
                        "16",
                        "Last tokens that are compared where several places agree."));
    }
}
