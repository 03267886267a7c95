package dev.cairn.transport.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A self-signed certificate for 127.0.0.1, made by the JDK's keytool. */
record TestCertificate(PrivateKey key, X509Certificate certificate) {

    /** Bytes before the PKCS#1 key in the PKCS#8 form of an RSA key, whatever its usual size. */
    private static final int RSA_PREFIX = 26;

    private static final String PASSWORD = "password";

    static TestCertificate make(Path folder, String name, String algorithm) throws Exception {
        Path store = folder.resolve(name + ".p12");
        Process keytool =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-alias",
                                "it",
                                "-keyalg",
                                algorithm,
                                "-dname",
                                "CN=" + name,
                                "-ext",
                                "san=ip:127.0.0.1",
                                "-validity",
                                "2",
                                "-storetype",
                                "PKCS12",
                                "-storepass",
                                PASSWORD,
                                "-keystore",
                                store.toString())
                        .inheritIO()
                        .start();
        if (keytool.waitFor() != 0) {
            throw new IOException("keytool failed");
        }
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        return new TestCertificate(
                (PrivateKey) keys.getKey("it", PASSWORD.toCharArray()),
                (X509Certificate) keys.getCertificate("it"));
    }

    void write(HttpOptions.TlsFiles files) throws Exception {
        writeKey(files.privateKey());
        Files.writeString(files.certificates(), pem("CERTIFICATE", certificate.getEncoded()));
    }

    void writeKey(Path file) throws IOException {
        Files.writeString(file, pem("PRIVATE KEY", key.getEncoded()));
    }

    /** For an RSA key. */
    void writeKeyAsPkcs1(Path file) throws IOException {
        byte[] pkcs8 = key.getEncoded();
        Files.writeString(
                file, pem("RSA PRIVATE KEY", Arrays.copyOfRange(pkcs8, RSA_PREFIX, pkcs8.length)));
    }

    /** Trusts this certificate alone. */
    SSLContext trust() throws GeneralSecurityException, IOException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("it", certificate);
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    Socket connect(int port) throws GeneralSecurityException, IOException {
        return trust().getSocketFactory().createSocket("127.0.0.1", port);
    }

    static String pem(String label, byte[] der) {
        return "-----BEGIN "
                + label
                + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                + "\n-----END "
                + label
                + "-----\n";
    }
}
