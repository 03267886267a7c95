package dev.cairn.transport.node;

import dev.cairn.transport.pem.PemIdentity;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * TLS 1.3 to workers. A worker shows a certificate that comes from one of the authorities, whatever
 * its address: no host names are compared. Who asks shows none; he has the key of {@link
 * NodeOptions}.
 *
 * <p>Threads: any.
 */
public final class NodeTls {

    private static final String[] PROTOCOLS = {"TLSv1.3"};

    private final SSLContext context;

    /**
     * @param authorities PEM file of certificates: authorities, or workers' own where they signed
     *     them themselves
     * @throws IllegalArgumentException naming the file and what is wrong with it
     */
    public NodeTls(Path authorities) {
        try {
            context = context(PemIdentity.certificates(authorities));
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException(
                    authorities + " cannot be used for TLS: " + e.getMessage(), e);
        }
    }

    private static SSLContext context(List<X509Certificate> authorities)
            throws GeneralSecurityException, IOException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        for (int i = 0; i < authorities.size(); i++) {
            trusted.setCertificateEntry("authority-" + i, authorities.get(i));
        }
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    /**
     * Speaks TLS on a connection. Closing the connection ends it, whatever waits.
     *
     * @param atMost for the handshake
     * @throws IOException if the other side is not who it should be, or speaks no TLS
     */
    SSLSocket over(Socket connection, NodeAddress to, Duration atMost) throws IOException {
        var secure =
                (SSLSocket)
                        context.getSocketFactory()
                                .createSocket(connection, to.host(), to.port(), true);
        secure.setEnabledProtocols(PROTOCOLS);
        connection.setSoTimeout((int) atMost.toMillis());
        secure.startHandshake();
        connection.setSoTimeout(0);
        return secure;
    }
}
