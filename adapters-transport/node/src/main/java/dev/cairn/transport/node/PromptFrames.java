package dev.cairn.transport.node;

import dev.cairn.ports.engine.PromptReader;
import dev.cairn.ports.engine.PromptReader.PromptEvent;

/** What happens to a prompt that is read elsewhere, as frames and back. */
final class PromptFrames {

    private PromptFrames() {}

    static void write(FrameWriter out, PromptEvent event) {
        switch (event) {
            case PromptReader.Offered(String address) ->
                    out.begin(NodeProtocol.OFFERED).putText(address);
            case PromptReader.Ready(int tokens) -> out.begin(NodeProtocol.READY).putInt(tokens);
            case PromptReader.AllReady() -> out.begin(NodeProtocol.ALL_READY);
            case PromptReader.Lost(String reason) ->
                    out.begin(NodeProtocol.INTERRUPTED).putText(reason);
        }
        out.end();
    }

    /**
     * @return null for a frame that says nothing here
     */
    static PromptEvent read(int type, Payload payload) throws ProtocolException {
        return switch (type) {
            case NodeProtocol.OFFERED -> new PromptReader.Offered(payload.getText());
            case NodeProtocol.READY ->
                    new PromptReader.Ready(payload.getCount(Integer.MAX_VALUE, "ready tokens"));
            case NodeProtocol.ALL_READY -> new PromptReader.AllReady();
            case NodeProtocol.INTERRUPTED -> new PromptReader.Lost(payload.getText());
            default -> null;
        };
    }
}
