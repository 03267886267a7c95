package dev.cairn.ports.request;

/**
 * Which LoRA adapters clients may ask for by name. Threads: any; reading an adapter's files takes
 * as long as it takes.
 */
public interface AdapterService {

    /**
     * Makes an adapter known.
     *
     * @param name by which requests ask for it
     * @param path of its folder as the caller wrote it; only what the operator allowed is opened
     * @param replace whether an adapter of this name may give way to it
     * @throws RequestRefused if the name is taken or the path is not allowed, names no adapter, or
     *     holds one that the model cannot take; names field and file
     */
    void load(String name, String path, boolean replace);

    /**
     * Forgets an adapter; requests that run with it end as they would.
     *
     * @throws RequestRefused if there is none of that name
     */
    void unload(String name);
}
