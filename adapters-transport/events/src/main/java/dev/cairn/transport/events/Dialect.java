package dev.cairn.transport.events;

/** Whose events. All of them are understood by whoever subscribes; they differ in who publishes. */
public enum Dialect {
    /** vLLM's newer form, with the tenant's salt told apart; answers who asks what is held. */
    CAIRN("cairn", Form.MAPS),
    /** vLLM above 0.23: every event a map. */
    VLLM("vllm", Form.MAPS),
    /** vLLM up to 0.23: every event a tagged array. */
    VLLM_ARRAY("vllm-array", Form.ARRAYS),
    /** SGLang, which numbers blocks by hashes of its own. */
    SGLANG("sglang", Form.MAPS),
    /** Mooncake's RFC 1527. */
    MOONCAKE("mooncake", Form.MAPS);

    /** How events are written. */
    enum Form {
        MAPS,
        ARRAYS
    }

    private final String name;
    private final Form form;

    Dialect(String name, Form form) {
        this.name = name;
        this.form = form;
    }

    /** As configuration calls it. */
    public String dashedName() {
        return name;
    }

    Form form() {
        return form;
    }
}
