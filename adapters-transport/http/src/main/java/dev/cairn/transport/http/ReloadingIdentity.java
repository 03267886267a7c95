package dev.cairn.transport.http;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import dev.cairn.transport.pem.PemIdentity;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
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
    private List<String> seen;
    private volatile PemIdentity identity;

    /**
     * @throws IllegalArgumentException if the files cannot be used, naming the one at fault
     */
    ReloadingIdentity(HttpOptions.TlsFiles files) {
        this.files = files;
        this.seen = stamps();
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
        List<String> now = stamps();
        if (now.equals(seen)) {
            return false;
        }
        seen = now;
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

    /** Size, time and inode, so that a file swapped by a link is seen too. */
    private List<String> stamps() {
        return List.of(stamp(files.certificates()), stamp(files.privateKey()));
    }

    private static String stamp(Path file) {
        try {
            var attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return attributes.size()
                    + " "
                    + attributes.lastModifiedTime()
                    + " "
                    + attributes.fileKey();
        } catch (IOException gone) {
            return "gone";
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
