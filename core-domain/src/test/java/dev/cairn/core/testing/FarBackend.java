package dev.cairn.core.testing;

import dev.cairn.core.fleet.LedgerBackend;
import dev.cairn.core.route.Ledger;
import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.ports.cache.CacheControl;
import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.system.Timers.Cancellation;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A backend in another process, as far as a router can tell: what is said takes time to arrive, and
 * the process can die, stop for a while, or drain.
 */
public final class FarBackend implements GenerationBackend {

    private static final long LINK_NANOS = 200_000;
    private static final long SILENCE_NANOS = 50_000_000;

    private final VirtualDriver driver;
    private final String router;
    private final LedgerBackend worker;
    private final Set<Stream> streams = new LinkedHashSet<>();
    private final List<GenerationRequest> asked = new ArrayList<>();
    private boolean isDead;
    private boolean isStopped;
    private boolean closed;
    private int aborts;

    public FarBackend(VirtualDriver driver, GenerationBackend worker) {
        this(driver, "", new LedgerBackend(worker, new Ledger()));
    }

    /**
     * @param router that is told of the others' bookings
     */
    public FarBackend(VirtualDriver driver, String router, LedgerBackend worker) {
        this.driver = driver;
        this.router = router;
        this.worker = worker;
    }

    @Override
    public OtherRouters otherRouters() {
        return isDead ? OtherRouters.NONE : worker.ledger().toldTo(router);
    }

    /** What it was asked, in order. */
    public List<GenerationRequest> asked() {
        return asked;
    }

    /** How often a request was withdrawn. */
    public int aborts() {
        return aborts;
    }

    /** Requests that it works on. */
    public int live() {
        return streams.size();
    }

    public boolean isClosed() {
        return closed;
    }

    @Override
    public BackendDescription description() {
        return worker.description();
    }

    @Override
    public Cancellation generate(GenerationRequest request, TokenListener events) {
        asked.add(request);
        Stream stream = new Stream(events);
        if (isDead) {
            stream.say(refused());
            return () -> {};
        }
        streams.add(stream);
        if (isStopped) {
            driver.schedule(driver.nanos() + SILENCE_NANOS, () -> stream.breakOff("silent"));
        } else {
            driver.schedule(driver.nanos() + LINK_NANOS, () -> stream.begin(request));
        }
        return stream::cancel;
    }

    private static TokenEvent refused() {
        return new TokenEvent.Failed(
                RequestProblem.of(Category.UNAVAILABLE, "worker_lost", "connection refused"));
    }

    /** kill -9: streams break, and nobody listens until {@link #revive}. */
    public void kill() {
        isDead = true;
        for (Stream stream : List.copyOf(streams)) {
            stream.breakOff("connection reset", stream.isBegun);
        }
    }

    public void revive() {
        isDead = false;
        isStopped = false;
    }

    /** SIGSTOP: nothing comes any more; the other side notices by the silence. */
    public void stop() {
        if (!isStopped && !isDead) {
            isStopped = true;
            for (Stream stream : List.copyOf(streams)) {
                stream.isMute = true;
                driver.schedule(driver.nanos() + SILENCE_NANOS, () -> stream.breakOff("silent"));
            }
        }
    }

    /** It hands back what it has begun, and takes on. */
    public void interrupt() {
        breakAll("drains");
    }

    private void breakAll(String why) {
        for (Stream stream : List.copyOf(streams)) {
            stream.breakOff(why);
        }
    }

    @Override
    public LoadReport load() {
        return worker.load();
    }

    @Override
    public Optional<CacheControl> cache() {
        return worker.cache();
    }

    @Override
    public void close() {
        closed = true;
    }

    private final class Stream {

        private final TokenListener events;
        private Cancellation work = () -> {};
        private boolean isBegun;
        private boolean isMute;
        private boolean isOver;

        private Stream(TokenListener events) {
            this.events = events;
        }

        private void begin(GenerationRequest request) {
            if (!isOver) {
                isBegun = true;
                work = worker.generate(request, this::heard);
            }
        }

        private void heard(TokenEvent event) {
            if (isMute || isOver) {
                return;
            }
            if (event instanceof TokenEvent.Ended || event instanceof TokenEvent.Failed) {
                over();
            }
            say(event);
        }

        private void say(TokenEvent event) {
            driver.schedule(driver.nanos() + LINK_NANOS, () -> events.on(event));
        }

        private void breakOff(String why) {
            breakOff(why, false);
        }

        private void breakOff(String why, boolean atWork) {
            if (!isOver) {
                over();
                work.cancel();
                say(new TokenEvent.Interrupted(why, atWork));
            }
        }

        private void cancel() {
            aborts++;
            if (!isOver) {
                over();
                work.cancel();
            }
        }

        private void over() {
            isOver = true;
            streams.remove(this);
        }
    }
}
