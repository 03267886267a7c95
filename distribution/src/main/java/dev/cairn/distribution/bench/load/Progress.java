package dev.cairn.distribution.bench.load;

/** Told how a run goes on, by many threads. */
public interface Progress {

    Progress SILENT =
            new Progress() {
                @Override
                public void sent() {}

                @Override
                public void ended(boolean answered, long outputTokens) {}
            };

    void sent();

    void ended(boolean answered, long outputTokens);
}
