package dev.cairn.transport.kv;

import dev.cairn.transport.pem.PemIdentity;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;

/**
 * TLS between members: both sides show a certificate, and each must come from an authority that the
 * other one trusts. Who is certified is a member, whatever its address: no host names are compared.
 *
 * <p>Threads: any.
 */
final class MemberTls {

    private static final String[] PROTOCOLS = {"TLSv1.3"};

    private final SSLContext context;

    /**
     * @throws IllegalArgumentException if a file cannot be used, naming it
     */
    MemberTls(KvOptions.TlsFiles files) {
        PemIdentity identity = PemIdentity.read(files.certificates(), files.privateKey());
        List<X509Certificate> authorities =
                files.authorities()
                        .map(PemIdentity::certificates)
                        .orElseGet(() -> List.of(identity.chain().getLast()));
        try {
            context = context(identity, authorities);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException(
                    files.certificates() + " cannot be used for TLS: " + e.getMessage(), e);
        }
    }

    private static SSLContext context(PemIdentity identity, List<X509Certificate> authorities)
            throws GeneralSecurityException, IOException {
        // In memory only, so anybody may know the password.
        char[] password = {};
        KeyStore own = emptyStore();
        own.setKeyEntry(
                "member",
                identity.key(),
                password,
                identity.chain().toArray(X509Certificate[]::new));
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, password);
        KeyStore trusted = emptyStore();
        for (int i = 0; i < authorities.size(); i++) {
            trusted.setCertificateEntry("authority-" + i, authorities.get(i));
        }
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    SSLEngine engine(boolean connecting) {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(connecting);
        engine.setEnabledProtocols(PROTOCOLS);
        if (!connecting) {
            engine.setNeedClientAuth(true);
        }
        return engine;
    }
}
