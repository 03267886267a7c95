package dev.cairn.storage.hub;

import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.ModelStore;
import dev.cairn.storage.hub.HubClient.Repository;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;

/** Models of a hub of repositories, kept in the cache of Hugging Face's tools. */
final class HubStore implements ModelStore {

    private static final int MOST_ATTEMPTS = 5;
    private static final Duration PAUSE = Duration.ofMillis(500);

    private final Supplier<HubSettings> read;
    private final Duration pause;

    /**
     * @param settings read when a model of a hub is asked for, and not before
     */
    HubStore(Supplier<HubSettings> settings) {
        this(settings, PAUSE);
    }

    /**
     * @param pause before a second attempt
     */
    HubStore(Supplier<HubSettings> settings, Duration pause) {
        this.read = settings;
        this.pause = pause;
    }

    @Override
    public String name() {
        return "hub";
    }

    @Override
    public boolean recognises(String location) {
        return HubId.recognises(location);
    }

    @Override
    public Optional<Path> present(String location) {
        return new HubCache(read.get().cache()).present(HubId.parse(location));
    }

    @Override
    public List<String> present() {
        return new HubCache(read.get().cache()).present();
    }

    @Override
    public Path pull(String location, Progress progress) {
        HubId id = HubId.parse(location);
        HubSettings settings = read.get();
        HubCache cache = new HubCache(settings.cache());
        if (settings.offline()) {
            throw new ModelException(
                    "%s is not in %s, and the hub must not be asked (HF_HUB_OFFLINE or cairn.hub.offline)"
                            .formatted(id, cache.folder()));
        }
        try {
            HubClient client = new HubClient(settings);
            Repository repository = patiently(() -> client.repository(id));
            List<HubFile> files = new ArrayList<>();
            for (HubFile file : FileChoice.of(id, repository.files())) {
                files.add(
                        file.described()
                                ? file
                                : patiently(() -> client.describe(repository, file)));
            }
            fetch(client, cache, repository, files, settings.connections(), progress);
            cache.publish(id, repository.commit(), files);
        } catch (IOException e) {
            throw new ModelException(
                    "%s could not be fetched from %s: %s; what came is kept, so ask again"
                            .formatted(id, settings.endpoint(), reason(e)),
                    e);
        }
        return cache.present(id)
                .orElseThrow(
                        () ->
                                new ModelException(
                                        "%s lacks files that its own list of shards names"
                                                .formatted(id)));
    }

    private static String reason(IOException e) {
        return switch (e) {
            case UnknownHostException _ -> "there is no host " + e.getMessage();
            case SocketTimeoutException _ -> "it does not answer";
            default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        };
    }

    private <T> T patiently(Callable<T> call) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                return call.call();
            } catch (IOException e) {
                if (attempt == MOST_ATTEMPTS || e instanceof UnknownHostException) {
                    throw e;
                }
                sleep(pause.multipliedBy(1L << attempt));
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException("the hub's client throws nothing else", e);
            }
        }
    }

    private static void sleep(Duration time) throws IOException {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw interrupted(e);
        }
    }

    private static IOException interrupted(InterruptedException cause) {
        InterruptedIOException failure = new InterruptedIOException("interrupted");
        failure.initCause(cause);
        return failure;
    }

    private void fetch(
            HubClient client,
            HubCache cache,
            Repository repository,
            List<HubFile> files,
            int connections,
            Progress progress)
            throws IOException {
        long all = 0;
        long present = 0;
        List<HubFile> missing = new ArrayList<>();
        for (HubFile file : files) {
            Path blob = cache.blob(repository.id(), file);
            boolean here =
                    Files.exists(blob)
                            || missing.stream().anyMatch(other -> other.tag().equals(file.tag()));
            all += file.bytes();
            present += here ? file.bytes() : Math.min(file.bytes(), Download.begun(blob));
            if (!here) {
                missing.add(file);
            }
        }
        progress.begin(files.size(), all, present);
        cache.checkSpace(repository.id(), all - present);
        run(
                missing.stream()
                        .map(file -> new Download(client, cache, repository, file, progress, pause))
                        .toList(),
                connections);
    }

    /** The first that fails ends the others. */
    private static void run(List<Download> downloads, int connections) throws IOException {
        try (ExecutorService threads =
                Executors.newFixedThreadPool(
                        connections, Thread.ofPlatform().daemon().name("hub-", 1).factory())) {
            List<Future<?>> running = new ArrayList<>();
            for (Download download : downloads) {
                running.add(
                        threads.submit(
                                () -> {
                                    download.run();
                                    return null;
                                }));
            }
            try {
                for (Future<?> future : running) {
                    future.get();
                }
            } catch (InterruptedException e) {
                threads.shutdownNow();
                Thread.currentThread().interrupt();
                throw interrupted(e);
            } catch (ExecutionException e) {
                threads.shutdownNow();
                if (e.getCause() instanceof RuntimeException failure) {
                    throw failure;
                }
                throw e.getCause() instanceof IOException failure
                        ? failure
                        : new IOException(e.getCause());
            }
        }
    }
}
