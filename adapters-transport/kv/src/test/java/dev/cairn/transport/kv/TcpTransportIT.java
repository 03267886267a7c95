package dev.cairn.transport.kv;

import dev.cairn.ports.cache.BlockTransport;
import dev.cairn.tck.BlockTransportContract;

final class TcpTransportIT extends BlockTransportContract {

    @Override
    protected BlockTransport open() {
        return TestTransports.open(TestTransports.options(false));
    }

    @Override
    protected String nobody() {
        return "127.0.0.1:1";
    }
}
