import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.Security;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.tsp.TimeStampToken;
import org.bouncycastle.util.Store;

/** Checks the signatures and time-stamps of an unpacked bundle: ca.pem, folder. Exit 1 if one fails. */
public class VerifyBundle {
    public static void main(String[] args) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        X509Certificate ca;
        try (InputStream in = Files.newInputStream(Path.of(args[0]))) {
            ca = (X509Certificate) CertificateFactory.getInstance("X.509", "BC").generateCertificate(in);
        }
        Path folder = Path.of(args[1], "META-INF");
        for (int step = 1; Files.exists(folder.resolve(manifest(step))); step++) {
            Path signature = folder.resolve(String.format("signature%03d.p7s", step));
            if (Files.exists(signature)) {
                byte[] signed = Files.readAllBytes(folder.resolve(manifest(step)));
                System.out.println(step + " " + check(ca, signed, Files.readAllBytes(signature)));
            }
        }
    }

    private static String manifest(int step) {
        return String.format("ASiCManifest%03d.xml", step);
    }

    private static String check(X509Certificate ca, byte[] content, byte[] cms) throws Exception {
        CMSSignedData data = new CMSSignedData(new CMSProcessableByteArray(content), new ByteArrayInputStream(cms));
        SignerInformation signer = data.getSignerInfos().getSigners().iterator().next();
        X509CertificateHolder holder = only(data.getCertificates(), signer);
        require(signer.verify(verifier(holder)), "the signature does not hold");
        String stamp = "no time-stamp";
        Attribute attribute = signer.getUnsignedAttributes() == null
            ? null
            : signer.getUnsignedAttributes().get(PKCSObjectIdentifiers.id_aa_signatureTimeStampToken);
        if (attribute != null) {
            TimeStampToken token = new TimeStampToken(ContentInfo.getInstance(attribute.getAttributeValues()[0]));
            X509CertificateHolder authority = (X509CertificateHolder) token.getCertificates().getMatches(token.getSID()).iterator().next();
            token.validate(new JcaSimpleSignerInfoVerifierBuilder().setProvider("BC").build(authority));
            issued(ca, authority);
            byte[] digest = MessageDigest.getInstance(token.getTimeStampInfo().getMessageImprintAlgOID().getId(), "BC").digest(signer.getSignature());
            require(MessageDigest.isEqual(digest, token.getTimeStampInfo().getMessageImprintDigest()), "another time-stamp");
            stamp = token.getTimeStampInfo().getGenTime().toInstant().toString();
        }
        issued(ca, holder);
        return holder.getSubject() + " " + stamp;
    }

    private static org.bouncycastle.cms.SignerInformationVerifier verifier(X509CertificateHolder holder) throws Exception {
        return new JcaSimpleSignerInfoVerifierBuilder().setProvider("BC").build(holder);
    }

    private static X509CertificateHolder only(Store<X509CertificateHolder> store, SignerInformation signer) {
        @SuppressWarnings("unchecked")
        Collection<X509CertificateHolder> found = store.getMatches(signer.getSID());
        require(found.size() == 1, "not one certificate of the signer");
        return found.iterator().next();
    }

    private static void issued(X509Certificate ca, X509CertificateHolder holder) throws Exception {
        X509Certificate certificate = new JcaX509CertificateConverter().setProvider("BC").getCertificate(holder);
        certificate.verify(ca.getPublicKey());
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
