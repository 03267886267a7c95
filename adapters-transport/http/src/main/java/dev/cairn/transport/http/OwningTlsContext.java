package dev.cairn.transport.http;

import static java.lang.System.Logger.Level.DEBUG;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.security.KeyManagementException;
import java.security.SecureRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;

/**
 * A TLS context whose sessions own the sockets that they are laid over: closing a session closes
 * its socket.
 *
 * <p>Helidon 4.4 lays sessions over accepted sockets with {@code autoClose} false and closes the
 * session alone, so that every TLS connection would leave its file descriptor behind. Nor does it
 * bound handshakes: one that fails never gives its place among {@code maxTcpConnections} back. So
 * they are bounded here, in number and time. Threads: any.
 */
final class OwningTlsContext extends SSLContext {

    private static final System.Logger LOGGER = System.getLogger(OwningTlsContext.class.getName());

    private OwningTlsContext(SSLContext context, Handshakes handshakes) {
        super(new Delegate(context, handshakes), context.getProvider(), context.getProtocol());
    }

    /**
     * @param mostHandshakes at once; a connection beyond is closed
     */
    static SSLContext over(SSLContext context, int mostHandshakes) {
        return new OwningTlsContext(context, new Handshakes(new Semaphore(mostHandshakes)));
    }

    /** Gives every handshake a place, and takes it back when the handshake or its time is over. */
    private record Handshakes(Semaphore places) {

        private static final long SECONDS = 10;

        void admit(Socket accepted) throws IOException {
            if (!places.tryAcquire()) {
                accepted.close();
                throw new IOException("too many TLS handshakes at once");
            }
        }

        void watch(SSLSocket session, Socket accepted) {
            var done = new CountDownLatch(1);
            session.addHandshakeCompletedListener(_ -> done.countDown());
            Thread.ofVirtual().name("http-handshake").start(() -> await(done, accepted));
        }

        private void await(CountDownLatch done, Socket accepted) {
            try {
                if (!done.await(SECONDS, TimeUnit.SECONDS)) {
                    accepted.close();
                }
            } catch (IOException gone) {
                LOGGER.log(DEBUG, "a connection without a handshake was gone already", gone);
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            } finally {
                places.release();
            }
        }
    }

    private static final class Delegate extends SSLContextSpi {

        private final SSLContext context;
        private final Handshakes handshakes;

        Delegate(SSLContext context, Handshakes handshakes) {
            this.context = context;
            this.handshakes = handshakes;
        }

        @Override
        protected SSLSocketFactory engineGetSocketFactory() {
            return new OwningFactory(context.getSocketFactory(), handshakes);
        }

        @Override
        protected void engineInit(KeyManager[] keys, TrustManager[] trust, SecureRandom random)
                throws KeyManagementException {
            throw new KeyManagementException("this context was made ready when it was made");
        }

        @Override
        protected SSLServerSocketFactory engineGetServerSocketFactory() {
            return context.getServerSocketFactory();
        }

        @Override
        protected SSLEngine engineCreateSSLEngine() {
            return context.createSSLEngine();
        }

        @Override
        protected SSLEngine engineCreateSSLEngine(String host, int port) {
            return context.createSSLEngine(host, port);
        }

        @Override
        protected SSLSessionContext engineGetServerSessionContext() {
            return context.getServerSessionContext();
        }

        @Override
        protected SSLSessionContext engineGetClientSessionContext() {
            return context.getClientSessionContext();
        }

        @Override
        protected SSLParameters engineGetDefaultSSLParameters() {
            return context.getDefaultSSLParameters();
        }

        @Override
        protected SSLParameters engineGetSupportedSSLParameters() {
            return context.getSupportedSSLParameters();
        }
    }

    private static final class OwningFactory extends SSLSocketFactory {

        private final SSLSocketFactory factory;
        private final Handshakes handshakes;

        OwningFactory(SSLSocketFactory factory, Handshakes handshakes) {
            this.factory = factory;
            this.handshakes = handshakes;
        }

        /** The one that a server calls; whatever it says of {@code autoClose}, it means true. */
        @Override
        public Socket createSocket(Socket accepted, InputStream consumed, boolean autoClose)
                throws IOException {
            handshakes.admit(accepted);
            SSLSocket session;
            try {
                session = (SSLSocket) factory.createSocket(accepted, consumed, true);
            } catch (IOException | RuntimeException refused) {
                handshakes.places().release();
                throw refused;
            }
            handshakes.watch(session, accepted);
            return session;
        }

        @Override
        public Socket createSocket(Socket socket, String host, int port, boolean autoClose)
                throws IOException {
            return factory.createSocket(socket, host, port, autoClose);
        }

        @Override
        public Socket createSocket(String host, int port) throws IOException {
            return factory.createSocket(host, port);
        }

        @Override
        public Socket createSocket(InetAddress host, int port) throws IOException {
            return factory.createSocket(host, port);
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress local, int localPort)
                throws IOException {
            return factory.createSocket(host, port, local, localPort);
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
                throws IOException {
            return factory.createSocket(host, port, local, localPort);
        }

        @Override
        public String[] getDefaultCipherSuites() {
            return factory.getDefaultCipherSuites();
        }

        @Override
        public String[] getSupportedCipherSuites() {
            return factory.getSupportedCipherSuites();
        }
    }
}
