package dev.cairn.distribution.config;

import static dev.cairn.ports.system.SettingDescription.Type.INTEGER;
import static dev.cairn.ports.system.SettingDescription.Type.LIST;
import static dev.cairn.ports.system.SettingDescription.Type.STRING;

import dev.cairn.ports.system.SettingDescription;
import java.util.List;

/** The keys of LoRA adapters. */
public final class LoraSettings {

    public static final String ADAPTERS = "cairn.lora.adapters";
    public static final String FOLDER = "cairn.lora.folder";
    public static final String MOST_LOADED = "cairn.lora.max-loaded";
    public static final String MOST_RANK = "cairn.lora.max-rank";

    private LoraSettings() {}

    public static List<SettingDescription> descriptions() {
        return List.of(
                SettingDescription.optional(
                        ADAPTERS,
                        LIST,
                        "LoRA adapters of the first model, NAME=PATH each: folders that PEFT wrote,"
                                + " which requests name as their model."),
                SettingDescription.optional(
                        FOLDER,
                        STRING,
                        "Folder from which /v1/load_lora_adapter may load; paths of requests lead"
                                + " nowhere else. Unset lets requests load none."),
                SettingDescription.of(
                        MOST_LOADED,
                        INTEGER,
                        "8",
                        "Most LoRA adapters that an engine holds at once, and most that one step"
                                + " uses; others are known and loaded when they are asked for."),
                SettingDescription.of(
                        MOST_RANK, INTEGER, "256", "Highest rank of a LoRA adapter, up to 512."));
    }
}
