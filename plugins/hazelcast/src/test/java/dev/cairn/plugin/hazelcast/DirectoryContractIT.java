package dev.cairn.plugin.hazelcast;

import dev.cairn.ports.cache.BlockDirectory;
import dev.cairn.tck.SharedDirectoryContract;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class DirectoryContractIT extends SharedDirectoryContract {

    private static Pair pair;

    @BeforeAll
    static void open() throws IOException {
        pair = new Pair(Map.of());
    }

    @AfterAll
    static void close() {
        pair.close();
    }

    @Override
    protected BlockDirectory directory() {
        return pair.first().directory();
    }

    @Override
    protected BlockDirectory other() {
        return pair.second().directory();
    }

    @Override
    protected String otherId() {
        return pair.second().id();
    }
}
