package dev.cairn.engine.models.files;

import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.model.WeightRole;
import java.util.Optional;

/** What a kind of file calls the tensors. */
sealed interface WeightNames {

    /**
     * The tensor's name; where experts are fused into one tensor, the same name for each expert.
     */
    String name(WeightRole role, int layer, int expert);

    /**
     * Whether a matrix of this role holds all experts of a layer, {@code [experts, outputs,
     * inputs]}.
     */
    boolean fused(WeightRole role, int layer);

    /**
     * The tensor that holds this role's rows behind those of others: queries, keys and values, or
     * gates and then ups, where the file keeps them so; empty where the role has its own.
     */
    Optional<String> stacked(WeightRole role, int layer);

    /**
     * The names that transformers publishes.
     *
     * @param gemma whether a norm stands before and behind each half
     * @param blockSparse Mixtral's names of experts, else Qwen's
     */
    record HuggingFace(
            TensorDirectory tensors,
            String prefix,
            String outputName,
            boolean gemma,
            boolean blockSparse)
            implements WeightNames {

        /**
         * Finds under which prefix the text model lies: alone, or as a part of a model of text and
         * images.
         */
        static HuggingFace of(TensorDirectory tensors, ModelArchitecture architecture) {
            String prefix = "model.";
            String output = "lm_head.weight";
            for (String outer : new String[] {"language_model.", ""}) {
                if (tensors.has(outer + "model.embed_tokens.weight")) {
                    prefix = outer + "model.";
                    output = outer + "lm_head.weight";
                }
            }
            if (tensors.has("model.language_model.embed_tokens.weight")) {
                prefix = "model.language_model.";
            }
            return new HuggingFace(
                    tensors,
                    prefix,
                    output,
                    architecture.postNorms(),
                    architecture.family().equals("mixtral"));
        }

        @Override
        public Optional<String> stacked(WeightRole role, int layer) {
            String block = prefix + "layers." + layer + ".";
            return switch (role) {
                case QUERY, KEY, VALUE ->
                        Optional.of(block + "self_attn.qkv_proj.weight").filter(tensors::has);
                case GATE, UP ->
                        Optional.of(block + "mlp.gate_up_proj.weight").filter(tensors::has);
                default -> Optional.empty();
            };
        }

        @Override
        public boolean fused(WeightRole role, int layer) {
            return false;
        }

        @Override
        public String name(WeightRole role, int layer, int expert) {
            String block = prefix + "layers." + layer + ".";
            String mixture = block + (blockSparse ? "block_sparse_moe." : "mlp.");
            String experts = mixture + "experts." + expert + ".";
            return switch (role) {
                case EMBEDDING -> prefix + "embed_tokens.weight";
                case OUTPUT -> outputName;
                case OUTPUT_NORM -> prefix + "norm.weight";
                case ATTENTION_NORM -> block + "input_layernorm.weight";
                case QUERY -> block + "self_attn.q_proj.weight";
                case KEY -> block + "self_attn.k_proj.weight";
                case VALUE -> block + "self_attn.v_proj.weight";
                case ATTENTION_OUTPUT -> block + "self_attn.o_proj.weight";
                case QUERY_BIAS -> block + "self_attn.q_proj.bias";
                case KEY_BIAS -> block + "self_attn.k_proj.bias";
                case VALUE_BIAS -> block + "self_attn.v_proj.bias";
                case ATTENTION_OUTPUT_BIAS -> block + "self_attn.o_proj.bias";
                case QUERY_NORM -> block + "self_attn.q_norm.weight";
                case KEY_NORM -> block + "self_attn.k_norm.weight";
                case POST_ATTENTION_NORM -> block + "post_attention_layernorm.weight";
                case FEED_FORWARD_NORM ->
                        block
                                + (gemma ? "pre_feedforward_layernorm" : "post_attention_layernorm")
                                + ".weight";
                case POST_FEED_FORWARD_NORM -> block + "post_feedforward_layernorm.weight";
                case GATE -> block + "mlp.gate_proj.weight";
                case UP -> block + "mlp.up_proj.weight";
                case DOWN -> block + "mlp.down_proj.weight";
                case ROUTER -> mixture + "gate.weight";
                case EXPERT_GATE -> experts + (blockSparse ? "w1" : "gate_proj") + ".weight";
                case EXPERT_UP -> experts + (blockSparse ? "w3" : "up_proj") + ".weight";
                case EXPERT_DOWN -> experts + (blockSparse ? "w2" : "down_proj") + ".weight";
            };
        }
    }

    /** The names that llama.cpp's converters write. */
    record Gguf(TensorDirectory tensors) implements WeightNames {

        @Override
        public boolean fused(WeightRole role, int layer) {
            return switch (role) {
                case EXPERT_GATE, EXPERT_UP, EXPERT_DOWN -> !tensors.has(single(role, layer, 0));
                default -> false;
            };
        }

        @Override
        public Optional<String> stacked(WeightRole role, int layer) {
            String block = "blk." + layer + ".";
            return switch (role) {
                case QUERY, KEY, VALUE ->
                        Optional.of(block + "attn_qkv.weight").filter(tensors::has);
                // an "up" without a "gate" beside it holds both
                case GATE, UP ->
                        Optional.of(block + "ffn_up.weight")
                                .filter(_ -> !tensors.has(block + "ffn_gate.weight"));
                default -> Optional.empty();
            };
        }

        /** Files made before experts were fused have one tensor for each expert. */
        private static String single(WeightRole role, int layer, int expert) {
            return "blk." + layer + "." + expertPart(role) + "." + expert + ".weight";
        }

        private static String expertPart(WeightRole role) {
            return role == WeightRole.EXPERT_GATE
                    ? "ffn_gate"
                    : role == WeightRole.EXPERT_UP ? "ffn_up" : "ffn_down";
        }

        @Override
        public String name(WeightRole role, int layer, int expert) {
            String block = "blk." + layer + ".";
            return switch (role) {
                case EMBEDDING -> "token_embd.weight";
                case OUTPUT -> "output.weight";
                case OUTPUT_NORM -> "output_norm.weight";
                case ATTENTION_NORM -> block + "attn_norm.weight";
                case QUERY -> block + "attn_q.weight";
                case KEY -> block + "attn_k.weight";
                case VALUE -> block + "attn_v.weight";
                case ATTENTION_OUTPUT -> block + "attn_output.weight";
                case QUERY_BIAS -> block + "attn_q.bias";
                case KEY_BIAS -> block + "attn_k.bias";
                case VALUE_BIAS -> block + "attn_v.bias";
                case ATTENTION_OUTPUT_BIAS -> block + "attn_output.bias";
                case QUERY_NORM -> block + "attn_q_norm.weight";
                case KEY_NORM -> block + "attn_k_norm.weight";
                case POST_ATTENTION_NORM -> block + "post_attention_norm.weight";
                case FEED_FORWARD_NORM -> block + "ffn_norm.weight";
                case POST_FEED_FORWARD_NORM -> block + "post_ffw_norm.weight";
                case GATE -> block + "ffn_gate.weight";
                case UP -> block + "ffn_up.weight";
                case DOWN -> block + "ffn_down.weight";
                case ROUTER -> block + "ffn_gate_inp.weight";
                case EXPERT_GATE, EXPERT_UP, EXPERT_DOWN ->
                        fused(role, layer)
                                ? block + expertPart(role) + "_exps.weight"
                                : single(role, layer, expert);
            };
        }
    }
}
