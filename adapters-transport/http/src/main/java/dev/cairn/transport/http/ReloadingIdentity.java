package dev.cairn.transport.http;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import dev.cairn.transport.pem.PemIdentity;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * The server's identity, read again when its files change: new connections get the new certificate,
 * old ones keep theirs. Files that cannot be used are reported once and leave the old identity in
 * place. Threads: any.
 */
final class ReloadingIdentity extends X509ExtendedKeyManager {

    private static final System.Logger LOGGER = System.getLogger(ReloadingIdentity.class.getName());
    private static final String ALIAS = "server";

    private final HttpOptions.TlsFiles files;
    private final WatchedFile certificates;
    private final WatchedFile privateKey;
    private volatile PemIdentity identity;

    /**
     * @throws IllegalArgumentException if the files cannot be used, naming the one at fault
     */
    ReloadingIdentity(HttpOptions.TlsFiles files) {
        this.files = files;
        this.certificates = new WatchedFile(files.certificates());
        this.privateKey = new WatchedFile(files.privateKey());
        this.identity = PemIdentity.read(files.certificates(), files.privateKey());
    }

    /**
     * @param mostHandshakes at once
     */
    SSLContext context(int mostHandshakes) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {this}, null, null);
            return OwningTlsContext.over(context, mostHandshakes);
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every Java has TLS", missing);
        }
    }

    /** Looks at the files; whether a new identity is in use. */
    synchronized boolean reloadIfChanged() {
        boolean changed = certificates.hasChanged();
        changed |= privateKey.hasChanged();
        if (!changed) {
            return false;
        }
        try {
            identity = PemIdentity.read(files.certificates(), files.privateKey());
            LOGGER.log(INFO, "certificate read again from " + files.certificates());
            return true;
        } catch (IllegalArgumentException unusable) {
            LOGGER.log(
                    WARNING,
                    "the certificate files changed and cannot be used, the old certificate stays: "
                            + unusable.getMessage());
            return false;
        }
    }

    @Override
    public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
        return fits(keyType) ? ALIAS : null;
    }

    @Override
    public String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
        return fits(keyType) ? ALIAS : null;
    }

    @Override
    public String[] getServerAliases(String keyType, Principal[] issuers) {
        return fits(keyType) ? new String[] {ALIAS} : new String[0];
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return identity.chain().toArray(X509Certificate[]::new);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return identity.key();
    }

    @Override
    public String[] getClientAliases(String keyType, Principal[] issuers) {
        return new String[0];
    }

    @Override
    public String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket) {
        return null;
    }

    /** TLS asks by the certificate's key: {@code "RSA"}, {@code "EC"}, {@code "EdDSA"}. */
    private boolean fits(String keyType) {
        return identity.chain().getFirst().getPublicKey().getAlgorithm().equals(keyType);
    }
}
