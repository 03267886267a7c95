package dev.cairn.ports.request;

/**
 * The LoRA adapter that a request asks for.
 *
 * @param name as clients call it, for events and metrics; empty = none
 * @param digest of its content, hexadecimal, by which everybody finds it: two adapters of one name
 *     are two adapters; empty = none
 */
public record AdapterChoice(String name, String digest) {

    /** The model as it is. */
    public static final AdapterChoice NONE = new AdapterChoice("", "");

    private static final String MARK = "/lora/";

    public AdapterChoice {
        if (name.isEmpty() != digest.isEmpty() || !isHexadecimal(digest)) {
            throw new IllegalArgumentException(
                    "an adapter has a name and a hexadecimal digest, got "
                            + name
                            + " and "
                            + digest);
        }
    }

    /** Whether there is one. */
    public boolean isPresent() {
        return !digest.isEmpty();
    }

    /**
     * What binds blocks beside tokens: the tenant's salt and the adapter's content. Neither a
     * tenant nor a salt of a caller's own, both digests, can look like it.
     */
    String bind(String tenant) {
        return isPresent() ? tenant + (tenant.indexOf(':') < 0 ? ":" : "") + MARK + digest : tenant;
    }

    /** The digest of the adapter in {@link GenerationRequest#cacheSalt}; empty = none. */
    public static String digestIn(String cacheSalt) {
        int mark = cacheSalt.indexOf(MARK);
        return mark < 0 ? "" : cacheSalt.substring(mark + MARK.length());
    }

    /** The tenant's part of {@link GenerationRequest#cacheSalt}; empty = none. */
    public static String tenantIn(String cacheSalt) {
        int mark = cacheSalt.indexOf(MARK);
        String tenant = mark < 0 ? cacheSalt : cacheSalt.substring(0, mark);
        return mark < 0 || !tenant.endsWith(":")
                ? tenant
                : tenant.substring(0, tenant.length() - 1);
    }

    private static boolean isHexadecimal(String text) {
        return text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
    }
}
