package dev.cairn.core.request;

import dev.cairn.ports.model.AdapterArtifact;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.request.AdapterChoice;
import dev.cairn.ports.request.AdapterService;
import dev.cairn.ports.request.InferenceService.ServedModel;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.Clock;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/**
 * The LoRA adapters of one model that clients may ask for by name. Their files are known and
 * mapped; engines load them when they are needed.
 *
 * <p>Threads: any.
 */
public final class AdapterShelf implements AdapterService {

    /** Each keeps a mapping of its file open. */
    private static final int MOST = 16_384;

    private static final int LONGEST_NAME = 256;

    private final ServedModel base;
    private final Function<String, AdapterArtifact> opener;
    private final Clock clock;
    private final AtomicReference<Shelf> shelf =
            new AtomicReference<>(new Shelf(Map.of(), Map.of()));

    private record Entry(AdapterChoice choice, AdapterArtifact artifact, ServedModel described) {}

    /**
     * What is known at one time. Never changed: whoever changes something makes another one.
     *
     * @param byDigest several names may stand for one content
     */
    private record Shelf(Map<String, Entry> names, Map<String, AdapterArtifact> byDigest) {

        static Shelf of(Map<String, Entry> names) {
            Map<String, AdapterArtifact> named = new HashMap<>();
            names.values().forEach(entry -> named.put(entry.choice().digest(), entry.artifact()));
            return new Shelf(names, named);
        }

        Shelf with(String name, Entry entry) {
            Map<String, Entry> more = new LinkedHashMap<>(names);
            more.put(name, entry);
            return of(more);
        }

        Shelf without(String name) {
            Map<String, Entry> fewer = new LinkedHashMap<>(names);
            if (fewer.remove(name) == null) {
                throw new RequestRefused(
                        new RequestProblem(
                                Category.NOT_FOUND,
                                "there is no LoRA adapter " + Values.quoted(name),
                                Optional.of("lora_name"),
                                "adapter_not_found",
                                OptionalLong.empty()));
            }
            return of(fewer);
        }
    }

    /**
     * @param base the model that is adapted
     * @param opener reads a folder that a request named; throws {@link ModelException} where that
     *     is not allowed
     */
    public AdapterShelf(ServedModel base, Function<String, AdapterArtifact> opener, Clock clock) {
        this.base = base;
        this.opener = opener;
        this.clock = clock;
    }

    /** The model that is adapted. */
    public String base() {
        return base.name();
    }

    /** An adapter by the digest of its content, as long as it has a name. */
    public Optional<AdapterArtifact> find(String digest) {
        return Optional.ofNullable(shelf.get().byDigest().get(digest));
    }

    @Override
    public void load(String name, String path, boolean replace) {
        checkName(shelf.get(), name, replace);
        AdapterArtifact artifact;
        try {
            artifact = opener.apply(path);
        } catch (ModelException refused) {
            throw refused("lora_path", refused.getMessage());
        }
        put(name, path, artifact, replace);
    }

    /**
     * Gives an adapter a name.
     *
     * @param root where it came from; its last part is shown to clients
     * @throws RequestRefused if the name cannot be had
     */
    public void put(String name, String root, AdapterArtifact artifact, boolean replace) {
        String shown = root.replaceAll("[/\\\\]+$", "").replaceAll(".*[/\\\\]", "");
        Entry entry =
                new Entry(
                        new AdapterChoice(name, artifact.digest()),
                        artifact,
                        new ServedModel(
                                name,
                                shown,
                                ServedModel.Kind.GENERATION,
                                base.maxModelLength(),
                                clock.epochMillis() / 1000,
                                Optional.of(base.name())));
        shelf.updateAndGet(
                now -> {
                    checkName(now, name, replace);
                    return now.with(name, entry);
                });
    }

    private void checkName(Shelf now, String name, boolean replace) {
        if (name.isBlank() || name.length() > LONGEST_NAME) {
            throw refused("lora_name", "lora_name must have 1 to " + LONGEST_NAME + " characters");
        }
        if (name.equals(base.name())) {
            throw refused("lora_name", Values.quoted(name) + " is the model itself");
        }
        if (now.names().containsKey(name) && !replace) {
            throw refused(
                    "lora_name",
                    "the LoRA adapter "
                            + Values.quoted(name)
                            + " has already been loaded; unload it first, or set load_inplace");
        }
        if (!now.names().containsKey(name) && now.names().size() >= MOST) {
            throw refused("lora_name", MOST + " LoRA adapters are known; unload one first");
        }
    }

    @Override
    public void unload(String name) {
        shelf.updateAndGet(now -> now.without(name));
    }

    /** What a name stands for; {@link AdapterChoice#NONE} if it is no adapter's. */
    AdapterChoice choice(String name) {
        Entry entry = shelf.get().names().get(name);
        return entry == null ? AdapterChoice.NONE : entry.choice();
    }

    List<ServedModel> descriptions() {
        return shelf.get().names().values().stream().map(Entry::described).toList();
    }

    private static RequestRefused refused(String field, String message) {
        return new RequestRefused(RequestProblem.invalid(field, message));
    }
}
