package dev.cairn.transport.http;

/** Answers the requests to one path and method. Threads: any. */
interface Endpoint {

    /**
     * Answers, on the request's own thread.
     *
     * @throws dev.cairn.ports.request.RequestRefused for the client's faults and ours
     */
    void serve(Exchange exchange);
}
