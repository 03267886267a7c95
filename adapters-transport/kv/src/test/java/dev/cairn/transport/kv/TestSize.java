package dev.cairn.transport.kv;

/** How long the fault tests run: {@code short} in every build, {@code nightly} in that profile. */
final class TestSize {

    private TestSize() {}

    static int pick(int inEveryBuild, int nightly) {
        return "nightly".equals(System.getProperty("cairn.test.size")) ? nightly : inEveryBuild;
    }
}
