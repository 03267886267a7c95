package dev.cairn.distribution.fleet;

import dev.cairn.ports.cache.BlockDirectory;
import dev.cairn.tck.BlockDirectoryContract;

class LoneDirectoryTest extends BlockDirectoryContract {

    @Override
    protected BlockDirectory directory() {
        return new LoneDirectory();
    }
}
