package dev.cairn.ports.relay;

/** What a remote engine understands beyond OpenAI's API. */
public enum Dialect {
    /** Nothing. */
    OPENAI,
    /** {@code kv_transfer_params}: prefill first, then decode with what prefill answered. */
    VLLM,
    /** {@code bootstrap_host}, {@code bootstrap_port}, {@code bootstrap_room} to both at once. */
    SGLANG
}
