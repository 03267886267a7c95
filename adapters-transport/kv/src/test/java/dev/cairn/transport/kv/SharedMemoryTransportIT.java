package dev.cairn.transport.kv;

import dev.cairn.ports.cache.BlockTransport;
import dev.cairn.tck.BlockTransportContract;

final class SharedMemoryTransportIT extends BlockTransportContract {

    @Override
    protected BlockTransport open() {
        return TestTransports.open(TestTransports.options(true));
    }

    @Override
    protected String nobody() {
        return "127.0.0.1:1";
    }
}
