package dev.cairn.engine.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.ports.fleet.Role;
import dev.cairn.ports.relay.Dialect;
import dev.cairn.ports.relay.RemoteWorker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How workers are written. */
class WorkerListsTest {

    @Test
    void optionsFollowTheAddress() {
        assertThat(
                        WorkerSpelling.readAll(
                                List.of(
                                        "http://10.0.0.7:8000",
                                        "http://[::1]:8001/;kind=sglang;role=prefill;bootstrap=8998;name=p",
                                        "http://big:9000;kind=vllm;ranks=2")))
                .containsExactly(
                        new RemoteWorker(
                                "10.0.0.7:8000", "10.0.0.7", 8000, Dialect.OPENAI, Role.ALL, 0, -1),
                        new RemoteWorker("p", "::1", 8001, Dialect.SGLANG, Role.PREFILL, 8998, -1),
                        new RemoteWorker("big:9000#0", "big", 9000, Dialect.VLLM, Role.ALL, 0, 0),
                        new RemoteWorker("big:9000#1", "big", 9000, Dialect.VLLM, Role.ALL, 0, 1));
    }

    @Test
    void eventsAreOfTheSameHostUnlessWrittenOtherwise() {
        assertThat(
                        WorkerSpelling.readAll(
                                List.of(
                                        "http://h:8000;kind=vllm;ranks=2;events=5557;replay=5600;topic=kv@",
                                        "http://[::1]:1;kind=sglang;events=other:7",
                                        "http://c:2;kind=cairn;events=5557;replay=5558")))
                .extracting(worker -> worker.name() + " " + worker.events().orElseThrow())
                .containsExactly(
                        "h:8000#0 EventSource[dialect=vllm,"
                                + " address=tcp://h:5557;replay=tcp://h:5600;topic=kv@]",
                        "h:8000#1 EventSource[dialect=vllm,"
                                + " address=tcp://h:5558;replay=tcp://h:5601;topic=kv@]",
                        "[::1]:1 EventSource[dialect=sglang, address=tcp://other:7]",
                        "c:2 EventSource[dialect=cairn, address=tcp://c:5557;replay=tcp://c:5558]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://h:1;events=0",
                "http://h:1;events=a:b",
                "http://h:1;replay=5558",
                "http://h:1;events=1;events=2",
                "http://h:1;kind=vllm;ranks=9;events=65530",
                "http://h:1;ranks=2",
                "10.0.0.7:8000",
                "https://h:1",
                "http://h:0",
                "http://h:70000",
                "http://h:1/v1",
                "http://user@h:1",
                "http://h:1;kind=tgi",
                "http://h:1;role=decode",
                "http://h:1;kind=sglang;role=prefill",
                "http://h:1;ranks=0",
                "http://h:1;speed=9"
            })
    void whatIsWrittenWrongIsSaid(String text) {
        assertThatThrownBy(() -> WorkerSpelling.readAll(List.of(text)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(text);
    }

    @Test
    void aNameIsThereOnce() {
        assertThatThrownBy(() -> WorkerSpelling.readAll(List.of("http://h:1", "http://h:1/")))
                .hasMessageContaining("twice");
    }

    @Test
    void aNameStandsForAllItsAddressesAndTheirEvents() throws IOException {
        List<RemoteWorker> pattern =
                WorkerSpelling.readAll(List.of("http://fleet:8000;kind=vllm;events=5557"));
        assertThat(
                        WorkerLists.fromName(
                                pattern,
                                host ->
                                        new InetAddress[] {
                                            InetAddress.ofLiteral("10.0.0.2"),
                                            InetAddress.ofLiteral("10.0.0.1"),
                                            InetAddress.ofLiteral("10.0.0.2")
                                        }))
                .extracting(worker -> worker.name() + " " + worker.events().get().address())
                .containsExactly(
                        "10.0.0.1:8000 tcp://10.0.0.1:5557", "10.0.0.2:8000 tcp://10.0.0.2:5557");
    }

    /** A look-up that fails keeps the list; one that is empty is believed when it is so twice. */
    @Test
    void aListThatCannotBeReadStaysAsItWas() {
        List<RemoteWorker> one = WorkerSpelling.readAll(List.of("http://h:1"));
        List<RemoteWorker> two = WorkerSpelling.readAll(List.of("http://h:1", "http://h:2"));
        var found = new ArrayDeque<List<RemoteWorker>>();
        var watched =
                new WorkerLists.Watched(
                        () -> {
                            if (found.isEmpty()) {
                                throw new UnknownHostException("fleet");
                            }
                            return found.remove();
                        },
                        Duration.ofDays(1));
        List<List<RemoteWorker>> told = new ArrayList<>();
        found.add(one);
        watched.look(told::add, true);
        found.addAll(List.of(one, two, List.of(), two, List.of(), List.of()));
        while (!found.isEmpty()) {
            watched.look(told::add, false);
        }
        watched.look(told::add, false);
        assertThat(told).containsExactly(one, two, List.of());
    }
}
