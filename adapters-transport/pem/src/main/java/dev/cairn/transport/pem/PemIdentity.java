package dev.cairn.transport.pem;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A certificate chain with its private key, read from PEM files (RFC 7468).
 *
 * @param chain the server's own certificate first
 */
public record PemIdentity(PrivateKey key, List<X509Certificate> chain) {

    private static final long LARGEST_FILE = 1 << 20;

    private static final Pattern KEY_BLOCK =
            Pattern.compile(
                    "-----BEGIN ((?:[A-Z]+ )?PRIVATE KEY)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");

    /**
     * {@code SEQUENCE { OID rsaEncryption, NULL }}, PKCS#8's name for what PKCS#1 leaves unsaid.
     */
    private static final byte[] RSA_ALGORITHM = {
        0x30,
        0x0d,
        0x06,
        0x09,
        0x2a,
        (byte) 0x86,
        0x48,
        (byte) 0x86,
        (byte) 0xf7,
        0x0d,
        0x01,
        0x01,
        0x01,
        0x05,
        0x00
    };

    /**
     * @param certificates file with the chain
     * @param privateKey file with the key (PKCS#8, or PKCS#1 for RSA), not encrypted
     * @throws IllegalArgumentException naming the file and what is wrong with it
     */
    public static PemIdentity read(Path certificates, Path privateKey) {
        List<X509Certificate> chain = certificates(certificates);
        PrivateKey key = key(privateKey);
        if (!belong(key, chain.getFirst())) {
            throw wrong(privateKey, "is not the key of the certificate in " + certificates, null);
        }
        return new PemIdentity(key, chain);
    }

    /**
     * All certificates of a file, in its order.
     *
     * @throws IllegalArgumentException naming the file and what is wrong with it
     */
    public static List<X509Certificate> certificates(Path file) {
        try {
            var certificates =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(
                                    new ByteArrayInputStream(
                                            text(file).getBytes(StandardCharsets.US_ASCII)));
            if (certificates.isEmpty()) {
                throw wrong(file, "has no CERTIFICATE block", null);
            }
            return certificates.stream().map(X509Certificate.class::cast).toList();
        } catch (GeneralSecurityException malformed) {
            throw wrong(file, "is no chain of X.509 certificates in PEM", malformed);
        }
    }

    private static PrivateKey key(Path file) {
        Matcher block = KEY_BLOCK.matcher(text(file));
        if (!block.find()) {
            throw wrong(
                    file,
                    "has no PRIVATE KEY block; encrypted keys are not read, decrypt it",
                    null);
        }
        byte[] der;
        try {
            der = Base64.getMimeDecoder().decode(block.group(2));
        } catch (IllegalArgumentException malformed) {
            throw wrong(file, "has a key that is not Base64", malformed);
        }
        return switch (block.group(1)) {
            case "PRIVATE KEY" -> parsed(file, der);
            case "RSA PRIVATE KEY" -> parsed(file, pkcs8OfRsa(der));
            default ->
                    throw wrong(
                            file,
                            "holds a "
                                    + block.group(1)
                                    + "; convert it: openssl pkcs8 -topk8 -nocrypt",
                            null);
        };
    }

    private static PrivateKey parsed(Path file, byte[] pkcs8) {
        for (String algorithm : List.of("RSA", "EC", "EdDSA")) {
            try {
                return KeyFactory.getInstance(algorithm)
                        .generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (InvalidKeySpecException _) {
                // Another algorithm's key; the list goes on.
            } catch (GeneralSecurityException missing) {
                throw new IllegalStateException("every Java has " + algorithm, missing);
            }
        }
        throw wrong(file, "has no RSA, EC or Ed25519 key", null);
    }

    /** {@code PrivateKeyInfo { version 0, rsaEncryption, OCTET STRING key }} (RFC 5958). */
    private static byte[] pkcs8OfRsa(byte[] pkcs1) {
        byte[] version = {0x02, 0x01, 0x00};
        return der(0x30, version, RSA_ALGORITHM, der(0x04, pkcs1));
    }

    private static byte[] der(int tag, byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        var out = new ByteArrayOutputStream(length + 5);
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else {
            // Three bytes hold the length of any key that the file's bound lets in.
            out.write(0x83);
            out.write(length >> 16);
            out.write(length >> 8);
            out.write(length);
        }
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static boolean belong(PrivateKey key, X509Certificate certificate) {
        String algorithm =
                switch (key.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> key.getAlgorithm();
                };
        byte[] challenge = "cairn".getBytes(StandardCharsets.US_ASCII);
        try {
            Signature signer = Signature.getInstance(algorithm);
            signer.initSign(key);
            signer.update(challenge);
            byte[] signature = signer.sign();
            signer.initVerify(certificate.getPublicKey());
            signer.update(challenge);
            return signer.verify(signature);
        } catch (GeneralSecurityException different) {
            return false;
        }
    }

    private static String text(Path file) {
        try {
            if (Files.size(file) > LARGEST_FILE) {
                throw wrong(file, "is larger than any PEM file, " + LARGEST_FILE + " bytes", null);
            }
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException unreadable) {
            throw wrong(
                    file,
                    "cannot be read (" + unreadable.getClass().getSimpleName() + ")",
                    unreadable);
        }
    }

    private static IllegalArgumentException wrong(Path file, String problem, Throwable cause) {
        return new IllegalArgumentException(file + " " + problem, cause);
    }
}
