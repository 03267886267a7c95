package dev.cairn.core.cache;

/** When blocks of a tier are fetched. */
public enum FetchPolicy {
    /** Where that is predicted to be sooner than to compute them, from what was measured. */
    MEASURED,
    /** Always. */
    ALWAYS
}
